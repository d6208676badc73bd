/**
 * Checks that every `index.ts` of a library exports exactly the modules in its folder. The root does not export
 * subfolders, which are separate entry points. `--write` updates the files.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { basename } from "node:path"

process.chdir(`${import.meta.dirname}/..`)

for (
  const folder of [
    "packages/core/src",
    "packages/core/src/drill",
    "packages/core/src/health",
    "packages/core/src/plan",
    "packages/testing/src"
  ]
) {
  const barrel = `${folder}/index.ts`
  const modules = globSync(`${folder}/[A-Z]*.ts`).map((file) => basename(file, ".ts")).sort()
  const expected = modules.map((name) => `export * as ${name} from "./${name}.ts"\n`).join("")

  if (process.argv.includes("--write")) {
    writeFileSync(barrel, expected)
  } else if (readFileSync(barrel, "utf8") !== expected) {
    console.error(`${barrel} does not match the files in its folder: run node scripts/barrels.ts --write`)
    process.exitCode = 1
  }
}
