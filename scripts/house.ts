/**
 * Checks the layout of the source: no import cycles, only entry points at the root of the command line, no overlong
 * files, no command line in core, and no exported `internal` folders. `node scripts/house.ts`.
 *
 * `house-exceptions.txt` lists the problems still to be fixed, one per line. An unlisted problem fails the check, and so
 * does a line that is no longer a problem, so the list can only shrink.
 */
import * as Graph from "effect/Graph"
import { globSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { parseAst } from "rolldown/parseAst"

process.chdir(join(import.meta.dirname, ".."))

/** Maximum length of a file in lines, without docstrings: their examples must not count. */
const longest = 450

/** Files that would not be clearer if they were split. */
const mayBeLonger = new Set(["packages/testing/src/internal/request-rules.ts"])

/** Entry points of the command line, the runner of commands, and the connection. */
const cliRoot = new Set(["bin.ts", "main.ts", "Cli.ts", "Handler.ts", "Connection.ts"])

const files = globSync("packages/*/src/**/*.ts").sort()
const sources = new Map(files.map((file) => [file, readFileSync(file, "utf8")]))

/** Relative imports of modules in a syntax tree: static, type-only and dynamic. */
const importsOf = (node: unknown): ReadonlyArray<string> => {
  if (Array.isArray(node)) return node.flatMap(importsOf)
  if (typeof node !== "object" || node === null) return []
  const own = "type" in node && /^(Import(Declaration|Expression)|TSImportType|Export(Named|All)Declaration)$/
    .test(String(node.type))
  const source = !own
    ? undefined
    : "source" in node && node.source !== null
    ? node.source
    : "argument" in node && typeof node.argument === "object" && node.argument !== null && "literal" in node.argument
    ? node.argument.literal
    : undefined
  const named = typeof source === "object" && source !== null && "value" in source ? [String(source.value)] : []
  return [
    ...named.filter((name) => name.startsWith(".") && !name.endsWith(".json")),
    ...Object.values(node).flatMap(importsOf)
  ]
}

const cycles = (): ReadonlyArray<string> => {
  const graph = Graph.directed<string, null>((graph) => {
    const indexes = new Map(files.map((file) => [file, Graph.addNode(graph, file)]))
    for (const [file, source] of sources) {
      for (const name of importsOf(parseAst(source, { lang: "ts" }))) {
        const [from, to] = [indexes.get(file), indexes.get(join(dirname(file), name))]
        if (from === undefined || to === undefined) throw new Error(`${file} imports ${name}, which does not exist`)
        Graph.addEdge(graph, from, to, null)
      }
    }
  })
  return Graph.stronglyConnectedComponents(graph)
    .filter((component) => component.length > 1)
    .map((component) => `import cycle: ${component.map((index) => files[index]).sort().join(" ")}`)
}

const atCliRoot = (): ReadonlyArray<string> =>
  files.filter((file) => dirname(file) === "packages/cli/src" && !cliRoot.has(file.slice("packages/cli/src/".length)))
    .map((file) => `at the root of the command line: ${file}`)

const docstring = /^ *\/\*\*[^]*?\*\/\n/gm

const tooLong = (): ReadonlyArray<string> =>
  [...sources].filter(([file, source]) =>
    !mayBeLonger.has(file) && source.replaceAll(docstring, "").split("\n").length - 1 > longest
  )
    .map(([file]) => `longer than ${longest} lines: ${file}`)

const commandLineInCore = (): ReadonlyArray<string> =>
  [...sources].filter(([file, source]) => file.startsWith("packages/core/") && /\bpcb\b/.test(source))
    .map(([file]) => `the word pcb in core: ${file}`)

/** Error of Node.js for a module that the exports map of a package hides. */
const isClosed = (exports: Record<string, string | null>, module: string): boolean => {
  const [, target] = Object.entries(exports)
    .filter(([key]) => key.endsWith("*") ? module.startsWith(key.slice(0, -1)) : key === module)
    .sort(([self], [that]) => that.length - self.length)[0] ?? []
  return target == null
}

/** Checks both the exports of the workspace, resolved by Node.js, and those of the published package. */
const openInternals = (): ReadonlyArray<string> =>
  ["core", "testing"].flatMap((name) => {
    const directory = `packages/${name}/`
    const { publishConfig } = JSON.parse(readFileSync(`${directory}package.json`, "utf8"))
    const require = createRequire(join(process.cwd(), directory, "package.json"))
    return files.filter((file) => file.startsWith(directory) && /\/internal\//.test(file)).flatMap((file) => {
      const module = `.${file.slice(`${directory}src`.length, -".ts".length)}`
      const resolves = (() => {
        try {
          return require.resolve(join(`@pinecone-backups/${name}`, module)) !== ""
        } catch {
          return false
        }
      })()
      return resolves || !isClosed(publishConfig.exports, module) ? [`internal, but exported: ${file}`] : []
    })
  })

const problems = [...cycles(), ...atCliRoot(), ...tooLong(), ...commandLineInCore(), ...openInternals()]
const listed = readFileSync("scripts/house-exceptions.txt", "utf8").split("\n").filter((line) => line !== "")

if (process.argv.includes("--print")) console.log(problems.join("\n"))
for (const problem of problems.filter((problem) => !listed.includes(problem))) {
  console.error(problem)
  process.exitCode = 1
}
for (const line of listed.filter((line) => !problems.includes(line))) {
  console.error(`no longer a problem, remove it from scripts/house-exceptions.txt: ${line}`)
  process.exitCode = 1
}
