/** The routes of the contract, and the operations they are called. */
import * as PineconeApi from "@pinecone-backups/core/PineconeApi"

type Groups = typeof PineconeApi.PineconeApi.groups

/** An operation as it is called in errors and traces: `"Backups.create"`. */
export type Operation = {
  [Group in keyof Groups & string]: `${Group}.${keyof Groups[Group]["endpoints"] & string}`
}[keyof Groups & string]

interface Route {
  readonly operation: Operation
  readonly method: string
  readonly pattern: RegExp
}

const routes: ReadonlyArray<Route> = Object.entries(PineconeApi.PineconeApi.groups).flatMap(([group, { endpoints }]) =>
  Object.entries<{ readonly path: string; readonly method: string }>(endpoints).map(([name, { method, path }]) => ({
    // `Object.entries` forgets which keys there are.
    operation: `${group}.${name}` as Operation,
    method,
    pattern: new RegExp(`^${path.replace(/:\w+/g, "[^/]+")}$`)
  }))
)

/** Every operation of the contract. */
export const operations: ReadonlyArray<Operation> = routes.map(({ operation }) => operation)

/** The operations that a path has, by method: none, if there is no such path. */
export const atPath = (path: string): ReadonlyMap<string, Operation> =>
  new Map(routes.flatMap(({ method, operation, pattern }) => pattern.test(path) ? [[method, operation] as const] : []))
