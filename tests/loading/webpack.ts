import { expect } from "vitest";
import { required } from "./workplace.js";

type Webpack = (
  options: object,
  done: (error: Error | null, stats: { toJson(): { errors: object[]; warnings: object[] } }) => void,
) => void;

/** Builds by webpack; no error and no warning is left out. */
export async function webpack(options: object): Promise<void> {
  const stats = await new Promise<{ errors: object[]; warnings: object[] }>((resolve, reject) =>
    (required("webpack") as Webpack)({ mode: "production", ...options }, (error, result) =>
      error ? reject(error) : resolve(result.toJson()),
    ),
  );
  expect([stats.errors, stats.warnings.filter((warning) => !/size limit|limit the size/.test(JSON.stringify(warning)))]).toEqual([[], []]);
}
