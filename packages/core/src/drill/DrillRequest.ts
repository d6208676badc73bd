/**
 * Requests for restore drills: which index, which backup, and how the restored copy is verified.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import * as DurableDeferred from "effect/workflow/DurableDeferred"
import { IndexName } from "../PineconeIndex.ts"
import * as Ages from "./internal/ages.ts"
import { orDefault } from "./internal/setting.ts"

// ============================================================================
// Choice of the backup
// ============================================================================

/**
 * Schema for the choice of the backup to restore: the newest good copy, or a random good copy that was taken `within`
 * the given time. `Copies` decides which backups are good copies.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Pick = Schema.Union([
  Schema.TaggedStruct("Latest", {}),
  Schema.TaggedStruct("Random", { within: Schema.DurationFromMillis })
])

/**
 * The choice of the backup to restore.
 *
 * @category models
 * @since 0.1.0
 */
export type Pick = typeof Pick.Type

/**
 * Picks the newest good copy.
 *
 * @category constructors
 * @since 0.1.0
 */
export const latest: Pick = { _tag: "Latest" }

/**
 * Picks a random good copy that was taken within the given time before the drill. Throws if the duration is invalid.
 *
 * @category constructors
 * @since 0.1.0
 */
export const random = (within: Duration.Input): Pick => ({ _tag: "Random", within: Duration.fromInputUnsafe(within) })

// ============================================================================
// Verification
// ============================================================================

/**
 * Schema for the verification of the restored copy. Both count records and namespaces; `Sample` also reads records.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Verify = Schema.Union([
  Schema.TaggedStruct("Count", {}),
  Schema.TaggedStruct("Sample", {
    /** Number of records to read, 1 to 200. Reading costs read units. */
    records: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 200 }))
  })
])

/**
 * The verification of the restored copy.
 *
 * @category models
 * @since 0.1.0
 */
export type Verify = typeof Verify.Type

/**
 * Counts records and namespaces.
 *
 * @category constructors
 * @since 0.1.0
 */
export const count: Verify = { _tag: "Count" }

/**
 * Counts records and namespaces, and reads random records. Defaults to 20 records.
 *
 * @category constructors
 * @since 0.1.0
 */
export const sample = (records = 20): Verify => ({ _tag: "Sample", records })

// ============================================================================
// Request
// ============================================================================

/**
 * The longest timeout of a drill. A temporary index that is older belongs to no running drill.
 *
 * @category models
 * @since 0.1.0
 */
export const maxTimeout: Duration.Duration = Ages.maxTimeout

const duration = (byDefault: Duration.Input, isValid: (duration: Duration.Duration) => boolean, expected: string) =>
  orDefault(
    Schema.DurationFromMillis.check(Schema.makeFilter((duration) => isValid(duration) || expected)),
    Duration.fromInputUnsafe(byDefault)
  )

const atMostADay = (byDefault: Duration.Input) =>
  duration(
    byDefault,
    (duration) => !Duration.isNegative(duration) && Duration.isLessThanOrEqualTo(duration, Duration.days(1)),
    "must be 0 to 24 hours"
  )

const settings = {
  /** Which backup to restore. Defaults to the newest good copy. */
  pick: orDefault(Pick, latest),
  /** How the copy is verified. Defaults to counting, and reading 20 records. */
  verify: orDefault(Verify, sample()),
  /** Also run the `DrillProbe` of the application. Defaults to `false`. */
  probe: orDefault(Schema.Boolean, false),
  /**
   * Tolerated difference between the number of records of the backup and of the copy, as a share of the backup: 0 up to
   * but not including 1. Defaults to 0. Namespaces have no tolerance.
   */
  tolerance: orDefault(
    Schema.Finite.check(
      Schema.makeFilter((share) => (share >= 0 && share < 1) || "must be at least 0 and less than 1")
    ),
    0
  ),
  /** Time within which the counts must agree after the restore, because counts lag. Defaults to 10 minutes. */
  grace: atMostADay("10 minutes"),
  /** Delay before the copy is counted again. 0 skips the second count. Defaults to 5 minutes. */
  recountAfter: atMostADay("5 minutes"),
  /** Time limit from the start of the drill to the end of the verification, up to 2 days. Defaults to 6 hours. */
  timeout: duration(
    "6 hours",
    (duration) => Duration.isPositive(duration) && Duration.isLessThanOrEqualTo(duration, maxTimeout),
    "must be more than 0 and at most 2 days"
  ),
  /**
   * Maximum size of the backup in bytes. A larger backup, and one of unknown size, is not restored. `null` for no limit.
   * Defaults to 10 GiB.
   */
  maxBytes: orDefault(Schema.NullOr(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))), 10 * 2 ** 30),
  /**
   * Number of indexes that the project may have, which the API does not report. The drill is refused if the temporary
   * index would exceed it. `null` skips the check. Defaults to 20, the quota of the Standard plan.
   */
  indexQuota: orDefault(Schema.NullOr(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))), 20)
}

/**
 * Settings that the drills of a round share: a request without its ID and index. Every field has a default.
 *
 * @category schemas
 * @since 0.1.0
 */
export class DrillSettings
  extends Schema.Class<DrillSettings>("@pinecone-backups/core/drill/DrillSettings")(settings)
{}

/**
 * A request for a restore drill, which is the payload of the workflow. All fields except `drillId` and `index` have
 * defaults.
 *
 * **Gotchas**
 *
 * The drill ID identifies the drill: a second request with the same ID joins the first and returns its report, even if
 * other fields differ.
 *
 * @category schemas
 * @since 0.1.0
 */
export class DrillRequest extends Schema.Class<DrillRequest>("@pinecone-backups/core/drill/DrillRequest")({
  /** The ID of the drill, 1 to 200 characters. */
  drillId: Schema.String.check(Schema.isBetweenLength(1, 200)),
  /** The index whose backup is restored. It may have been deleted. */
  index: IndexName,
  ...settings,
  /** Token that signals the end of the drill to its round. Set by `DrillRound`. */
  round: Schema.optionalKey(DurableDeferred.Token)
}) {}
