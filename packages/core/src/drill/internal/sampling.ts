/** Random samples of the records of an index. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import * as Text from "../../health/internal/text.ts"
import type * as PineconeClient from "../../PineconeClient.ts"
import type * as IndexData from "../IndexData.ts"
import type * as IndexRecord from "../IndexRecord.ts"
import * as IndexStats from "../IndexStats.ts"
import * as Drawing from "./drawing.ts"
import * as Verification from "./verification.ts"

/** Records of one namespace in a sample. */
export interface Drawn {
  /** The namespace. The default namespace is the empty string. */
  readonly namespace: string
  readonly ids: ReadonlyArray<IndexRecord.RecordId>
}

/** A namespace lists fewer records than it reports. */
class TooFewListed extends Data.TaggedError("TooFewListed")<{ readonly message: string }> {}

/** Draws random records: each from a random namespace, weighted by size. */
export const draw = Effect.fnUntraced(function*(
  data: Pick<IndexData.Service, "listIds" | "stats">,
  index: PineconeClient.IndexAddress,
  records: number
) {
  const counts = IndexStats.countsOf(yield* data.stats(index))
  const drawn = yield* Drawing.namespaces(counts ?? new Map(), records)
  return yield* Effect.forEach(
    drawn,
    Effect.fnUntraced(function*([namespace, some]) {
      const ids = yield* data.listIds(index, { namespace }).pipe(
        Stream.take(Math.max(some, Drawing.idsToList(drawn.size))),
        Stream.runCollect
      )
      if (ids.length < some) {
        return yield* new TooFewListed({
          message: `namespace ${JSON.stringify(namespace)} reports ${
            Text.count(counts?.get(namespace) ?? 0, "record")
          }, but lists ${ids.length}`
        })
      }
      return { namespace, ids: (yield* Random.shuffle(ids)).slice(0, some) }
    })
  )
})

/** Reads the records of a sample, and finds their problems. */
export const read = Effect.fnUntraced(function*<E, R>(
  fetch: (
    drawn: Drawn
  ) => Effect.Effect<ReadonlyMap<IndexRecord.RecordId, IndexRecord.IndexRecord>, E, R>,
  drawn: ReadonlyArray<Drawn>,
  dimension: number | null
) {
  const problems: Array<{ readonly namespace: string; readonly id: string; readonly problem: string }> = []
  for (const some of drawn) {
    const records = yield* fetch(some)
    for (const id of some.ids) {
      const problem = Verification.problemOf(records.get(id), dimension)
      if (problem !== undefined) problems.push({ namespace: some.namespace, id, problem })
    }
  }
  const chosen = drawn.reduce((sum, { ids }) => sum + ids.length, 0)
  return {
    chosen,
    sound: chosen - problems.length,
    namespaces: drawn.map(({ namespace }) => namespace).slice(0, Verification.maxListed),
    problems: problems.slice(0, Verification.maxListed)
  }
})
