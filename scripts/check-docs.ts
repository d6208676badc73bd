/**
 * Type-checks the examples in JSDoc, READMEs and guides: every `ts` fence is a complete program.
 *
 * Skips fences marked `ts no-check`, and fences below `<!-- example: FILE -->`, which repeat a file that is checked
 * itself.
 */
import { spawnSync } from "node:child_process"
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import * as Markdown from "./markdown.ts"

process.chdir(`${import.meta.dirname}/..`)

/** Folder for the extracted examples, in the package that can import all others. */
const scratch = "packages/cli/.examples"

interface Example {
  readonly file: string
  /** Number of lines above the code. */
  readonly linesAbove: number
  readonly code: string
}

/** Every line of a fence has the same margin as the fence, such as ` * `. */
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
  // Leading empty lines keep the line numbers of the file.
  writeFileSync(`${scratch}/${file}/${index}.ts`, "\n".repeat(linesAbove) + code)
}
const tsc = ["node_modules/typescript/bin/tsc", "-p", "tsconfig.examples.json", "--pretty", "false"]
const { status, stderr, stdout } = spawnSync(process.execPath, tsc, { encoding: "utf8" })
rmSync(scratch, { recursive: true })

const errors = stdout.replaceAll(new RegExp(`^${scratch}/(.+)/\\d+\\.ts\\((\\d+),\\d+\\)`, "gm"), "$1:$2")
console.log(`${errors}${stderr}${examples.length} examples checked`)
process.exitCode = status ?? 1
