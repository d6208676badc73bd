/** The project that a policy file is for. */
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { CliFailure } from "../../output/CliFailure.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Note from "../../output/Note.ts"

const wrong = (message: string) =>
  new CliFailure({ code: "WRONG_PROJECT", message, hint: "use the API key of the project", exitCode: ExitCode.refused })

/** The ID of the project of some schedules. `undefined` if none of them shows it. A blank ID shows nothing. */
export const of = (schedules: ReadonlyArray<BackupSchedule.BackupSchedule>) => {
  const [id, ...others] = new Set(
    schedules.flatMap(({ projectId }) => projectId == null || projectId.trim() === "" ? [] : projectId)
  )
  return others.length === 0
    ? Effect.succeed(id)
    : Effect.fail(wrong(`The schedules belong to different projects: ${[id, ...others].join(", ")}`))
}

/** Returns the ID of the project in the schedules of any index. Reads the schedules until one of them shows it. */
export const find = Effect.gen(function*() {
  const indexes = yield* Indexes.Indexes
  const schedules = yield* BackupSchedules.BackupSchedules
  for (const { name } of yield* indexes.list) {
    const id = yield* of(yield* Stream.runCollect(schedules.list(name)))
    if (id !== undefined) return id
  }
  return undefined
})

/** Fails if a policy is for another project. */
export const check = Effect.fnUntraced(function*(wanted: string | undefined, found: string | undefined) {
  if (wanted === undefined || wanted === found) return
  if (found !== undefined) {
    return yield* wrong(`The policy is for the project ${wanted}, but the schedules belong to ${found}`)
  }
  yield* Note.info("note: no schedule shows the ID of the project, so it was not compared with the policy")
})
