/**
 * Raised by whoever changes on purpose what bits a trial ends in: kernels, initialization, data, schedules, updates. Records and
 * checkpoints carry it, so that a run is never continued by code that would compute something else.
 */
export const NUMERICS_VERSION = 1;
