import { expect } from "vitest";
import { required } from "./workplace.js";

type Webpack = (
  options: object,
  done: (error: Error | null, stats: { toJson(): { errors: object[]; warnings: object[] } }) => void,
) => void;

/** Builds by webpack, which must have nothing to warn of; its advice on the weight of pages, which begins at 244 KiB, is not asked for. */
export async function webpack(options: object): Promise<void> {
  const stats = await new Promise<{ errors: object[]; warnings: object[] }>((resolve, reject) =>
    (required("webpack") as Webpack)({ mode: "production", performance: false, ...options }, (error, result) =>
      error ? reject(error) : resolve(result.toJson()),
    ),
  );
  expect([stats.errors, stats.warnings]).toEqual([[], []]);
}
