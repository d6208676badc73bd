/**
 * `pcb restore`
 *
 * @since 0.1.0
 */
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Connection from "../Connection.ts"
import * as Format from "../Format.ts"
import * as Output from "../Output.ts"
import { Screen } from "../Screen.ts"

/** How restore jobs are printed. */
const jobView = Effect.map(Screen, ({ isUnicode, style }): Output.View<RestoreJob.RestoreJob> => {
  const unknown = isUnicode ? "—" : "-"
  const status = (job: RestoreJob.RestoreJob) => {
    const text = Format.plain(job.status)
    return RestoreJob.isCompleted(job)
      ? style("green", `${isUnicode ? "●" : "+"} ${text}`)
      : RestoreJob.isFailed(job)
      ? style("red", `${isUnicode ? "✗" : "x"} ${text}`)
      : style("yellow", `${isUnicode ? "◐" : "~"} ${text}`)
  }
  const finished = ({ completedAt, createdAt }: RestoreJob.RestoreJob) =>
    !completedAt
      ? unknown
      : !createdAt
      ? Format.minute(completedAt)
      : `${Format.minute(completedAt)}, after ${Format.elapsed(DateTime.distance(createdAt, completedAt))}`
  const instant = (value: DateTime.Utc | null | undefined) => value ? Format.iso(value) : ""

  return {
    toJson: RestoreJob.toJson,
    columns: [
      { header: "JOB", show: (job) => Format.plain(job.restoreJobId), raw: (job) => job.restoreJobId },
      { header: "STATUS", show: status, raw: (job) => job.status },
      { header: "INDEX", show: (job) => Format.plain(job.targetIndexName), raw: (job) => job.targetIndexName },
      { header: "INDEX ID", show: (job) => Format.plain(job.targetIndexId), raw: (job) => job.targetIndexId },
      { header: "BACKUP", show: (job) => Format.plain(job.backupId), raw: (job) => job.backupId },
      {
        header: "STARTED",
        show: (job) => job.createdAt ? Format.minute(job.createdAt) : unknown,
        raw: (job) => instant(job.createdAt)
      },
      { header: "FINISHED", show: finished, raw: (job) => instant(job.completedAt) },
      {
        header: "PROGRESS",
        show: (job) => job.percentComplete == null ? "not reported" : `${job.percentComplete}%`,
        raw: (job) => job.percentComplete == null ? "" : String(job.percentComplete)
      }
    ]
  }
})

/**
 * Prints a restore job.
 *
 * @category handlers
 * @since 0.1.0
 */
export const showJob = Effect.fnUntraced(function*(id: string) {
  const jobs = yield* RestoreJobs.RestoreJobs
  yield* Output.one(yield* jobView, yield* jobs.describe(RestoreJob.RestoreJobId.make(id)))
})

const describe = Command.make("describe", {
  id: Argument.String("job-id").pipe(Argument.withDescription("Id of the restore job"))
}, ({ id }) => showJob(id)).pipe(
  Command.withDescription("Describe a restore job"),
  Command.withAlias("show"),
  Command.withExamples([
    { command: "pcb restore describe 9857add2-99d4-4399-870e-aa7f15d8d326", description: "Where a restore stands" },
    {
      command: "pcb restore describe 9857add2-99d4-4399-870e-aa7f15d8d326 -o json | jq -r .status",
      description: "Just its status"
    }
  ]),
  Command.provide(Connection.layer)
)

/**
 * `pcb restore`
 *
 * @category commands
 * @since 0.1.0
 */
export const command = Command.make("restore").pipe(
  Command.withDescription("Indexes made from backups"),
  Command.withSubcommands([describe])
)
