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
 * A schedule to create.
 *
 * @category options
 * @since 0.1.0
 */
export interface CreateOptions {
  /**
   * The name. It never changes, and begins the name of every backup the schedule makes. Such a name is 17
   * characters longer, so one of more than 28 characters makes backups whose names exceed the 45 characters
   * the API allows for names that people choose. That is not refused here, nor is any other name but an
   * empty one.
   */
  readonly name: string
  /** How often it runs. The service chooses the time of day. */
  readonly frequency: BackupSchedule.Frequency
  /** After how many days a backup of this schedule is deleted: 1 or more, and 365 at most by default. */
  readonly expireAfterDays: number
}

/**
 * What to change about a schedule. What is left out stays.
 *
 * @category options
 * @since 0.1.0
 */
export interface UpdateOptions {
  /** How often it runs from now on. */
  readonly frequency?: BackupSchedule.Frequency | undefined
  /**
   * After how many days a backup is deleted. This goes for the backups the schedule has already made, too:
   * a smaller number deletes what has become too old.
   */
  readonly expireAfterDays?: number | undefined
  /** Whether it runs: see `pause` and `resume`. */
  readonly enabled?: boolean | undefined
}

/**
 * A schedule to have.
 *
 * @category options
 * @since 0.1.0
 */
export interface EnsureOptions extends CreateOptions {
  /** Whether it is to run. Left out, a schedule that is there stays as it is, and a new one runs. */
  readonly enabled?: boolean | undefined
}

/**
 * A schedule as it was asked for.
 *
 * @category models
 * @since 0.1.0
 */
export interface Ensured {
  readonly schedule: BackupSchedule.BackupSchedule
  /** What had to be done for it. */
  readonly action: "created" | "updated" | "unchanged"
}

/**
 * Options of following a history.
 *
 * @category options
 * @since 0.1.0
 */
export interface FollowOptions extends Follow.Options {}

/**
 * Operations on backup schedules. Each is one request, sent again only where that is safe, unless it says otherwise.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /**
   * Creates a schedule, enabled from the start. The service chooses when it runs first.
   *
   * Fails with `AlreadyExists` if the index has an enabled schedule, `NotFound` if there is no such index,
   * `InvalidArgument` for pod-based and encrypted indexes, `PermissionDenied` on a plan without schedules.
   * The plan is checked first: on such a plan even an index that does not exist is `PermissionDenied`.
   *
   * If the answer is lost, an enabled schedule of the index with the same name, frequency and retention is taken
   * for the one that was made. Only if there is none is the request sent again. An answer with another name, frequency
   * or retention is a `MalformedResponse`, which is `inDoubt`.
   */
  readonly create: (
    index: PineconeIndex.IndexName,
    options: CreateOptions
  ) => Effect.Effect<PineconeClient.Recoverable<BackupSchedule.BackupSchedule>, PineconeError.PineconeError>

  /** Checks the input of `create` as that does, and sends nothing. Returns the request that `create` would send. */
  readonly checkCreate: (
    index: PineconeIndex.IndexName,
    options: CreateOptions
  ) => Effect.Effect<PineconeClient.Request, PineconeError.InvalidInput>

  /**
   * Makes sure that an index has a schedule of that name as the options say: creates it, updates what differs, or
   * leaves it alone. If several bear the name, it is the enabled one. Lists the schedules first, and again if
   * another process creates one meanwhile. Calls of one process for the same index and name take turns.
   *
   * One that is to be created and not to run is created first and then paused; if that fails, the error is `Unfinished`,
   * with the id of the schedule, which runs, and the same call again goes on. Mind what {@link UpdateOptions} says of a
   * smaller retention, and `resume` of enabling. Fails like `create` and `update`: with `AlreadyExists` while a schedule
   * of another name is enabled.
   */
  readonly ensure: (
    index: PineconeIndex.IndexName,
    options: EnsureOptions
  ) => Effect.Effect<Ensured, PineconeError.ListError | WaitError.Unfinished<WaitError.StartedSchedule>>

  /** One page of the schedules of an index, disabled ones included. */
  readonly listPage: (
    index: PineconeIndex.IndexName,
    options?: Page.PageOptions
  ) => Effect.Effect<Page.Page<BackupSchedule.BackupSchedule>, PineconeError.PineconeError>

  /** The schedules of an index, disabled ones included, from all pages. */
  readonly list: (
    index: PineconeIndex.IndexName,
    options?: Page.StreamOptions
  ) => Stream.Stream<BackupSchedule.BackupSchedule, PineconeError.ListError>

  /** The pages of the schedules of an index: like `list`, with the tokens to go on from. */
  readonly listPages: (
    index: PineconeIndex.IndexName,
    options?: Page.StreamOptions
  ) => Stream.Stream<Page.Page<BackupSchedule.BackupSchedule>, PineconeError.ListError>

  /** Describes a schedule. */
  readonly describe: (
    id: BackupSchedule.ScheduleId
  ) => Effect.Effect<BackupSchedule.BackupSchedule, PineconeError.PineconeError>

  /**
   * Changes a schedule. Name and index never change. Mind what {@link UpdateOptions} says of a smaller
   * retention, and `resume` of enabling.
   *
   * If the answer is lost, the schedule is described. Only if it is not as it should be is the request sent again. An
   * answer that does not show what was set makes it describe the schedule, too: up to three times in four seconds, after
   * which it fails with `MalformedResponse`, which is `inDoubt`.
   */
  readonly update: (
    id: BackupSchedule.ScheduleId,
    options: UpdateOptions
  ) => Effect.Effect<PineconeClient.Recoverable<BackupSchedule.BackupSchedule>, PineconeError.PineconeError>

  /** Checks the input of `update` as that does, and sends nothing. Returns the request that `update` would send. */
  readonly checkUpdate: (
    id: BackupSchedule.ScheduleId,
    options: UpdateOptions
  ) => Effect.Effect<PineconeClient.Request, PineconeError.InvalidInput>

  /** Disables a schedule: no backup is made, and those that were made expire as before. On every plan. */
  readonly pause: (
    id: BackupSchedule.ScheduleId
  ) => Effect.Effect<PineconeClient.Recoverable<BackupSchedule.BackupSchedule>, PineconeError.PineconeError>

  /**
   * Enables a schedule. If it was disabled, this **makes a backup at once** and counts the next run from
   * now, so the time of day moves. Fails with `AlreadyExists` while another schedule of the index is enabled.
   */
  readonly resume: (
    id: BackupSchedule.ScheduleId
  ) => Effect.Effect<PineconeClient.Recoverable<BackupSchedule.BackupSchedule>, PineconeError.PineconeError>

  /**
   * Deletes a schedule. The backups it made stay until their retention is over. `NotFound` the second time,
   * except when it is an answer to repeating this very request.
   */
  readonly delete: (id: BackupSchedule.ScheduleId) => Effect.Effect<void, PineconeError.PineconeError>

  /**
   * One page of the runs of a schedule: planned, under way and over. The service seems to send the newest
   * first and promises no order. One request.
   */
  readonly historyPage: (
    id: BackupSchedule.ScheduleId,
    options?: Page.PageOptions
  ) => Effect.Effect<Page.Page<BackupRun.BackupRun>, PineconeError.PineconeError>

  /**
   * The runs of a schedule, from all pages. A page is asked for when somebody wants a row of it, so
   * `Stream.take(1)` costs one request. The pages may shift under the walk: a run that comes again within
   * 2,000 rows is dropped, and one that is added or removed meanwhile may be missed. Pages that lead back to
   * an earlier token end the stream with `PaginationLoop` before a run comes twice.
   */
  readonly history: (
    id: BackupSchedule.ScheduleId,
    options?: Page.StreamOptions
  ) => Stream.Stream<BackupRun.BackupRun, PineconeError.ListError>

  /**
   * The pages of the runs of a schedule: like `history`, with the tokens to go on from. A run that moves to a later
   * page between two walks comes in both.
   */
  readonly historyPages: (
    id: BackupSchedule.ScheduleId,
    options?: Page.StreamOptions
  ) => Stream.Stream<Page.Page<BackupRun.BackupRun>, PineconeError.ListError>

  /**
   * What changes in the history of a schedule, for ever: a run appears, changes its status, is finished or fails.
   * Changes that are found on one page come in the order of their runs' times. A run that goes away is no change.
   *
   * Reads the whole history at first and once a day, and each time if it is not newest first, since the service promises
   * no order; otherwise as far as `lookback` says. Keeps the statuses in memory. Puts up with failures that may pass for
   * as long as `maxOutage` says.
   */
  readonly followHistory: (
    id: BackupSchedule.ScheduleId,
    options?: FollowOptions
  ) => Stream.Stream<BackupRun.Change, PineconeError.ListError>
}

/**
 * Operations on backup schedules.
 *
 * **Example** (Counting what a schedule has to restore from)
 *
 * ```ts
 * import * as BackupRun from "@pinecone-backups/core/BackupRun"
 * import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
 * import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * export const restorePoints = Effect.gen(function*() {
 *   const schedules = yield* BackupSchedules.BackupSchedules
 *   const id = BackupSchedule.ScheduleId.make("c41f7a2e-96d8-4b03-8a5f-1e7d2c90b364")
 *   return yield* schedules.history(id).pipe(Stream.filter(BackupRun.isReady), Stream.runCount)
 * })
 * ```
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
  const inTurn = yield* Turns.InTurn

  const describe: Service["describe"] = (id) =>
    client.execute("BackupSchedules", "describe", { params: { schedule_id: id } })

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
      "BackupSchedules",
      "update",
      changing(id, options),
      {
        locate: Effect.map(describe(id), (schedule) => isAs(schedule, options) ? schedule : undefined),
        mismatch: (schedule) => differenceOf(schedule, options),
        isExclusive: true
      }
    )

  const schedules = Paging.pages(
    "BackupSchedules.list",
    (schedule: BackupSchedule.BackupSchedule) => schedule.scheduleId
  )(
    (index: PineconeIndex.IndexName, query) =>
      client.execute("BackupSchedules", "list", { params: { index_name: index }, query })
  )

  const history = Paging.pages("BackupSchedules.history", (run: BackupRun.BackupRun) => run.backupId)(
    (id: BackupSchedule.ScheduleId, query) =>
      client.execute("BackupSchedules", "history", { params: { schedule_id: id }, query })
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
    client.check("BackupSchedules", "create", creation(index, options))

  const create: Service["create"] = (index, options) =>
    client.executeIdempotently(
      "BackupSchedules",
      "create",
      creation(index, options),
      {
        locate: Effect.flatMap(Stream.runCollect(schedules.stream(index)), (all) => {
          const wanted = { ...options, enabled: true }
          const found = all.find((schedule) => Name.isSame(schedule.name, options.name) && isAs(schedule, wanted))
          return found === undefined && all.some((schedule) => mayBe(schedule, options.name, wanted))
            ? Effect.fail("unclear" as const)
            : Effect.succeed(found)
        }),
        mismatch: (schedule) =>
          schedule.scheduleId === ""
            ? "schedule_id"
            : schedule.name && !Name.isSame(schedule.name, options.name)
            ? "name"
            : differenceOf({ ...schedule, enabled: schedule.enabled ?? true }, { ...options, enabled: true }),
        // An index has one enabled schedule.
        isExclusive: true
      }
    )

  /** The schedule of a name, the enabled one if there are several. */
  const named = (index: PineconeIndex.IndexName, name: string) =>
    Effect.map(
      Stream.runCollect(Stream.filter(schedules.stream(index), (schedule) => Name.isSame(schedule.name, name))),
      (all) => all.find(({ enabled }) => enabled !== false) ?? all[0]
    )

  /** Changes what differs, if anything does. */
  const adjust = Effect.fnUntraced(function*(schedule: BackupSchedule.BackupSchedule, options: EnsureOptions) {
    return isAs(schedule, options)
      ? { schedule, action: "unchanged" as const }
      : { schedule: yield* update(schedule.scheduleId, changesOf(schedule, options)), action: "updated" as const }
  })

  const ensure: Service["ensure"] = Effect.fn("BackupSchedules.ensure")(function*(index, options) {
    yield* checkCreate(index, options)
    // Two that find none would make two, if neither is to run.
    return yield* inTurn(JSON.stringify([client.host, "BackupSchedules.ensure", index, Name.normalize(options.name)]))(
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
        // Something is made already, whatever becomes of the change.
        ? yield* update(scheduleId, { enabled: false }).pipe(
          Wait.after(
            "BackupSchedules.ensure",
            { scheduleId },
            `Schedule ${scheduleId} runs, since it could not be paused`
          )
        )
        : created.success
      return { schedule, action: "created" as const }
    }
    // Another process may have been faster.
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
    checkUpdate: (id, options) => client.check("BackupSchedules", "update", changing(id, options)),
    pause: (id) => update(id, { enabled: false }),
    resume: (id) => update(id, { enabled: true }),
    delete: (id) => client.execute("BackupSchedules", "delete", { params: { schedule_id: id } }),
    historyPage: history.page,
    history: history.stream,
    historyPages: history.pages,
    followHistory
  })
})

/** What of some options a schedule does not have yet, or does not show. */
const changesOf = (
  schedule: BackupSchedule.BackupSchedule,
  { enabled, expireAfterDays, frequency }: UpdateOptions
): UpdateOptions => ({
  ...(frequency !== undefined && frequency !== schedule.frequency && { frequency }),
  ...(expireAfterDays !== undefined && expireAfterDays !== schedule.retentionExpireAfterDays && { expireAfterDays }),
  ...(enabled !== undefined && enabled !== schedule.enabled && { enabled })
})

/** Whether a schedule is as some options say. */
const isAs = (schedule: BackupSchedule.BackupSchedule, options: UpdateOptions): boolean =>
  differenceOf(schedule, options) === undefined

/** The API's names of what can be changed. */
const fields = { frequency: "frequency", expireAfterDays: "retention_expire_after_days", enabled: "enabled" } as const

/** The first field in which a schedule is not as some options say. */
const differenceOf = (schedule: BackupSchedule.BackupSchedule, options: UpdateOptions): string | undefined => {
  const changes = changesOf(schedule, options)
  const first = Struct.keys(fields).find((key) => key in changes)
  return first === undefined ? undefined : fields[first]
}

/** Whether a schedule may be one that was asked for, although it does not say all that it would take to know. */
const mayBe = (schedule: BackupSchedule.BackupSchedule, name: string, wanted: UpdateOptions): boolean => {
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
