/**
 * Checks the packages as published: complete files, no links or imports of documents outside the package, publint, "Are
 * the types wrong?", and the declarations of a program that uses every export. Run it with `pnpm check:packages`, which
 * builds the packages first. Needs pnpm on the PATH.
 */
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core"
import { spawnSync } from "node:child_process"
import { existsSync, globSync, readFileSync, realpathSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { basename, dirname, join } from "node:path"
import { publint } from "publint"
import { formatMessage } from "publint/utils"
import * as Markdown from "./markdown.ts"
import { manifestOf, pack, root, type Tarball, temporaryFolder } from "./tarballs.ts"

const folder = temporaryFolder("packages-")

const complete = ({ files }: Tarball): ReadonlyArray<string> =>
  ["README.md", "LICENSE", "CHANGELOG.md"].filter((file) => !files.includes(file)).map((file) => `has no ${file}`)

const documents = ({ directory }: Tarball) =>
  globSync("{*,docs/**/*,examples/**/*}.md", { cwd: directory }).map((file) => ({
    file,
    text: readFileSync(join(directory, file), "utf8")
  }))

const links = (tarball: Tarball): ReadonlyArray<string> =>
  documents(tarball).flatMap(({ file, text }) =>
    Markdown.linksOf(text).flatMap(
      (link) => {
        const [path = "", anchor] = link.split("#")
        if (/^[a-z]+:/.test(path)) return []
        const target = path === "" ? file : join(dirname(file), decodeURI(path))
        const problem = `${file}: the link ${link} leads`
        const full = join(tarball.directory, target)
        if (target.startsWith("..") || !existsSync(full)) return [`${problem} outside the package`]
        if (anchor === undefined || !target.endsWith(".md")) return []
        return Markdown.anchorsOf(readFileSync(full, "utf8")).has(anchor)
          ? []
          : [`${problem} to a heading that does not exist`]
      }
    )
  )

/** Checks that imports of examples exist: modules of the packages, or files that the document shows. */
const imports = (tarball: Tarball): ReadonlyArray<string> =>
  documents(tarball).flatMap(({ file, text }) =>
    [...text.matchAll(/^```(?:[cm]?[tj]sx?|typescript|javascript)\b[^]*?^```/gm)].flatMap(([fence]) =>
      [...fence.matchAll(/\b(?:from|import|import\(|require\()\s*["']([^"']+)["']/g)].flatMap(([, name = ""]) => {
        const isThere = name.startsWith("@pinecone-backups/")
          ? resolves(name)
          : !name.startsWith(".") || (name.startsWith("./") && text.includes(`\`${basename(name)}\``))
        return isThere ? [] : [`${file}: an example imports ${name}, which does not exist`]
      })
    )
  )

const require = createRequire(join(folder, "consumer.js"))

const resolves = (name: string): boolean => {
  try {
    return require.resolve(name) !== ""
  } catch {
    return false
  }
}

const published = async ({ directory }: Tarball): Promise<ReadonlyArray<string>> => {
  const { messages, pkg } = await publint({ pkgDir: directory, pack: false, strict: true })
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`)
}

/** Exported modules of a package, as paths without its name. */
const entriesOf = ({ directory }: Tarball): ReadonlyArray<string> =>
  globSync("dist/{,drill/,health/,plan/}[A-Z]*.d.ts", { cwd: directory }).map((file) =>
    file.slice("dist/".length, -".d.ts".length)
  )
    .sort()

/** The packages are ESM only, for resolvers that know `exports`. */
const ignored: ReadonlySet<string> = new Set(["node10", "node16-cjs"])

const typed = async (tarball: Tarball): Promise<ReadonlyArray<string>> => {
  const entries = entriesOf(tarball)
  const result = await checkPackage(createPackageFromTarballData(readFileSync(tarball.file)), {
    includeEntrypoints: entries.map((name) => `./${name}`)
  })
  if (result.types === false) return "exports" in manifestOf(tarball) ? ["has no types"] : []
  return result.problems
    .filter((problem) => !("resolutionKind" in problem) || !ignored.has(problem.resolutionKind))
    .map((problem) => `Are the types wrong? ${JSON.stringify(problem)}`)
}

/** In characters. A declaration that inlines the contract has 200,000. */
const longestDeclaration = 80_000

/** Checks that the exports of a program can be declared with public names and without inlined types. */
const declarations = (tarball: Tarball): ReadonlyArray<string> => {
  const entries = entriesOf(tarball)
  if (entries.length === 0) return []
  const consumer = join(folder, basename(tarball.directory))
  const programOf = (entry: string) => `${basename(consumer)}-${entry.replace("/", "-")}`
  for (const entry of entries) {
    const service = /^export (declare )?interface Service\b(?!<)/m.test(
      readFileSync(join(tarball.directory, "dist", `${entry}.d.ts`), "utf8")
    )
    writeFileSync(
      join(folder, `${programOf(entry)}.ts`),
      [
        `import * as Module from "${tarball.name}/${entry}"`,
        "export const all = { ...Module }",
        ...(service ? ["export const service = (self: Module.Service) => ({ ...self })"] : []),
        ""
      ].join("\n")
    )
  }
  const config = join(folder, `tsconfig.${basename(consumer)}.json`)
  writeFileSync(
    config,
    JSON.stringify({
      compilerOptions: {
        module: "nodenext",
        target: "es2023",
        strict: true,
        skipLibCheck: true,
        types: [],
        declaration: true,
        emitDeclarationOnly: true,
        outDir: consumer
      },
      include: [`${basename(consumer)}-*.ts`]
    })
  )
  const tsc = join(root, "node_modules/typescript/bin/tsc")
  const { error, status, stderr, stdout } = spawnSync(process.execPath, [tsc, "-p", config, "--pretty", "false"], {
    cwd: folder,
    encoding: "utf8"
  })
  const said = `${stdout ?? ""}${stderr ?? ""}`.split("\n").filter((line) => line.trim() !== "")
  const emitted = globSync("*.d.ts", { cwd: consumer })
  const declared = emitted.flatMap((file) => {
    const text = readFileSync(join(consumer, file), "utf8")
    return [
      ...(text.length > longestDeclaration
        ? [`${file} of a program has ${text.length} characters, more than ${longestDeclaration}`]
        : []),
      // The compiler emits these files, but no one can import them.
      ...new Set(
        [...text.matchAll(/import\("([^"]*\/internal\/[^"]*)"\)\.\w+/g)].map(([path]) =>
          `${file} of a program refers to ${path}`
        )
      )
    ]
  })
  return [
    ...(status === 0 ? [] : [`tsc ended with ${error?.message ?? status}`]),
    ...said,
    // If the program does not compile, the check is meaningless.
    ...entries.filter((entry) => !emitted.includes(`${programOf(entry)}.d.ts`)).map((entry) =>
      `the compiler declared nothing for a program that uses ${entry}`
    ),
    ...declared
  ]
}

const internals = ({ directory }: Tarball): ReadonlyArray<string> =>
  globSync("dist/{,drill/,health/,plan/}[A-Z]*.d.ts", { cwd: directory }).filter((file) =>
    readFileSync(join(directory, file), "utf8").includes("@internal")
  ).map((file) => `${file} exports something that is marked @internal`)

/** A header without an empty line below it is lost if the compiler omits the first import from the declarations. */
const headers = ({ directory }: Tarball): ReadonlyArray<string> =>
  globSync("dist/**/[A-Z]*.d.ts", { cwd: directory, exclude: ["dist/**/internal/**"] }).filter((file) =>
    !readFileSync(join(directory, file), "utf8").startsWith("/**")
  ).map((file) => `${file} has no module header`)

writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }))
const tarballs = pack(folder)
symlinkSync(realpathSync(join(root, "node_modules/effect")), join(folder, "node_modules/effect"))

const problemsOf = async (tarball: Tarball): Promise<ReadonlyArray<string>> => {
  const [ofManifest, ofTypes] = await Promise.all([published(tarball), typed(tarball)])
  return [
    ...complete(tarball),
    ...links(tarball),
    ...imports(tarball),
    ...ofManifest,
    ...ofTypes,
    ...declarations(tarball),
    ...internals(tarball),
    ...headers(tarball)
  ]
}

const problems = await Promise.all(tarballs.map(problemsOf))

for (const [position, { file, files, name }] of tarballs.entries()) {
  const own = problems[position] ?? []
  for (const problem of own) console.error(`${name}: ${problem}`)
  if (own.length > 0) process.exitCode = 1
  console.log(`${name}: ${files.length} files, ${statSync(file).size} bytes`)
}
