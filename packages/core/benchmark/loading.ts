/**
 * Copies of the project of a user in which the files of this library contain less and less, so that the time to load them
 * shows what each part of them takes.
 */
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { parseAst } from "rolldown/parseAst"

/** What is left of a file: its exports and its imports of own files; also all other imports; also its code, which never runs. */
export type Content = "files" | "imports" | "code"

const core = "node_modules/@pinecone-backups/core"

/** The files of this library that have code. The others export from them. */
const chunksOf = (consumer: string): ReadonlyArray<string> =>
  globSync(`${core}/dist/internal/chunks/*.js`, { cwd: consumer })

const isOwn = (name: string) => name.startsWith(".")

/** The modules of other packages that this library imports for a call. */
export const importsOf = (consumer: string): ReadonlyArray<string> => {
  const found = new Set<string>()
  const files = new Set<string>()
  const visit = (file: string): void => {
    if (files.has(file)) return
    files.add(file)
    for (const node of parseAst(readFileSync(file, "utf8")).body) {
      if (node.type !== "ImportDeclaration" && node.type !== "ExportNamedDeclaration") continue
      const name = node.source?.value
      if (name === undefined) continue
      if (isOwn(name)) visit(join(dirname(file), name))
      else found.add(name)
    }
  }
  visit(join(consumer, core, "dist/Pinecone.js"))
  return [...found]
}

const reduce = (code: string, content: Content): string => {
  const { body } = parseAst(code)
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

/** Creates a copy, if there is none, and returns its folder. */
export const copy = (consumer: string, content: Content): string => {
  const folder = join(consumer, "loading", content)
  if (existsSync(folder)) return folder
  mkdirSync(join(folder, core), { recursive: true })
  cpSync(join(consumer, core), join(folder, core), { recursive: true })
  symlinkSync(join(consumer, "node_modules/effect"), join(folder, "node_modules/effect"))
  for (const file of ["package.json", ...globSync("*.js", { cwd: consumer })]) {
    cpSync(join(consumer, file), join(folder, file))
  }
  for (const file of chunksOf(consumer)) {
    writeFileSync(join(folder, file), reduce(readFileSync(join(consumer, file), "utf8"), content))
  }
  return folder
}
