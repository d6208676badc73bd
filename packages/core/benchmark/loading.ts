/** Copies of the consumer project with reduced files of this library, to measure what each part adds to loading. */
import { cpSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { parseAst } from "rolldown/parseAst"

/**
 * What a copy loads:
 *
 * - nothing: no module of this library
 * - files: its files, with their exports and their imports of each other
 * - imports: also their imports of Effect
 * - code: also their code, in a function that never runs
 */
export type Content = "nothing" | "files" | "imports" | "code"

const packages = "node_modules/@pinecone-backups"

const entries = "entries.js"

const parse = (file: string) => parseAst(readFileSync(file, "utf8")).body

const isOwn = (name: string) => name.startsWith(".")

const orThrow = <A>(found: ReadonlyArray<A>, what: string): ReadonlyArray<A> => {
  if (found.length === 0) throw new Error(`The consumer has no ${what}`)
  return found
}

/** Returns the modules of other packages that this library imports, starting at `entries.js`. */
export const importsOf = (consumer: string): ReadonlyArray<string> => {
  const found = new Set<string>()
  const visited = new Set<string>()
  const visit = (file: string): void => {
    if (visited.has(file)) return
    visited.add(file)
    for (const node of parse(file)) {
      const name = "source" in node ? node.source?.value : undefined
      if (name === undefined) continue
      const [, module] = /^@pinecone-backups\/core\/(.+)$/.exec(name) ?? []
      if (module !== undefined) visit(join(consumer, packages, "core/dist", `${module}.js`))
      else if (isOwn(name)) visit(join(dirname(file), name))
      else found.add(name)
    }
  }
  visit(join(consumer, entries))
  return orThrow([...found], "modules of Effect")
}

const reduce = (code: string, content: Content): string => {
  const { body } = parseAst(code)
  if (body.some(({ type }) => type === "ExportAllDeclaration" || type === "ExportDefaultDeclaration")) {
    throw new Error("A file exports more than names")
  }
  const textOf = (nodes: typeof body) => nodes.map(({ end, start }) => code.slice(start, end)).join("\n")
  const imports = body.filter((node) => node.type === "ImportDeclaration")
  const exports = body.filter((node) => node.type === "ExportNamedDeclaration")
  const rest = body.filter((node) => node.type !== "ImportDeclaration" && node.type !== "ExportNamedDeclaration")
  const names = exports.flatMap(({ specifiers }) =>
    specifiers.flatMap(({ local }) => local.type === "Identifier" ? [local.name] : [])
  )
  return [
    textOf(content === "files" ? imports.filter(({ source }) => isOwn(source.value)) : imports),
    `let ${names.join(", ")}`,
    content === "code" ? `const never = () => {\n${textOf(rest)}\n}` : "",
    textOf(exports)
  ].join("\n")
}

/** Creates a copy and returns its folder. */
export const copy = (consumer: string, content: Content): string => {
  const folder = join(consumer, "loading", content)
  mkdirSync(folder, { recursive: true })
  cpSync(join(consumer, packages), join(folder, packages), { recursive: true })
  symlinkSync(join(consumer, "node_modules/effect"), join(folder, "node_modules/effect"))
  for (const file of ["package.json", ...globSync("*.js", { cwd: consumer })]) {
    cpSync(join(consumer, file), join(folder, file))
  }
  if (content === "nothing") {
    writeFileSync(join(folder, entries), "")
    return folder
  }
  const files = globSync(`${packages}/core/dist/internal/chunks/*.js`, { cwd: consumer })
  for (const file of orThrow(files, "files with code")) {
    writeFileSync(join(folder, file), reduce(readFileSync(join(consumer, file), "utf8"), content))
  }
  return folder
}
