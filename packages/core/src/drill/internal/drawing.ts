/** Random choice of the records of a sample. */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

/** Number of IDs to list: in total, and the minimum and maximum per namespace. */
const listed = { total: 2_000, least: 100, most: 1_000 }

/** Returns the number of IDs to list per namespace. */
export const idsToList = (namespaces: number): number =>
  Math.min(listed.most, Math.max(listed.least, Math.floor(listed.total / Math.max(1, namespaces))))

/** Draws a namespace for each record, weighted by size. Returns the number of records by namespace. */
export const namespaces = Effect.fnUntraced(function*(
  counts: ReadonlyMap<string, number | undefined>,
  records: number
): Effect.fn.Return<ReadonlyMap<string, number>> {
  const sizes = [...counts].flatMap(([name, count]) => count ? [[name, count] as const] : [])
  const total = sizes.reduce((sum, [, count]) => sum + count, 0)
  const drawn = new Map<string, number>()
  for (let record = 0; record < records; record++) {
    let place = (yield* Random.next) * total
    const [name] = sizes.find(([, count]) => (place -= count) < 0) ?? sizes.at(-1) ?? []
    if (name !== undefined) drawn.set(name, Math.min((drawn.get(name) ?? 0) + 1, counts.get(name) ?? 0))
  }
  return drawn
})
