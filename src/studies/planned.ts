/** Names in the paper that have no study yet, so that whoever asks for one is told so. A name that is in the registry may stay here. */
export const plannedStudies: readonly string[] = ["table1", "table2", "table5", "all"];
