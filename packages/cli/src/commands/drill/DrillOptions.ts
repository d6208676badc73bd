/** Options of the commands that start drills. */
import * as DrillIndex from "@pinecone-backups/core/drill/DrillIndex"
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as DrillRequest from "@pinecone-backups/core/drill/DrillRequest"
import * as DrillRound from "@pinecone-backups/core/drill/DrillRound"
import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as LiveId from "@pinecone-backups/core/health/LiveId"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as SchemaIssue from "effect/SchemaIssue"
import * as Target from "../../input/Target.ts"
import { CliFailure } from "../../output/CliFailure.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as SchemaIssues from "../../output/SchemaIssues.ts"
import * as Listing from "../../shared/Listing.ts"
import * as PolicyFile from "../../shared/PolicyFile.ts"

/** Options that select indexes and backups, and configure the verification. */
export interface Input {
  readonly target: Target.Several
  readonly all: boolean
  readonly due: boolean
  readonly within: Option.Option<Duration.Duration>
  readonly policy: Option.Option<string>
  /** `undefined` for the newest good backup; a period for a random good backup of that period. */
  readonly pick: Option.Option<Duration.Duration | undefined>
  readonly verify: Option.Option<"count" | "sample">
  readonly sample: Option.Option<number>
  readonly tolerance: Option.Option<number>
  /** `undefined` for no grace period. */
  readonly grace: Option.Option<Duration.Duration | undefined>
  /** `undefined` to count once. */
  readonly recountAfter: Option.Option<Duration.Duration | undefined>
  readonly timeout: Option.Option<Duration.Duration>
  readonly maxSize: Option.Option<number | null>
  readonly indexQuota: Option.Option<number | null>
  readonly concurrency: Option.Option<number>
  readonly probe: boolean
}

/** Converts a validation issue to a usage error. Settings have the same names in core as their flags. */
const invalid = (issue: SchemaIssue.Issue) => {
  const [found] = SchemaIssues.flatten(issue)
  const name = found?.path.map(String).join(".") ?? "settings"
  return new CliFailure({
    code: "USAGE",
    message: `--${name}: ${found === undefined ? "is invalid" : SchemaIssues.text(found)}`,
    exitCode: ExitCode.usage
  })
}

/** Creates the drill settings. Fails if a value is out of range, for example a timeout of more than 2 days. */
export const settings = (input: Input) => {
  const { grace, indexQuota, maxSize, pick, probe, recountAfter, sample, timeout, tolerance, verify } = input
  const period = Option.getOrUndefined(pick)
  return DrillRequest.DrillSettings.makeEffect({
    probe,
    pick: period === undefined ? DrillRequest.latest : DrillRequest.random(period),
    verify: Option.contains(verify, "count")
      ? DrillRequest.count
      : DrillRequest.sample(Option.getOrUndefined(sample)),
    ...(Option.isSome(tolerance) && { tolerance: tolerance.value }),
    ...(Option.isSome(grace) && { grace: grace.value ?? Duration.zero }),
    ...(Option.isSome(recountAfter) && { recountAfter: recountAfter.value ?? Duration.zero }),
    ...(Option.isSome(timeout) && { timeout: timeout.value }),
    ...(Option.isSome(maxSize) && { maxBytes: maxSize.value }),
    ...(Option.isSome(indexQuota) && { indexQuota: indexQuota.value })
  }).pipe(Effect.mapError(invalid))
}

/** Maximum number of concurrent drills. */
export const concurrencyOf = ({ concurrency }: Input): number => Option.getOrElse(concurrency, () => 1)

/** Default period for `--due`, without `--within` and without a policy. */
const usualPeriod = Duration.days(30)

/** Returns the period for each index: from `--within`, the policy, or the default. */
const periodOf = Effect.fnUntraced(function*({ policy, within }: Input) {
  if (Option.isSome(within)) return () => within.value
  const file = yield* PolicyFile.load(policy)
  const requiresDrills = [file.defaults, ...file.rules ?? []].some((part) => part?.drillWithin !== undefined)
  return requiresDrills
    ? (index: PineconeIndex.IndexName) => BackupPolicy.requirementsOf(file, index).drillWithin
    : () => usualPeriod
})

/** The indexes of the project, except temporary indexes of drills. */
const allIndexes = Effect.map(
  Effect.flatMap(Indexes.Indexes, (indexes) => indexes.list),
  (all) => all.filter((index) => DrillIndex.of(index) === undefined)
)

/** Returns `true` if only due indexes are selected. */
const isDueOnly = ({ all, target }: Input): boolean => !all && Target.all(target).length === 0

/**
 * Lists the selected indexes, due or not, with their periods. Fails with `NotFound` if a given name matches neither an index
 * nor a backup.
 */
export const candidates = Effect.fnUntraced(function*(input: Input) {
  const names = Array.dedupe(Target.all(input.target)).map((name) => PineconeIndex.IndexName.make(name))
  yield* Effect.forEach(names, Listing.backupsEverOf, { discard: true })
  const indexes = names.length === 0 ? yield* allIndexes : names.map((name) => ({ name, id: undefined }))
  const period = isDueOnly(input) ? yield* periodOf(input) : () => usualPeriod
  return indexes.flatMap(({ id, name }): ReadonlyArray<DrillRound.Requirement> => {
    const within = period(name)
    return within === undefined ? [] : [{ index: name, indexId: id, within }]
  })
})

/**
 * Adds the ID of the index, so that drills of an earlier index with the same name do not count. If the ID is contradictory
 * or cannot be read, no drill is certain to be of the index. An index without any evidence has no backup to drill.
 */
const identified = Effect.fnUntraced(function*(candidate: DrillRound.Requirement) {
  const live = yield* LiveId.read({ name: candidate.index, id: candidate.indexId ?? null })
  return {
    ...candidate,
    indexId: live._tag === "Known" ? live.indexId : undefined,
    isUncertain: live._tag === "Contradictory" || live._tag === "Unread"
  }
})

/** Maximum number of indexes to identify concurrently. */
const concurrency = 8

/** Returns the candidates that are due according to the drill log; without `--due`, all candidates. */
export const due = Effect.fnUntraced(function*(input: Input, candidates: ReadonlyArray<DrillRound.Requirement>) {
  if (!isDueOnly(input)) return candidates.map(({ index }) => index)
  const { latest } = yield* DrillLog.DrillLog
  const [drilled, now] = [yield* latest, yield* DateTime.now]
  // An index that is due by its name is due whatever its ID is.
  const dueByName = new Set(DrillRound.due(candidates, drilled, now))
  const checked = yield* Effect.forEach(
    candidates,
    (candidate) =>
      dueByName.has(candidate.index) ? Effect.succeed({ ...candidate, isUncertain: false }) : identified(candidate),
    { concurrency }
  )
  const uncertain = new Set(checked.filter(({ isUncertain }) => isUncertain).map(({ index }) => index))
  return DrillRound.due(checked, new Map([...drilled].filter(([index]) => !uncertain.has(index))), now)
})
