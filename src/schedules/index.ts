export { schedules } from "./builders.js";
export { checkSchedule, type ValueRange } from "./check.js";
export type * from "./types.js";
export { needsTotalUpdates, scheduleValue } from "./value.js";
