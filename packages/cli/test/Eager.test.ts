import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { compileEagerly } from "../../../scripts/eager.ts"
import { home } from "./harness.ts"

/** A program that starts like `pcb`: an emulator that prints its address, and commands that load a chunk. */
const program = (emulator: string) => `
if (process.argv[2] === "emulator") {
  ${emulator}
} else {
  const { run } = await import("./chunk.js")
  run()
}
`

const printsAddress = `
  console.log("http://127.0.0.1:1")
  const timer = setInterval(() => {}, 1_000)
  process.on("SIGINT", () => clearInterval(timer))
`

const compile = (directory: string, timeout?: number) =>
  Effect.tryPromise({
    try: () => compileEagerly(directory, timeout),
    catch: (error) => error instanceof Error ? error.message : String(error)
  })

/** Rewrites a chunk of the program. */
const rewrite = Effect.fnUntraced(function*(chunk: string) {
  const directory = yield* home({
    "package.json": `{ "type": "module" }`,
    "bin.js": program(printsAddress),
    "chunk.js": chunk
  })
  yield* compile(directory)
  return join(directory, "chunk.js")
})

/** Every kind of function that is rewritten, with whatever a program can observe of it. */
const chunk = `
export { run, later }
const early = later(2)
function later(n) { return n <= 1 ? 1 : n * later(n - 1) }
async function waits(a, b = () => 1) { return (await a) + b() }
function* counts(n) { for (let i = 0; i < n; i++) yield i }
function Made(x) { if (!new.target) return new Made(x); this.x = x }
const arrow = x => y => x + y, object = { method() { return (() => this.own)() }, own: 5, get got() { return 6 } }
class Thing { field = () => this; static make = function() { return new this() } }
const text = \`\${(() => "é😀—")()}\`, matches = [/^[é😀]+$/u.test("é😀"), /\\\\é/.test("\\\\é")]
function run() {
  return JSON.stringify([
    early, later.name, later.length, [...counts(3)], new Made(1).x, Made(2).x, arrow(1)(2), arrow.name, object.method(),
    object.got, Thing.make().field() instanceof Thing, Thing.make.name, text, matches, waits(1).constructor.name
  ])
}
function unused() { return "—" }
`

describe("compileEagerly", { timeout: 30_000 }, () => {
  it.live("does not change what functions and strings are", () =>
    Effect.gen(function*() {
      const file = yield* rewrite(chunk)
      const source = readFileSync(file, "utf8")
      // Function declarations that were called are variables, the others are not.
      assert.include(source, "later=(function (n)")
      assert.include(source, "(async function (a, b = ")
      assert.include(source, "function unused()")
      assert.match(source, /^[\0-\x7f]*$/)
      const plain = `data:text/javascript,${encodeURIComponent(chunk)}`
      const before: { readonly run: () => string } = yield* Effect.promise(() => import(plain))
      const after: { readonly run: () => string } = yield* Effect.promise(() => import(pathToFileURL(file).href))
      assert.strictEqual(after.run(), before.run())
    }))

  it.live.each<[string, string, string]>([
    ["a tagged template", "export const run = () => String.raw`—`", "the text of a tagged template"],
    ["an escaped character", String.raw`export const run = () => /[\–]/`, "an escaped character"]
  ])("refuses %s with characters beyond ASCII", ([, chunk, reason]) =>
    Effect.gen(function*() {
      assert.strictEqual(yield* Effect.flip(rewrite(chunk)), `Escapes would change ${reason}`)
    }))

  it.live("fails if a command fails", () =>
    Effect.gen(function*() {
      const message = yield* Effect.flip(rewrite("export const run = () => process.exit(8)"))
      assert.match(message, /^pcb .* failed with 8$/)
    }))

  it.live.each([
    ["prints nothing", "setInterval(() => {}, 1_000)"],
    ["prints something else", `console.log("no"); setInterval(() => {}, 1_000)`]
  ])("fails and kills the emulator if it %s", ([, emulator]) =>
    Effect.gen(function*() {
      const directory = yield* home({
        "package.json": `{ "type": "module" }`,
        "bin.js": program(
          `process.getBuiltinModule("node:fs").writeFileSync(new URL("pid", import.meta.url), \`\${process.pid}\`); ${emulator}`
        )
      })
      const message = yield* Effect.flip(compile(directory, 5_000))
      assert.strictEqual(message, "pcb emulator did not print an address")
      const pid = Number(readFileSync(join(directory, "pid"), "utf8"))
      assert.throws(() => process.kill(pid, 0), "ESRCH")
    }))
})
