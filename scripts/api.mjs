/**
 * The reference of everything that the package exports, from its docstrings (npm run api, after npm run build): build/api/index.html.
 * It is made from the published declarations of each entry point of package.json, and ends with 1 where anything is missing: the
 * documentation of an export or of a method, a type that is referred to and not exported, a link that leads nowhere.
 *
 *   node scripts/api.mjs [--out DIR]
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Application } from "typedoc";
import { root } from "./embed.mjs";

const { values: options } = parseArgs({ options: { out: { type: "string", default: join(root, "build/api") } } });

/** Declarations of the entry points that export something; heavyball/browser has what heavyball and heavyball/web have. */
function declarations() {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const files = Object.entries(exports).flatMap(([name, entry]) => (name === "./browser" ? [] : (entry.types ?? [])));
  return files.filter((file) => /^export (?!\{\};)/m.test(readFileSync(join(root, file), "utf8")));
}

/** How types are computed from the registries and the lists of names: what they come to is documented where it is used. */
const machinery = [
  "KERNEL_CHOICES",
  "Kinds",
  "Methods",
  "OnMinibatches",
  "DescriptionOf",
  "OnNetworks",
  "Registry",
  "OptionsOf",
  "ValuesOf",
  "memoryProblems",
  "contestants",
];

const application = await Application.bootstrap({
  name: "heavyball",
  entryPoints: declarations().map((file) => join(root, file)),
  tsconfig: join(root, "tsconfig/api.json"),
  readme: join(root, "README.md"),
  excludePrivate: true,
  excludeProtected: true,
  intentionallyNotExported: machinery,
  // A property's name and type say most; options, of which more is to be said, have a test of their own (tests/node/declarations.test.ts).
  requiredToBeDocumented: [
    "Module",
    "Enum",
    "Variable",
    "Function",
    "Class",
    "Interface",
    "TypeAlias",
    "Method",
    "CallSignature",
    "Accessor",
  ],
  validation: { notExported: true, invalidLink: true, notDocumented: true, rewrittenLink: true, unusedMergeModuleWith: true },
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  disableSources: true,
  disableGit: true,
  hideGenerator: true,
});
const project = await application.convert();
if (project === undefined) process.exit(1);
application.validate(project);
if (application.logger.hasErrors() || application.logger.hasWarnings()) process.exit(1);
await application.generateDocs(project, options.out);
if (application.logger.hasErrors() || application.logger.hasWarnings()) process.exit(1);
