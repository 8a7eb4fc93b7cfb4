/** Names that have no study yet, so that whoever asks for one is told so. A name that is in the registry may stay here. */
export const plannedStudies: readonly string[] = ["all"];
