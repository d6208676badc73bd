/** Views of a snapshot: one line per index, and one per running operation. */
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as CommandLine from "../../output/CommandLine.ts"
import * as HealthJson from "../../output/HealthJson.ts"
import type * as Json from "../../output/Json.ts"
import * as Output from "../../output/Output.ts"
import * as SameConnection from "../../output/SameConnection.ts"
import * as Time from "../../output/Time.ts"
import * as Columns from "../../shared/Columns.ts"
import * as HealthSummary from "../../shared/HealthSummary.ts"
import * as RunTimeline from "../../shared/RunTimeline.ts"
import * as ScheduleView from "../../shared/ScheduleView.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"
import * as Text from "../../terminal/Text.ts"
import * as Snapshot from "./Snapshot.ts"

const raw = Format.orElse("")

/** The worst finding, and the number of other findings. */
const inFewWords = ({ findings: [worst, ...others] }: BackupHealth.IndexHealth): string =>
  worst === undefined ? "" : `${worst.check}${others.length === 0 ? "" : ` +${others.length}`}`

/** The worst finding as a sentence. */
const inOneSentence = (health: BackupHealth.IndexHealth): string => {
  const [worst] = health.findings
  return worst === undefined ? "" : `${inFewWords(health)}: ${Format.plain(worst.sentence)}`
}

/** The size of stored backups: `17 GB`, `17 GB + ?` if some sizes are unknown, or `unknown`. */
const storedSize = (
  { backups, bytes, unknownSizes }: BackupHealth.StoredBackups,
  unknown = (_count: number) => "?"
): string =>
  unknownSizes === 0
    ? Format.bytes(bytes)
    : unknownSizes === backups
    ? "unknown"
    : `${Format.bytes(bytes)} + ${unknown(unknownSizes)}`

/** The size of the stored backups of an index, in total, by schedule, and of all other backups. */
const sizeBySchedule = ({ schedules }: BackupHealth.IndexHealth, stored: BackupHealth.StoredBackups): string => {
  const sizeOf = (stored: BackupHealth.StoredBackups) => storedSize(stored, (count) => `${Format.count(count)} unknown`)
  const known = schedules.flatMap(({ stored }) => stored ?? [])
  const others = HealthSummary.storedWithout(stored, known)
  const [schedule] = schedules
  if (schedule === undefined || stored.backups === 0) return sizeOf(stored)
  if (schedules.length === 1 && schedule.stored != null && others.backups === 0) {
    return `${sizeOf(stored)}: ${Format.plain(schedule.name)}`
  }
  return `${sizeOf(stored)}: ${
    [
      ...schedules.map(({ name, stored }) => `${Format.plain(name)} ${stored == null ? "unknown" : sizeOf(stored)}`),
      // Backups of a schedule that could not be read would count as others.
      ...(others.backups === 0 || known.length < schedules.length ? [] : [`other ${sizeOf(others)}`])
    ].join(", ")
  }`
}

/** The header of the stored size. */
export const sizeHeader = "STORED"

/** The state of a deleted index. */
const deleted = "deleted"

/** The JSON of an index of the project of a connection. */
export const indexToJson = (
  { health, runs, schedule }: Snapshot.Index,
  now: DateTime.Utc,
  connection: SameConnection.Flags
): typeof Json.IndexStatus.Encoded => ({
  ...HealthJson.ofIndex(health, connection),
  last_backup_at: Format.isoOrNull(BackupHealth.newestAt(health)),
  retention_expire_after_days: schedule?.retentionExpireAfterDays ?? null,
  recent_runs: schedule === undefined ? [] : RunTimeline.recentToJson(schedule, runs ?? [], now)
})

/** The command that shows the findings and fixes of indexes; of all indexes without names. */
export const auditOf = (names: ReadonlyArray<string>, allProfiles = false): CommandLine.Command | undefined =>
  CommandLine.join([
    "pcb audit",
    names.length === 0 ? "" : CommandLine.words` ${names}`,
    allProfiles ? " --all-profiles" : ""
  ])

/** The view of indexes. */
export const indexes = Effect.gen(function*() {
  const screen = yield* Screen.Screen
  const now = yield* Time.now
  const connection = yield* SameConnection.flags
  const known = Symbols.orDash(screen)
  const { instant, number, text } = yield* Columns.make
  const { every, keep, nextRun, runs, state } = yield* ScheduleView.columns

  return {
    toJson: (index) => indexToJson(index, now, connection),
    id: ({ health }) => health.indexName,
    columns: [
      {
        header: "",
        show: ({ health }) => Symbols.level(screen, HealthSummary.levelOf(health)),
        raw: ({ health }) => HealthSummary.levelOf(health)
      },
      text("INDEX", ({ health }) => health.indexName, { shrinkTo: 12 }),
      { ...every, dropAt: 7 },
      { ...keep, dropAt: 8 },
      {
        ...state,
        dropAt: 3,
        show: (index) => index.health.isDeleted ? screen.style("dim", deleted) : state.show(index),
        raw: (index) => index.health.isDeleted ? deleted : state.raw(index)
      },
      instant("LAST BACKUP", ({ health }) => BackupHealth.newestAt(health), { dropAt: 2, isPressing: true }),
      number("COPIES", ({ health }) => health.copies, { dropAt: 5 }),
      { ...nextRun, dropAt: 4 },
      { ...runs, dropAt: 6 },
      {
        header: sizeHeader,
        dropAt: 9,
        show: ({ health }) => known(health.stored, (stored) => storedSize(stored)),
        wide: ({ health }) => known(health.stored, (stored) => sizeBySchedule(health, stored)),
        // A sum without the unknown sizes would be wrong.
        raw: ({ health: { stored } }) => stored == null || stored.unknownSizes > 0 ? "" : String(stored.bytes)
      },
      {
        header: "FOUND",
        dropAt: 1,
        isPressing: true,
        show: ({ health }) => inFewWords(health),
        wide: ({ health }) => inOneSentence(health),
        raw: ({ health }) => health.findings.map(({ check }) => check).join(" ")
      }
    ]
  } satisfies Output.View<Snapshot.Index>
})

/** The JSON of a running operation. */
export const operationToJson = (operation: Snapshot.Operation, now: DateTime.Utc): typeof Json.Operation.Encoded => {
  const { id, indexName, kind, percent, startedAt, status } = operation
  const elapsed = Snapshot.elapsed(operation, now)
  return {
    kind,
    id,
    index_name: indexName,
    status,
    started_at: startedAt === undefined ? null : DateTime.formatIso(startedAt),
    elapsed_seconds: elapsed === undefined ? null : Math.max(0, Math.floor(Duration.toSeconds(elapsed))),
    percent_complete: percent ?? null
  }
}

/** The view of running operations. */
export const operations = Effect.gen(function*() {
  const now = yield* Time.now
  const known = Symbols.orDash(yield* Screen.Screen)
  const { id, percent, status, text } = yield* Columns.make

  return {
    toJson: (operation) => operationToJson(operation, now),
    id: ({ id }) => id,
    columns: [
      text("OPERATION", ({ kind }) => kind),
      text("INDEX", ({ indexName }) => indexName, { shrinkTo: 12 }),
      status(() => "underWay", { dropAt: 2 }),
      {
        header: "FOR",
        dropAt: 1,
        show: (operation) => known(Snapshot.elapsed(operation, now), Format.elapsed),
        raw: ({ startedAt }) => raw(startedAt, Format.iso)
      },
      percent("PROGRESS", (operation) => operation.percent, { dropAt: 3 }),
      id("ID", (operation) => operation.id, { dropAt: 4 })
    ]
  } satisfies Output.View<Snapshot.Operation>
})

const statuses = [["critical", "critical"], ["unknown", "unknown"], ["warning", "with warnings"], ["ok", "ok"]] as const

/** The number of values by status: `1 critical, 2 ok`. */
export const countsOf = (all: ReadonlyArray<{ readonly status: BackupHealth.Status }>): string =>
  statuses.map(([status, words]) => [all.filter((value) => value.status === status).length, words] as const)
    .filter(([count]) => count > 0).map(([count, words]) => `${Format.count(count)} ${words}`).join(", ")

/** The size of all shown backups, and of those of deleted indexes. */
const storedIn = ({ indexes }: BackupHealth.BackupHealth): ReadonlyArray<string> => {
  const sum = (all: ReadonlyArray<BackupHealth.IndexHealth>) =>
    HealthSummary.storedSum(all.flatMap(({ stored }) => stored ?? []))
  const { backups, bytes, unknownSizes } = sum(indexes)
  const orphans = sum(indexes.filter(({ isDeleted }) => isDeleted))
  if (indexes.some(({ stored }) => stored == null) || (backups > 0 && unknownSizes === backups)) {
    return ["stored size unknown"]
  }
  return [
    [
      `${Format.bytes(bytes)} stored`,
      ...(unknownSizes === 0
        ? []
        : [`${Format.count(unknownSizes)} ${unknownSizes === 1 ? "backup" : "backups"} of unknown size`]),
      ...(orphans.backups === 0 ? [] : [`${storedSize(orphans)} for deleted indexes`])
    ].join(", ")
  ]
}

/** The number of deleted indexes, and of those with findings by status: `2 deleted: 1 with warnings`. */
export const deletedCounts = (indexes: ReadonlyArray<BackupHealth.IndexHealth>): ReadonlyArray<string> => {
  const all = indexes.filter(({ isDeleted }) => isDeleted)
  const counts = countsOf(all.filter(({ status }) => status !== "ok"))
  return all.length === 0 ? [] : [`${Format.count(all.length)} ${deleted}${counts === "" ? "" : `: ${counts}`}`]
}

/** The number of indexes by status, the used quota, and the stored size if `isWide`. */
const totals = ({ health }: Snapshot.Snapshot, isWide: boolean): string => {
  const existing = HealthSummary.existing(health)
  const counts = countsOf(existing)
  const { limit, used } = health.quota
  return [
    `${HealthSummary.indexes(existing.length)}${counts === "" ? "" : `: ${counts}`}`,
    ...deletedCounts(health.indexes),
    ...(used === null
      ? []
      : [`${limit === null ? "" : `${Format.count(used)} of `}${Format.countOf(limit ?? used, "backup")}`]),
    ...(isWide && health.indexes.length > 0 ? storedIn(health) : [])
  ].join("; ")
}

/** The lines of the whole page, and the headers of the columns that do not fit. */
export const page = Effect.fnUntraced(function*(snapshot: Snapshot.Snapshot) {
  const screen = yield* Screen.Screen
  const none = { lines: [], hidden: [] }
  const above = snapshot.indexes.length === 0 ? none : yield* Output.table(yield* indexes, snapshot.indexes)
  const below = snapshot.operations.length === 0 ? none : yield* Output.table(yield* operations, snapshot.operations)
  const { columns } = screen
  const isWide = (yield* Output.chosenFormat) === "wide"
  const project = snapshot.health.project.flatMap(({ check, sentence, severity }) =>
    Text.hang(`${Symbols.level(screen, severity)}  `, Text.wrap(`${check}: ${Format.plain(sentence)}`, columns - 3))
  )
  return {
    lines: [above.lines, below.lines, [...project, ...Text.wrap(totals(snapshot, isWide), columns)]].filter((block) =>
      block.length > 0
    )
      .flatMap((block, index) => index === 0 ? block : ["", ...block]),
    hidden: [...new Set([...above.hidden, ...below.hidden])]
  }
})
