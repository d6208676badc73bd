/** Handler of `pcb status`. */
import type * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as CliError from "effect/cli/CliError"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Connection from "../../Connection.ts"
import * as Projects from "../../input/Projects.ts"
import * as Target from "../../input/Target.ts"
import { CliFailure } from "../../output/CliFailure.ts"
import type * as Json from "../../output/Json.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as SameConnection from "../../output/SameConnection.ts"
import * as Time from "../../output/Time.ts"
import * as HealthProgress from "../../shared/HealthProgress.ts"
import * as Format from "../../terminal/Format.ts"
import * as Live from "../../terminal/Live.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"
import * as Table from "../../terminal/Table.ts"
import * as Text from "../../terminal/Text.ts"
import * as Look from "./Look.ts"
import type * as Snapshot from "./Snapshot.ts"
import * as StatusView from "./StatusView.ts"

// ============================================================================
// Lines for programs
// ============================================================================

/** The subject of a line. */
type Item =
  & {
    /** The time of the refresh. */
    readonly now: DateTime.Utc
    /** The view at that time, because ages change between refreshes. */
    readonly view: Output.View<Snapshot.Index>
  }
  & (
    | { readonly type: "index"; readonly index: Snapshot.Index }
    | { readonly type: "operation"; readonly operation: Snapshot.Operation; readonly isOver: boolean }
  )

/** The view of items, one per line. */
const items = Effect.zipWith(StatusView.indexes, SameConnection.flags, (view, connection): Output.View<Item> => ({
  id: (item) => item.type === "index" ? view.id(item.index) : item.operation.id,
  toJson: (item): typeof Json.StatusLine.Encoded =>
    item.type === "index"
      ? { type: "index", ...StatusView.indexToJson(item.index, item.now, connection) }
      : { type: "operation", ...StatusView.operationToJson(item.operation, item.now), is_over: item.isOver },
  columns: view.columns.map((column, position) => {
    const shown = (show: (column: Table.Column<Snapshot.Index>, index: Snapshot.Index) => string) => (item: Item) =>
      item.type === "index" ? show(item.view.columns[position] ?? column, item.index) : ""
    return {
      ...column,
      show: shown((column, index) => column.show(index)),
      wide: shown((column, index) => (column.wide ?? column.show)(index)),
      raw: shown((column, index) => column.raw(index))
    }
  })
}))

/** The printed items, by key. */
type Said = ReadonlyMap<string, readonly [text: string, item: Item]>

/** The key of an index. Deleted indexes may share a name, so their key includes their backups. */
const keyOf = ({ health: { findings, indexName, isDeleted } }: Snapshot.Index): string =>
  ["index", indexName, ...(isDeleted ? findings.flatMap(({ evidence }) => evidence.backupIds).toSorted() : [])].join(
    " "
  )

/** A deleted index whose backups cannot be read. Nothing else is known about it. */
const unknown = (index: Snapshot.Index, { health: { project } }: Snapshot.Snapshot): Snapshot.Index => ({
  ...index,
  health: {
    ...index.health,
    status: "unknown",
    copies: null,
    dataUntil: null,
    ageSeconds: null,
    findings: project.filter(({ check }) => check === "unreadable")
  }
})

/** The changes since the last printed items, initially everything. */
const changes = Effect.fnUntraced(function*(said: Said, snapshot: Snapshot.Snapshot) {
  const now = yield* Time.now
  const view = yield* StatusView.indexes
  // The size becomes unknown whenever a backup starts, which is reported as an operation.
  const lineOf = Table.tsv(view.columns.filter(({ header }) => header !== StatusView.sizeHeader))
  const current: Said = new Map<string, readonly [string, Item]>([
    ...snapshot.indexes.map((index) => [keyOf(index), [lineOf(index), { type: "index", index, now, view }]] as const),
    ...snapshot.operations.map((operation) =>
      [
        `${operation.kind} ${operation.id}`,
        [`${operation.status} ${operation.percent}`, { type: "operation", operation, isOver: false, now, view }]
      ] as const
    )
  ])
  const over: Array<Item> = []
  const missing = new Map<string, readonly [string, Item]>()
  for (const [key, entry] of said) {
    const [, item] = entry
    if (current.has(key)) continue
    if (item.type === "operation") {
      const status = snapshot.endOf(item.operation)
      // An operation that cannot be read may still be running.
      if (status === undefined) missing.set(key, entry)
      else over.push({ ...item, operation: { ...item.operation, status }, isOver: true, now, view })
    } else if (item.index.health.isDeleted && !snapshot.hasBackups) {
      const index = unknown(item.index, snapshot)
      missing.set(key, [lineOf(index), { ...item, index, now, view }])
    }
  }
  const next: Said = new Map([...current, ...missing])
  const changed = [...next].filter(([key, [text]]) => said.get(key)?.[0] !== text).map(([, [, item]]) => item)
  return [next, [...changed, ...over]] as const
})

// ============================================================================
// Once
// ============================================================================

const printOnce = Effect.fnUntraced(function*(names: ReadonlyArray<string>) {
  const { look } = yield* Look.makeLook(names)
  const snapshot = yield* HealthProgress.show(look)
  const isProgram = { limit: Option.none(), empty: "" }
  switch (yield* Output.chosenFormat) {
    case "json":
      return yield* Output.write(Stream.fromEffect(Output.json(yield* Look.toJson(snapshot))))
    case "ndjson": {
      const [, all] = yield* changes(new Map(), snapshot)
      return yield* Output.list(yield* items, Stream.fromIterable(all), isProgram)
    }
    case "tsv":
    case "id":
      return yield* Output.list(yield* StatusView.indexes, Stream.fromIterable(snapshot.indexes), isProgram)
    case "wide":
    case "table": {
      const { hidden, lines } = yield* StatusView.page(snapshot)
      yield* Output.lines(lines)
      if (hidden.length > 0) yield* Note.dim(Output.hiddenNote(hidden))
      if (snapshot.health.status !== "ok") {
        yield* Note.nextStep(StatusView.auditOf(names), "findings and fixes")
      }
    }
  }
})

// ============================================================================
// Watching
// ============================================================================

/** Continues the watch after a transient failure. Other errors end it. */
const unlessPassing = <A, E, R>(goOn: (error: PineconeError.PineconeError) => Effect.Effect<A, E, R>) =>
(
  error: PineconeError.PineconeError | CliFailure
): Effect.Effect<A, E | PineconeError.PineconeError | CliFailure, R> =>
  !(error instanceof CliFailure) && error.isRetryable ? goOn(error) : Effect.fail(error)

/** Reports read errors. Repeats an error only after a refresh without it. */
const makeNotes = () => {
  let said: ReadonlyArray<string> = []
  return Effect.fnUntraced(function*({ unread }: Snapshot.Snapshot) {
    const notes = unread.filter((message) => !said.includes(message))
    said = unread
    if (notes.length > 0) {
      yield* Note.info(...notes.map((message) => `note: read failed: ${Format.plain(message)}`))
    }
  })
}

/** Prints one line per change. */
const printChanges = Effect.fnUntraced(function*(names: ReadonlyArray<string>, interval: Duration.Duration) {
  const { look, unreadable } = yield* Look.makeLook(names)
  const again = Effect.catch(Effect.andThen(Effect.sleep(interval), look(undefined)), unlessPassing(unreadable))
  const format = yield* Output.chosenFormat
  const isOfIndexes = format !== "json" && format !== "ndjson"
  const lines = Stream.concat(Stream.fromEffect(HealthProgress.show(look)), Stream.fromEffectRepeat(again)).pipe(
    Stream.tap(makeNotes()),
    Stream.mapAccumEffect((): Said => new Map(), changes),
    Stream.filter((item) => item.type === "index" || !isOfIndexes)
  )
  yield* Output.list(yield* items, lines, { limit: Option.none(), empty: "", isEndless: true })
})

/** The reason why a page is incomplete. */
const unreadOf = ({ unread: [message] }: Snapshot.Snapshot): string | undefined =>
  message === undefined ? undefined : `read failed: ${Format.plain(message)}`

/** Redraws the page in place. */
const draw = Effect.fnUntraced(function*(names: ReadonlyArray<string>, interval: Duration.Duration) {
  const { look } = yield* Look.makeLook(names)
  const screen = yield* Screen.Screen
  const canvas = yield* Live.canvas("stdout")
  const separator = Symbols.separator(screen)

  const show = Effect.fnUntraced(function*(snapshot: Snapshot.Snapshot, failure: string | undefined) {
    const { columns, rows } = yield* yield* Screen.CurrentSize
    const { hidden, lines } = yield* Effect.provideService(StatusView.page(snapshot), Screen.Screen, {
      ...screen,
      columns
    })
    const asides = hidden.length === 0 ? [] : Text.wrap(Output.hiddenNote(hidden), columns)
    const notes = [
      ...asides.map((line) => screen.style("dim", line)),
      Text.cut(
        `${Format.minute(snapshot.health.at)}${separator}every ${Format.elapsed(interval)}${separator}Ctrl-C to stop`,
        columns
      ),
      ...(failure === undefined ? [] : [Text.cut(failure, columns)])
    ]
    const left = Math.max(1, rows - notes.length - 2)
    const shown = lines.length <= left
      ? lines
      : [...lines.slice(0, left - 1), `(${lines.length - left + 1} more lines)`]
    // A terminal with few rows shows the end.
    yield* canvas.draw(...[...shown, "", ...notes].slice(-Math.max(1, rows - 1)))
  })

  let last = yield* HealthProgress.show(look)
  return yield* canvas.during("leave")(Effect.gen(function*() {
    yield* show(last, unreadOf(last))
    const again = Effect.matchEffect(look(undefined), {
      onFailure: unlessPassing(({ message }) => show(last, `refresh failed: ${Format.plain(message)}`)),
      onSuccess: (snapshot) => {
        last = snapshot
        return show(snapshot, unreadOf(snapshot))
      }
    })
    return yield* Effect.forever(Effect.andThen(Effect.sleep(interval), again))
  }))
})

interface Input {
  readonly target: Target.Several
  readonly allProfiles: boolean
  readonly watch: Option.Option<Duration.Duration>
}

/** Shows one project. */
const one = Effect.fnUntraced(function*({ target, watch }: Input) {
  const names = Target.all(target)
  const { isTerminal } = yield* Screen.Screen
  const format = yield* Output.chosenFormat
  const isDrawn = isTerminal && (format === "table" || format === "wide") && (yield* Live.canDraw)
  yield* Option.match(watch, {
    onNone: () => printOnce(names),
    onSome: (interval) => isDrawn ? draw(names, interval) : printChanges(names, interval)
  })
})

/** Shows several projects. The modules are loaded on demand. */
const several = Effect.fnUntraced(function*({ allProfiles, target, watch }: Input) {
  const path = ["status"]
  if (Option.isSome(watch)) {
    return yield* new CliError.ShowHelp({
      commandPath: ["pcb", ...path],
      errors: [new CliError.ValidationError({ message: "--watch shows one project" })]
    })
  }
  const { select } = yield* Effect.promise(() => import("../../shared/Projects.ts"))
  const selection = yield* select(path, { allProfiles })
  const { print } = yield* Effect.promise(() => import("./Several.ts"))
  yield* print(Target.all(target), selection, allProfiles)
})

/** `pcb status` */
export const status = Effect.fnUntraced(function*(input: Input) {
  yield* (yield* Projects.areSelected(input)) ? several(input) : Connection.connected(one(input))
})
