/** Checks that the `index.ts` of a library exports its modules and nothing else. `--write` makes it so. */
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { basename } from "node:path"

process.chdir(`${import.meta.dirname}/..`)

for (const src of ["packages/core/src", "packages/testing/src"]) {
  const barrel = `${src}/index.ts`
  const modules = globSync(`${src}/[A-Z]*.ts`).map((file) => basename(file, ".ts")).sort()
  const expected = modules.map((name) => `export * as ${name} from "./${name}.ts"\n`).join("")

  if (process.argv.includes("--write")) {
    writeFileSync(barrel, expected)
  } else if (readFileSync(barrel, "utf8") !== expected) {
    console.error(`${barrel} does not match the files beside it: run node scripts/barrels.ts --write`)
    process.exitCode = 1
  }
}
