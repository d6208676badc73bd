/**
 * `pcb schedule`
 *
 * @since 0.1.0
 */
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Connection from "../Connection.ts"
import * as Format from "../Format.ts"
import * as Output from "../Output.ts"
import * as Screen from "../Screen.ts"

const raw = Format.orElse("")

const phaseOf = (run: BackupRun.BackupRun) =>
  run.status === "Scheduled"
    ? "planned"
    : BackupRun.isReady(run)
    ? "done"
    : BackupRun.isFailed(run)
    ? "failed"
    : "underWay"

/** How runs are printed. */
const runView = Effect.map(Screen.Screen, (screen): Output.View<BackupRun.BackupRun> => {
  const known = Screen.orDash(screen)

  return {
    toJson: BackupRun.toJson,
    id: (run) => run.backupId,
    columns: [
      { header: "STATUS", show: (run) => Screen.status(screen, phaseOf(run), run.status), raw: (run) => run.status },
      {
        header: "PLANNED FOR",
        show: (run) => known(BackupRun.plannedFor(run), Format.minute),
        raw: (run) => raw(BackupRun.plannedFor(run), Format.iso)
      },
      {
        header: "RECORDS",
        align: "right",
        dropAt: 2,
        show: (run) => known(run.recordCount, Format.count),
        raw: (run) => raw(run.recordCount, String)
      },
      {
        header: "NAMESPACES",
        align: "right",
        dropAt: 5,
        show: (run) => known(run.namespaceCount, Format.count),
        raw: (run) => raw(run.namespaceCount, String)
      },
      {
        header: "SIZE",
        align: "right",
        dropAt: 3,
        show: (run) => known(run.sizeBytes, Format.bytes),
        raw: (run) => raw(run.sizeBytes, String)
      },
      {
        header: "INDEX",
        dropAt: 6,
        show: (run) => Format.plain(run.sourceIndexName),
        raw: (run) => run.sourceIndexName
      },
      { header: "NAME", dropAt: 4, show: (run) => known(run.name, Format.plain), raw: (run) => raw(run.name, String) },
      {
        header: "BACKUP",
        dropAt: 1,
        show: (run) => screen.style("dim", Format.plain(Format.shortId(run.backupId))),
        wide: (run) => Format.plain(run.backupId),
        raw: (run) => run.backupId
      }
    ]
  }
})

/**
 * Prints the runs of a schedule.
 *
 * @category handlers
 * @since 0.1.0
 */
export const showHistory = Effect.fnUntraced(function*(id: string, limit: Option.Option<number>) {
  const schedules = yield* BackupSchedules.BackupSchedules
  const rows = schedules.history(BackupSchedule.ScheduleId.make(id), {
    pageSize: Math.min(Option.getOrElse(limit, () => 100), 100)
  })
  yield* Output.list(yield* runView, rows, { limit, empty: "The schedule has no runs yet" })
})

const history = Command.make("history", {
  id: Argument.String("schedule-id").pipe(Argument.withDescription("Id of the schedule")),
  limit: Flag.Int("limit").pipe(
    Flag.withAlias("n"),
    Flag.filter((limit) => limit >= 1, (limit) => `Expected 1 or more, got ${limit}`),
    Flag.withDescription("How many runs to print, at most [all]"),
    Flag.optional
  )
}, ({ id, limit }) => showHistory(id, limit)).pipe(
  Command.withDescription("List the runs of a backup schedule: planned, under way, ready and failed"),
  Command.withExamples([
    {
      command: "pcb schedule history c688ed12-5a39-4254-9518-bd394b7f4886 --limit 14",
      description: "Two weeks of a daily schedule"
    },
    {
      command: "pcb schedule history c688ed12-5a39-4254-9518-bd394b7f4886 -o ndjson | jq .status",
      description: "One JSON object a line, as the API sends it"
    }
  ]),
  Command.provide(Connection.layer)
)

/**
 * `pcb schedule`
 *
 * @category commands
 * @since 0.1.0
 */
export const command = Command.make("schedule").pipe(
  Command.withDescription("Backup schedules and their runs"),
  Command.withSubcommands([history])
)
