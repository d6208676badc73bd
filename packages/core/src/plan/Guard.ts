/**
 * Guards for dangerous changes to an index, such as migrations: a guarded effect runs only if a backup can undo it.
 *
 * **Example** (Running a migration only with a fresh backup)
 *
 * ```ts
 * import { IndexName } from "@pinecone-backups/core/PineconeIndex"
 * import * as Guard from "@pinecone-backups/core/plan/Guard"
 * import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 *
 * const migration = Effect.gen(function*() {
 *   const { backup, isReused } = yield* Guard.CurrentNet
 *   yield* Console.log(backup.status, backup.recordCount, isReused)
 * })
 *
 * export const program = migration.pipe(
 *   Guard.guard(IndexName.make("docs"), { name: "before-migration" }),
 *   Effect.provide(PineconeMemory.layer({ indexes: [{ name: "docs", recordCount: 1_000 }] }))
 * )
 * // => Ready 1000 false
 * ```
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Backup from "../Backup.ts"
import * as Backups from "../Backups.ts"
import * as BackupSchedules from "../BackupSchedules.ts"
import * as Copies from "../health/Copies.ts"
import { lagMillis } from "../health/internal/limits.ts"
import * as LiveId from "../health/LiveId.ts"
import type * as Remedy from "../health/Remedy.ts"
import * as Indexes from "../Indexes.ts"
import * as DurationOption from "../internal/duration.ts"
import { isSame } from "../internal/same.ts"
import { monotonicMillis } from "../internal/time.ts"
import type * as PineconeClient from "../PineconeClient.ts"
import * as PineconeError from "../PineconeError.ts"
import type * as PineconeIndex from "../PineconeIndex.ts"
import * as Polling from "../Polling.ts"
import type * as WaitError from "../WaitError.ts"
import * as Reuse from "./internal/reuse.ts"
import * as SideCopy from "./internal/side-copy.ts"

// ============================================================================
// Models
// ============================================================================

/**
 * The backup that can undo the guarded effect.
 *
 * @category models
 * @since 0.1.0
 */
export interface Net {
  readonly indexName: PineconeIndex.IndexName
  readonly backup: Backup.Backup
  /** Time up to which the backup has the data of the index: 15 minutes before it was taken. */
  readonly dataUntil: DateTime.Utc
  /** Whether the backup existed before the guard. */
  readonly isReused: boolean
}

/**
 * The net of the running guard.
 *
 * **When to use**
 *
 * Read it in the guarded effect, for example to log the backup. An effect that requires it cannot run without a guard.
 *
 * @category services
 * @since 0.1.0
 */
export class CurrentNet extends Context.Service<CurrentNet, Net>()("@pinecone-backups/core/plan/Guard/CurrentNet") {}

/**
 * The reason why no existing backup was used.
 *
 * **Details**
 *
 * - `not-requested`: the options have no `maxAge`
 * - `none`: the index has no backup that is good and not shrunk
 * - `too-old`: the data of the newest such backup is older than `maxAge`
 * - `doubtful`: a newer backup is ready, but empty, shrunk, dated in the future or without a record count
 * - `expiring`: the schedule of the backup deletes it less than 24 hours after the `timeout`
 * - `unknown`: the identity of the index or the expiry of the backup could not be determined
 *
 * @category models
 * @since 0.1.0
 */
export type NotReused = "not-requested" | "none" | "too-old" | "doubtful" | "expiring" | "unknown"

/**
 * Progress of a guard, before the guarded effect runs.
 *
 * **Details**
 *
 * - `Settling`: waits before the backup
 * - `Starting`: is about to start a backup
 * - `Waiting`: the backup that was started, in its current state. Emitted for each poll.
 *
 * @category models
 * @since 0.1.0
 */
export type Progress = Data.TaggedEnum<{
  Settling: { readonly duration: Duration.Duration }
  Starting: { readonly notReused: NotReused }
  Waiting: { readonly backup: Backup.Backup }
}>

/**
 * Constructors and matchers of {@link Progress}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const Progress = Data.taggedEnum<Progress>()

/**
 * Options of a guard.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options extends Polling.Options {
  /**
   * Maximum age of the data in an existing backup that is used instead of a new one. Minimum: 15 minutes, because a backup
   * omits the writes of the 15 minutes before it.
   *
   * @default a new backup is always created
   */
  readonly maxAge?: Duration.Input | undefined
  /** Time limit for creating the backup, without `settle`. @default Polling.defaultTimeout */
  readonly timeout?: Duration.Input | undefined
  /**
   * Delay before a new backup. With 15 minutes, the backup has all records, if nothing writes to the index from the start of
   * the guard.
   *
   * @default 0
   */
  readonly settle?: Duration.Input | undefined
  /** The name of a new backup, as in `Backups.create`. @default `guard-20261121t200000z`, with the current time */
  readonly name?: string | undefined
  /** The description of a new backup. */
  readonly description?: string | undefined
  /** Whether a new backup may be empty. @default false */
  readonly allowEmpty?: boolean | undefined
  /** Whether a new backup may be far smaller than the backups before it, as in `Copies.Shrink`. @default false */
  readonly allowShrunk?: boolean | undefined
  /** Called with the progress until the backup is ready. */
  readonly onProgress?: ((progress: Progress) => Effect.Effect<void>) | undefined
  /** The current time of the service. @default the time of the `Clock` */
  readonly now?: Effect.Effect<DateTime.Utc> | undefined
}

/**
 * The services that a guard needs.
 *
 * @category models
 * @since 0.1.0
 */
export type Services = Backups.Backups | BackupSchedules.BackupSchedules | Indexes.Indexes

/**
 * Result of {@link preview}: `Reuse` if an existing backup would be used, otherwise `Create`.
 *
 * @category models
 * @since 0.1.0
 */
export type Preview = Data.TaggedEnum<{
  Reuse: { readonly net: Net }
  Create: { readonly notReused: NotReused; readonly request: PineconeClient.Request }
}>

/**
 * Constructors and matchers of {@link Preview}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const Preview = Data.taggedEnum<Preview>()

// ============================================================================
// Errors
// ============================================================================

/**
 * The reason why an index has no net.
 *
 * **Details**
 *
 * - `InvalidOption`: an option is invalid
 * - `IndexNotFound`: the index does not exist, or was deleted during the backup
 * - `QuotaExceeded`: a quota, the plan or an unpaid invoice prevents the backup
 * - `RequestFailed`: another request failed. If `cause` is `inDoubt`, a backup may have been started.
 * - `BackupFailed`: the backup failed
 * - `TimedOut`: the backup was not ready in time. It is still being created.
 * - `NotGood`: the backup is ready, but not good: for example, it has no records
 * - `Shrunk`: the backup is far smaller than the backups before it, or may be
 * - `IndexReplaced`: the backup belongs to another index, which had the same name before
 * - `IdentityUnknown`: it is unknown whether the backup belongs to the current index
 *
 * @category models
 * @since 0.1.0
 */
export type Reason = Data.TaggedEnum<{
  InvalidOption: { readonly cause: PineconeError.InvalidInput }
  IndexNotFound: { readonly cause: PineconeError.ListError }
  QuotaExceeded: { readonly cause: PineconeError.ListError }
  RequestFailed: { readonly cause: PineconeError.ListError }
  BackupFailed: { readonly backup: Backup.Backup }
  TimedOut: { readonly backupId: Backup.BackupId; readonly waited: Duration.Duration }
  NotGood: { readonly backup: Backup.Backup; readonly state: Exclude<Copies.State, "good"> }
  Shrunk: { readonly backup: Backup.Backup; readonly shrink: Copies.Shrink }
  IndexReplaced: { readonly backup: Backup.Backup; readonly indexId: PineconeIndex.IndexId }
  IdentityUnknown: { readonly backup: Backup.Backup }
}>

/**
 * Constructors and matchers of {@link Reason}.
 *
 * @category constructors
 * @since 0.1.0
 */
export const Reason = Data.taggedEnum<Reason>()

/**
 * No backup can undo the guarded effect, so it was not run.
 *
 * @category errors
 * @since 0.1.0
 */
export class NoNet extends Data.TaggedError("PineconeNoNet")<{
  readonly indexName: PineconeIndex.IndexName
  /** A readable sentence. */
  readonly message: string
  readonly reason: Reason
  /** The backup that the guard started, if any. It is kept, and may still be running. */
  readonly backupId: Backup.BackupId | undefined
}> {}

/**
 * The guarded effect failed.
 *
 * @category errors
 * @since 0.1.0
 */
export class GuardedFailure<out E> extends Data.TaggedError("PineconeGuardedFailure")<{
  /** A readable sentence. */
  readonly message: string
  readonly cause: unknown
  readonly net: Net
}> {
  /** The error of the guarded effect. */
  declare readonly cause: E

  /** Restores the backup into a new index, next to the damaged one. */
  get remedy(): Remedy.Remedy {
    return remedyOf(this.net)
  }
}

/**
 * Returns the remedy after a failed change: to restore the backup into a side copy, next to the damaged index.
 *
 * @category getters
 * @since 0.1.0
 */
export const remedyOf = ({ backup: { backupId }, indexName }: Net): Remedy.Remedy => ({
  _tag: "RecoverIndex",
  indexName,
  backupId,
  targetIndexName: SideCopy.name(indexName, backupId)
})

/** The ID of the backup of a guard, as an annotation of a cause. */
class GuardedBy extends Context.Service<GuardedBy, Backup.BackupId>()("@pinecone-backups/core/plan/Guard/GuardedBy") {}

/**
 * Returns the ID of the backup that a guard started or reused before the cause, for defects and interrupts.
 *
 * @category getters
 * @since 0.1.0
 */
export const backupIdOf = <E>(cause: Cause.Cause<E>): Backup.BackupId | undefined =>
  Option.getOrUndefined(Context.getOption(Cause.annotations(cause), GuardedBy))

const problems: Readonly<Record<Exclude<Copies.State, "good">, string>> = {
  empty: "has no records",
  uncounted: "has no record count",
  undated: "has no time of creation",
  future: "is dated in the future",
  running: "is not ready",
  failed: "failed"
}

const sizeOf = ({ isCertain, median, value, what }: Copies.Shrink): string =>
  isCertain && median !== undefined
    ? `has ${value} ${what}, and the median of the backups before it is ${median}`
    : isCertain
    ? `has ${value} ${what}, far fewer than the backups before it`
    : `may be smaller than the backups before it, because its ${what} are not fully known`

const sentenceOf = (indexName: string, reason: Reason): string => {
  const index = `index "${indexName}"`
  const backup = ({ backupId }: { readonly backupId: string }) => `Backup ${backupId} of ${index}`
  return Reason.$match(reason, {
    InvalidOption: ({ cause }) => cause.message,
    IndexNotFound: () => `Index "${indexName}" does not exist`,
    QuotaExceeded: ({ cause }) => `No backup of ${index} can be created: ${cause.message}`,
    RequestFailed: ({ cause }) =>
      "inDoubt" in cause && cause.inDoubt === true
        ? `A backup of ${index} may have been started, but could not be found: ${cause.message}`
        : `No backup of ${index} is known to be ready: ${cause.message}`,
    BackupFailed: (reason) => `${backup(reason.backup)} failed`,
    TimedOut: (reason) => `${backup(reason)} was not ready after ${Duration.format(reason.waited)}`,
    NotGood: (reason) => `${backup(reason.backup)} ${problems[reason.state]}`,
    Shrunk: (reason) => `${backup(reason.backup)} ${sizeOf(reason.shrink)}`,
    IndexReplaced: (reason) => `${backup(reason.backup)} belongs to another index, which had the same name`,
    IdentityUnknown: (reason) => `${backup(reason.backup)} is not known to belong to the current index of that name`
  })
}

/** The reason for an error of a request. `subject` is the index if its absence is the reason. */
const reasonOf = (cause: PineconeError.ListError): Reason =>
  cause._tag === "PineconeInvalidInput"
    ? Reason.InvalidOption({ cause })
    : cause.category === "quota"
    ? Reason.QuotaExceeded({ cause })
    : Reason.RequestFailed({ cause })

/** Like {@link reasonOf}, for a request that is only about the index. */
const reasonOfIndex = (cause: PineconeError.ListError): Reason =>
  cause._tag === "PineconeNotFound" ? Reason.IndexNotFound({ cause }) : reasonOf(cause)

const reasonOfWait = (
  error: PineconeError.PineconeError | WaitError.AwaitReadyError
): Reason => {
  switch (error._tag) {
    case "PineconeBackupFailed":
      return Reason.BackupFailed({ backup: error.backup })
    case "PineconeWaitTimedOut":
      return Reason.TimedOut({ backupId: error.started.backupId, waited: error.waited })
    default:
      return reasonOf(error)
  }
}

// ============================================================================
// Options
// ============================================================================

const operation = "Guard.guard"

/** Time after the timeout for which a reused backup must not expire. */
const reserve = Duration.hours(24)

const nowOf = ({ now = DateTime.now }: Options): Effect.Effect<DateTime.Utc> => now

/** `guard-20261121t200000z`. Names cannot have capital letters. */
const usualName = (now: DateTime.Utc): string =>
  `guard-${DateTime.formatIso(now).replace(/\.\d+/, "").replace(/[-:]/g, "").toLowerCase()}`

/** The options of a backup that is created now. */
const creationOf = (options: Options): Effect.Effect<Backups.CreateOptions> =>
  Effect.map(nowOf(options), (now) => ({
    name: options.name ?? usualName(now),
    description: options.description
  }))

/** Validates the options, before anything is sent, and adds defaults. */
const settingsOf = Effect.fnUntraced(function*(index: PineconeIndex.IndexName, options: Options) {
  const { maxAge, settle = Duration.zero, timeout = Polling.defaultTimeout } = options
  const backups = yield* Backups.Backups
  const settings = {
    maxAge: maxAge === undefined ? undefined : yield* DurationOption.fromOption(operation, "maxAge", maxAge),
    settle: yield* DurationOption.fromOption(operation, "settle", settle),
    timeout: yield* DurationOption.fromOption(operation, "timeout", timeout),
    maxOutage: yield* DurationOption.fromOption(operation, "maxOutage", options.maxOutage ?? Duration.zero),
    request: yield* backups.checkCreate(index, yield* creationOf(options))
  }
  if (settings.maxAge !== undefined && Duration.toMillis(settings.maxAge) < lagMillis) {
    const problem = "must be 15 minutes or more, because a backup omits the writes of the 15 minutes before it"
    return yield* PineconeError.invalidInput(operation, "maxAge", problem)
  }
  return settings
}, Effect.mapError(reasonOf))

type Settings = Effect.Success<ReturnType<typeof settingsOf>>

// ============================================================================
// Existing backups
// ============================================================================

/** Finds a net among the existing backups. */
const reuse = Effect.fnUntraced(function*(
  index: PineconeIndex.PineconeIndex,
  { maxAge, timeout }: Settings,
  options: Options
): Effect.fn.Return<Result.Result<Net, NotReused>, never, Services> {
  if (maxAge === undefined) return Result.fail("not-requested")
  const backups = yield* Backups.Backups
  const schedules = yield* BackupSchedules.BackupSchedules
  const listed = yield* Effect.result(Stream.runCollect(schedules.list(index.name)))
  const histories = Result.isFailure(listed) ? [] : yield* Effect.forEach(
    listed.success,
    (schedule) =>
      Effect.map(
        Effect.result(Stream.runCollect(schedules.history(schedule.scheduleId))),
        (runs) => ({ schedule, runs })
      )
  )
  const chosen = Reuse.choose({
    index,
    schedules: Result.map(listed, () => histories),
    // After the histories, so that each run that became ready in between is among the backups.
    backups: yield* Effect.result(Stream.runCollect(backups.listByIndex(index.name)))
  }, {
    now: yield* nowOf(options),
    maxAge,
    neededFor: Duration.sum(timeout, reserve)
  })
  if (Result.isFailure(chosen)) return Result.fail(chosen.failure)
  const { at, backup } = chosen.success
  // A list can show a backup that was deleted.
  const current = yield* Effect.result(backups.describe(backup.backupId))
  return Result.isSuccess(current) && Backup.isReady(current.success) &&
      isSame(current.success.sourceIndexId, backup.sourceIndexId)
    ? Result.succeed({ indexName: index.name, backup: current.success, dataUntil: Reuse.dataUntil(at), isReused: true })
    : Result.fail("unknown")
})

const describe = (index: PineconeIndex.IndexName) =>
  Effect.flatMap(Indexes.Indexes, (indexes) => Effect.mapError(indexes.describe(index), reasonOfIndex))

/**
 * Returns the net that {@link guard} would use, or the request for a new backup. Changes nothing.
 *
 * **Gotchas**
 *
 * A new backup can still turn out to be empty, shrunk or failed.
 *
 * @category constructors
 * @since 0.1.0
 */
export const preview = (
  index: PineconeIndex.IndexName,
  options: Options = {}
): Effect.Effect<Preview, NoNet, Services> =>
  Effect.gen(function*() {
    const settings = yield* settingsOf(index, options)
    const found = yield* reuse(yield* describe(index), settings, options)
    return Result.match(found, {
      onFailure: (notReused) => Preview.Create({ notReused, request: settings.request }),
      onSuccess: (net) => Preview.Reuse({ net })
    })
  }).pipe(Effect.mapError((reason) => noNet(index, reason, undefined)))

// ============================================================================
// New backups
// ============================================================================

/** Time for which a list may lack a new backup, and the interval of the retries. */
const listing = { patience: Duration.minutes(1), interval: Duration.seconds(5) }

/** Judges a new backup that is ready. */
const judge = Effect.fnUntraced(function*(
  index: PineconeIndex.IndexName,
  backup: Backup.Backup,
  options: Options
): Effect.fn.Return<Net, Reason, Services> {
  const backups = yield* Backups.Backups
  // The index may have been deleted or replaced during the backup.
  const described = yield* describe(index)
  const listed = yield* Effect.mapError(Stream.runCollect(backups.listByIndex(index)), reasonOfIndex)
  // The schedules are not needed: the backups of the index are evidence enough.
  const live = LiveId.of({ index: described, schedules: undefined, backups: Result.succeed(listed) })
  if (live._tag !== "Known") return yield* Effect.fail(Reason.IdentityUnknown({ backup }))
  if (!isSame(backup.sourceIndexId, live.indexId)) {
    return yield* Effect.fail(Reason.IndexReplaced({ backup, indexId: live.indexId }))
  }
  const others = listed.filter(({ backupId, sourceIndexId }) =>
    isSame(sourceIndexId, live.indexId) && !isSame(backupId, backup.backupId)
  )
  const now = yield* nowOf(options)
  const copy = Copies.of([...others, backup], { now }).find((copy) => copy.backup === backup)
  const { at, shrink, state = "undated" } = copy ?? {}
  const isAllowed = state === "good" || (state === "empty" && options.allowEmpty === true)
  // An empty copy can lack a time, too.
  if (!isAllowed || at === undefined || Copies.isFuture(at, now)) {
    const problem = !isAllowed ? state : at === undefined ? "undated" : "future"
    return yield* Effect.fail(Reason.NotGood({ backup, state: problem }))
  }
  if (shrink !== undefined && options.allowShrunk !== true) {
    return yield* Effect.fail(Reason.Shrunk({ backup, shrink }))
  }
  return { indexName: described.name, backup, dataUntil: Reuse.dataUntil(at), isReused: false }
})

/** Finds or creates the net. `onBackup` receives the ID of its backup, as soon as it is known. */
const find = Effect.fn(operation)(function*(
  index: PineconeIndex.IndexName,
  options: Options,
  onBackup: (id: Backup.BackupId) => void
): Effect.fn.Return<Net, Reason, Services> {
  const backups = yield* Backups.Backups
  const tell = (progress: Progress) => options.onProgress?.(progress) ?? Effect.void
  const settings = yield* settingsOf(index, options)
  const { settle, timeout } = settings
  const found = yield* reuse(yield* describe(index), settings, options)
  if (Result.isSuccess(found)) {
    onBackup(found.success.backup.backupId)
    return found.success
  }
  if (Duration.isPositive(settle)) {
    yield* tell(Progress.Settling({ duration: settle }))
    yield* Effect.sleep(settle)
  }
  yield* tell(Progress.Starting({ notReused: found.failure }))
  const startedAt = yield* monotonicMillis
  const { backupId } = yield* backups.create(index, yield* creationOf(options)).pipe(
    Effect.tap(({ backupId }) => Effect.sync(() => onBackup(backupId))),
    Effect.mapError(reasonOfIndex)
  )
  const passed = (yield* monotonicMillis) - startedAt
  const backup = yield* Effect.mapError(
    backups.awaitReady(backupId, {
      schedule: options.schedule,
      maxOutage: options.maxOutage,
      timeout: Duration.millis(Math.max(0, Duration.toMillis(timeout) - passed)),
      onState: (backup) => tell(Progress.Waiting({ backup }))
    }),
    reasonOfWait
  )
  return yield* Effect.retry(judge(index, backup, options), {
    while: ({ _tag }) => _tag === "IdentityUnknown",
    schedule: Schedule.spaced(listing.interval).pipe(Schedule.upTo({ duration: listing.patience }))
  })
})

// ============================================================================
// Guard
// ============================================================================

const noNet = (indexName: PineconeIndex.IndexName, reason: Reason, backupId: Backup.BackupId | undefined): NoNet =>
  new NoNet({ indexName, reason, backupId, message: sentenceOf(indexName, reason) })

const annotate = <E>(cause: Cause.Cause<E>, backupId: Backup.BackupId | undefined) =>
  Effect.failCause(backupId === undefined ? cause : Cause.annotate(cause, Context.make(GuardedBy, backupId)))

/**
 * Returns the net that {@link guard} runs its effect with, and fails as it does.
 *
 * **When to use**
 *
 * If the change is not an effect, for example if it is a manual step. Use `guard` for effects.
 *
 * **Gotchas**
 *
 * Interrupting the wait does not cancel the backup. {@link backupIdOf} returns it for the cause of the interrupt.
 *
 * @category constructors
 * @since 0.1.0
 */
export const establish = (
  index: PineconeIndex.IndexName,
  options: Options = {}
): Effect.Effect<Net, NoNet, Services> =>
  // Uninterruptible around the steps, so that the cause of an interrupt can be annotated.
  Effect.uninterruptibleMask((restore) => {
    let backupId: Backup.BackupId | undefined
    const found = find(index, options, (id) => {
      backupId = id
    })
    return restore(found).pipe(
      Effect.mapError((reason) => noNet(index, reason, backupId)),
      Effect.catchCause((cause) => annotate(cause, backupId))
    )
  })

/**
 * Runs an effect only if a backup can undo it. Data-first: `guard(self, index, options)`.
 *
 * **Details**
 *
 * Without `maxAge`, always creates a backup and waits until it is ready. With `maxAge`, first looks for an existing backup
 * of the same index: good, not shrunk, not dated in the future, with data that is not older, and not expiring within
 * `timeout` and 24 hours. A backup that is still running is never used.
 *
 * Fails with {@link NoNet} without running the effect if there is no such backup and none could be created, or if the new
 * backup is empty, shrunk, without a record count, or of another index. The effect runs once. Its errors become
 * {@link GuardedFailure}. Defects and interrupts stay as they are, and {@link backupIdOf} returns the backup for their
 * cause.
 *
 * **Gotchas**
 *
 * Writes of the 15 minutes before the backup are not in it. Stop all writers and set `settle` to 15 minutes to include
 * them. Interrupting the wait does not cancel the backup. The backup is kept.
 *
 * **Example** (Accepting a backup of the last 6 hours)
 *
 * ```ts
 * import { IndexName } from "@pinecone-backups/core/PineconeIndex"
 * import * as Guard from "@pinecone-backups/core/plan/Guard"
 * import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 *
 * export const program = Effect.fail("the new field has the wrong type").pipe(
 *   Guard.guard(IndexName.make("docs"), { maxAge: "6 hours" }),
 *   Effect.catchTag("PineconeGuardedFailure", ({ cause, net }) => Console.log(`${cause}: restore ${net.backup.backupId}`)),
 *   Effect.catchTag("PineconeNoNet", ({ message }) => Console.log(`not run: ${message}`)),
 *   Effect.provide(PineconeMemory.layer({ backups: [{ indexName: "docs", name: "manual" }] }))
 * )
 * // => the new field has the wrong type: restore backup-1
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const guard: {
  (
    index: PineconeIndex.IndexName,
    options?: Options
  ): <A, E, R>(
    self: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, NoNet | GuardedFailure<E>, Exclude<R, CurrentNet> | Services>
  <A, E, R>(
    self: Effect.Effect<A, E, R>,
    index: PineconeIndex.IndexName,
    options?: Options
  ): Effect.Effect<A, NoNet | GuardedFailure<E>, Exclude<R, CurrentNet> | Services>
} = dual(
  // The options are optional, so the number of arguments does not tell the two forms apart.
  ([self]) => Effect.isEffect(self),
  <A, E, R>(
    self: Effect.Effect<A, E, R>,
    index: PineconeIndex.IndexName,
    options: Options = {}
  ): Effect.Effect<A, NoNet | GuardedFailure<E>, Exclude<R, CurrentNet> | Services> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(restore(establish(index, options)), (net) =>
        Effect.catchCause(
          restore(Effect.provideService(self, CurrentNet, net)),
          (cause) => annotate(Cause.map(cause, (error) => failure(error, net)), net.backup.backupId)
        ))
    )
)

const failure = <E>(error: E, net: Net): GuardedFailure<E> =>
  new GuardedFailure({
    message: `The change of index "${net.indexName}" failed; backup ${net.backup.backupId} has the data from before`,
    cause: error,
    net
  })
