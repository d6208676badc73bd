/** The data plane: the endpoints of the host of an index that tell whether its records are there. */
import * as Schema from "effect/Schema"
import * as Wire from "../../internal/codec/wire.ts"
import * as Contract from "../../internal/transport/contract.ts"
import * as IndexRecord from "../IndexRecord.ts"
import * as IndexStats from "../IndexStats.ts"

/** An id that the service takes in the address of a request. */
const askedId = Contract.check(IndexRecord.RecordId, (id) =>
  id === ""
    ? "must not be empty"
    : /\s/.test(id)
    ? "must not have spaces, with which the service does not take it"
    : Contract.notWellFormed(id))

/** Left out, it is the default namespace. */
const namespace = Schema.optionalKey(Contract.check(Schema.String, Contract.notWellFormed))

const pagination = Wire.maybe(
  Schema.Struct({ next: Wire.maybe(Contract.check(Schema.String, Contract.notWellFormed)) })
)

/** One page of ids. It must have an array: without one it says nothing, and must not look like a page of none. */
const IdPage = Schema.Struct({
  data: Wire.maybe(Schema.Array(Schema.Struct({ id: IndexRecord.RecordId }))),
  pagination
}).check(
  Schema.makeFilter(({ data }) => data ? undefined : { path: ["vectors"], issue: "Expected an array" })
).pipe(Schema.encodeKeys({ data: "vectors" }))

/** The records that are there, by id. */
const Records = Schema.Struct({ vectors: Wire.maybe(Schema.Record(Schema.String, IndexRecord.FromWire)) }).check(
  Schema.makeFilter(({ vectors }) => {
    if (!vectors) return { path: ["vectors"], issue: "Expected an object" }
    const wrong = Object.entries(vectors).find(([id, record]) => record.id !== id)
    return wrong === undefined
      ? undefined
      : { path: ["vectors", wrong[0], "id"], issue: "Expected the id it has in the map" }
  })
)

/** One page of namespaces. */
const NamespacePage = Schema.Struct({
  data: Wire.maybe(Schema.Array(IndexStats.NamespaceFromWire)),
  pagination
}).check(
  Schema.makeFilter(({ data }) => data ? undefined : { path: ["namespaces"], issue: "Expected an array" })
).pipe(Schema.encodeKeys({ data: "namespaces" }))

const errors = [400, 403, 404, 429, 503]

export const endpoints = {
  stats: Contract.endpoint("POST", "/describe_index_stats", {
    payload: Schema.Struct({}),
    isRead: true,
    success: IndexStats.FromWire,
    errors
  }),
  listIds: Contract.endpoint("GET", "/vectors/list", {
    query: {
      namespace,
      prefix: Schema.optionalKey(Contract.check(Schema.String, Contract.notWellFormed)),
      ...Contract.pagination
    },
    success: IdPage,
    errors
  }),
  fetch: Contract.endpoint("GET", "/vectors/fetch", {
    query: { ids: Schema.Array(askedId), namespace },
    success: Records,
    errors
  }),
  listNamespaces: Contract.endpoint("GET", "/namespaces", {
    query: { ...Contract.pagination },
    success: NamespacePage,
    errors
  })
}
