/** Reads policy files in YAML or JSON, and reports every error with its position. */
import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as SchemaAST from "effect/SchemaAST"
import type * as Yaml from "yaml"
import * as Settings from "../config/Settings.ts"
import * as Connection from "../Connection.ts"
import { CliFailure } from "../output/CliFailure.ts"
import * as ExitCode from "../output/ExitCode.ts"
import * as Help from "../output/Help.ts"
import * as Note from "../output/Note.ts"
import * as SchemaIssues from "../output/SchemaIssues.ts"
import * as SystemReason from "../output/SystemReason.ts"
import * as Format from "../terminal/Format.ts"

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
    return yield* fs.readFileString(path)
  },
  (self, path) =>
    Effect.catchTag(
      self,
      "PlatformError",
      (error) =>
        unusable(
          path,
          error.reason._tag === "NotFound" ? "does not exist" : `cannot be read: ${SystemReason.of(error)}`
        )
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
  if (types.some(({ _tag }) => _tag === "String") && (typeof value === "number" || typeof value === "boolean")) {
    return `must be a string: write it in quotes, as "${value}"`
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

/** A policy file. */
export interface Opened {
  readonly path: string
  /** The content as it was read. */
  readonly raw: string
  /** The content without a byte order mark. */
  readonly text: string
  /** The profiles of the project. */
  readonly profiles: ReadonlyArray<string>
  /** The policy, with the rules for these profiles selected. */
  readonly policy: BackupPolicy.BackupPolicy
  /** The profiles of each rule. `undefined` for a rule for all projects. */
  readonly profilesOf: (position: number) => ReadonlyArray<string> | undefined
  /** The document of `text`. */
  readonly document: Yaml.Document
  /** The line of a key or value. */
  readonly lineOf: (path: ReadonlyArray<PropertyKey>) => number
}

const byteOrderMark = "\u{FEFF}"

/** Adds the byte order mark of a file to a new text for it. */
export const rawOf = ({ raw, text }: Opened, newText: string): string =>
  raw === text ? newText : `${byteOrderMark}${newText}`

/** Loaded on demand, because most commands read no policy. */
export const loadYaml = Effect.promise(() => import("yaml"))

/**
 * Parses a policy, for the project with these profiles. Fails with every error in the file, each as
 * `file:line:column  path  error`.
 */
export const parsed = Effect.fnUntraced(function*(path: string, raw: string, profiles: ReadonlyArray<string> = []) {
  const text = raw.startsWith(byteOrderMark) ? raw.slice(byteOrderMark.length) : raw
  const yaml = yield* loadYaml
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
  const policy = yield* Effect.mapError(
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
  const opened: Opened = {
    path,
    raw,
    text,
    profiles,
    policy: BackupPolicy.ofProfiles(policy, profiles),
    profilesOf: (position) => policy.rules?.[position]?.profiles,
    document,
    lineOf: (path) => lines.linePos(offsetOf(yaml, document, path, false)).line
  }
  return opened
})

/** The profiles of the project, if the command reads several projects. Otherwise, the profile in use. */
export const Profiles = Context.Reference<ReadonlyArray<string> | undefined>(
  "@pinecone-backups/cli/shared/PolicyFile/Profiles",
  { defaultValue: () => undefined }
)

const profilesInUse = Effect.gen(function*() {
  const several = yield* Profiles
  if (several !== undefined) return several
  const inUse = yield* (yield* Settings.Settings).profile
  return inUse === undefined ? [] : [inUse.value]
})

/** Reads a policy file, with the rules for the profile in use selected. Fails like {@link parsed}. */
export const open = Effect.fnUntraced(function*(path: string) {
  return yield* parsed(path, yield* readText(path), yield* profilesInUse)
})

/** Reads the policy in a file, without selecting rules for profiles. Fails like {@link parsed}. */
export const read = (path: string) =>
  Effect.map(Effect.flatMap(readText(path), (raw) => parsed(path, raw)), ({ policy }) => policy)

/** The first of the names that exists. */
const findFirst = (paths: ReadonlyArray<string>) =>
  Effect.flatMap(
    FileSystem.FileSystem,
    (fs) => Effect.findFirst(paths, (path) => Effect.orElseSucceed(fs.exists(path), () => false))
  )

/** The name of a new policy file. */
export const defaultName = names[0]

/** The path of the policy file that the command line names, else of the setting `policy`. */
export const nameOf = Effect.fnUntraced(function*(named: Option.Option<string>) {
  if (Option.isSome(named)) return named
  const setting = yield* (yield* Settings.Settings).find("policy")
  return Option.map(Option.fromUndefinedOr(setting), ({ value }) => value)
})

/** The path of the named policy file, or of the default file, if it exists. */
export const locate = (named: Option.Option<string>) =>
  Effect.flatMap(
    nameOf(named),
    (path) => findFirst(Option.match(path, { onNone: () => names, onSome: (path) => [path] }))
  )

/** Prints the notices about a policy file, with their lines. */
export const notices = ({ lineOf, path, policy }: Opened) =>
  Effect.forEach(BackupPolicy.noticesOf(policy), (notice) => {
    const at = (line: number) => `${Format.plain(path)}:${line}`
    switch (notice._tag) {
      case "OrderTrap": {
        const { exact, field, indexName, pattern } = notice
        const other = policy.rules?.[pattern]?.index ?? ""
        return Note.info(
          `note: ${at(lineOf(["rules", pattern]))}: the rule for ${Format.plain(other)} overrides ${
            Format.plain(field)
          } of the rule for ${Format.plain(indexName)} in line ${lineOf(["rules", exact])}; later rules win`
        )
      }
      case "LongRetention":
        return Note.info(
          `note: ${at(lineOf(notice.path))}: a retention of ${
            Format.countOf(notice.days, "day")
          } may exceed the limit of the project`
        )
    }
  }, { discard: true })

/** Reads a policy that the command line does not name, and prints its path. */
export const readUnnamed = (path: string) => Effect.andThen(Note.info(`Using policy ${Format.plain(path)}`), read(path))

/** Reads policies that the command line does not name. A command for several projects reads each file once. */
export const ReadUnnamed = Context.Reference<
  (path: string) => ReturnType<typeof readUnnamed>
>("@pinecone-backups/cli/shared/PolicyFile/ReadUnnamed", { defaultValue: () => readUnnamed })

/** Selects the rules for the project. */
const ofProject = Effect.fnUntraced(function*(policy: BackupPolicy.BackupPolicy) {
  const wanted = policy.rules?.flatMap(({ profiles = [] }) => profiles) ?? []
  if (wanted.length === 0) return policy
  const names = yield* profilesInUse
  if (names.length === 0) {
    const all = [...new Set(wanted)].map(Format.plain).join(", ")
    yield* Note.info(`note: no profile is in use, so the rules of the policy for these profiles do not apply: ${all}`)
  }
  return BackupPolicy.ofProfiles(policy, names)
})

const loadFile = Effect.fnUntraced(function*(named: Option.Option<string>) {
  if (Option.isSome(named)) return yield* read(named.value)
  if (yield* Connection.isDemo) return (yield* Connection.demo).policy
  const setting = yield* nameOf(named)
  const path = Option.isSome(setting) ? setting : yield* findFirst(names)
  return Option.isNone(path) ? BackupPolicy.empty : yield* (yield* ReadUnnamed)(path.value)
})

/**
 * Loads the policy of the project: the named file, else the setting `policy`, else the default file. The demo project
 * has its own policy.
 */
export const load = (named: Option.Option<string>) => Effect.flatMap(loadFile(named), ofProject)
