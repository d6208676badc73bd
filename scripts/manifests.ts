/**
 * Checks that the manifest of every package says where the project is: `repository`, `homepage` and `bugs`, all of them
 * made of `repository` in the `package.json` of the root. `--write` makes it so. With `--release`, the address must be
 * there, and every changelog must have the version that is to be published.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

process.chdir(`${import.meta.dirname}/..`)

const read = (file: string) => JSON.parse(readFileSync(file, "utf8"))

/** The address of the project: `https://host/owner/name`. Empty as long as it is not known. */
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
  // Behind the licence, where people look for them.
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
        "Not released: nobody has said where the project is. Write its address, https://host/owner/name, into " +
          "\"repository\" in package.json, run node scripts/manifests.ts --write, and commit both."
      )
    }
    const changelog = join(directory, "CHANGELOG.md")
    if (!existsSync(changelog) || !readFileSync(changelog, "utf8").split("\n").includes(`## ${version}`)) {
      fail(`Not released: ${changelog} has no version ${version}. Run pnpm changeset version, read it, and commit it.`)
    }
  }
}
