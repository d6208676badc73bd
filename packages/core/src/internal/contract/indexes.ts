/** The index endpoints that backups and restores need. */
import * as Schema from "effect/Schema"
import * as PineconeIndex from "../../PineconeIndex.ts"
import { endpoint, group, inPath } from "./endpoint.ts"
import { DeletionProtection, ReadCapacity, TagChanges } from "./index-settings.ts"
import { paths } from "./paths.ts"

const { all, one } = paths.Indexes

const ofName = { index_name: inPath(PineconeIndex.IndexName) }

export const endpoints = group("Indexes", {
  list: endpoint("GET", all, {
    success: Schema.Struct({ indexes: Schema.Array(PineconeIndex.FromWire) }),
    errors: [403]
  }),
  describe: endpoint("GET", one, {
    params: ofName,
    echoes: { index_name: "name" },
    success: PineconeIndex.FromWire,
    errors: [403, 404]
  }),
  configure: endpoint("PATCH", one, {
    params: ofName,
    echoes: { index_name: "name" },
    payload: Schema.Struct({
      deletion_protection: Schema.optionalKey(DeletionProtection),
      tags: Schema.optionalKey(TagChanges),
      read_capacity: Schema.optionalKey(ReadCapacity)
    }),
    success: PineconeIndex.FromWire,
    status: 202,
    errors: [400, 402, 403, 404, 422]
  }),
  delete: endpoint("DELETE", one, { params: ofName, status: 202, errors: [403, 404] })
})
