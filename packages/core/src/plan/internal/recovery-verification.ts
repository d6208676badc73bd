/** Verification of a restored index: its counts, twice if the name existed before, and a sample of its records. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as DrillReport from "../../drill/DrillReport.ts"
import type * as DrillRequest from "../../drill/DrillRequest.ts"
import type * as IndexData from "../../drill/IndexData.ts"
import * as Sampling from "../../drill/internal/sampling.ts"
import * as Checks from "../../drill/internal/verification.ts"
import { millis } from "../../internal/time.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import type * as RecoveryPlan from "../RecoveryPlan.ts"
import type * as RecoveryReport from "../RecoveryReport.ts"

/** The request for a verification. */
export interface Request {
  readonly index: PineconeIndex.PineconeIndex
  readonly copy: RecoveryPlan.Copy
  readonly verify: DrillRequest.Verify | "none"
  readonly isRepeated: boolean
  /** Time within which the counts must agree, because counts lag. */
  readonly grace: Duration.Duration
  /** Delay before the second count. */
  readonly recountAfter: Duration.Duration
  /** The time to report. Waits depend on the `Clock` only. */
  readonly now: Effect.Effect<DateTime.Utc>
  readonly emit: (event: RecoveryReport.RecoveryEvent) => Effect.Effect<void>
}

/** The checks of an index. A failed check ends them. */
export interface Checked extends Omit<RecoveryReport.Verification, "verdict"> {
  readonly verdict: "verified" | "unverified" | "failed"
}

/** The delay before the next count: from 5 seconds to a minute. */
const pause = (n: number): Duration.Duration => Duration.millis(Math.min(5_000 * 1.5 ** n, 60_000))

/** Counts until the counts agree with the backup, or the grace period ends. */
const count = Effect.fnUntraced(function*(data: IndexData.Service, { copy, emit, grace, index, now }: Request) {
  const end = millis(yield* DateTime.now) + Duration.toMillis(grace)
  let counted: DrillReport.Counted | undefined
  let dimension: number | null = null
  for (let n = 0;; n++) {
    const result = yield* Effect.result(data.stats(index))
    const counting = millis(yield* DateTime.now)
    let verdict: Checks.Verdict
    if (result._tag === "Success") {
      const { dimension: own, emptyNamespaces, namespaces, records } = Checks.countsOf(result.success)
      dimension = own
      counted = { at: yield* now, records, namespaces, emptyNamespaces }
      verdict = Checks.compare(copy, counted, 0)
      if (verdict.result !== "passed") {
        yield* emit({ _tag: "Counted", indexName: index.name, counted, expected: copy.recordCount })
      }
    } else verdict = { result: "unknown", code: "unknown-count", message: result.failure.message }
    const left = end - counting
    // Waiting does not reveal the counts of the backup.
    if (verdict.result === "passed" || copy.recordCount === null || left <= 0) {
      return { verdict, counted, counting, dimension }
    }
    yield* Effect.sleep(Duration.min(pause(n), Duration.millis(left)))
  }
})

/** Reads a sample. A sample that cannot be read has no result. */
const sample = (
  data: IndexData.Service,
  { index, now }: Pick<Request, "index" | "now">,
  records: number,
  dimension: number | null
) =>
  Effect.gen(function*() {
    const drawn = yield* Sampling.draw(data, index, records)
    const fetch = ({ ids, namespace }: Sampling.Drawn) => data.fetch(index, ids, { namespace })
    const sampled = { at: yield* now, ...(yield* Sampling.read(fetch, drawn, dimension)) }
    return { sampled, verdict: Checks.judgeSample(sampled, dimension) }
  }).pipe(
    Effect.catch(({ message }) =>
      Effect.succeed({
        sampled: null,
        verdict: { result: "unknown", code: "unknown-sample", message } satisfies Checks.Verdict
      })
    )
  )

/** Verifies an index. */
export const verify = Effect.fnUntraced(function*(
  data: IndexData.Service,
  request: Request
): Effect.fn.Return<Checked> {
  const { copy, index, isRepeated, recountAfter, verify } = request
  const base = { indexName: index.name, counted: null, recounted: null, sampled: null }
  if (verify === "none") {
    const reason = { code: "unknown-count", message: "no verification was requested" } as const
    return { ...base, verdict: "unverified", reason }
  }
  const verdicts: Array<Checks.Verdict> = []
  const first = yield* count(data, request)
  verdicts.push(first.verdict)
  const isFailed = () => verdicts.some(({ result }) => result === "failed")

  const dimension = copy.dimension ?? first.dimension
  const sampling = isFailed() || verify._tag === "Count" || copy.hasTypedSchema || copy.recordCount === 0
    ? undefined
    : yield* sample(data, request, verify.records, dimension)
  if (sampling) verdicts.push(sampling.verdict)

  let recounted: DrillReport.Counted | undefined
  if (isRepeated && !isFailed() && first.verdict.result === "passed" && first.counted) {
    const left = first.counting + Duration.toMillis(recountAfter) - millis(yield* DateTime.now)
    if (left > 0) {
      const at = DateTime.add(yield* request.now, { milliseconds: left })
      yield* request.emit({ _tag: "Recounting", indexName: index.name, at })
      yield* Effect.sleep(Duration.millis(left))
    }
    const second = yield* count(data, request)
    recounted = second.counted
    verdicts.push(
      second.verdict.result === "failed"
        ? { ...second.verdict, code: "records-vanished", message: `after the first count, ${second.verdict.message}` }
        : second.verdict
    )
  }

  const bad = verdicts.find(({ result }) => result === "failed") ?? verdicts.find(({ result }) => result === "unknown")
  return {
    indexName: index.name,
    verdict: bad === undefined || bad.result === "passed"
      ? "verified"
      : bad.result === "failed"
      ? "failed"
      : "unverified",
    reason: bad === undefined || bad.result === "passed" ? null : { code: bad.code, message: bad.message },
    counted: first.counted ?? null,
    recounted: recounted ?? null,
    sampled: sampling?.sampled ?? null
  }
})
