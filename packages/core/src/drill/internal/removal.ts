/** Removal of the temporary index, retried until the index is gone. */
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { millis } from "../../internal/time.ts"
import type * as DrillIndex from "../DrillIndex.ts"
import type * as DrillReport from "../DrillReport.ts"
import type * as Draft from "./draft.ts"
import * as Durable from "./durable.ts"

/**
 * Time limits for removal: in general, and while the index is being restored. An index that still exists after that is
 * reported, and left for `DrillLeftovers`.
 */
const patience = { idle: Duration.hours(1), restoring: Duration.days(1) }

/** Time limit for a requested index or job to appear. */
const settling = Duration.minutes(1)

/** Schema for attempts to remove the index. */
export const Removed = Durable.Attempt(Schema.Null)

/** The result of a removal. */
export interface Removal {
  readonly removedAt: DateTime.Utc | null
  readonly leftover: DrillReport.DrillReport["leftover"]
}

/** Implementation of attempts and delays: recorded by the engine on the main path, plain in a compensation. */
interface Steps<R> {
  readonly attempt: (n: number) => Effect.Effect<Durable.Attempt<null>, never, R>
  readonly sleep: (n: number, duration: Duration.Duration) => Effect.Effect<void, never, R>
}

/** Removes the index. Never fails: an index that could not be removed is in the result. */
export const repeat = Effect.fnUntraced(function*<R>(
  { name }: DrillIndex.DrillIndex,
  existence: Draft.Draft["existence"],
  { attempt, sleep }: Steps<R>
): Effect.fn.Return<Removal, never, R> {
  if (existence === "none") return { removedAt: null, leftover: null }
  const leftover = { removedAt: null, leftover: name }
  let startedAt: number | undefined
  let idleSince: number | undefined
  let isSettled = existence === "seen"
  for (let n = 0;; n++) {
    const { at, result } = yield* attempt(n)
    startedAt ??= millis(at)
    if (result._tag === "Done") {
      if (isSettled) return { removedAt: at, leftover: null }
      isSettled = true
      yield* sleep(n, settling)
      continue
    }
    if (result._tag === "Failed" && result.code === "name-taken") {
      // An index that the drill did not create is not a leftover of the drill.
      return existence === "possible" ? { removedAt: null, leftover: null } : leftover
    }
    const isRestoring = result._tag === "Unavailable" && result.isRestoring === true
    idleSince = isRestoring ? undefined : idleSince ?? millis(at)
    const isOver = idleSince === undefined
      ? millis(at) - startedAt >= Duration.toMillis(patience.restoring)
      : millis(at) - idleSince >= Duration.toMillis(patience.idle)
    if (isOver) return leftover
    yield* sleep(n, Durable.pause(n, Duration.seconds(1), Duration.minutes(5)))
  }
})
