/** How the state of a project is printed: a line for each index, and one for everything that is under way. */
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Json from "../../output/Json.ts"
import * as Output from "../../output/Output.ts"
import * as Time from "../../output/Time.ts"
import * as RunTimeline from "../../shared/RunTimeline.ts"
import * as ScheduleView from "../../shared/ScheduleView.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/Symbols.ts"
import * as Text from "../../terminal/Text.ts"
import * as Snapshot from "./Snapshot.ts"

const raw = Format.orElse("")

/** How bad it is: what is worth knowing and no more leaves it good. */
const levelOf = ({ status }: BackupHealth.IndexHealth): Symbols.Level => status

/** The worst that was found, and how much there is beside it. */
const inFewWords = ({ findings: [worst, ...others] }: BackupHealth.IndexHealth): string =>
  worst === undefined ? "" : `${worst.check}${others.length === 0 ? "" : ` +${others.length}`}`

/** The worst that was found, in a sentence. */
const inOneSentence = (health: BackupHealth.IndexHealth): string => {
  const [worst] = health.findings
  return worst === undefined ? "" : `${inFewWords(health)}: ${Format.plain(worst.sentence)}`
}

const encode = Schema.encodeSync(BackupHealth.IndexHealth)

/** How many runs a program gets. */
const recentRuns = 14

/** What a program gets of an index. */
export const indexToJson = (
  { health, runs, schedule }: Snapshot.Index,
  now: DateTime.Utc
): typeof Json.IndexStatus.Encoded => ({
  ...encode(health),
  recent_runs: schedule === undefined ?
    [] :
    RunTimeline.latest(schedule, runs, now, recentRuns).map(({ at, phase, run }) => ({
      at: DateTime.formatIso(at),
      outcome: RunTimeline.words[phase],
      backup_id: run?.backupId ?? null
    }))
})

/** How indexes are printed. */
export const indexes = Effect.gen(function*() {
  const screen = yield* Screen.Screen
  const now = yield* Time.now
  const when = yield* Time.when
  const exactly = yield* Time.exactly
  const known = Symbols.orDash(screen)
  const { every, keep, nextRun, runs, state } = yield* ScheduleView.columns

  const view: Output.View<Snapshot.Index> = {
    toJson: (index) => indexToJson(index, now),
    id: ({ health }) => health.indexName,
    columns: [
      { header: "", show: ({ health }) => Symbols.level(screen, levelOf(health)), raw: ({ health }) => health.status },
      {
        header: "INDEX",
        shrinkTo: 12,
        show: ({ health }) => Format.plain(health.indexName),
        raw: ({ health }) => health.indexName
      },
      { ...every, dropAt: 7 },
      { ...keep, dropAt: 8 },
      { ...state, dropAt: 6 },
      {
        header: "LAST BACKUP",
        dropAt: 2,
        isPressing: true,
        show: ({ health }) => known(BackupHealth.newestAt(health), when),
        wide: ({ health }) => known(BackupHealth.newestAt(health), exactly),
        raw: ({ health }) => raw(BackupHealth.newestAt(health), Format.iso)
      },
      {
        header: "COPIES",
        align: "right",
        dropAt: 3,
        show: ({ health }) => known(health.copies, Format.count),
        raw: ({ health }) => raw(health.copies, String)
      },
      { ...nextRun, dropAt: 5 },
      { ...runs, dropAt: 4 },
      {
        header: "FOUND",
        dropAt: 1,
        isPressing: true,
        show: ({ health }) => inFewWords(health),
        wide: ({ health }) => inOneSentence(health),
        raw: ({ health }) => health.findings.map(({ check }) => check).join(" ")
      }
    ]
  }
  return view
})

/** What a program gets of something that is under way. */
export const operationToJson = (
  operation: Snapshot.Operation,
  now: DateTime.Utc
): typeof Json.Operation.Encoded => {
  const { id, indexName, kind, percent, startedAt, status } = operation
  return {
    kind,
    id,
    index_name: indexName,
    status,
    started_at: startedAt === undefined ? null : DateTime.formatIso(startedAt),
    elapsed_seconds: Option.match(Snapshot.elapsed(operation, now), {
      onNone: () => null,
      onSome: (elapsed) => Math.max(0, Math.floor(Duration.toSeconds(elapsed)))
    }),
    percent_complete: percent ?? null
  }
}

/** How operations are printed that are under way. */
const operations = Effect.gen(function*() {
  const screen = yield* Screen.Screen
  const now = yield* Time.now
  const known = Symbols.orDash(screen)
  const elapsed = (operation: Snapshot.Operation) => Option.getOrUndefined(Snapshot.elapsed(operation, now))

  const view: Output.View<Snapshot.Operation> = {
    toJson: (operation) => operationToJson(operation, now),
    id: ({ id }) => id,
    columns: [
      { header: "UNDER WAY", show: ({ kind }) => kind, raw: ({ kind }) => kind },
      {
        header: "INDEX",
        shrinkTo: 12,
        show: ({ indexName }) => Format.plain(indexName),
        raw: ({ indexName }) => indexName
      },
      {
        header: "STATUS",
        dropAt: 2,
        show: ({ status }) => Symbols.status(screen, "underWay", status),
        raw: ({ status }) => status
      },
      {
        header: "FOR",
        dropAt: 1,
        show: (operation) => known(elapsed(operation), Format.elapsed),
        raw: ({ startedAt }) => raw(startedAt, Format.iso)
      },
      {
        header: "PROGRESS",
        align: "right",
        dropAt: 3,
        show: ({ percent }) => known(percent, (percent) => `${Math.floor(percent)}%`),
        raw: ({ percent }) => raw(percent, String)
      },
      {
        header: "ID",
        dropAt: 4,
        show: ({ id }) => screen.style("dim", Format.plain(Format.shortId(id))),
        wide: ({ id }) => Format.plain(id),
        raw: ({ id }) => id
      }
    ]
  }
  return view
})

const statuses = [["critical", "critical"], ["unknown", "unknown"], ["warning", "with warnings"], ["ok", "ok"]] as const

/** How many indexes there are, how they are, and how much of the quota is used. */
const totals = ({ health, indexes }: Snapshot.Snapshot): string => {
  const living = indexes.filter(({ health }) => !health.isDeleted)
  const counts = statuses.map(([status, words]) =>
    [living.filter(({ health }) => health.status === status).length, words] as const
  ).filter(([count]) => count > 0).map(([count, words]) => `${Format.count(count)} ${words}`)
  const { limit, used } = health.quota
  return [
    `${Format.count(living.length)} ${living.length === 1 ? "index" : "indexes"}${
      counts.length === 0 ? "" : `: ${counts.join(", ")}`
    }`,
    ...(used === null
      ? []
      : [limit === null ? `${Format.count(used)} backups` : `${Format.count(used)} of ${Format.count(limit)} backups`])
  ].join("; ")
}

/** All of it as a page, and the headers of the columns for which there is no room. */
export const page = Effect.fnUntraced(function*(snapshot: Snapshot.Snapshot) {
  const screen = yield* Screen.Screen
  const none = { lines: [], hidden: [] }
  const above = snapshot.indexes.length === 0 ? none : yield* Output.table(yield* indexes, snapshot.indexes)
  const below = snapshot.operations.length === 0 ? none : yield* Output.table(yield* operations, snapshot.operations)
  const { columns } = screen
  const project = snapshot.health.project.flatMap(({ check, sentence, severity }) =>
    Text.hang(
      `${Symbols.level(screen, severity)}  `,
      Text.wrap(`${check}: ${Format.plain(sentence)}`, columns - 3)
    )
  )
  return {
    lines: [above.lines, below.lines, [...project, ...Text.wrap(totals(snapshot), columns)]].filter((block) =>
      block.length > 0
    )
      .flatMap((block, index) => index === 0 ? block : ["", ...block]),
    hidden: [...new Set([...above.hidden, ...below.hidden])]
  }
})
