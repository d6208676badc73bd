/**
 * Makes the built command line start faster: `node scripts/eager.ts`, after it is bundled.
 *
 * V8 compiles most functions at their first call, and Node's compile cache keeps only what was compiled when a file was
 * loaded. Without this, every process compiles more than a thousand functions again. V8 compiles a function in
 * parentheses when it loads the file. This runs common commands, records which functions they call, and puts those in
 * parentheses. The other functions are unchanged: compiling them would cost time on Node 20, which does not have this
 * cache.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { createInterface } from "node:readline"
import { parseAst } from "rolldown/parseAst"

/** Commands to run, against the emulator with the demo project, to record which functions they call. */
const commands = [
  ["--help"],
  ["schedule", "history", "--help"],
  ["schedule", "histroy"],
  ["status", "--demo"],
  ["audit"],
  ["schedule", "list"],
  ["schedule", "history", "docs"],
  ["schedule", "history", "docs", "--calendar"],
  ["schedule", "pause", "docs", "--dry-run"],
  ["backup", "list", "-o", "json"],
  ["restore", "list"]
]

/**
 * Runs the commands. Returns the start offsets of all functions that were called, by file name. Every process is killed
 * after `timeout` milliseconds, so that a program that hangs fails the build.
 */
const profile = async (dist: string, timeout: number): Promise<ReadonlyMap<string, ReadonlySet<number>>> => {
  const directory = mkdtempSync(join(tmpdir(), "pcb-eager-"))
  const started: Array<{ readonly child: ChildProcess; readonly ended: Promise<ReadonlyArray<unknown>> }> = []
  const pcb = (args: ReadonlyArray<string>, env: Record<string, string>, stdout: "ignore" | "pipe") => {
    const child = spawn(process.execPath, [join(dist, "bin.js"), ...args], {
      // Node.js counts calls less precisely in code from its compile cache.
      env: { HOME: directory, NODE_V8_COVERAGE: directory, NODE_DISABLE_COMPILE_CACHE: "1", NO_COLOR: "1", ...env },
      stdio: ["ignore", stdout, "ignore"],
      timeout,
      killSignal: "SIGKILL"
    })
    const ended = once(child, "close")
    started.push({ child, ended })
    return { child, ended }
  }
  try {
    const emulator = pcb(["emulator", "--port", "0"], {}, "pipe")
    const lines = createInterface({ input: emulator.child.stdout! })
    const [line] = await Promise.race([once(lines, "line"), emulator.ended])
    const [host] = /http:\/\/[\d.:]+/.exec(String(line)) ?? []
    if (host === undefined) throw new Error("pcb emulator did not print an address")
    const connection = { PINECONE_CONTROLLER_HOST: host, PINECONE_API_KEY: "local" }
    await Promise.all(commands.map(async (args) => {
      const [code] = await pcb(args, connection, "ignore").ended
      // 2 is a misspelled command, and an audit with findings. Other failures would leave functions out unnoticed.
      if (code !== 0 && code !== 2) throw new Error(`pcb ${args.join(" ")} failed with ${code ?? "a timeout"}`)
    }))
    emulator.child.kill("SIGINT")
    await emulator.ended

    const called = new Map<string, Set<number>>()
    for (const file of globSync(join(directory, "coverage-*.json"))) {
      const { result }: {
        readonly result: ReadonlyArray<{
          readonly url: string
          readonly functions: ReadonlyArray<
            { readonly ranges: ReadonlyArray<{ readonly startOffset: number; readonly count: number }> }
          >
        }>
      } = JSON.parse(readFileSync(file, "utf8"))
      for (const { functions, url } of result) {
        const name = basename(url)
        const starts = called.get(name) ?? new Set<number>()
        called.set(name, starts)
        for (const { ranges: [whole] } of functions) if (whole?.count) starts.add(whole.startOffset)
      }
    }
    return called
  } finally {
    for (const { child } of started) child.kill("SIGKILL")
    // They may still write to the directory.
    await Promise.allSettled(started.map(({ ended }) => ended))
    rmSync(directory, { recursive: true, force: true })
  }
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && "start" in value && "end" in value

/** The function expressions in a syntax tree, without methods, which cannot be put in parentheses. */
const expressionsIn = (node: unknown): ReadonlyArray<Node> => {
  if (Array.isArray(node)) return node.flatMap(expressionsIn)
  if (!isNode(node)) return []
  const isMethod = node.type === "MethodDefinition" ||
    node.type === "Property" && "method" in node && "kind" in node && (node.method === true || node.kind !== "init")
  const inside = Object.entries(node).flatMap(([key, value]) =>
    isMethod && key === "value" ? Object.values(value).flatMap(expressionsIn) : expressionsIn(value)
  )
  return /^(Arrow)?FunctionExpression$/.test(node.type) ? [node, ...inside] : inside
}

/** Puts called functions in parentheses. */
const parenthesize = (source: string, isCalled: (start: number) => boolean): string => {
  const { body } = parseAst(source)
  const places = expressionsIn(body).filter(({ start }) => isCalled(start)).flatMap(({ end, start }) => [
    { at: start, text: "(", isEnd: false },
    { at: end, text: ")", isEnd: true }
  ]).sort((a, b) => a.at - b.at || Number(b.isEnd) - Number(a.isEnd))
  let next = 0
  const render = (from: number, to: number): string => {
    let text = ""
    let at = from
    for (let place = places[next]; place !== undefined && place.at <= to; place = places[++next]) {
      // A function that starts where this part ends belongs to the next part.
      if (place.at === to && !place.isEnd) break
      text += source.slice(at, place.at) + place.text
      at = place.at
    }
    return text + source.slice(at, to)
  }

  // A declaration cannot be put in parentheses either, so it becomes a variable. Declarations are hoisted, so the
  // variable is set at the beginning of the file.
  const variables: Array<string> = []
  let rest = ""
  let at = 0
  for (const node of body) {
    if (node.type !== "FunctionDeclaration" || node.id === null || !isCalled(node.start)) continue
    const { end, id, start } = node
    rest += render(at, start)
    variables.push(`${id.name}=(${render(start, id.start)}${render(id.end, end)})`)
    at = end
  }
  rest += render(at, source.length)
  return variables.length === 0 ? rest : `var ${variables.join(",")};${rest}`
}

/** Returns `true` if a syntax tree has a tagged template with a non-ASCII character. Its tag can read the raw text. */
const hasRawText = (node: unknown, source: string): boolean =>
  Array.isArray(node)
    ? node.some((one) => hasRawText(one, source))
    : isNode(node) &&
      (node.type === "TaggedTemplateExpression" && /[^\0-\x7f]/.test(source.slice(node.start, node.end)) ||
        Object.values(node).some((one) => hasRawText(one, source)))

/**
 * Escapes non-ASCII characters. A single non-ASCII character doubles the memory of a file, and slows down reading it.
 */
const toAscii = (source: string): string => {
  if (hasRawText(parseAst(source).body, source)) throw new Error("Escapes would change the text of a tagged template")
  // The backslash would escape the backslash of the escape.
  if (/(?<!\\)(?:\\\\)*\\[^\0-\x7f]/.test(source)) throw new Error("Escapes would change an escaped character")
  return source.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
}

/** Rewrites the files of a built command line. Fails if a command takes longer than `timeout` milliseconds. */
export const compileEagerly = async (dist: string, timeout = 60_000): Promise<void> => {
  const called = await profile(dist, timeout)
  for (const [name, starts] of called) {
    const file = join(dist, name)
    // Other names are those of Node's own modules. `bin.js` is small, and must begin with its shebang.
    if (name === "bin.js" || !globSync("*.js", { cwd: dist }).includes(name)) continue
    writeFileSync(file, toAscii(parenthesize(readFileSync(file, "utf8"), (start) => starts.has(start))))
  }
}

if (process.argv[1] === import.meta.filename) {
  await compileEagerly(join(import.meta.dirname, "..", "packages", "cli", "dist"))
}
