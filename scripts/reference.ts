/**
 * Builds the API reference into `reference`, a site of the docstrings, READMEs and guides. `node scripts/reference.ts`.
 * Fails on warnings, such as dead links, and on links to documents that are not pages of the site.
 *
 * The `typedoc.json` of each library lists its pages. Types that it lists as intentionally not exported are parts of
 * other types, and do not need a name.
 */
import { existsSync, globSync, readFileSync } from "node:fs"
import { registerHooks } from "node:module"
import { dirname, join } from "node:path"
import type { CommentDisplayPart, DeclarationReflection, ProjectReflection } from "typedoc"

process.chdir(`${import.meta.dirname}/..`)

// TypeDoc needs the compiler API of TypeScript 6, imported as `typescript`.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "typescript"
      ? next("@typescript/typescript6", { ...context, parentURL: import.meta.url })
      : next(specifier, context)
})

const { Application, Comment, MinimalSourceFile, normalizePath, ReflectionKind } = await import("typedoc")

/** Target of links to Effect, which has no pages in this reference. */
const effect = { effect: { "*": "https://effect.website/docs" } }

const app = await Application.bootstrapWithPlugins({
  name: "Pinecone Backups for Effect",
  entryPointStrategy: "packages",
  entryPoints: ["packages/core", "packages/testing"],
  packageOptions: {
    // Effect's reference documents inherited members.
    excludeExternals: true,
    externalSymbolLinkMappings: effect
  },
  externalSymbolLinkMappings: effect,
  readme: "README.md",
  projectDocuments: ["packages/cli/README.md", "packages/cli/docs/*.md", "CONTRIBUTING.md", "AGENTS.md"],
  out: "reference"
})

const isClean = () => !app.logger.hasErrors() && !app.logger.hasWarnings()

const headingOf = (parts: ReadonlyArray<CommentDisplayPart>): string | undefined =>
  parts[0]?.kind === "text" ? /^# (.+)\n/.exec(parts[0].text)?.[1] : undefined

const dropHeading = (parts: ReadonlyArray<CommentDisplayPart> = []) => {
  if (parts[0]?.kind === "text") parts[0].text = parts[0].text.replace(/^# .+\n/, "")
}

/** Sets the description of a module from its header, which TypeDoc only reads if it has a special tag. */
const describeModule = (project: ProjectReflection, module: DeclarationReflection) => {
  const file = `packages/${module.parent?.name.split("/").at(-1)}/src/${module.name}.ts`
  if (module.comment !== undefined || !existsSync(file)) return
  const [, text] = /^\/\*\*\n([^]*?)\n \*\//.exec(readFileSync(file, "utf8")) ?? []
  if (text === undefined) throw new Error(`${file} does not start with a description`)
  const plain = text.replaceAll(/^ \* ?/gm, "").replaceAll(/^@.*\n?/gm, "")
  const { content } = app.converter.parseRawComment(new MinimalSourceFile(plain, normalizePath(file)), project.files)
  module.comment = new Comment(app.converter.resolveLinks(content, module))
}

const project = await app.convert()
if (project !== undefined) {
  // The page of a README already has a heading.
  dropHeading(project.readme)
  for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
    if (!module.isDeclaration()) continue
    dropHeading(module.readme)
    describeModule(project, module)
  }
  // The heading of a guide is its name.
  for (const document of project.getReflectionsByKind(ReflectionKind.Document)) {
    if (document.isDocument()) document.name = headingOf(document.content) ?? document.name
  }
  app.validate(project)
  if (isClean()) await app.generateOutputs(project)
}

/** Dead links of the site, including anchors. TypeDoc only checks files. */
const deadLinks = (): ReadonlyArray<string> => {
  const pages = new Map(
    globSync("reference/**/*.html").map((file) => {
      const html = readFileSync(file, "utf8")
      return [file, {
        ids: new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)),
        links: new Set([...html.matchAll(/<a\b[^>]* href="([^"]+)"/g)].map(([, link = ""]) => link))
      }]
    })
  )
  return [...pages].flatMap(([file, { links }]) =>
    [...links].filter((link) => !/^[a-z]+:/.test(link)).filter((link) => {
      const [path = "", id = ""] = link.split("#").map(decodeURIComponent)
      const target = path === "" ? file : join(dirname(file), path, path.endsWith("/") ? "index.html" : "")
      return id === "" ? !existsSync(target) : pages.get(target)?.ids.has(id) !== true
    }).map((link) => `${file}: ${link}`)
  )
}

/** Linked documents that are copied unchanged, so they are not pages, and their links are not checked. */
const copies = (): ReadonlyArray<string> => globSync("reference/**/*.{md,markdown}")

const isBuilt = project !== undefined && isClean()
for (const file of isBuilt ? copies() : []) {
  app.logger.error(`${file} is not a page: list its source in projectDocuments`)
}
for (const link of isBuilt ? deadLinks() : []) app.logger.error(`Dead link in ${link}`)
process.exitCode = project !== undefined && isClean() ? 0 : 1
