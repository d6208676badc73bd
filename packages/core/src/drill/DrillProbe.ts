/**
 * Probes: custom checks of a restored index, for example a query with a known result.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as PineconeIndex from "../PineconeIndex.ts"
import type * as DrillReport from "./DrillReport.ts"

/**
 * The restored copy that a probe checks.
 *
 * @category models
 * @since 0.1.0
 */
export interface Restored {
  /** The temporary index, as the service describes it. It is removed after the drill. */
  readonly index: PineconeIndex.PineconeIndex
  /** The index whose backup was restored. */
  readonly source: PineconeIndex.IndexName
  readonly backup: DrillReport.DrilledBackup
}

/**
 * The copy does not pass the probe: the drill fails, and the message is in its report.
 *
 * @category errors
 * @since 0.1.0
 */
export class ProbeFailed extends Data.TaggedError("DrillProbeFailed")<{ readonly message: string }> {}

/**
 * The probe could not be completed: the drill is `UNVERIFIED`, and the message is in its report.
 *
 * @category errors
 * @since 0.1.0
 */
export class ProbeUnknown extends Data.TaggedError("DrillProbeUnknown")<{ readonly message: string }> {}

/**
 * A probe. Succeeds if the copy is sound.
 *
 * **Gotchas**
 *
 * A probe that is running when the process dies runs again after the restart. It must not change the index. A probe that
 * runs longer than the timeout of the drill is interrupted. Messages are stored: they must not contain secrets.
 *
 * @category models
 * @since 0.1.0
 */
export type Probe = (restored: Restored) => Effect.Effect<void, ProbeFailed | ProbeUnknown>

/**
 * The probe of drills whose request has `probe: true`. Defaults to `undefined`: such drills are then `UNVERIFIED`.
 *
 * @category services
 * @since 0.1.0
 */
export const DrillProbe: Context.Reference<Probe | undefined> = Context.Reference(
  "@pinecone-backups/core/drill/DrillProbe",
  { defaultValue: (): Probe | undefined => undefined }
)

/**
 * Layer that provides a probe to `RestoreDrill.layer`.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (probe: Probe): Layer.Layer<never> => Layer.succeed(DrillProbe, probe)
