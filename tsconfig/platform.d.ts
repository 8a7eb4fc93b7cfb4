import type { Platform } from "../src/runtime/platform.js";

/** The platform as the core knows it: one or the other. */
export declare const platform: Platform;
