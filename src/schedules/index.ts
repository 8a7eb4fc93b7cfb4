export { schedules } from "./builders.js";
export { checkChoice, checkSchedule, type ValueRange } from "./check.js";
export type * from "./types.js";
export { choiceAt, needsTotalUpdates, pieceAt, scheduleValue } from "./value.js";
export { scheduleValueOf } from "./valueOf.js";
