/**
 * Operations on backups.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Backup from "./Backup.ts"
import * as Indexes from "./Indexes.ts"
import * as Identity from "./internal/backup-identity.ts"
import * as IdempotencyKey from "./internal/idempotency-key.ts"
import * as OptionNames from "./internal/option-names.ts"
import * as Recent from "./internal/recent.ts"
import * as RestoreIdentity from "./internal/restore-identity.ts"
import * as Paging from "./internal/stream/paging.ts"
import * as Wait from "./internal/stream/wait.ts"
import * as Call from "./internal/transport/call.ts"
import * as Contract from "./internal/transport/contract.ts"
import * as Reconcile from "./internal/transport/reconcile.ts"
import * as Turns from "./internal/transport/turns.ts"
import * as Name from "./Name.ts"
import type * as Page from "./Page.ts"
import type * as PineconeApi from "./PineconeApi.ts"
import type * as PineconeClient from "./PineconeClient.ts"
import * as PineconeError from "./PineconeError.ts"
import type * as PineconeIndex from "./PineconeIndex.ts"
import type * as Polling from "./Polling.ts"
import type * as RestoreJob from "./RestoreJob.ts"
import * as RestoreJobs from "./RestoreJobs.ts"
import * as WaitError from "./WaitError.ts"

/**
 * A backup to make.
 *
 * @category options
 * @since 0.1.0
 */
export interface CreateOptions {
  /**
   * The name; two backups may bear the same. From version 2026-07 on 1 to 45 lower-case letters, digits and
   * hyphens, with a letter or digit at both ends; before, any text.
   *
   * @default `backup-` and 16 letters and digits at random, from the `Random` service: a name of its own
   */
  readonly name?: string | undefined
  readonly description?: string | undefined
  /**
   * A key that makes the call idempotent: 1 to 64 letters, digits and `.` `_` `:` `-`. If a backup of the index already
   * has the key, that backup is the result, whoever made it and whether or not it succeeded, and nothing is sent. The
   * key is stored at the end of the description, as `[key …]`.
   *
   * Two processes that call with the same key at the same time can make two backups, since the API knows no keys.
   */
  readonly idempotencyKey?: string | undefined
}

/**
 * The index to make from a backup. Everything else, its schema above all, comes from the backup.
 *
 * @category options
 * @since 0.1.0
 */
export interface RestoreOptions {
  /** The name: 1 to 45 lower-case letters, digits and hyphens, with a letter or digit at both ends. */
  readonly name: string
  /** Take the place of the backup's tags, which the index gets if this is left out. */
  readonly tags?: Readonly<Record<string, string>> | undefined
  /** @default "disabled" */
  readonly deletionProtection?: "enabled" | "disabled" | undefined
  /** Version 2026-07. On demand, if left out. Sources disagree about whether a restore honours it. */
  readonly readCapacity?: PineconeApi.ReadCapacity | undefined
}

/**
 * Which backups of an index to list.
 *
 * @category options
 * @since 0.1.0
 */
export interface IncludeDeleted {
  /**
   * Whether to list the backups of every index that ever bore the name. Without it, an index that was
   * deleted is `NotFound` although its backups are there.
   *
   * @default false
   */
  readonly includeDeleted?: boolean | undefined
}

/**
 * Operations on backups. Each is one request, sent again only where that is safe, unless it says otherwise.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /**
   * Starts a backup of an index. It is `Initializing` at first, for minutes or hours.
   *
   * Makes one backup: if the answer is lost, it is looked for among the backups of the index, by its idempotency key,
   * else by the name that was made for it, else by the name and the description that the caller gave. Only if it is not
   * there is the request sent again, and not after a timeout: the service may still be at work. In that case, or if the
   * outcome cannot be determined, the error is `inDoubt`.
   *
   * A name of the caller's may be that of other backups, so these are listed before the request is sent: what is there
   * already is not the result. Calls of one process with the same index, name and description take turns. A backup that
   * another process makes meanwhile under the same name and description can be taken for the result.
   *
   * Vectors written in the last 15 minutes or so are not in it; a backup of a fresh index can be empty.
   * Fails with `NotFound` if there is no such index, `Forbidden` if the quota of backups is used up,
   * `PermissionDenied` on a plan without backups, which is checked first, and `InvalidArgument` for
   * pod-based and encrypted indexes.
   */
  readonly create: (
    index: PineconeIndex.IndexName,
    options?: CreateOptions
  ) => Effect.Effect<PineconeClient.Recoverable<Backup.Backup>, PineconeError.ListError>

  /**
   * Checks the input of `create` as that does, and sends nothing: fails with `InvalidInput` where that would, before
   * anything is asked of the service. Returns the request that `create` would send; a generated name differs on each call.
   */
  readonly checkCreate: (
    index: PineconeIndex.IndexName,
    options?: CreateOptions
  ) => Effect.Effect<PineconeClient.Request, PineconeError.InvalidInput>

  /**
   * The backup that `create` would return because it has the idempotency key already; `undefined` if it would make one.
   * Fails like `create`: with `InvalidInput` if that backup has another name than the options say.
   */
  readonly findCreated: (
    index: PineconeIndex.IndexName,
    options: CreateOptions & { readonly idempotencyKey: string }
  ) => Effect.Effect<Backup.Backup | undefined, PineconeError.ListError>

  /** Describes a backup. */
  readonly describe: (id: Backup.BackupId) => Effect.Effect<Backup.Backup, PineconeError.PineconeError>

  /**
   * Deletes a backup. It is gone some time later, so describing it may still succeed. Fails with
   * `FailedPrecondition` while an index is being restored from it.
   */
  readonly delete: (id: Backup.BackupId) => Effect.Effect<void, PineconeError.PineconeError>

  /** One page of the backups of the project, those of deleted indexes included. */
  readonly listPage: (
    options?: Page.PageOptions
  ) => Effect.Effect<Page.Page<Backup.Backup>, PineconeError.PineconeError>

  /** The backups of the project, those of deleted indexes included, from all pages. */
  readonly list: (options?: Page.StreamOptions) => Stream.Stream<Backup.Backup, PineconeError.ListError>

  /** The pages of the backups of the project: like `list`, with the tokens to go on from. */
  readonly listPages: (
    options?: Page.StreamOptions
  ) => Stream.Stream<Page.Page<Backup.Backup>, PineconeError.ListError>

  /** One page of the backups of an index. */
  readonly listByIndexPage: (
    index: PineconeIndex.IndexName,
    options?: Page.PageOptions & IncludeDeleted
  ) => Effect.Effect<Page.Page<Backup.Backup>, PineconeError.PineconeError>

  /** The backups of an index, from all pages. */
  readonly listByIndex: (
    index: PineconeIndex.IndexName,
    options?: Page.StreamOptions & IncludeDeleted
  ) => Stream.Stream<Backup.Backup, PineconeError.ListError>

  /** The pages of the backups of an index: like `listByIndex`, with the tokens to go on from. */
  readonly listByIndexPages: (
    index: PineconeIndex.IndexName,
    options?: Page.StreamOptions & IncludeDeleted
  ) => Stream.Stream<Page.Page<Backup.Backup>, PineconeError.ListError>

  /**
   * Waits until a backup is ready to be restored. Asks again and again, and puts up with failures that may pass, but
   * not with `NotFound`. Fails with `BackupFailed`, or `WaitTimedOut` with the last state that was seen. Interrupting it ends the
   * waiting and not the backup.
   */
  readonly awaitReady: (
    id: Backup.BackupId,
    options?: Polling.WaitOptions<Backup.Backup>
  ) => Effect.Effect<Backup.Backup, PineconeError.PineconeError | WaitError.AwaitReadyError>

  /**
   * Starts to make a new index from a backup, in the project, cloud and region of the backup. The index is
   * there at once and can be used when the restore job is `Completed`. It has no schedule.
   *
   * Restores once: if the answer is lost, the job is looked for that made the index of that name from the same backup,
   * whoever began it. Only if there is none is the request sent again.
   *
   * Fails with `NotFound` if there is no such backup, `AlreadyExists` if there is an index of that name,
   * `FailedPrecondition` if the backup is not ready, `Forbidden` if the quota of indexes is used up.
   */
  readonly restore: (
    id: Backup.BackupId,
    options: RestoreOptions
  ) => Effect.Effect<PineconeClient.Recoverable<RestoreJob.Started>, PineconeError.PineconeError>

  /** Checks the input of `restore` as that does, and sends nothing. Returns the request that `restore` would send. */
  readonly checkRestore: (
    id: Backup.BackupId,
    options: RestoreOptions
  ) => Effect.Effect<PineconeClient.Request, PineconeError.InvalidInput>

  /**
   * Starts to make a new index from a backup, as `restore` does, and waits until the job is completed and the
   * index reports that it is ready. One `timeout` goes for both. Interrupting it ends the waiting and not the
   * restore. Fails with `RestoreFailed`, `RestoreCancelled`, or `WaitTimedOut` with the last state that was seen,
   * of the job or of the index, or with `Unfinished` if a request fails after the start. Each of these has
   * `started.restoreJobId`, for `RestoreJobs.awaitReady`. A `PineconeError` not `inDoubt` means that nothing was started.
   */
  readonly restoreAndAwait: (
    id: Backup.BackupId,
    options: RestoreOptions,
    wait?: RestoreJobs.AwaitOptions<RestoreJob.RestoreJob | PineconeIndex.PineconeIndex>
  ) => Effect.Effect<RestoreJobs.Restored, PineconeError.PineconeError | WaitError.RestoreAndAwaitError>
}

/**
 * Operations on backups.
 *
 * **Example** (Starting a backup)
 *
 * ```ts
 * import * as Backups from "@pinecone-backups/core/Backups"
 * import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
 * import * as Effect from "effect/Effect"
 *
 * export const start = Effect.gen(function*() {
 *   const backups = yield* Backups.Backups
 *   return yield* backups.create(PineconeIndex.IndexName.make("docs"), { name: "before-reindex" })
 * })
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class Backups extends Context.Service<Backups, Service>()("@pinecone-backups/core/Backups") {}

/**
 * Creates the operations on a connection.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<Service, never, PineconeClient.PineconeClient> = Effect.gen(function*() {
  const client = yield* OptionNames.client
  const jobs = yield* RestoreJobs.make
  const indexes = yield* Indexes.make

  const ofProject = Paging.pages("Backups.list", (backup: Backup.Backup) => backup.backupId)(
    (_: void, query) => client.execute("Backups", "list", { query })
  )

  const ofIndex = Paging.pages("Backups.listByIndex", (backup: Backup.Backup) => backup.backupId)(
    ({ includeDeleted, index }: IncludeDeleted & { readonly index: PineconeIndex.IndexName }, query) =>
      client.execute("Backups", "listByIndex", {
        params: { index_name: index },
        // The token does not remember it, so it goes with every page.
        query: { ...query, ...(includeDeleted !== undefined && { include_deleted: includeDeleted }) }
      })
  )

  const describe: Service["describe"] = (id) => client.execute("Backups", "describe", { params: { backup_id: id } })

  const inTurn = yield* Turns.InTurn

  /** The backups that calls have returned. A list may show one only some time after it was made. */
  const claimed = Recent.make(1_000)

  const isNew = ({ backup }: Identity.Candidate) => !claimed.has(backup.backupId)

  /** The request of `create`, and what is wrong with it beside what the contract knows. */
  const creation = Effect.fnUntraced(function*(
    index: PineconeIndex.IndexName,
    { description, idempotencyKey: key, ...options }: CreateOptions
  ) {
    const name = options.name ?? (yield* Identity.uniqueName)
    const wrong = client.apiVersion === "2026-04" ? undefined : Contract.wrongName(name)
    if (wrong !== undefined) return yield* invalid("name", wrong)
    if (key !== undefined && !IdempotencyKey.isValid(key)) {
      return yield* invalid("idempotencyKey", "must be 1 to 64 letters, digits and . _ : -")
    }
    const text = key === undefined ? description : IdempotencyKey.append(description, key)
    return { params: { index_name: index }, payload: { name, ...(text !== undefined && { description: text }) } }
  })

  /** The backups of an index that are, or for want of a field may be, what a call makes. */
  const candidates = (index: PineconeIndex.IndexName, likenessOf: (backup: Backup.Backup) => Identity.Likeness) =>
    ofIndex.stream({ index }).pipe(
      Stream.map((backup): Identity.Candidate => ({ backup, likeness: likenessOf(backup) })),
      Stream.filter(({ likeness }) => likeness !== "no"),
      Stream.runCollect
    )

  const send = (
    request: Creation,
    { isOld = () => false, locate }: {
      readonly locate: PineconeClient.Recovery<Backup.Backup>["locate"]
      /** Whether a backup was there before, so that it cannot be what the request makes. */
      readonly isOld?: (id: Backup.BackupId) => boolean
    }
  ) =>
    client.executeIdempotently("Backups", "create", request, {
      locate,
      mismatch: (backup) =>
        backup.backupId === "" || claimed.has(backup.backupId) || isOld(backup.backupId)
          ? "backup_id"
          : Identity.mismatchOf(backup, request.payload),
      // Two backups may bear the same name.
      isExclusive: false
    })

  /** Creates a backup whose name no other has. */
  const createUnique = (index: PineconeIndex.IndexName, request: Creation) =>
    send(request, {
      locate: Effect.flatMap(
        candidates(index, (backup) => Identity.likenessOf(backup.name, request.payload.name)),
        (all) => Identity.known(all, isNew)
      )
    })

  /** The backup that has a key, and all that are or may be it. Fails if it has another name than was asked for. */
  const lookUpKey = Effect.fnUntraced(function*(
    key: string,
    name: string | undefined,
    keyed: ReturnType<typeof candidates>
  ) {
    const all = yield* Effect.provideService(keyed, Reconcile.Lookup, "repeated")
    // What a list leaves out, a description may say.
    const unclear = all.filter(({ likeness }) => likeness === "maybe")
    const described = yield* Effect.forEach(unclear, ({ backup }) => describe(backup.backupId), { concurrency: 4 })
    const found = Identity.preferred(all) ??
      described.find(({ description }) => Identity.isKeyed(description, key) === "yes")
    return found === undefined || name === undefined || Name.isSame(found.name, name)
      ? { all, found }
      : yield* invalid("idempotencyKey", `is that of backup ${found.backupId}, which has another name`)
  })

  const findCreated: Service["findCreated"] = Effect.fnUntraced(function*(index, options) {
    const { idempotencyKey: key, name } = options
    yield* client.check("Backups", "create", yield* creation(index, options))
    const keyed = candidates(index, ({ description }) => Identity.isKeyed(description, key))
    return (yield* lookUpKey(key, name, keyed)).found
  })

  /** Creates a backup that is known by its key, unless it is there already. */
  const createKeyed = Effect.fnUntraced(function*(
    index: PineconeIndex.IndexName,
    { idempotencyKey: key, name }: CreateOptions & { readonly idempotencyKey: string },
    request: Creation
  ) {
    const keyed = candidates(index, (backup) =>
      Identity.either(
        Identity.isKeyed(backup.description, key),
        // A name that was made up for this call is as good as the key.
        name === undefined ? Identity.likenessOf(backup.name, request.payload.name) : "no"
      ))
    const { all: before, found } = yield* lookUpKey(key, name, keyed)
    if (found !== undefined) return Call.made(found, true)
    const old = Identity.idsOf(before)
    return yield* send(request, {
      isOld: (id) => old.has(id),
      locate: Effect.flatMap(keyed, (all) => Identity.known(all, ({ backup }) => !old.has(backup.backupId)))
    })
  })

  /** Creates a backup that may have the name and description of others: what is there before is not the result. */
  const createNamed = Effect.fnUntraced(function*(index: PineconeIndex.IndexName, request: Creation) {
    const { description = "", name } = request.payload
    const alike = candidates(index, (backup) =>
      Identity.both(
        Identity.likenessOf(backup.name, name),
        Identity.likenessOf(backup.description === null ? "" : backup.description, description)
      ))
    const old = yield* Effect.provideService(alike, Reconcile.Lookup, "once").pipe(
      Effect.map(Identity.idsOf),
      Effect.orElseSucceed(() => undefined)
    )
    return yield* send(request, {
      isOld: (id) => old?.has(id) === true,
      locate: Effect.flatMap(alike, (all) => {
        const others = all.filter((candidate) => isNew(candidate) && old?.has(candidate.backup.backupId) !== true)
        // If those that were there before could not be listed, none of those that are there now is known to be new.
        return Identity.theOnly(old === undefined ? others.map((one) => ({ ...one, likeness: "maybe" })) : others)
      })
    })
  })

  const create: Service["create"] = Effect.fnUntraced(function*(index, options = {}) {
    const { idempotencyKey, name } = options
    const request = yield* creation(index, options)
    // Before the list is asked for, which would say less.
    yield* client.check("Backups", "create", request)
    const inTurnOf = (...identity: ReadonlyArray<string | undefined>) =>
      inTurn(JSON.stringify([client.host, "Backups.create", index, ...identity]))
    if (idempotencyKey !== undefined) {
      return yield* inTurnOf(idempotencyKey)(createKeyed(index, { name, idempotencyKey }, request))
    }
    const made = yield* name === undefined
      ? createUnique(index, request)
      : inTurnOf(...[name, request.payload.description ?? ""].map(Name.normalize))(createNamed(index, request))
    claimed.add(made.backupId)
    return made
  })

  const awaitReady: Service["awaitReady"] = Effect.fn("Backups.awaitReady")(function*(id, options) {
    const operation = "Backups.awaitReady"
    const backup = yield* Wait.final({
      operation,
      subject: `Backup ${id}`,
      started: { backupId: id },
      states: Wait.states(operation, describe(id), false, options),
      isFinal: Backup.isFinal,
      statusOf: ({ status }) => status
    }, options)
    if (Backup.isReady(backup)) return backup
    return yield* new WaitError.BackupFailed({
      operation,
      message: `Backup ${id} of index ${backup.sourceIndexName} ended as ${backup.status}`,
      backup
    })
  })

  const restoration = (
    id: Backup.BackupId,
    { deletionProtection, name, readCapacity, tags }: RestoreOptions
  ) => ({
    params: { backup_id: id },
    payload: {
      name,
      ...(tags !== undefined && { tags }),
      ...(deletionProtection !== undefined && { deletion_protection: deletionProtection }),
      ...(readCapacity !== undefined && { read_capacity: readCapacity })
    }
  })

  const restore: Service["restore"] = (id, options) =>
    client.executeIdempotently("Backups", "restore", restoration(id, options), {
      locate: RestoreIdentity.find(jobs, indexes, id, options),
      mismatch: ({ indexId, restoreJobId }) =>
        restoreJobId === "" ? "restore_job_id" : indexId === "" ? "index_id" : undefined,
      // There is one index of a name.
      isExclusive: true
    })

  const restoreAndAwait: Service["restoreAndAwait"] = Effect.fn("Backups.restoreAndAwait")(
    function*(id, options, wait) {
      const operation = "Backups.restoreAndAwait"
      yield* Wait.check(operation, wait)
      const { restoreJobId } = yield* restore(id, options)
      const problem = `Restore job ${restoreJobId} was started, but waiting for it failed`
      return yield* Wait.after(operation, { restoreJobId }, problem)(jobs.awaitReady(restoreJobId, wait))
    }
  )

  return Backups.of({
    create,
    checkCreate: (index, options = {}) =>
      Effect.flatMap(creation(index, options), (request) => client.check("Backups", "create", request)),
    findCreated,
    describe,
    delete: (id) => client.execute("Backups", "delete", { params: { backup_id: id } }),
    listPage: (options) => ofProject.page(undefined, options),
    list: (options) => ofProject.stream(undefined, options),
    listPages: (options) => ofProject.pages(undefined, options),
    listByIndexPage: (index, options) => ofIndex.page({ index, includeDeleted: options?.includeDeleted }, options),
    listByIndex: (index, options) => ofIndex.stream({ index, includeDeleted: options?.includeDeleted }, options),
    listByIndexPages: (index, options) => ofIndex.pages({ index, includeDeleted: options?.includeDeleted }, options),
    awaitReady,
    restore,
    checkRestore: (id, options) => client.check("Backups", "restore", restoration(id, options)),
    restoreAndAwait
  })
})

const invalid = (field: string, problem: string) => PineconeError.invalidInput("Backups.create", field, problem)

/** A request of `create`. */
interface Creation {
  readonly params: { readonly index_name: PineconeIndex.IndexName }
  readonly payload: { readonly name: string; readonly description?: string }
}

/**
 * Layer that provides the operations on a connection.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<Backups, never, PineconeClient.PineconeClient> = Layer.effect(Backups, make)
