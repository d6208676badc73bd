/**
 * Type-checks the examples in JSDoc, READMEs and guides: every `ts` fence is a complete program.
 *
 * Left out are fences marked `ts no-check`, and those below `<!-- example: FILE -->`: they repeat a file that
 * is checked where it lies.
 */
import { spawnSync } from "node:child_process"
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import * as Markdown from "./markdown.ts"

process.chdir(`${import.meta.dirname}/..`)

/** Inside the package that can import all the others. */
const scratch = "packages/cli/.examples"

interface Example {
  readonly file: string
  /** The lines of the file that are above the code. */
  readonly linesAbove: number
  readonly code: string
}

/** What stands in front of a fence, like ` * `, stands in front of every line in it. */
const fence = /(<!-- example: .+ -->\s+)?^([ *]*)```ts( no-check)?\n([^]*?)^\2```$/gm

const examplesOf = (file: string): ReadonlyArray<Example> => {
  const text = readFileSync(file, "utf8")
  return [...text.matchAll(fence)].flatMap(({ 0: match, 1: copy, 2: margin = "", 3: unchecked, 4: body = "", index }) =>
    copy || unchecked ? [] : [{
      file,
      linesAbove: text.slice(0, index + match.indexOf("```")).split("\n").length,
      code: body.split("\n").map((line) => line.slice(margin.length)).join("\n")
    }]
  )
}

const examples = [...Markdown.documents(), ...globSync("packages/*/src/**/*.ts")].flatMap(examplesOf)

rmSync(scratch, { recursive: true, force: true })
for (const [index, { code, file, linesAbove }] of examples.entries()) {
  mkdirSync(`${scratch}/${file}`, { recursive: true })
  // Empty lines in front, so that the compiler counts lines as the file does.
  writeFileSync(`${scratch}/${file}/${index}.ts`, "\n".repeat(linesAbove) + code)
}
const tsc = ["node_modules/typescript/bin/tsc", "-p", "tsconfig.examples.json", "--pretty", "false"]
const { status, stderr, stdout } = spawnSync(process.execPath, tsc, { encoding: "utf8" })
rmSync(scratch, { recursive: true })

const errors = stdout.replaceAll(new RegExp(`^${scratch}/(.+)/\\d+\\.ts\\((\\d+),\\d+\\)`, "gm"), "$1:$2")
console.log(`${errors}${stderr}${examples.length} examples checked`)
process.exitCode = status ?? 1
