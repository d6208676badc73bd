/** Reads policy files in YAML or JSON, and reports every error with its position. */
import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as SchemaAST from "effect/SchemaAST"
import type * as Yaml from "yaml"
import * as Connection from "../Connection.ts"
import { CliFailure } from "../output/CliFailure.ts"
import * as ExitCode from "../output/ExitCode.ts"
import * as Help from "../output/Help.ts"
import * as Note from "../output/Note.ts"
import * as SchemaIssues from "../output/SchemaIssues.ts"

/** The names of policy files that are used by default. */
const names = ["pinecone-backups.policy.yaml", "pinecone-backups.policy.yml", "pinecone-backups.policy.json"] as const

/** Maximum size of a policy file in bytes. */
const mostBytes = 1_000_000

/** Maximum number of nested aliases, and of reported errors. */
const most = { aliases: 100, mistakes: 20 }

/** An error and its position in the document. */
interface Mistake {
  readonly offset: number
  readonly path: ReadonlyArray<PropertyKey>
  readonly wrong: string
}

const unusable = (path: string, wrong: string, hint?: string) =>
  new CliFailure({ code: "INVALID_POLICY", message: `${path} ${wrong}`, hint, exitCode: ExitCode.usage })

const readText = Effect.fnUntraced(
  function*(path: string) {
    const fs = yield* FileSystem.FileSystem
    const { size, type } = yield* fs.stat(path)
    if (type === "Directory") return yield* unusable(path, "is a directory", "use a file in YAML or JSON")
    if (size > mostBytes) {
      return yield* unusable(path, `is larger than ${mostBytes / 1_000_000} MB, the maximum for a policy`)
    }
    const text = yield* fs.readFileString(path)
    return text.replace(/^\u{FEFF}/u, "")
  },
  (self, path) =>
    Effect.catchTag(
      self,
      "PlatformError",
      ({ reason }) => unusable(path, reason._tag === "NotFound" ? "does not exist" : `cannot be read: ${reason._tag}`)
    )
)

const kinds: Readonly<Record<string, string>> = {
  Arrays: "a list",
  Boolean: "true or false",
  Number: "a number",
  Objects: "a map of keys and values",
  String: "a string"
}

const meantOr = (typed: unknown, all: ReadonlyArray<string>, otherwise: string): string => {
  const meant = Help.nearest(String(typed), all)
  return meant.length > 0 ? `did you mean ${meant.join(" or ")}?` : `${otherwise} ${all.join(", ")}`
}

/** The schemas of a file at a path. */
const schemasAt = (schema: SchemaAST.AST, path: ReadonlyArray<PropertyKey>): ReadonlyArray<SchemaAST.AST> => {
  const ast = SchemaAST.toEncoded(schema)
  if (SchemaAST.isUnion(ast)) return ast.types.flatMap((type) => schemasAt(type, path))
  const [key, ...inner] = path
  if (key === undefined) return [ast]
  if (SchemaAST.isArrays(ast)) return ast.rest.flatMap((type) => schemasAt(type, inner))
  if (!SchemaAST.isObjects(ast)) return []
  return [
    ...ast.propertySignatures.flatMap(({ name, type }) => name === key ? schemasAt(type, inner) : []),
    ...ast.indexSignatures.flatMap(({ type }) => schemasAt(type, inner))
  ]
}

/** The valid keys beside an invalid key. */
const keysBeside = (path: ReadonlyArray<PropertyKey>): ReadonlyArray<string> =>
  schemasAt(BackupPolicy.BackupPolicy.ast, path.slice(0, -1)).flatMap((ast) =>
    SchemaAST.isObjects(ast) ? ast.propertySignatures.map(({ name }) => String(name)) : []
  )

/** Describes an issue for the author of the file. */
const wrong = (found: SchemaIssues.Found, value: unknown): string => {
  switch (found.issue._tag) {
    case "UnexpectedKey":
      return `is not a valid key: ${meantOr(found.path.at(-1), keysBeside(found.path), "use one of")}`
    case "MissingKey":
      return "is missing"
  }
  if (found.message !== undefined) return found.message
  const types = SchemaIssues.expectedTypes(found)
  const literals = types.flatMap((type) =>
    SchemaAST.isLiteral(type) && typeof type.literal === "string" ? type.literal : []
  )
  if (literals.length > 0) {
    return typeof value === "string"
      ? `"${value}" is not valid: ${meantOr(value, literals, "use one of")}`
      : meantOr("", literals, "must be one of")
  }
  const [type, ...others] = types
  const kind = type !== undefined && others.length === 0 ? kinds[type._tag] : undefined
  return kind === undefined ? SchemaIssues.text(found) : `must be ${kind}`
}

/** The value at a path. */
const valueAt = (value: unknown, path: ReadonlyArray<PropertyKey>): unknown =>
  path.reduce((inside, key) => Predicate.hasProperty(inside, key) ? inside[key] : undefined, value)

/** `rules[2].ignore[0].until` */
const formatPath = (path: ReadonlyArray<PropertyKey>): string =>
  path.map((key) => typeof key === "number" ? `[${key}]` : `.${String(key)}`).join("").replace(/^\./, "")

/** The offset of the key or value at a path. If it is missing, the offset of its parent. */
const offsetOf = (
  { isAlias, isMap, isNode, isScalar, isSeq }: typeof Yaml,
  document: Yaml.Document,
  path: ReadonlyArray<PropertyKey>,
  isAboutKey: boolean
): number => {
  const startOf = (node: unknown) => isNode(node) ? node.range?.[0] : undefined
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const [depth, key] of path.entries()) {
    const inside = isAlias(node) ? node.resolve(document) : node
    const pair = isMap(inside)
      ? inside.items.find((pair) => String(isScalar(pair.key) ? pair.key.value : pair.key) === String(key))
      : undefined
    const next: unknown = isSeq(inside) ? inside.items[Number(key)] : pair?.value
    const start = isAboutKey && depth === path.length - 1 ? startOf(pair?.key) : startOf(next) ?? startOf(pair?.key)
    if (start === undefined) break
    offset = start
    node = next
  }
  return offset
}

const words: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "duplicate key",
  MULTIPLE_DOCS: "a policy must be a single document",
  NON_STRING_KEY: "a key must be a string",
  RESOURCE_EXHAUSTION: "is nested too deeply"
}

/** Parses YAML and collects its errors. */
const parse = (yaml: typeof Yaml, text: string) => {
  const { LineCounter, parseDocument, visit } = yaml
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    logLevel: "error",
    prettyErrors: false,
    resolveKnownTags: false,
    stringKeys: true
  })
  const problems = [...document.errors, ...document.warnings]
  const exhausted = problems.filter(({ code }) => code === "RESOURCE_EXHAUSTION").slice(0, 1)
  const mistakes = (exhausted.length > 0 ? exhausted : problems).map(({ code, message, pos }): Mistake => ({
    offset: pos[0],
    path: [],
    wrong: words[code] ?? message
  }))
  if (mistakes.length === 0) {
    visit(document, {
      Alias: (_, alias) => {
        if (alias.resolve(document) === undefined) {
          mistakes.push({ offset: alias.range?.[0] ?? 0, path: [], wrong: `anchor &${alias.source} does not exist` })
        }
      }
    })
  }
  let value: unknown
  if (mistakes.length === 0) {
    try {
      value = document.toJS({ maxAliasCount: most.aliases })
    } catch {
      mistakes.push({ offset: 0, path: [], wrong: `has more than ${most.aliases} nested aliases` })
    }
  }
  return { document, lines, mistakes, value }
}

/** Reads a policy. Fails with every error in the file, each as `file:line:column  path  error`. */
export const read = Effect.fnUntraced(function*(path: string) {
  const text = yield* readText(path)
  const yaml = yield* Effect.promise(() => import("yaml"))
  const { document, lines, mistakes, value } = parse(yaml, text)
  const told = (mistakes: ReadonlyArray<Mistake>) => {
    const seen = new Set<string>()
    for (const { offset, path: at, wrong } of [...mistakes].sort((self, that) => self.offset - that.offset)) {
      const { col, line } = lines.linePos(offset)
      seen.add([`${path}:${line}:${col}`, ...(at.length === 0 ? [] : [formatPath(at)]), wrong].join("  "))
    }
    const [first = "", ...others] = seen
    return new CliFailure({
      code: "INVALID_POLICY",
      message: others.length === 0 ? first : `${path}: ${seen.size} errors`,
      details: others.length === 0 ? [] : [
        ...[...seen].slice(0, most.mistakes),
        ...(seen.size > most.mistakes ? [`and ${seen.size - most.mistakes} more`] : [])
      ],
      exitCode: ExitCode.usage
    })
  }
  if (mistakes.length > 0) return yield* told(mistakes)
  if (value == null) return yield* unusable(path, "is empty", "use {} for a policy without requirements")
  return yield* Effect.mapError(
    BackupPolicy.decode(value),
    ({ issue }) =>
      told(
        SchemaIssues.flatten(issue).map((found): Mistake => ({
          offset: offsetOf(yaml, document, found.path, found.issue._tag === "UnexpectedKey"),
          path: found.path,
          wrong: wrong(found, valueAt(value, found.path))
        }))
      )
  )
})

/** The default policy file in the working directory, if any. */
const find = Effect.flatMap(
  FileSystem.FileSystem,
  (fs) => Effect.findFirst(names, (name) => Effect.orElseSucceed(fs.exists(name), () => false))
)

/** Loads the named policy file, or the default file. The demo project has its own policy. */
export const load = Effect.fnUntraced(function*(named: Option.Option<string>) {
  if (Option.isSome(named)) return yield* read(named.value)
  if (yield* Connection.isDemo) return (yield* Connection.demo).policy
  const path = yield* find
  if (Option.isNone(path)) return BackupPolicy.empty
  yield* Note.info(`Using policy ${path.value}`)
  return yield* read(path.value)
})
