/** The endpoints of the data plane that `IndexData` uses. */
import * as Schema from "effect/Schema"
import * as Wire from "../../internal/codec/wire.ts"
import * as Contract from "../../internal/contract/endpoint.ts"
import * as IndexRecord from "../IndexRecord.ts"
import * as IndexStats from "../IndexStats.ts"

/** An ID that the service accepts in a URL. */
const askedId = Contract.check(IndexRecord.RecordId, (id) =>
  id === ""
    ? "must not be empty"
    : /\s/.test(id)
    ? "must not have spaces, which the service does not accept"
    : Contract.notWellFormed(id))

/** Omitted for the default namespace. */
const namespace = Schema.optionalKey(Contract.check(Schema.String, Contract.notWellFormed))

const pagination = Wire.maybe(
  Schema.Struct({ next: Wire.maybe(Contract.check(Schema.String, Contract.notWellFormed)) })
)

/** One page of IDs. The array is required: a response without it must not look like an empty page. */
const IdPage = Schema.Struct({
  data: Wire.maybe(Schema.Array(Schema.Struct({ id: IndexRecord.RecordId }))),
  pagination
}).check(
  Schema.makeFilter(({ data }) => data ? undefined : { path: ["vectors"], issue: "Expected an array" })
).pipe(Schema.encodeKeys({ data: "vectors" }))

/** The records that exist, by ID. */
const Records = Schema.Struct({ vectors: Wire.maybe(Schema.Record(Schema.String, IndexRecord.FromWire)) }).check(
  Schema.makeFilter(({ vectors }) => {
    if (!vectors) return { path: ["vectors"], issue: "Expected an object" }
    const wrong = Object.entries(vectors).find(([id, record]) => record.id !== id)
    return wrong === undefined
      ? undefined
      : { path: ["vectors", wrong[0], "id"], issue: "Expected the ID that is its key" }
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

export const endpoints = Contract.group("IndexData", {
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
})
