/** Groups of rows by key, in a map, because names of indexes can be those of members of an object. */
import type * as Array from "effect/Array"

/** Adds a row to its group. */
export const add = <Row>(groups: Map<string, Array.NonEmptyArray<Row>>, key: string, row: Row): void => {
  const group = groups.get(key)
  if (group === undefined) groups.set(key, [row])
  else group.push(row)
}

/** Groups rows by key, keeping their order. */
export const by = <Row>(
  rows: ReadonlyArray<Row>,
  keyOf: (row: Row) => string
): ReadonlyMap<string, Array.NonEmptyArray<Row>> => {
  const groups = new Map<string, Array.NonEmptyArray<Row>>()
  for (const row of rows) add(groups, keyOf(row), row)
  return groups
}
