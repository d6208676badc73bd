/**
 * Checks the address of the project in every package manifest: `repository`, `homepage` and `bugs`, derived from
 * `repository` in the root `package.json`. `--write` updates them. `--release` requires the address, and the version to be
 * published in every changelog.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

process.chdir(`${import.meta.dirname}/..`)

const read = (file: string) => JSON.parse(readFileSync(file, "utf8"))

/** Address of the project: `https://host/owner/name`. Empty if unknown. */
const address: string = read("package.json").repository

const fail = (problem: string): never => {
  console.error(problem)
  process.exit(1)
}

if (address !== "" && !/^https:\/\/[^/\s]+(\/[^/\s]+)+(?<!\.git)$/.test(address)) {
  fail(`"repository" in package.json is ${JSON.stringify(address)}: it must look like https://host/owner/name`)
}

const fieldsOf = (directory: string) =>
  address === "" ? {} : {
    repository: { type: "git", url: `git+${address}.git`, directory },
    homepage: `${address}#readme`,
    bugs: `${address}/issues`
  }

for (const file of globSync("packages/*/package.json").sort()) {
  const directory = dirname(file)
  const { bugs: _, homepage: __, name, version, repository: ___, ...others } = read(file)
  // After the license, where readers expect them.
  const entries = Object.entries({ name, version, ...others })
  const position = entries.findIndex(([key]) => key === "license") + 1
  const manifest = Object.fromEntries(entries.toSpliced(position, 0, ...Object.entries(fieldsOf(directory))))
  const expected = `${JSON.stringify(manifest, null, 2)}\n`

  if (process.argv.includes("--write")) writeFileSync(file, expected)
  else if (readFileSync(file, "utf8") !== expected) {
    fail(`${file} does not match "repository" in package.json: run node scripts/manifests.ts --write`)
  }

  if (process.argv.includes("--release")) {
    if (address === "") {
      fail(
        "Not released: the address of the project is not set. Write it, https://host/owner/name, into " +
          "\"repository\" in package.json, run node scripts/manifests.ts --write, and commit both."
      )
    }
    const changelog = join(directory, "CHANGELOG.md")
    if (!existsSync(changelog) || !readFileSync(changelog, "utf8").split("\n").includes(`## ${version}`)) {
      fail(`Not released: ${changelog} has no version ${version}. Run pnpm changeset version, read it, and commit it.`)
    }
  }
}
