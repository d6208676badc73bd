/** Shows the status of several projects on one page. Loaded on demand. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Connection from "../../Connection.ts"
import { Reported } from "../../output/CliFailure.ts"
import type * as CommandLine from "../../output/CommandLine.ts"
import * as ErrorReport from "../../output/ErrorReport.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import type * as Json from "../../output/Json.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as SameConnection from "../../output/SameConnection.ts"
import * as Time from "../../output/Time.ts"
import * as HealthProgress from "../../shared/HealthProgress.ts"
import * as HealthSummary from "../../shared/HealthSummary.ts"
import * as Projects from "../../shared/Projects.ts"
import * as Format from "../../terminal/Format.ts"
import { Screen, type Service } from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"
import * as Table from "../../terminal/Table.ts"
import * as Text from "../../terminal/Text.ts"
import * as Look from "./Look.ts"
import type * as Snapshot from "./Snapshot.ts"
import * as StatusView from "./StatusView.ts"

/** A snapshot of a project, and its presentation at the time of the project's service. */
interface Seen {
  readonly snapshot: Snapshot.Snapshot
  readonly projectIds: ReadonlyArray<string>
  readonly indexes: Output.View<Snapshot.Index>
  readonly operations: Output.View<Snapshot.Operation>
  readonly json: Effect.Success<ReturnType<typeof Look.toJson>>
  readonly lines: ReadonlyArray<typeof Json.StatusLine.Encoded>
}

type Project = Projects.Project<Seen>

/** Reads one project. */
const see = Effect.fnUntraced(function*(names: ReadonlyArray<string>, onProgress: HealthProgress.OnProgress) {
  const { facts, look } = yield* Look.makeLook(names)
  const snapshot = yield* look(onProgress)
  const read = yield* facts
  const now = yield* Time.now
  const profile = yield* Connection.Project
  const connection = yield* SameConnection.flags
  const project = profile === undefined ? {} : { profile }
  const seen: Seen = {
    snapshot,
    projectIds: read === undefined ? [] : Projects.idsOf(read),
    indexes: yield* StatusView.indexes,
    operations: yield* StatusView.operations,
    json: yield* Look.toJson(snapshot),
    lines: [
      ...snapshot.indexes.map((index) => ({
        ...project,
        type: "index" as const,
        ...StatusView.indexToJson(index, now, connection)
      })),
      ...snapshot.operations.map((operation) => ({
        ...project,
        type: "operation" as const,
        ...StatusView.operationToJson(operation, now),
        is_over: false
      }))
    ]
  }
  return seen
})

const statusOf = (result: Project["result"]): BackupHealth.Status =>
  Result.isFailure(result) ? "unknown" : result.success.snapshot.health.status

// ============================================================================
// Rows
// ============================================================================

/** A row of a table: a value of a project, or the project itself if it has none. */
interface Row<A> {
  readonly profile: string
  readonly status: BackupHealth.Status
  /** The checks that found something about the project, and the reason if it could not be read. */
  readonly found: { readonly short: string; readonly long: string }
  readonly value: { readonly view: Output.View<A>; readonly of: A } | undefined
}

/** What is known of a project as a whole. */
const foundIn = (result: Project["result"]): Row<never>["found"] =>
  Result.isFailure(result)
    ? { short: "unreadable", long: `unreadable: ${Format.plain(result.failure.message)}` }
    : {
      short: result.success.snapshot.health.project.map(({ check }) => check).join(" "),
      long: result.success.snapshot.health.project.map(({ check, sentence }) => `${check}: ${Format.plain(sentence)}`)
        .join("; ")
    }

const rowOf = <A>(project: Project, value?: Row<A>["value"]): Row<A> => ({
  profile: project.profile,
  status: statusOf(project.result),
  found: foundIn(project.result),
  value
})

/** One row per index, and one for each project without an index. */
const indexRows = (projects: ReadonlyArray<Project>): ReadonlyArray<Row<Snapshot.Index>> =>
  projects.flatMap((project): ReadonlyArray<Row<Snapshot.Index>> =>
    Result.isFailure(project.result) || project.result.success.snapshot.indexes.length === 0
      ? [rowOf(project)]
      : project.result.success.snapshot.indexes.map((of) =>
        Result.isFailure(project.result) ? rowOf(project) : rowOf(project, { view: project.result.success.indexes, of })
      )
  )

const operationRows = (projects: ReadonlyArray<Project>): ReadonlyArray<Row<Snapshot.Operation>> =>
  projects.flatMap((project) => {
    const { result } = project
    return Result.isFailure(result)
      ? []
      : result.success.snapshot.operations.map((of) => rowOf(project, { view: result.success.operations, of }))
  })

/** The cell of a project without values. */
interface Cell {
  readonly show: string
  readonly wide: string
  readonly raw: string
}

/** The view of rows: the project, then the columns of a view, which shows each row at the time of its project. */
const viewOf = <A>(
  view: Output.View<A>,
  cellOf: (header: string, row: Row<A>) => Cell
): Output.View<Row<A>> => ({
  toJson: () => ({}),
  id: ({ profile }) => profile,
  columns: [
    { header: "PROJECT", show: ({ profile }) => Format.plain(profile), raw: ({ profile }) => profile, shrinkTo: 12 },
    ...view.columns.map((column, position): Table.Column<Row<A>> => {
      const shown = (pick: keyof Cell, show: (column: Table.Column<A>, value: A) => string) => (row: Row<A>) =>
        row.value === undefined
          ? cellOf(column.header, row)[pick]
          : show(row.value.view.columns[position] ?? column, row.value.of)
      return {
        ...column,
        show: shown("show", (column, value) => column.show(value)),
        wide: shown("wide", (column, value) => (column.wide ?? column.show)(value)),
        raw: shown("raw", (column, value) => column.raw(value))
      }
    })
  ]
})

const noCell: Cell = { show: "", wide: "", raw: "" }

const indexView = Effect.gen(function*() {
  const screen = yield* Screen
  return viewOf(yield* StatusView.indexes, (header, { found, status }) => {
    switch (header) {
      case "": {
        const symbol = Symbols.level(screen, status)
        return { show: symbol, wide: symbol, raw: status }
      }
      case "FOUND":
        return { show: found.short, wide: found.long, raw: found.long }
      default:
        return noCell
    }
  })
})

const operationView = Effect.map(StatusView.operations, (view) => viewOf(view, () => noCell))

// ============================================================================
// Printing
// ============================================================================

/** The number of projects by status, and of their indexes. */
const totalOf = (projects: ReadonlyArray<Project>): string => {
  const counts = StatusView.countsOf(projects.map(({ result }) => ({ status: statusOf(result) })))
  const indexes = projects.flatMap(({ result }) =>
    Result.isFailure(result) ? [] : result.success.snapshot.health.indexes
  )
  const existing = indexes.filter(({ isDeleted }) => !isDeleted)
  return [
    `${Projects.count(projects.length)}: ${counts}`,
    HealthSummary.indexes(existing.length),
    ...StatusView.deletedCounts(indexes)
  ].join("; ")
}

/** Findings about projects as a whole, and the reasons why projects could not be read. */
const linesAbout = (project: Project, screen: Service): ReadonlyArray<string> => {
  const { result } = project
  const line = (level: Symbols.Level, text: string) =>
    Text.hang(
      `${Symbols.level(screen, level)}  `,
      Text.wrap(`${Format.plain(project.profile)}: ${text}`, screen.columns - 3)
    )
  return Result.isFailure(result)
    ? line("unknown", foundIn(result).long)
    : result.success.snapshot.health.project.flatMap(({ check, sentence, severity }) =>
      line(severity, `${check}: ${Format.plain(sentence)}`)
    )
}

const printPage = Effect.fnUntraced(function*(
  projects: ReadonlyArray<Project>,
  notes: ReadonlyArray<string>,
  audit: CommandLine.Command | undefined
) {
  const screen = yield* Screen
  const operations = operationRows(projects)
  const above = yield* Output.table(yield* indexView, indexRows(projects))
  const below = operations.length === 0
    ? { lines: [], hidden: [] }
    : yield* Output.table(yield* operationView, operations)
  const end = [
    ...projects.flatMap((project) => linesAbout(project, screen)),
    ...Text.wrap(totalOf(projects), screen.columns),
    ...notes.flatMap((text) => Text.wrap(text, screen.columns))
  ]
  yield* Output.lines(
    [above.lines, below.lines, end].filter((block) => block.length > 0)
      .flatMap((block, index) => index === 0 ? block : ["", ...block])
  )
  const hidden = [...new Set([...above.hidden, ...below.hidden])]
  if (hidden.length > 0) yield* Note.dim(Output.hiddenNote(hidden))
  if (projects.some(({ result }) => statusOf(result) !== "ok")) yield* Note.nextStep(audit, "findings and fixes")
})

/** One line per index and running operation, and one for each project without them, as JSON. */
const ndjson = (projects: ReadonlyArray<Project>): ReadonlyArray<string> =>
  projects.flatMap(({ profile, result }): ReadonlyArray<typeof Json.StatusLine.Encoded> => {
    const lines = Result.isFailure(result) ? [] : result.success.lines
    return lines.length > 0 ? lines : [{
      profile,
      type: "project",
      status: statusOf(result),
      error: Result.isFailure(result) ? ErrorReport.toJson(result.failure) : null
    }]
  }).map((line) => Format.json(line))

/**
 * Prints the status of the selected projects, worst first. Succeeds if any project could be read; otherwise the exit
 * code is that of the worst failure.
 */
export const print = Effect.fnUntraced(function*(
  names: ReadonlyArray<string>,
  selection: Projects.Selection,
  allProfiles: boolean
) {
  const format = yield* Output.chosenFormat
  // An invalid time format must fail before anything is sent.
  yield* Time.when
  const projects = yield* HealthProgress.showSeveral(
    [Projects.count(selection.profiles.length)],
    (onProgressOf) =>
      Projects.run(
        selection,
        () => Connection.connected(see(names, onProgressOf())),
        {
          projectIds: ({ projectIds }) => projectIds,
          rank: (result) => Projects.rankOf(statusOf(result))
        }
      )
  )
  const failures = projects.flatMap(({ result }) => Result.isFailure(result) ? [result.failure.exitCode] : [])
  const exitCode = failures.length < projects.length ? 0 : ExitCode.worst(failures)
  if (exitCode > 0) yield* ExitCode.decide(exitCode)
  const notes = Projects.notes(projects, selection)
  const areOnPage = format === "table" || format === "wide" || format === "json"
  if (!areOnPage && notes.length > 0) yield* Note.info(...notes.map((note) => `note: ${note}`))
  switch (format) {
    case "json": {
      const status = Projects.worstOf(projects.map(({ result }) => statusOf(result)))
      yield* Output.lines([yield* Output.json(Projects.toJson(projects, selection, status, ({ json }) => json))])
      break
    }
    case "ndjson":
      yield* Output.lines(ndjson(projects))
      break
    case "tsv":
      yield* Output.lines(indexRows(projects).map(Table.tsv((yield* indexView).columns)))
      break
    case "id":
      yield* Output.lines(
        indexRows(projects).map(({ profile, value }) =>
          [profile, value === undefined ? "" : value.view.id(value.of)].map(Format.plain).join("\t")
        )
      )
      break
    case "wide":
    case "table": {
      yield* printPage(projects, notes, StatusView.auditOf(names, allProfiles))
    }
  }
  if (exitCode > 0) return yield* new Reported({ exitCode })
})
