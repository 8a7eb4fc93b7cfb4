/**
 * Names in the paper that have no study yet, so that whoever asks for one is told so: each with where it is found meanwhile, or "". A name
 * that has come into the registry may stay here.
 */
export const plannedStudies: Readonly<Record<string, string>> = {
  table1: "",
  table2: "",
  table3: "",
  table5: "",
  figure1: "",
  figure2: "",
  figure3: "it is part of the report of heavyball train addition --figure3 --out DIR",
  theorem: "",
  all: "",
};
