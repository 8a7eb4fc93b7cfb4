import type { Schedule } from "../../schedules/index.js";
import type { CaseCount, HessianFreeDescription } from "./hessianFreeDescription.js";
import { hasWords } from "./hessianFreeSettings.js";

/** Every part of a description that is a schedule of numbers, by the name it has in a spec. */
export function hessianFreeSchedules(description: HessianFreeDescription): Record<string, Schedule> {
  const { learningRate, damping, structuralDamping, conjugateGradient, preconditioner, weightDecay } = description;
  const schedules: Record<string, Schedule> = { learningRate, "damping.drop": damping.drop, structuralDamping };
  for (const [name, schedule] of Object.entries(conjugateGradient)) schedules[`conjugateGradient.${name}`] = schedule;
  if (typeof preconditioner === "object") schedules["preconditioner.exponent"] = preconditioner.exponent;
  for (const option of ["gradientCases", "curvatureCases"] as const) {
    const cases: CaseCount<string> = description[option];
    if (typeof cases !== "string" && !hasWords(cases)) schedules[option] = cases;
  }
  return { ...schedules, weightDecay };
}
