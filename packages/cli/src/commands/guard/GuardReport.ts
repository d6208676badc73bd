/** The report of `pcb guard --report`. */
import * as Remedy from "@pinecone-backups/core/health/Remedy"
import type * as Guard from "@pinecone-backups/core/plan/Guard"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { CliFailure } from "../../output/CliFailure.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Note from "../../output/Note.ts"
import type * as PlanJson from "../../output/PlanJson.ts"
import * as SystemReason from "../../output/SystemReason.ts"
import * as Format from "../../terminal/Format.ts"
import type * as ChildProgram from "./ChildProgram.ts"

/** The result of a guard. */
export interface Result {
  readonly indexName: string
  /** The name of the program, without its folder. */
  readonly program: string
  readonly net: Guard.Net | undefined
  /** The end of the command; `undefined` if it was not run. */
  readonly end: ChildProgram.End | undefined
  /** The reason why the command was not run. */
  readonly error?: { readonly code: string; readonly message: string } | undefined
  /** The backup that was started or used, if any. */
  readonly backupId?: string | undefined
  readonly remedy?: Remedy.Remedy | undefined
  /** The remedy as a command line. */
  readonly next?: string | undefined
}

const outcomeOf = ({ end }: Result): string =>
  end === undefined
    ? "not_run"
    : !end.isStarted
    ? "not_started"
    : end.exitCode === 0
    ? "succeeded"
    : end.signal === null
    ? "failed"
    : "signaled"

const netJson = ({ backup, dataUntil, isReused }: Guard.Net) => ({
  backup_id: backup.backupId,
  name: backup.name ?? null,
  index_id: backup.sourceIndexId,
  created_at: Format.isoOrNull(backup.createdAt),
  data_until: Format.iso(dataUntil),
  record_count: backup.recordCount ?? null,
  size_bytes: backup.sizeBytes ?? null,
  is_reused: isReused
})

const toJson = (result: Result): typeof PlanJson.Guard.Encoded => {
  const { backupId, end, error, indexName, net, next, program, remedy } = result
  return {
    schema: "pcb.guard/v1",
    index_name: indexName,
    program,
    outcome: outcomeOf(result),
    exit_code: end?.exitCode ?? ExitCode.notRun,
    signal: end?.signal ?? null,
    backup_id: net?.backup.backupId ?? backupId ?? null,
    net: net === undefined ? null : netJson(net),
    error: error === undefined ? null : { code: error.code, message: Format.plain(error.message) },
    remedy: remedy === undefined ? null : Schema.encodeSync(Remedy.Remedy)(remedy),
    next: next ?? null
  }
}

/** Writes reports to a file, if one is given. Fails if the file cannot be written, before anything is sent. */
export const make = Effect.fnUntraced(function*(path: Option.Option<string>) {
  if (Option.isNone(path)) return () => Effect.void
  const fs = yield* FileSystem.FileSystem
  const problem = (reason: string) => `--report: cannot write ${Format.plain(path.value)}: ${reason}`
  // Changes nothing in an existing file.
  yield* Effect.mapError(
    fs.writeFileString(path.value, "", { flag: "a" }),
    (error) =>
      new CliFailure({
        code: "REPORT_NOT_WRITTEN",
        message: problem(SystemReason.ofWrite(error)),
        exitCode: ExitCode.notRun
      })
  )
  // The exit code belongs to the command, so a report that cannot be written any more does not change it.
  return (result: Result) =>
    Effect.catch(
      fs.writeFileString(path.value, `${Format.json(toJson(result), 2)}\n`),
      (error) => Note.always(`warning: ${problem(SystemReason.ofWrite(error))}`)
    )
})
