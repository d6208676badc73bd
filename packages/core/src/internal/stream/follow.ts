import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as BackupRun from "../../BackupRun.ts"
import * as RunTimes from "../run-times.ts"

/** A run that does not show up this many times in a row is forgotten. Paging by offset can hide one now and then. */
const maxMissed = 3

interface Known {
  readonly status: string
  readonly missed: number
}

const tagOf = (run: BackupRun.BackupRun, isKnown: boolean): BackupRun.Change["_tag"] =>
  BackupRun.isReady(run) ? "Finished" : BackupRun.isFailed(run) ? "Failed" : isKnown ? "Changed" : "Appeared"

const timeOf = (run: BackupRun.BackupRun): number => RunTimes.ranAt(run) ?? Infinity

const toCheckpoint = (known: ReadonlyMap<string, Known>): BackupRun.Checkpoint =>
  Object.fromEntries([...known].map(([id, { status }]) => [id, status]))

export type Start = "beginning" | "now" | BackupRun.Checkpoint

const isCheckpoint = Schema.is(BackupRun.Checkpoint)

/** Whether a history can be followed from there. A checkpoint may come from anywhere, and a list or a map is none. */
export const isStart = (from: unknown): from is Start =>
  from === "beginning" || from === "now" || (isCheckpoint(from) && !Predicate.isIterable(from))

/** Tells what has changed from one reading of a history to the next, oldest run first. */
export const makeFollower = (from: Start) => {
  let known: ReadonlyMap<string, Known> = new Map(
    Object.entries(typeof from === "object" ? from : {}).map(([id, status]) => [id, { status, missed: 0 }])
  )
  let isSilent = from === "now"

  return (runs: ReadonlyArray<BackupRun.BackupRun>): ReadonlyArray<BackupRun.Change> => {
    const before = known
    /** The status of a run. One that is over stays so, whatever a stray answer says. */
    const statusOf = (run: BackupRun.BackupRun): string => {
      const status = before.get(run.backupId)?.status
      return status !== undefined && BackupRun.isFinal({ status }) && !BackupRun.isFinal(run) ? status : run.status
    }
    const after = new Map<string, Known>()
    for (const [id, { missed, status }] of before) {
      if (missed + 1 < maxMissed) after.set(id, { status, missed: missed + 1 })
    }
    for (const run of runs) after.set(run.backupId, { status: statusOf(run), missed: 0 })
    known = after
    const changed = isSilent ? [] : runs.filter((run) => before.get(run.backupId)?.status !== statusOf(run))
    isSilent = false
    if (changed.length === 0) return []
    const earlier = toCheckpoint(before)
    const later = toCheckpoint(after)
    return changed.sort((a, b) => timeOf(a) - timeOf(b)).map((run, index) => {
      const previousStatus = before.get(run.backupId)?.status
      return {
        _tag: tagOf(run, previousStatus !== undefined),
        run,
        previousStatus,
        checkpoint: index === changed.length - 1 ? later : earlier
      }
    })
  }
}
