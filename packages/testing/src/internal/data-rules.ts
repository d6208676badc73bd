/**
 * Responses of the data plane of an index: pure functions, as in `request-rules`. None of them changes the state.
 */
import * as DateTime from "effect/DateTime"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as Records from "./records.ts"
import * as RequestRules from "./request-rules.ts"
import type * as Simulation from "./simulation.ts"
import * as TimeRules from "./time-rules.ts"

/** Names of the default namespace. */
const defaultNames: ReadonlyArray<string> = ["", "__default__"]

const namespaceOf = (name = ""): string => defaultNames.includes(name) ? "" : name

/** Returns the readable index at a host, and its contents. */
const opened = (moment: RequestRules.Moment, hostName: string) =>
  Result.gen(function*() {
    const index = yield* RequestRules.indexAt(moment, hostName)
    // The response for an index that is being restored or deleted is not documented.
    yield* RequestRules.check([
      !TimeRules.isReady(index, moment.now),
      "ServiceUnavailable",
      `Index ${index.name} is not ready.`
    ])
    const { flaws = {}, namespaces, readyAt, recordCount } = index
    const age = DateTime.distance(readyAt ?? moment.now, moment.now)
    const contents = Records.contentsAfter(namespaces ?? { "": recordCount }, flaws, age)
    return { index, flaws, contents, counts: Records.countsAfter(contents, flaws, age) }
  })

/** Source of the records of a namespace. */
const sourceOf = ({ id, recordSeed = id }: Simulation.Index, name: string): Records.Namespace => ({
  seed: recordSeed,
  name
})

/** Only serverless indexes can list IDs and namespaces. */
const checkKind = ({ kind }: Simulation.Index) =>
  RequestRules.check([kind === "pod", "InvalidArgument", "Pod indexes cannot be listed."])

/** A page in the format of the data plane. The last page has no `pagination`. */
const pageOf = (answer: RequestRules.Envelope<Schema.JsonObject>, key: string): Schema.JsonObject => ({
  [key]: answer.data,
  ...(answer.pagination && { pagination: answer.pagination })
})

/** A page of a list, with the switches for all lists. */
const list = (
  operation: "IndexData.listIds" | "IndexData.listNamespaces",
  request: RequestRules.PageRequest,
  rowsAt: (moment: RequestRules.Moment) => Result.Result<RequestRules.Rows<Schema.JsonObject>, RequestRules.Refusal>,
  toAnswer: (page: RequestRules.Envelope<Schema.JsonObject>, count: number) => Schema.JsonObject
): RequestRules.Operation<Schema.JsonObject> =>
(moment) => {
  // 100 in every version, unless the token has another size.
  const limit = request.limit ?? (request.paginationToken === undefined ? 100 : undefined)
  const rows = rowsAt(moment)
  const [state, answer] = RequestRules.list(operation, { ...request, limit }, () => rows, (row) => row)(moment)
  const count = Result.isSuccess(rows) ? rows.success.length : 0
  return [state, Result.map(answer, (page) => toAnswer(page, count))]
}

/** `POST /describe_index_stats` */
export const stats = (name: string, body: unknown): RequestRules.Operation<Schema.JsonObject> =>
  RequestRules.read("IndexData.stats", function*(moment) {
    if (!Predicate.isObject(body)) return yield* RequestRules.invalid
    const { counts, index } = yield* opened(moment, name)
    const isFiltered = Predicate.hasProperty(body, "filter") && Predicate.isObject(body.filter) &&
      Object.keys(body.filter).length > 0
    yield* RequestRules.check([
      isFiltered && index.kind !== "pod",
      "InvalidArgument",
      "Serverless indexes take no filter."
    ])
    const { metric, vector_type: vectorType } = Records.kindOf(index.dimension)
    return {
      namespaces: Object.fromEntries([...counts].map(([name, vectorCount]) => [name, { vectorCount }])),
      ...(index.dimension > 0 && { dimension: index.dimension }),
      indexFullness: 0,
      totalVectorCount: [...counts.values()].reduce((sum, count) => sum + count, 0),
      metric,
      vectorType
    }
  })

/** `GET /vectors/list` */
export const listIds = (
  request: RequestRules.PageRequest & {
    readonly name: string
    readonly namespace?: string | undefined
    readonly prefix?: string | undefined
  }
): RequestRules.Operation<Schema.JsonObject> => {
  const namespace = namespaceOf(request.namespace)
  return list("IndexData.listIds", request, (moment) =>
    Result.gen(function*() {
      const { contents, index } = yield* opened(moment, request.name)
      yield* checkKind(index)
      const ids = Records.idsOf(sourceOf(index, namespace), contents.get(namespace) ?? 0, request.prefix ?? "")
      return {
        length: ids.length,
        slice: (start: number, end: number) => ids.slice(start, end).map((id): Schema.JsonObject => ({ id }))
      }
    }), (page) => ({ ...pageOf(page, "vectors"), namespace, usage: { readUnits: 1 } }))
}

/** Maximum number of IDs in a request for records. */
const maxIds = 1_000

/** Number of records per read unit. */
const recordsPerUnit = 10

/** `GET /vectors/fetch` */
export const fetch = (request: {
  readonly name: string
  readonly ids: ReadonlyArray<string>
  readonly namespace?: string | undefined
}): RequestRules.Operation<Schema.JsonObject> =>
  RequestRules.read("IndexData.fetch", function*(moment) {
    const { ids, name } = request
    const areValid = ids.length > 0 && ids.length <= maxIds && ids.every((id) => /^[!-~]{1,512}$/.test(id))
    if (!areValid) return yield* RequestRules.invalid
    const namespace = namespaceOf(request.namespace)
    const { contents, flaws, index } = yield* opened(moment, name)
    const source = sourceOf(index, namespace)
    const count = contents.get(namespace) ?? 0
    const vectors = ids.flatMap((id) => {
      const place = Records.placeOf(source, id)
      return place === undefined || place >= count
        ? []
        : [[id, Records.recordAt(source, place, index.dimension, flaws)] as const]
    })
    return {
      vectors: Object.fromEntries(vectors),
      namespace,
      usage: { readUnits: Math.max(1, Math.ceil(vectors.length / recordsPerUnit)) }
    }
  })

/** `GET /namespaces` */
export const listNamespaces = (
  request: RequestRules.PageRequest & { readonly name: string; readonly prefix?: string | undefined }
): RequestRules.Operation<Schema.JsonObject> =>
  list("IndexData.listNamespaces", request, (moment) =>
    Result.gen(function*() {
      const { counts, index } = yield* opened(moment, request.name)
      yield* checkKind(index)
      return [...counts]
        .map(([name, count]) => [name === "" ? "__default__" : name, count] as const)
        .filter(([name]) => name.startsWith(request.prefix ?? ""))
        // The newest version encodes 64-bit numbers as strings.
        .map(([name, count]): Schema.JsonObject => ({
          name,
          record_count: moment.version === "2026-07" ? String(count) : count
        }))
    }), (page, total_count) => ({ ...pageOf(page, "namespaces"), total_count }))
