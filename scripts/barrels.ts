/**
 * Checks that every `index.ts` of a library exports the modules beside it and nothing else. A folder of modules is a
 * door of its own, which the root does not open. `--write` makes it so.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { basename } from "node:path"

process.chdir(`${import.meta.dirname}/..`)

for (
  const folder of ["packages/core/src", "packages/core/src/drill", "packages/core/src/health", "packages/testing/src"]
) {
  const barrel = `${folder}/index.ts`
  const modules = globSync(`${folder}/[A-Z]*.ts`).map((file) => basename(file, ".ts")).sort()
  const expected = modules.map((name) => `export * as ${name} from "./${name}.ts"\n`).join("")

  if (process.argv.includes("--write")) {
    writeFileSync(barrel, expected)
  } else if (readFileSync(barrel, "utf8") !== expected) {
    console.error(`${barrel} does not match the files beside it: run node scripts/barrels.ts --write`)
    process.exitCode = 1
  }
}
