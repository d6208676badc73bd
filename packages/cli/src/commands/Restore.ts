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
import * as Screen from "../Screen.ts"

const raw = Format.orElse("")

const phaseOf = (job: RestoreJob.RestoreJob) =>
  RestoreJob.isCompleted(job) ? "done" : RestoreJob.isFailed(job) ? "failed" : "underWay"

/** How restore jobs are printed. */
const jobView = Effect.map(Screen.Screen, (screen): Output.View<RestoreJob.RestoreJob> => {
  const known = Screen.orDash(screen)
  const finished = ({ completedAt, createdAt }: RestoreJob.RestoreJob) =>
    known(completedAt, (end) =>
      createdAt
        ? `${Format.minute(end)}, after ${Format.elapsed(DateTime.distance(createdAt, end))}`
        : Format.minute(end))

  return {
    toJson: RestoreJob.toJson,
    id: (job) => job.restoreJobId,
    columns: [
      { header: "JOB", show: (job) => Format.plain(job.restoreJobId), raw: (job) => job.restoreJobId },
      { header: "STATUS", show: (job) => Screen.status(screen, phaseOf(job), job.status), raw: (job) => job.status },
      { header: "INDEX", show: (job) => Format.plain(job.targetIndexName), raw: (job) => job.targetIndexName },
      { header: "INDEX ID", show: (job) => Format.plain(job.targetIndexId), raw: (job) => job.targetIndexId },
      { header: "BACKUP", show: (job) => Format.plain(job.backupId), raw: (job) => job.backupId },
      {
        header: "STARTED",
        show: (job) => known(job.createdAt, Format.minute),
        raw: (job) => raw(job.createdAt, Format.iso)
      },
      { header: "FINISHED", show: finished, raw: (job) => raw(job.completedAt, Format.iso) },
      {
        header: "PROGRESS",
        show: (job) => Format.orElse("not reported")(job.percentComplete, (percent) => `${percent}%`),
        raw: (job) => raw(job.percentComplete, String)
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
