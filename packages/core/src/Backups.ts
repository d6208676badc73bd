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
import * as IndexRules from "./IndexRules.ts"
import * as Identity from "./internal/backup-identity.ts"
import { endpoints } from "./internal/contract/backups.ts"
import * as Contract from "./internal/contract/endpoint.ts"
import * as IdempotencyKey from "./internal/idempotency-key.ts"
import * as OptionNames from "./internal/option-names.ts"
import * as Recent from "./internal/recent.ts"
import * as RestoreIdentity from "./internal/restore-identity.ts"
import * as Paging from "./internal/stream/paging.ts"
import * as Wait from "./internal/stream/wait.ts"
import * as Call from "./internal/transport/call.ts"
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
 * Options for creating a backup.
 *
 * @category options
 * @since 0.1.0
 */
export interface CreateOptions {
  /**
   * The backup name. Not unique.
   *
   * **Details**
   *
   * In version 2026-07 and later, a name has 1 to 45 lowercase letters, digits and hyphens, and starts and ends with a
   * letter or digit. Earlier versions accept any string.
   *
   * @default a unique name: `backup-` and 16 random letters and digits from the `Random` service
   */
  readonly name?: string | undefined
  readonly description?: string | undefined
  /**
   * A key that makes the call idempotent: 1 to 64 letters, digits and `.` `_` `:` `-`.
   *
   * **Details**
   *
   * If a backup of the index already has the key, that backup is returned and no backup is created, regardless of who
   * created it and whether it succeeded. The key is stored at the end of the description, as `[key …]`.
   *
   * **Gotchas**
   *
   * The API does not know idempotency keys, so two processes that use the same key at the same time can create two
   * backups.
   */
  readonly idempotencyKey?: string | undefined
}

/**
 * Options for restoring a backup into a new index. Everything else, including the schema, comes from the backup.
 *
 * @category options
 * @since 0.1.0
 */
export interface RestoreOptions {
  /**
   * The name of the new index: 1 to 45 lowercase letters, digits and hyphens, starting and ending with a letter or
   * digit.
   */
  readonly name: string
  /**
   * Tags that replace the tags of the backup.
   *
   * @default the tags of the backup
   */
  readonly tags?: Readonly<Record<string, string>> | undefined
  /** @default "disabled" */
  readonly deletionProtection?: "enabled" | "disabled" | undefined
  /**
   * Version 2026-07. Sources disagree on whether restores honor it.
   *
   * @default on demand
   */
  readonly readCapacity?: PineconeApi.ReadCapacity | undefined
}

/**
 * Options for listing the backups of deleted indexes.
 *
 * @category options
 * @since 0.1.0
 */
export interface IncludeDeleted {
  /**
   * Whether to list the backups of every index that ever had the name. If `false`, listing the backups of a deleted
   * index fails with `NotFound` although they exist.
   *
   * @default false
   */
  readonly includeDeleted?: boolean | undefined
}

/**
 * Operations on backups.
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
   * Starts a backup of an index. The backup is `Initializing` at first, for minutes or hours.
   *
   * **Details**
   *
   * Creates the backup at most once. If the response is lost, the backup is looked up among the backups of the index:
   * by its idempotency key, by its generated name, or by the name and description in the options. The request is
   * retried only if the backup is not found, and not after a timeout, because the service may still be processing the
   * request. In that case, and if the lookup has no clear result, the error is `inDoubt`.
   *
   * A name in the options may not be unique, so the existing backups with that name and description are listed first
   * and excluded from the lookup. Calls in one process for the same project, index, name and description run one after
   * another.
   *
   * Fails with `NotFound` if the index does not exist, `Forbidden` if the backup quota is used up, `PermissionDenied`
   * on a plan without backups, which is checked first, and `InvalidArgument` for pod-based and encrypted indexes.
   *
   * **Gotchas**
   *
   * Writes from roughly the last 15 minutes are not included, so a backup of a new index can be empty. A backup that
   * another process creates at the same time with the same name and description can be mistaken for the result.
   *
   * **Example** (Creating a backup and waiting until it is ready)
   *
   * ```ts
   * import * as Backups from "@pinecone-backups/core/Backups"
   * import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
   * import * as Console from "effect/Console"
   * import * as Effect from "effect/Effect"
   *
   * export const program = Effect.gen(function*() {
   *   const backups = yield* Backups.Backups
   *   const { backupId } = yield* backups.create(PineconeIndex.IndexName.make("docs"), {
   *     name: "before-migration",
   *     // A second run of the program returns the same backup.
   *     idempotencyKey: "migration-42"
   *   })
   *   const backup = yield* backups.awaitReady(backupId)
   *   yield* Console.log(backup.name, backup.status) // => before-migration Ready
   * })
   * ```
   */
  readonly create: (
    index: PineconeIndex.IndexName,
    options?: CreateOptions
  ) => Effect.Effect<PineconeClient.Recoverable<Backup.Backup>, PineconeError.ListError>

  /**
   * Validates the input of `create` without sending a request, and returns the request that `create` would send.
   *
   * **Details**
   *
   * Fails with `InvalidInput` where `create` would.
   *
   * **Gotchas**
   *
   * A generated name differs on each call.
   */
  readonly checkCreate: (
    index: PineconeIndex.IndexName,
    options?: CreateOptions
  ) => Effect.Effect<PineconeClient.Request, PineconeError.InvalidInput>

  /**
   * Finds the backup that `create` would return because it already has the idempotency key. Returns `undefined` if
   * `create` would create a backup.
   *
   * **Details**
   *
   * Fails like `create`, for example with `InvalidInput` if the backup has a different name than the options.
   */
  readonly findCreated: (
    index: PineconeIndex.IndexName,
    options: CreateOptions & { readonly idempotencyKey: string }
  ) => Effect.Effect<Backup.Backup | undefined, PineconeError.ListError>

  /** Returns a backup by its ID. */
  readonly describe: (id: Backup.BackupId) => Effect.Effect<Backup.Backup, PineconeError.PineconeError>

  /**
   * Deletes a backup.
   *
   * **Details**
   *
   * Fails with `FailedPrecondition` while an index is being restored from the backup.
   *
   * **Gotchas**
   *
   * The deletion takes effect with a delay, so `describe` may still succeed for some time.
   */
  readonly delete: (id: Backup.BackupId) => Effect.Effect<void, PineconeError.PineconeError>

  /** Returns one page of the backups of the project, including backups of deleted indexes. */
  readonly listPage: (
    options?: Page.PageOptions
  ) => Effect.Effect<Page.Page<Backup.Backup>, PineconeError.PineconeError>

  /** Streams the backups of the project from all pages, including backups of deleted indexes. */
  readonly list: (options?: Page.StreamOptions) => Stream.Stream<Backup.Backup, PineconeError.ListError>

  /** Streams the pages of the backups of the project: like `list`, with the tokens to resume from. */
  readonly listPages: (
    options?: Page.StreamOptions
  ) => Stream.Stream<Page.Page<Backup.Backup>, PineconeError.ListError>

  /** Returns one page of the backups of an index. */
  readonly listByIndexPage: (
    index: PineconeIndex.IndexName,
    options?: Page.PageOptions & IncludeDeleted
  ) => Effect.Effect<Page.Page<Backup.Backup>, PineconeError.PineconeError>

  /** Streams the backups of an index from all pages. */
  readonly listByIndex: (
    index: PineconeIndex.IndexName,
    options?: Page.StreamOptions & IncludeDeleted
  ) => Stream.Stream<Backup.Backup, PineconeError.ListError>

  /** Streams the pages of the backups of an index: like `listByIndex`, with the tokens to resume from. */
  readonly listByIndexPages: (
    index: PineconeIndex.IndexName,
    options?: Page.StreamOptions & IncludeDeleted
  ) => Stream.Stream<Page.Page<Backup.Backup>, PineconeError.ListError>

  /**
   * Waits until a backup is ready to be restored.
   *
   * **Details**
   *
   * Polls on `schedule`, tolerates consecutive transient failures for up to `maxOutage`, and returns the backup. Fails
   * with `BackupFailed`, with `WaitTimedOut`, which has the last state seen, or immediately with `NotFound`.
   *
   * **Gotchas**
   *
   * Interrupting the wait does not cancel the backup.
   */
  readonly awaitReady: (
    id: Backup.BackupId,
    options?: Polling.WaitOptions<Backup.Backup>
  ) => Effect.Effect<Backup.Backup, PineconeError.PineconeError | WaitError.AwaitReadyError>

  /**
   * Starts restoring a backup into a new index in the same project, cloud and region.
   *
   * **Details**
   *
   * If the response is lost, looks up the job that restored the same backup into the index of that name, regardless of
   * who started it. The request is retried only if no such job is found. Fails with `NotFound` if the backup does not
   * exist, `AlreadyExists` if an index has the name, `FailedPrecondition` if the backup is not ready, and `Forbidden`
   * if the index quota is used up.
   *
   * **Gotchas**
   *
   * The index exists immediately, and is usable once the restore job is `Completed`. It has no schedule.
   */
  readonly restore: (
    id: Backup.BackupId,
    options: RestoreOptions
  ) => Effect.Effect<PineconeClient.Recoverable<RestoreJob.Started>, PineconeError.PineconeError>

  /** Validates the input of `restore` without sending a request, and returns the request that `restore` would send. */
  readonly checkRestore: (
    id: Backup.BackupId,
    options: RestoreOptions
  ) => Effect.Effect<PineconeClient.Request, PineconeError.InvalidInput>

  /**
   * Restores a backup into a new index and waits until the restore job is completed and the index is ready.
   *
   * **When to use**
   *
   * To resume a wait later, use `restore` instead, keep the job ID, and wait with `RestoreJobs.awaitReady`.
   *
   * **Details**
   *
   * One `timeout` covers the job and the index. Fails with `RestoreFailed`, `RestoreCancelled`, `WaitTimedOut`, which
   * has the last state seen of the job or index, or `Unfinished` if a request fails after the start. Each of these
   * errors has `started.restoreJobId` for `RestoreJobs.awaitReady`. A `PineconeError` that is not `inDoubt` means that
   * nothing was started. Invalid options fail with `InvalidInput` before anything is sent.
   *
   * **Gotchas**
   *
   * Interrupting the wait does not cancel the restore.
   *
   * **Example** (Restoring a backup into a new index)
   *
   * ```ts
   * import * as Backup from "@pinecone-backups/core/Backup"
   * import * as Backups from "@pinecone-backups/core/Backups"
   * import * as Console from "effect/Console"
   * import * as Effect from "effect/Effect"
   *
   * export const program = Effect.gen(function*() {
   *   const backups = yield* Backups.Backups
   *   const { index, job } = yield* backups.restoreAndAwait(
   *     Backup.BackupId.make("d2f4a908"),
   *     { name: "docs-restored" },
   *     { timeout: "2 hours" }
   *   )
   *   yield* Console.log(job.status, index.name, index.status?.ready) // => Completed docs-restored true
   * })
   * ```
   */
  readonly restoreAndAwait: (
    id: Backup.BackupId,
    options: RestoreOptions,
    wait?: RestoreJobs.AwaitOptions<RestoreJob.RestoreJob | PineconeIndex.PineconeIndex>
  ) => Effect.Effect<RestoreJobs.Restored, PineconeError.PineconeError | WaitError.RestoreAndAwaitError>
}

/**
 * Service that provides the operations on backups.
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

  const ofProject = Paging.pages(endpoints.list, (backup: Backup.Backup) => backup.backupId)(
    (_: void, query) => client.execute(endpoints.list, { query })
  )

  const ofIndex = Paging.pages(endpoints.listByIndex, (backup: Backup.Backup) => backup.backupId)(
    ({ includeDeleted, index }: IncludeDeleted & { readonly index: PineconeIndex.IndexName }, query) =>
      client.execute(endpoints.listByIndex, {
        params: { index_name: index },
        // The token omits `include_deleted`, so send it with every page.
        query: { ...query, ...(includeDeleted !== undefined && { include_deleted: includeDeleted }) }
      })
  )

  const describe: Service["describe"] = (id) => client.execute(endpoints.describe, { params: { backup_id: id } })

  const inTurn = yield* Turns.of(client)

  /** The IDs of backups that earlier calls returned. A list may show a new backup only after a delay. */
  const claimed = Recent.make(1_000)

  const isNew = ({ backup }: Identity.Candidate) => !claimed.has(backup.backupId)

  /** Builds the request of `create`, and checks the rules that are not part of the contract. */
  const creation = Effect.fnUntraced(function*(
    index: PineconeIndex.IndexName,
    { description, idempotencyKey: key, ...options }: CreateOptions
  ) {
    const name = options.name ?? (yield* Identity.uniqueName)
    const wrong = client.apiVersion === "2026-04" ? undefined : IndexRules.wrongName(name)
    if (wrong !== undefined) return yield* invalid("name", wrong)
    if (key !== undefined && !IdempotencyKey.isValid(key)) {
      return yield* invalid("idempotencyKey", "must be 1 to 64 letters, digits and . _ : -")
    }
    const text = key === undefined ? description : IdempotencyKey.append(description, key)
    return { params: { index_name: index }, payload: { name, ...(text !== undefined && { description: text }) } }
  })

  /** The backups of an index that match a call, or may match because a field is missing. */
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
      /** Returns `true` for a backup that existed before the request and so cannot be its result. */
      readonly isOld?: (id: Backup.BackupId) => boolean
    }
  ) =>
    client.executeIdempotently(endpoints.create, request, {
      locate,
      mismatch: (backup) =>
        backup.backupId === "" || claimed.has(backup.backupId) || isOld(backup.backupId)
          ? "backup_id"
          : Identity.mismatchOf(backup, request.payload),
      // Names of backups are not unique.
      isExclusive: false
    })

  /** Creates a backup with a generated, unique name. */
  const createUnique = (index: PineconeIndex.IndexName, request: Creation) =>
    send(request, {
      locate: Effect.flatMap(
        candidates(index, (backup) => Identity.likenessOf(backup.name, request.payload.name)),
        (all) => Identity.known(all, isNew)
      )
    })

  /** Finds the backup with a key, and all candidates. Fails if the backup has a different name than requested. */
  const lookUpKey = Effect.fnUntraced(function*(
    key: string,
    name: string | undefined,
    keyed: ReturnType<typeof candidates>
  ) {
    const all = yield* Effect.provideService(keyed, Reconcile.Lookup, "repeated")
    // Fields that are missing in a list may be present in the response to describe.
    const unclear = all.filter(({ likeness }) => likeness === "maybe")
    const described = yield* Effect.forEach(unclear, ({ backup }) => describe(backup.backupId), { concurrency: 4 })
    const found = Identity.preferred(all) ??
      described.find(({ description }) => Identity.isKeyed(description, key) === "yes")
    return found === undefined || name === undefined || Name.isSame(found.name, name)
      ? { all, found }
      : yield* invalid("idempotencyKey", `belongs to backup ${found.backupId}, which has a different name`)
  })

  const findCreated: Service["findCreated"] = Effect.fnUntraced(function*(index, options) {
    const { idempotencyKey: key, name } = options
    yield* client.check(endpoints.create, yield* creation(index, options))
    const keyed = candidates(index, ({ description }) => Identity.isKeyed(description, key))
    return (yield* lookUpKey(key, name, keyed)).found
  })

  /** Creates a backup with an idempotency key, unless it already exists. */
  const createKeyed = Effect.fnUntraced(function*(
    index: PineconeIndex.IndexName,
    { idempotencyKey: key, name }: CreateOptions & { readonly idempotencyKey: string },
    request: Creation
  ) {
    const keyed = candidates(index, (backup) =>
      Identity.either(
        Identity.isKeyed(backup.description, key),
        // A generated name identifies the backup as well as the key does.
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

  /** Creates a backup whose name and description may not be unique, excluding backups that existed before. */
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
        // Without a list of the backups that existed before, no backup is known to be new.
        return Identity.theOnly(old === undefined ? others.map((one) => ({ ...one, likeness: "maybe" })) : others)
      })
    })
  })

  const create: Service["create"] = Effect.fnUntraced(function*(index, options = {}) {
    const { idempotencyKey, name } = options
    const request = yield* creation(index, options)
    // Validate before listing, because the list would report less specific errors.
    yield* client.check(endpoints.create, request)
    const operation = Contract.operationOf(endpoints.create)
    const inTurnOf = (...identity: ReadonlyArray<string | undefined>) => inTurn(operation, index, ...identity)
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
      message: `Backup ${id} of index "${backup.sourceIndexName}" finished with status ${backup.status}`,
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
    client.executeIdempotently(endpoints.restore, restoration(id, options), {
      locate: RestoreIdentity.find(jobs, indexes, id, options),
      mismatch: ({ indexId, restoreJobId }) =>
        restoreJobId === "" ? "restore_job_id" : indexId === "" ? "index_id" : undefined,
      // Names of indexes are unique.
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
      Effect.flatMap(creation(index, options), (request) => client.check(endpoints.create, request)),
    findCreated,
    describe,
    delete: (id) => client.execute(endpoints.delete, { params: { backup_id: id } }),
    listPage: (options) => ofProject.page(undefined, options),
    list: (options) => ofProject.stream(undefined, options),
    listPages: (options) => ofProject.pages(undefined, options),
    listByIndexPage: (index, options) => ofIndex.page({ index, includeDeleted: options?.includeDeleted }, options),
    listByIndex: (index, options) => ofIndex.stream({ index, includeDeleted: options?.includeDeleted }, options),
    listByIndexPages: (index, options) => ofIndex.pages({ index, includeDeleted: options?.includeDeleted }, options),
    awaitReady,
    restore,
    checkRestore: (id, options) => client.check(endpoints.restore, restoration(id, options)),
    restoreAndAwait
  })
})

const invalid = (field: string, problem: string) =>
  PineconeError.invalidInput(Contract.operationOf(endpoints.create), field, problem)

/** The request of `create`. */
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
