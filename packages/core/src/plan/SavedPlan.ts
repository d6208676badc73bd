/**
 * Saved plans: schedule plans as JSON, to be reviewed now and carried out later, with exactly these steps and without the
 * policy.
 *
 * A saved plan has the facts that its steps depend on. It is carried out as long as they are as they were, or as they are
 * after the first steps: after an interruption, the same saved plan continues, and a plan that was carried out changes
 * nothing.
 *
 * **Example** (Saving a plan and carrying it out)
 *
 * ```ts
 * import type * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
 * import * as SavedPlan from "@pinecone-backups/core/plan/SavedPlan"
 * import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
 * import * as PineconeMemory from "@pinecone-backups/testing/PineconeMemory"
 * import * as Console from "effect/Console"
 * import * as Effect from "effect/Effect"
 * import * as Stream from "effect/Stream"
 *
 * const schema = "acme.plan/v1"
 * const policy: BackupPolicy.BackupPolicy = {
 *   rules: [{ index: "docs", schedule: { every: "daily", keep: 30 } }]
 * }
 *
 * export const program = Effect.gen(function*() {
 *   const facts = yield* SchedulePlan.read(policy)
 *   const plan = SchedulePlan.make(policy, facts)
 *   const text = SavedPlan.encode(
 *     yield* SavedPlan.make(plan, facts, { schema, host: "https://api.pinecone.io", apiVersion: "2026-07" })
 *   )
 *   // Later, after a review.
 *   const saved = yield* SavedPlan.decode(text, schema)
 *   const events = SavedPlan.apply(saved).pipe(Stream.map(({ _tag }) => _tag))
 *   yield* Console.log(yield* Stream.runCollect(events)) // => [ 'Done', 'Left' ]
 *   yield* Console.log(yield* Stream.runCollect(events)) // => [ 'Already', 'Left' ]
 * }).pipe(Effect.provide(PineconeMemory.layer({ indexes: [{ name: "docs" }] })))
 * ```
 *
 * @since 0.1.0
 */

import * as Array from "effect/Array"
import * as WebCrypto from "effect/crypto/WebCrypto"
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import { identity } from "effect/Function"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import type * as BackupPolicy from "../health/BackupPolicy.ts"
import * as Wire from "../internal/codec/wire.ts"
import { isId } from "../internal/same.ts"
import * as Response from "../internal/transport/response.ts"
import * as UnknownKeys from "../internal/unknown-keys.ts"
import type * as PineconeError from "../PineconeError.ts"
import * as PineconeIndex from "../PineconeIndex.ts"
import * as Applying from "./internal/applying.ts"
import * as Comparing from "./internal/comparing.ts"
import * as Gathering from "./internal/gathering.ts"
import * as PlanWorlds from "./internal/plan-worlds.ts"
import * as SchedulePlan from "./SchedulePlan.ts"
import * as ScheduleStep from "./ScheduleStep.ts"

// ============================================================================
// Model
// ============================================================================

const Time = Schema.DateTimeUtcFromString

const body = {
  /** The name of the format and its version, chosen by the application. */
  schema: Schema.String,
  madeAt: Time,
  /** The end of the validity. The losses of the steps are computed for this time. */
  validUntil: Time,
  host: Schema.String,
  projectId: Schema.NullOr(Schema.String),
  isProjectConfirmed: Schema.Boolean,
  apiVersion: Schema.String,
  /** The policy file from which the plan was made; `null` if it was not a file. */
  file: Schema.NullOr(Schema.Struct({ name: Schema.String, sha256: Schema.String })),
  /** The indexes that were planned; `null` for all that the policy manages. */
  scope: Schema.NullOr(Schema.Array(PineconeIndex.IndexName)),
  deleteExtra: Schema.Boolean,
  /** The facts that the steps depend on, with the SHA-256 of their canonical JSON. */
  facts: Schema.Array(Wire.snakeStruct({ ...PlanWorlds.fields, sha256: Schema.String })),
  steps: Schema.Array(ScheduleStep.Step),
  blocked: Schema.Array(ScheduleStep.Blocked),
  unknown: Schema.Array(ScheduleStep.Unknown),
  extra: Schema.Array(ScheduleStep.Extra),
  inStep: Schema.Array(PineconeIndex.IndexName)
}

/**
 * Schema for a saved plan. Encodes to JSON with keys in snake case.
 *
 * @category schemas
 * @since 0.1.0
 */
export const SavedPlan = Wire.snakeStruct({
  ...body,
  /** SHA-256 of the canonical JSON of all other fields. */
  sha256: Schema.String
})

/**
 * A saved plan.
 *
 * @category models
 * @since 0.1.0
 */
export interface SavedPlan extends Schema.Schema.Type<typeof SavedPlan> {}

/**
 * Error of a text that is not a saved plan.
 *
 * **Details**
 *
 * - `not-json`: the text is not JSON
 * - `other-format`: the `schema` is another one
 * - `invalid`: a field is missing or invalid
 * - `damaged`: a checksum does not match, so the plan was changed after it was saved. This detects corruption and edits, not
 *   attacks.
 *
 * @category errors
 * @since 0.1.0
 */
export class SavedPlanError extends Data.TaggedError("SavedPlanError")<{
  readonly reason: "not-json" | "other-format" | "invalid" | "damaged"
  readonly message: string
}> {}

// ============================================================================
// JSON
// ============================================================================

/** JSON with sorted keys. */
const sorted = (json: unknown): unknown => {
  if (Array.isArray(json)) return json.map(sorted)
  if (!Predicate.isObject(json)) return json
  return Object.fromEntries(
    Object.entries(json).sort(([self], [that]) => self < that ? -1 : 1).map(([key, value]) => [key, sorted(value)])
  )
}

/** The SHA-256 of canonical JSON, in lowercase hexadecimal digits. */
const sha256 = (json: Schema.Json): Effect.Effect<string> =>
  Effect.flatMap(WebCrypto.WebCrypto, ({ subtle }) =>
    Effect.map(
      Effect.promise(() => subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(sorted(json))))),
      (digest) => Hex.encode(new Uint8Array(digest))
    ))

const Body = Schema.toCodecJson(Wire.snakeStruct(body))
const Image = Schema.toCodecJson(PlanWorlds.Image)
const Whole = Schema.toCodecJson(SavedPlan)

/** The checksum of a plan without its own. */
const checksumOf = ({ sha256: _, ...plan }: SavedPlan): Effect.Effect<string> =>
  Effect.flatMap(Effect.orDie(Schema.encodeEffect(Body)(plan)), sha256)

const checksumOfFacts = (image: PlanWorlds.Image): Effect.Effect<string> =>
  Effect.flatMap(Effect.orDie(Schema.encodeEffect(Image)(image)), sha256)

/**
 * Options of {@link make}.
 *
 * @category options
 * @since 0.1.0
 */
export interface MakeOptions {
  /** The name of the format and its version, chosen by the application, such as `"acme.plan/v1"`. */
  readonly schema: string
  /** The address of the API. */
  readonly host: string
  readonly apiVersion: string
  /** The policy file, and the SHA-256 of its content. */
  readonly file?: { readonly name: string; readonly sha256: string } | undefined
}

const stepsOf = (steps: ReadonlyArray<ScheduleStep.Step>, name: PineconeIndex.IndexName) =>
  steps.filter(({ indexName }) => indexName === name)

/**
 * Saves a plan and the facts that it was made from. Sends nothing.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  plan: SchedulePlan.SchedulePlan,
  facts: SchedulePlan.Facts,
  { apiVersion, file, host, schema }: MakeOptions
): Effect.fn.Return<SavedPlan> {
  const changed = facts.indexes.filter(({ index }) => stepsOf(plan.steps, index.name).length > 0)
  const images = yield* Effect.forEach(changed, (index) => {
    const image = PlanWorlds.imageOf(index, stepsOf(plan.steps, index.index.name))
    return Effect.map(checksumOfFacts(image), (sha256) => ({ ...image, sha256 }))
  })
  const { at, ...rest } = plan
  const unsigned: SavedPlan = {
    ...rest,
    schema,
    madeAt: at,
    host,
    apiVersion,
    file: file ?? null,
    scope: facts.scope ?? null,
    facts: images,
    sha256: ""
  }
  return { ...unsigned, sha256: yield* checksumOf(unsigned) }
})

/**
 * Returns the JSON text of a saved plan, with sorted keys and a line feed at the end.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encode = (plan: SavedPlan): string =>
  `${JSON.stringify(sorted(Schema.encodeSync(Whole)(plan)), null, 2)}\n`

/**
 * Reads the JSON text of a saved plan, and verifies its checksums. `schema` is the expected name of the format.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decode = Effect.fnUntraced(function*(
  text: string,
  schema: string
): Effect.fn.Return<SavedPlan, SavedPlanError> {
  const failed = (reason: SavedPlanError["reason"], message: string) => new SavedPlanError({ reason, message })
  const json = yield* Effect.try({
    try: (): unknown => JSON.parse(text),
    catch: () => failed("not-json", "the plan is not JSON")
  })
  const found = Predicate.hasProperty(json, "schema") ? json.schema : undefined
  if (found !== schema) {
    return yield* failed("other-format", `the plan does not have the format ${schema}`)
  }
  const plan = yield* Effect.mapError(
    Schema.decodeUnknownEffect(Whole, { onExcessProperty: "error" })(json),
    (error) => {
      const { field, message } = Response.firstIssue(UnknownKeys.explained(error).issue, identity)
      return failed("invalid", field === "" ? message : `${field}: ${message}`)
    }
  )
  const checksums = yield* Effect.forEach(
    plan.facts,
    ({ sha256, ...image }) => Effect.map(checksumOfFacts(image), (checksum) => checksum === sha256)
  )
  return (yield* checksumOf(plan)) === plan.sha256 && checksums.every((isSame) => isSame)
    ? plan
    : yield* failed("damaged", "the checksum does not match: the plan was changed after it was saved")
})

// ============================================================================
// Validity
// ============================================================================

/**
 * Returns the recommended validity of a plan that is saved: 7 days if none of its steps loses a backup until then, otherwise
 * 24 hours.
 *
 * @category getters
 * @since 0.1.0
 */
export const validityOf = (
  wanted: BackupPolicy.BackupPolicy,
  facts: SchedulePlan.Facts,
  options?: Pick<SchedulePlan.MakeOptions, "deleteExtra">
): "24 hours" | "7 days" => {
  const { blocked, steps } = SchedulePlan.make(wanted, facts, { ...options, validFor: "7 days" })
  const loses = steps.some((step) => ScheduleStep.lossesOf(step).length > 0) ||
    blocked.some(({ _tag }) => _tag === "WouldLose")
  return loses ? "24 hours" : "7 days"
}

/**
 * Returns `true` if a saved plan is no longer valid.
 *
 * @category guards
 * @since 0.1.0
 */
export const isExpired = ({ validUntil }: Pick<SavedPlan, "validUntil">, now: DateTime.Utc): boolean =>
  DateTime.isGreaterThan(now, validUntil)

/**
 * Returns the plan that was saved.
 *
 * @category getters
 * @since 0.1.0
 */
export const toPlan = ({ madeAt, ...saved }: SavedPlan): SchedulePlan.SchedulePlan => ({
  at: madeAt,
  validUntil: saved.validUntil,
  projectId: saved.projectId,
  isProjectConfirmed: saved.isProjectConfirmed,
  deleteExtra: saved.deleteExtra,
  steps: saved.steps,
  blocked: saved.blocked,
  unknown: saved.unknown,
  extra: saved.extra,
  inStep: saved.inStep
})

/**
 * Returns whether facts, as {@link read} returns them, are of the project of a saved plan.
 *
 * **Details**
 *
 * A pure function. The project ID in the schedules decides. If the plan has none, because the project had no schedules, the IDs
 * and hosts of its indexes decide: two projects have neither in common. `"unknown"` if nothing can tell, for example if the
 * schedules that showed the ID are gone: never assume that it is the same.
 *
 * @category getters
 * @since 0.1.0
 */
export const projectOf = (saved: SavedPlan, facts: SchedulePlan.Facts): "same" | "other" | "unknown" => {
  const projectIds = new Set(
    facts.indexes.flatMap(({ schedules }) => schedules === undefined ? [] : Result.getOrElse(schedules, () => []))
      .map(({ projectId }) => projectId).filter(isId)
  )
  if (saved.projectId !== null) {
    return projectIds.size === 0 ? "unknown" : [...projectIds].every((id) => id === saved.projectId) ? "same" : "other"
  }
  const isSame = saved.facts.map((image) => {
    const found = facts.indexes.find(({ index }) => index.name === image.indexName)
    return found !== undefined &&
      Comparing.replacedBy(image.indexName, image, PlanWorlds.imageOf(found, [])) === undefined
  })
  return isSame.includes(true) ? "same" : "unknown"
}

const needsOf = ({ steps }: SavedPlan): Gathering.Needs => (index) => PlanWorlds.shortened(steps, index)

/**
 * Reads the facts that a saved plan depends on.
 *
 * @category reading
 * @since 0.1.0
 */
export const read = (
  saved: SavedPlan,
  options: Pick<SchedulePlan.ReadOptions, "concurrency" | "now"> = {}
): Effect.Effect<SchedulePlan.Facts, PineconeError.PineconeError, Applying.Requirements> =>
  Effect.flatMap(
    Gathering.services,
    (services) => Gathering.reread(services, saved.facts.map(({ indexName }) => indexName), needsOf(saved), options)
  )

/**
 * Returns the steps of a saved plan that have not been carried out yet, or the differences because of which it no longer
 * fits.
 *
 * **Details**
 *
 * A pure function. Facts fit if they are those of the saved plan after any number of its steps, including none and all. The
 * losses of the steps are those at the time of the facts. Indexes that are not in the facts do not exist any more. An index is
 * the same if it has the same ID, or without an ID the same host. The project is confirmed only if {@link projectOf} is
 * `"same"`.
 *
 * @category planning
 * @since 0.1.0
 */
export const rest = (
  saved: SavedPlan,
  facts: SchedulePlan.Facts
): Result.Result<SchedulePlan.SchedulePlan, Array.NonEmptyReadonlyArray<ScheduleStep.Moved>> => {
  const moved: Array<ScheduleStep.Moved> = []
  const project = projectOf(saved, facts)
  const left: Array<ScheduleStep.Step> = []
  const inStep: Array<PineconeIndex.IndexName> = []
  for (const image of saved.facts) {
    const { indexName } = image
    if (facts.scope !== undefined && !facts.scope.includes(indexName)) continue
    const index = facts.indexes.find(({ index }) => index.name === indexName)
    if (index === undefined) {
      moved.push(Comparing.moved(indexName, "gone"))
      continue
    }
    if (project === "other") {
      moved.push(Comparing.moved(indexName, "replaced", { field: "project_id", planned: saved.projectId }))
      continue
    }
    const steps = PlanWorlds.rest(image, stepsOf(saved.steps, indexName), index)
    if (Result.isFailure(steps)) {
      moved.push(...steps.failure)
      continue
    }
    if (steps.success.length === 0) inStep.push(indexName)
    for (const step of steps.success) {
      const now = PlanWorlds.withLosses(step, index, facts.at)
      if (Result.isSuccess(now)) left.push(now.success)
      else moved.push(Comparing.moved(indexName, "unknown", { found: now.failure.reason }))
    }
  }
  if (Array.isReadonlyArrayNonEmpty(moved)) return Result.fail(moved)
  // In the order of the plan.
  const steps = saved.steps.flatMap((step) => left.filter((other) => Comparing.isSame(step, other)))
  const isProjectConfirmed = saved.isProjectConfirmed && project === "same"
  const plan = { ...toPlan(saved), at: facts.at, isProjectConfirmed, steps, inStep }
  const allowed = SchedulePlan.allows(saved, plan)
  return Result.isFailure(allowed) ? Result.fail([allowed.failure]) : Result.succeed(plan)
}

/**
 * Carries out a saved plan, like `SchedulePlan.apply`, without its policy.
 *
 * **Details**
 *
 * Every step of an index that no longer fits has `Moved`. Steps that have been carried out are `Already`, so a saved plan
 * that is carried out twice changes nothing. Steps of an expired plan have `Moved`, too.
 *
 * **Gotchas**
 *
 * Compare `host` with the connection before. If {@link projectOf} is not `"same"`, ask for consent again.
 *
 * @category applying
 * @since 0.1.0
 */
export const apply = (
  saved: SavedPlan,
  { concurrency, now = DateTime.now }: Pick<SchedulePlan.ReadOptions, "concurrency" | "now"> = {}
): Stream.Stream<SchedulePlan.Event, PineconeError.ListError, Applying.Requirements> => {
  const approved = toPlan(saved)
  return Applying.run(approved, {
    needs: needsOf(saved),
    plan: (facts) => Result.mapError(rest(saved, facts), ([first]) => first),
    left: () =>
      Effect.map(read(saved, { concurrency, now }), (facts) =>
        Result.getOrElse(rest(saved, facts), (moved) => ({
          ...approved,
          at: facts.at,
          steps: [],
          unknown: moved.map(({ found, indexName, reason }) => ({
            indexName,
            what: "index" as const,
            reason: `the index no longer fits the plan: ${reason} ${found === null ? "" : JSON.stringify(found)}`.trim()
          })),
          inStep: []
        }))),
    now
  })
}
