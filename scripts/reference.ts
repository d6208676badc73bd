/**
 * Builds the API reference into `reference`: a site of the docstrings, READMEs and guides. `node scripts/reference.ts`.
 * It fails on a warning, such as a link that leads nowhere.
 *
 * What each library contributes is in its `typedoc.json`. Types that are listed there as not exported are parts of others
 * that nobody has to name.
 */
import { existsSync, globSync, readFileSync } from "node:fs"
import { registerHooks } from "node:module"
import { dirname, join } from "node:path"
import type { CommentDisplayPart, DeclarationReflection, ProjectReflection } from "typedoc"

process.chdir(`${import.meta.dirname}/..`)

// TypeDoc needs the compiler API of TypeScript 6, and asks for it as `typescript`.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "typescript"
      ? next("@typescript/typescript6", { ...context, parentURL: import.meta.url })
      : next(specifier, context)
})

const { Application, Comment, MinimalSourceFile, normalizePath, ReflectionKind } = await import("typedoc")

/** Where links to Effect lead: its members have no pages here. */
const effect = { effect: { "*": "https://effect.website/docs" } }

const app = await Application.bootstrapWithPlugins({
  name: "Pinecone Backups for Effect",
  entryPointStrategy: "packages",
  entryPoints: ["packages/core", "packages/testing"],
  packageOptions: {
    // What classes and schemas inherit from Effect is in Effect's own reference.
    excludeExternals: true,
    externalSymbolLinkMappings: effect
  },
  externalSymbolLinkMappings: effect,
  readme: "README.md",
  projectDocuments: ["packages/cli/README.md", "CONTRIBUTING.md"],
  out: "reference"
})

const isClean = () => !app.logger.hasErrors() && !app.logger.hasWarnings()

const headingOf = (parts: ReadonlyArray<CommentDisplayPart>): string | undefined =>
  parts[0]?.kind === "text" ? /^# (.+)\n/.exec(parts[0].text)?.[1] : undefined

const dropHeading = (parts: ReadonlyArray<CommentDisplayPart> = []) => {
  if (parts[0]?.kind === "text") parts[0].text = parts[0].text.replace(/^# .+\n/, "")
}

/** TypeDoc takes what is at the top of a file for its description only if it has a tag that nothing else needs. */
const describeModule = (project: ProjectReflection, module: DeclarationReflection) => {
  const file = `packages/${module.parent?.name.split("/").at(-1)}/src/${module.name}.ts`
  if (module.comment !== undefined || !existsSync(file)) return
  const [, text] = /^\/\*\*\n([^]*?)\n \*\//.exec(readFileSync(file, "utf8")) ?? []
  if (text === undefined) throw new Error(`${file} does not begin with a description`)
  const plain = text.replaceAll(/^ \* ?/gm, "").replaceAll(/^@.*\n?/gm, "")
  const { content } = app.converter.parseRawComment(new MinimalSourceFile(plain, normalizePath(file)), project.files)
  module.comment = new Comment(app.converter.resolveLinks(content, module))
}

const project = await app.convert()
if (project !== undefined) {
  // Where a README is shown, the page has a heading already.
  dropHeading(project.readme)
  for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
    if (!module.isDeclaration()) continue
    dropHeading(module.readme)
    describeModule(project, module)
  }
  // A guide is named by its heading, and not by its file.
  for (const document of project.getReflectionsByKind(ReflectionKind.Document)) {
    if (document.isDocument()) document.name = headingOf(document.content) ?? document.name
  }
  app.validate(project)
  if (isClean()) await app.generateOutputs(project)
}

/** The links of the site that lead to no page, or to no place on it. TypeDoc checks files only. */
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

for (const link of project !== undefined && isClean() ? deadLinks() : []) app.logger.error(`Dead link in ${link}`)
process.exitCode = project !== undefined && isClean() ? 0 : 1
