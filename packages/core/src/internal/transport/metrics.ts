import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"

const makeRequests = () =>
  Metric.counter("pinecone_requests_total", {
    description: "Requests sent to Pinecone, by operation and response status",
    incremental: true
  })

const retries = /* @__PURE__ */ Metric.counter("pinecone_retries_total", {
  description: "Retries of requests to Pinecone, by operation",
  incremental: true
})

const makeDurations = () =>
  Metric.histogram("pinecone_request_duration_seconds", {
    description: "Seconds from sending a request to having read the whole response, by operation",
    boundaries: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
  })

/**
 * Returns the metric of an operation. Each is created once and shares nothing with others, because a metric computes its
 * registry key again whenever its attributes change.
 */
const perOperation = <Input, State>(make: () => Metric.Metric<Input, State>) => {
  const known = new Map<string, Map<string | undefined, Metric.Metric<Input, State>>>()
  return (operation: string, status?: string): Metric.Metric<Input, State> => {
    const ofOperation = known.get(operation) ?? new Map<string | undefined, Metric.Metric<Input, State>>()
    const found = ofOperation.get(status)
    if (found !== undefined) return found
    const own = Metric.withAttributes(make(), status === undefined ? { operation } : { operation, status })
    known.set(operation, ofOperation.set(status, own))
    return own
  }
}

const requestsOf = /* @__PURE__ */ perOperation(makeRequests)

const durationsOf = /* @__PURE__ */ perOperation(makeDurations)

/** Records a request: its status, or `none` without a response, and its duration in milliseconds. */
export const record = (context: Context.Context<never>, operation: string, status: string, millis: number): void => {
  requestsOf(operation, status).updateUnsafe(1, context)
  durationsOf(operation).updateUnsafe(millis / 1000, context)
}

/** Counts a retry. */
export const retried = (operation: string): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(retries, { operation }), 1)
