/**
 * Operations on backup schedules.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Struct from "effect/Struct"
import type * as BackupRun from "./BackupRun.ts"
import type * as BackupSchedule from "./BackupSchedule.ts"
import * as Wire from "./internal/codec/wire.ts"
import { endpoints } from "./internal/contract/backup-schedules.ts"
import * as OptionNames from "./internal/option-names.ts"
import * as Follow from "./internal/stream/follow.ts"
import * as Paging from "./internal/stream/paging.ts"
import * as Wait from "./internal/stream/wait.ts"
import * as Reconcile from "./internal/transport/reconcile.ts"
import * as Turns from "./internal/transport/turns.ts"
import * as Name from "./Name.ts"
import type * as Page from "./Page.ts"
import type * as PineconeClient from "./PineconeClient.ts"
import type * as PineconeError from "./PineconeError.ts"
import type * as PineconeIndex from "./PineconeIndex.ts"
import type * as WaitError from "./WaitError.ts"

/**
 * Options for creating a schedule.
 *
 * @category options
 * @since 0.1.0
 */
export interface CreateOptions {
  /**
   * The name of the schedule, which is also the prefix of the names of its backups. It cannot be changed later.
   *
   * **Gotchas**
   *
   * The service appends 17 characters to name a backup. A schedule name of more than 28 characters therefore creates
   * backups whose names exceed the 45 characters that the API allows for names you choose. Such a name is accepted;
   * only an empty name is rejected.
   */
  readonly name: string
  /** The frequency of the runs. The service chooses the time of day. */
  readonly frequency: BackupSchedule.Frequency
  /**
   * Number of days after which a backup of this schedule is deleted. Minimum 1; the default limit of a project is 365.
   */
  readonly expireAfterDays: number
}

/**
 * Changes to a schedule. Omitted fields stay as they are.
 *
 * @category options
 * @since 0.1.0
 */
export interface UpdateOptions {
  /** The new frequency of the runs. */
  readonly frequency?: BackupSchedule.Frequency | undefined
  /**
   * Number of days after which a backup is deleted. Also applies to existing backups of the schedule: a smaller number
   * deletes those that are older.
   */
  readonly expireAfterDays?: number | undefined
  /** Whether the schedule runs: see `pause` and `resume`. */
  readonly enabled?: boolean | undefined
}

/**
 * Options for `ensure`: the desired state of a schedule.
 *
 * @category options
 * @since 0.1.0
 */
export interface EnsureOptions extends CreateOptions {
  /**
   * Whether the schedule runs.
   *
   * @default the current state of an existing schedule; `true` for a new schedule
   */
  readonly enabled?: boolean | undefined
}

/**
 * Result of `ensure`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ensured {
  readonly schedule: BackupSchedule.BackupSchedule
  /** The action that `ensure` took. */
  readonly action: "created" | "updated" | "unchanged"
}

/**
 * Options for following the history of a schedule.
 *
 * @category options
 * @since 0.1.0
 */
export interface FollowOptions extends Follow.Options {}

/**
 * Operations on backup schedules.
 *
 * **Details**
 *
 * Unless documented otherwise, each operation sends one request, which is retried only where a retry is safe.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /**
   * Creates a backup schedule, enabled from the start.
   *
   * **Details**
   *
   * The service chooses the time of the first run. If the response is lost, an enabled schedule of the index with the
   * same name, frequency and retention is returned, marked `recovered`. The request is retried only if no such schedule
   * is found. Fails with `AlreadyExists` if the index has an enabled schedule, `NotFound` if the index does not exist,
   * `InvalidArgument` for pod-based and encrypted indexes, and `PermissionDenied` on a plan without schedules. A
   * response with a different name, frequency or retention fails with `MalformedResponse`, which is `inDoubt`.
   *
   * **Gotchas**
   *
   * The plan is checked first, so on such a plan an index that does not exist also fails with `PermissionDenied`.
   *
   * **Example** (Creating a daily schedule)
   *
   * ```ts
   * import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
   * import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
   * import * as Console from "effect/Console"
   * import * as Effect from "effect/Effect"
   *
   * export const program = Effect.gen(function*() {
   *   const schedules = yield* BackupSchedules.BackupSchedules
   *   const schedule = yield* schedules.create(PineconeIndex.IndexName.make("carts"), {
   *     name: "carts-daily",
   *     frequency: "daily",
   *     expireAfterDays: 14
   *   })
   *   yield* Console.log(schedule.name, schedule.enabled) // => carts-daily true
   * })
   * ```
   */
  readonly create: (
    index: PineconeIndex.IndexName,
    options: CreateOptions
  ) => Effect.Effect<PineconeClient.Recoverable<BackupSchedule.BackupSchedule>, PineconeError.PineconeError>

  /** Validates the input of `create` without sending a request, and returns the request that `create` would send. */
  readonly checkCreate: (
    index: PineconeIndex.IndexName,
    options: CreateOptions
  ) => Effect.Effect<PineconeClient.Request, PineconeError.InvalidInput>

  /**
   * Ensures that an index has a schedule with the given name and options: creates it, updates it, or leaves it
   * unchanged.
   *
   * **Details**
   *
   * If several schedules have the name, the enabled one is used. Lists the schedules first, and again if another
   * process creates one in the meantime. Calls in one process for the same project, index and name run one after
   * another. A new schedule with `enabled: false` is created first and then paused. If pausing fails, the error is
   * `Unfinished`, with the ID of the schedule, which is enabled; repeating the call completes the change. Fails like
   * `create` and `update`, for example with `AlreadyExists` while a schedule with another name is enabled.
   *
   * **Gotchas**
   *
   * A shorter retention deletes existing backups (see {@link UpdateOptions}), and enabling takes a backup immediately
   * (see `resume`).
   *
   * **Example** (Ensuring a schedule at deployment)
   *
   * ```ts
   * import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
   * import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
   * import * as Console from "effect/Console"
   * import * as Effect from "effect/Effect"
   *
   * export const program = Effect.gen(function*() {
   *   const schedules = yield* BackupSchedules.BackupSchedules
   *   const ensure = schedules.ensure(PineconeIndex.IndexName.make("carts"), {
   *     name: "carts-daily",
   *     frequency: "daily",
   *     expireAfterDays: 14
   *   })
   *   const first = yield* ensure
   *   const second = yield* ensure
   *   yield* Console.log(first.action, second.action) // => created unchanged
   * })
   * ```
   */
  readonly ensure: (
    index: PineconeIndex.IndexName,
    options: EnsureOptions
  ) => Effect.Effect<Ensured, PineconeError.ListError | WaitError.Unfinished<WaitError.StartedSchedule>>

  /** Returns one page of the schedules of an index, including disabled schedules. */
  readonly listPage: (
    index: PineconeIndex.IndexName,
    options?: Page.PageOptions
  ) => Effect.Effect<Page.Page<BackupSchedule.BackupSchedule>, PineconeError.PineconeError>

  /** Streams the schedules of an index from all pages, including disabled schedules. */
  readonly list: (
    index: PineconeIndex.IndexName,
    options?: Page.StreamOptions
  ) => Stream.Stream<BackupSchedule.BackupSchedule, PineconeError.ListError>

  /** Streams the pages of the schedules of an index: like `list`, with the tokens to resume from. */
  readonly listPages: (
    index: PineconeIndex.IndexName,
    options?: Page.StreamOptions
  ) => Stream.Stream<Page.Page<BackupSchedule.BackupSchedule>, PineconeError.ListError>

  /** Returns a schedule by its ID. */
  readonly describe: (
    id: BackupSchedule.ScheduleId
  ) => Effect.Effect<BackupSchedule.BackupSchedule, PineconeError.PineconeError>

  /**
   * Updates a schedule. Its name and index cannot be changed.
   *
   * **Details**
   *
   * If the response is lost, reads the schedule back, and retries the request only if the schedule does not have the
   * new values. If the response does not show the new values, reads the schedule up to three times in four seconds, and
   * then fails with `MalformedResponse`, which is `inDoubt`.
   *
   * **Gotchas**
   *
   * A shorter retention deletes existing backups (see {@link UpdateOptions}), and enabling takes a backup immediately
   * (see `resume`).
   */
  readonly update: (
    id: BackupSchedule.ScheduleId,
    options: UpdateOptions
  ) => Effect.Effect<PineconeClient.Recoverable<BackupSchedule.BackupSchedule>, PineconeError.PineconeError>

  /** Validates the input of `update` without sending a request, and returns the request that `update` would send. */
  readonly checkUpdate: (
    id: BackupSchedule.ScheduleId,
    options: UpdateOptions
  ) => Effect.Effect<PineconeClient.Request, PineconeError.InvalidInput>

  /** Disables a schedule, on any plan. No more backups are taken, and existing backups expire as before. */
  readonly pause: (
    id: BackupSchedule.ScheduleId
  ) => Effect.Effect<PineconeClient.Recoverable<BackupSchedule.BackupSchedule>, PineconeError.PineconeError>

  /**
   * Enables a schedule.
   *
   * **Details**
   *
   * Fails with `AlreadyExists` while another schedule of the index is enabled.
   *
   * **Gotchas**
   *
   * If the schedule was disabled, the service **takes a backup immediately** and counts the next run from now, so the
   * time of day changes.
   */
  readonly resume: (
    id: BackupSchedule.ScheduleId
  ) => Effect.Effect<PineconeClient.Recoverable<BackupSchedule.BackupSchedule>, PineconeError.PineconeError>

  /**
   * Deletes a schedule. Its backups are kept until their retention expires.
   *
   * **Details**
   *
   * Deleting a schedule twice fails with `NotFound`, except when that is the response to a retry of this request.
   */
  readonly delete: (id: BackupSchedule.ScheduleId) => Effect.Effect<void, PineconeError.PineconeError>

  /**
   * Returns one page of the runs of a schedule: planned, running and finished. Sends one request.
   *
   * **Gotchas**
   *
   * The service seems to return the newest runs first, but does not guarantee any order.
   */
  readonly historyPage: (
    id: BackupSchedule.ScheduleId,
    options?: Page.PageOptions
  ) => Effect.Effect<Page.Page<BackupRun.BackupRun>, PineconeError.PineconeError>

  /**
   * Streams the runs of a schedule from all pages.
   *
   * **Details**
   *
   * Pages are fetched on demand, so `Stream.take(1)` sends one request. If the pages lead back to an earlier token, the
   * stream fails with `PaginationLoop` before it emits a run twice.
   *
   * **Gotchas**
   *
   * Pages can shift during the listing. Duplicates within 2,000 rows are dropped. Runs that are added or removed during
   * the listing may be missed.
   *
   * **Example** (Counting the usable backups of a schedule)
   *
   * ```ts
   * import * as BackupRun from "@pinecone-backups/core/BackupRun"
   * import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
   * import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
   * import * as Console from "effect/Console"
   * import * as Effect from "effect/Effect"
   * import * as Stream from "effect/Stream"
   *
   * export const program = Effect.gen(function*() {
   *   const schedules = yield* BackupSchedules.BackupSchedules
   *   const history = schedules.history(BackupSchedule.ScheduleId.make("nightly"))
   *   const usable = yield* history.pipe(Stream.filter(BackupRun.isReady), Stream.runCount)
   *   yield* Console.log(`${usable} usable backups`) // => 4 usable backups
   * })
   * ```
   */
  readonly history: (
    id: BackupSchedule.ScheduleId,
    options?: Page.StreamOptions
  ) => Stream.Stream<BackupRun.BackupRun, PineconeError.ListError>

  /**
   * Streams the pages of the runs of a schedule: like `history`, with the tokens to resume from.
   *
   * **Gotchas**
   *
   * A run that moves to a later page between two listings appears in both.
   */
  readonly historyPages: (
    id: BackupSchedule.ScheduleId,
    options?: Page.StreamOptions
  ) => Stream.Stream<Page.Page<BackupRun.BackupRun>, PineconeError.ListError>

  /**
   * Emits every change in the history of a schedule, and does not end: a run appears, changes its status, finishes or
   * fails.
   *
   * **Details**
   *
   * Changes found on one page are emitted in the order of the times of their runs. The removal of a run is not a
   * change. Reads the whole history at first, once a day, and whenever it is not sorted newest first, because the
   * service does not guarantee any order. Otherwise reads as far back as `lookback`. Keeps the statuses of the runs in
   * memory. Tolerates consecutive transient failures for up to `maxOutage`.
   *
   * **Example** (Printing finished and failed runs, and where to resume)
   *
   * ```ts
   * import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
   * import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
   * import * as Console from "effect/Console"
   * import * as Effect from "effect/Effect"
   * import * as Stream from "effect/Stream"
   *
   * export const program = Effect.gen(function*() {
   *   const schedules = yield* BackupSchedules.BackupSchedules
   *   const changes = schedules.followHistory(BackupSchedule.ScheduleId.make("nightly"), { from: "now" })
   *   yield* changes.pipe(
   *     Stream.filter(({ _tag }) => _tag === "Finished" || _tag === "Failed"),
   *     Stream.take(1),
   *     Stream.runForEach(({ _tag, checkpoint, run }) =>
   *       // Store the checkpoint, and pass it as `from` after a restart.
   *       Console.log(_tag, run.status, Object.keys(checkpoint).length)
   *     )
   *   )
   *   // => Finished Ready 7
   * })
   * ```
   */
  readonly followHistory: (
    id: BackupSchedule.ScheduleId,
    options?: FollowOptions
  ) => Stream.Stream<BackupRun.Change, PineconeError.ListError>
}

/**
 * Service that provides the operations on backup schedules.
 *
 * @category services
 * @since 0.1.0
 */
export class BackupSchedules
  extends Context.Service<BackupSchedules, Service>()("@pinecone-backups/core/BackupSchedules")
{}

/**
 * Creates the operations on a connection.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<Service, never, PineconeClient.PineconeClient> = Effect.gen(function*() {
  const client = yield* OptionNames.client
  const inTurn = yield* Turns.of(client)

  const describe: Service["describe"] = (id) => client.execute(endpoints.describe, { params: { schedule_id: id } })

  const changing = (id: BackupSchedule.ScheduleId, { enabled, expireAfterDays, frequency }: UpdateOptions) => ({
    params: { schedule_id: id },
    payload: {
      ...(frequency !== undefined && { frequency }),
      ...(expireAfterDays !== undefined && { retention: { expire_after_days: expireAfterDays } }),
      ...(enabled !== undefined && { enabled })
    }
  })

  const update: Service["update"] = (id, options) =>
    client.executeIdempotently(
      endpoints.update,
      changing(id, options),
      {
        locate: Effect.map(describe(id), (schedule) => hasOptions(schedule, options) ? schedule : undefined),
        mismatch: (schedule) => differenceOf(schedule, options),
        isExclusive: true
      }
    )

  const schedules = Paging.pages(
    endpoints.list,
    (schedule: BackupSchedule.BackupSchedule) => schedule.scheduleId
  )(
    (index: PineconeIndex.IndexName, query) => client.execute(endpoints.list, { params: { index_name: index }, query })
  )

  const history = Paging.pages(endpoints.history, (run: BackupRun.BackupRun) => run.backupId)(
    (id: BackupSchedule.ScheduleId, query) => client.execute(endpoints.history, { params: { schedule_id: id }, query })
  )

  const creation = (index: PineconeIndex.IndexName, { expireAfterDays, frequency, name }: CreateOptions) => ({
    params: { index_name: index },
    payload: {
      name,
      schedule: { type: "time-based" as const, frequency },
      retention: { expire_after_days: expireAfterDays }
    }
  })

  const checkCreate: Service["checkCreate"] = (index, options) =>
    client.check(endpoints.create, creation(index, options))

  const create: Service["create"] = (index, options) =>
    client.executeIdempotently(
      endpoints.create,
      creation(index, options),
      {
        locate: Effect.flatMap(Stream.runCollect(schedules.stream(index)), (all) => {
          const wanted = { ...options, enabled: true }
          const found = all.find((schedule) => Name.isSame(schedule.name, options.name) && hasOptions(schedule, wanted))
          return found === undefined && all.some((schedule) => isCandidate(schedule, options.name, wanted))
            ? Effect.fail("unclear" as const)
            : Effect.succeed(found)
        }),
        mismatch: (schedule) =>
          schedule.scheduleId === ""
            ? "schedule_id"
            : schedule.name && !Name.isSame(schedule.name, options.name)
            ? "name"
            : differenceOf({ ...schedule, enabled: schedule.enabled ?? true }, { ...options, enabled: true }),
        // An index has at most one enabled schedule.
        isExclusive: true
      }
    )

  /** Finds the schedule with a name, preferring the enabled one. */
  const named = (index: PineconeIndex.IndexName, name: string) =>
    Effect.map(
      Stream.runCollect(Stream.filter(schedules.stream(index), (schedule) => Name.isSame(schedule.name, name))),
      (all) => all.find(({ enabled }) => enabled !== false) ?? all[0]
    )

  /** Updates the fields that differ, if any. */
  const adjust = Effect.fnUntraced(function*(schedule: BackupSchedule.BackupSchedule, options: EnsureOptions) {
    return hasOptions(schedule, options)
      ? { schedule, action: "unchanged" as const }
      : { schedule: yield* update(schedule.scheduleId, changesOf(schedule, options)), action: "updated" as const }
  })

  const ensure: Service["ensure"] = Effect.fn("BackupSchedules.ensure")(function*(index, options) {
    yield* checkCreate(index, options)
    // Two concurrent calls that find no schedule would both create one if neither is enabled.
    return yield* inTurn("BackupSchedules.ensure", index, Name.normalize(options.name))(
      ensureInTurn(index, options)
    )
  })

  const ensureInTurn = Effect.fnUntraced(function*(index: PineconeIndex.IndexName, options: EnsureOptions) {
    const existing = yield* Effect.provideService(named(index, options.name), Reconcile.Lookup, "repeated")
    if (existing !== undefined) return yield* adjust(existing, options)
    const created = yield* Effect.result(create(index, options))
    if (Result.isSuccess(created)) {
      const { scheduleId } = created.success
      const schedule = options.enabled === false
        // The schedule exists now, even if the update fails.
        ? yield* update(scheduleId, { enabled: false }).pipe(
          Wait.after(
            "BackupSchedules.ensure",
            { scheduleId },
            `Schedule ${scheduleId} was created and is enabled, because pausing it failed`
          )
        )
        : created.success
      return { schedule, action: "created" as const }
    }
    // Another process may have created the schedule first.
    const other = created.failure._tag === "PineconeAlreadyExists"
      ? yield* Reconcile.locate(named(index, options.name)).pipe(Effect.mapError(() => created.failure))
      : undefined
    return other === undefined ? yield* created.failure : yield* adjust(other, options)
  })

  const followHistory: Service["followHistory"] = (id, options = {}) =>
    Follow.follow("BackupSchedules.followHistory", () => history.steps(id), options)

  return BackupSchedules.of({
    create,
    checkCreate,
    ensure,
    listPage: schedules.page,
    list: schedules.stream,
    listPages: schedules.pages,
    describe,
    update,
    checkUpdate: (id, options) => client.check(endpoints.update, changing(id, options)),
    pause: (id) => update(id, { enabled: false }),
    resume: (id) => update(id, { enabled: true }),
    delete: (id) => client.execute(endpoints.delete, { params: { schedule_id: id } }),
    historyPage: history.page,
    history: history.stream,
    historyPages: history.pages,
    followHistory
  })
})

/** The options that a schedule does not have yet, or does not show. */
const changesOf = (
  schedule: BackupSchedule.BackupSchedule,
  { enabled, expireAfterDays, frequency }: UpdateOptions
): UpdateOptions => ({
  ...(frequency !== undefined && frequency !== schedule.frequency && { frequency }),
  ...(expireAfterDays !== undefined && expireAfterDays !== schedule.retentionExpireAfterDays && { expireAfterDays }),
  ...(enabled !== undefined && enabled !== schedule.enabled && { enabled })
})

/** Returns `true` if a schedule has the given options. */
const hasOptions = (schedule: BackupSchedule.BackupSchedule, options: UpdateOptions): boolean =>
  differenceOf(schedule, options) === undefined

/** The API's names of the fields that can be changed. */
const fields = { frequency: "frequency", expireAfterDays: "retention_expire_after_days", enabled: "enabled" } as const

/** Returns the API's name of the first field that differs from the options. */
const differenceOf = (schedule: BackupSchedule.BackupSchedule, options: UpdateOptions): string | undefined => {
  const changes = changesOf(schedule, options)
  const first = Struct.keys(fields).find((key) => key in changes)
  return first === undefined ? undefined : fields[first]
}

/** Returns `true` if a schedule that lacks some fields could be the requested one. */
const isCandidate = (schedule: BackupSchedule.BackupSchedule, name: string, wanted: UpdateOptions): boolean => {
  const { enabled, frequency, name: ownName, retentionExpireAfterDays: days } = schedule
  return Name.isSame(ownName ?? name, name) && (frequency === Wire.unsent || frequency === wanted.frequency) &&
    (days ?? wanted.expireAfterDays) === wanted.expireAfterDays && (enabled ?? true)
}

/**
 * Layer that provides the operations on a connection.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<BackupSchedules, never, PineconeClient.PineconeClient> = Layer.effect(
  BackupSchedules,
  make
)
