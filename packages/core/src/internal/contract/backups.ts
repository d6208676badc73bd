/** The endpoints of backups. */
import * as Schema from "effect/Schema"
import * as Backup from "../../Backup.ts"
import * as IndexRules from "../../IndexRules.ts"
import { IndexName } from "../../PineconeIndex.ts"
import * as RestoreJob from "../../RestoreJob.ts"
import { check, endpoint, group, inPath, pagesOf } from "./endpoint.ts"
import { DeletionProtection, NewTags, ReadCapacity } from "./index-settings.ts"
import { paths } from "./paths.ts"

const { all, ofIndex, one, restore } = paths.Backups

const ofIndexName = { index_name: inPath(IndexName) }
const ofId = { backup_id: inPath(Backup.BackupId) }

const pages = pagesOf(Backup.FromWire)

export const endpoints = group("Backups", {
  create: endpoint("POST", ofIndex, {
    params: ofIndexName,
    echoes: { index_name: "sourceIndexName" },
    payload: Schema.Struct({
      name: Schema.optionalKey(Schema.NonEmptyString),
      description: Schema.optionalKey(Schema.String)
    }),
    success: Backup.FromWire,
    errors: [400, 402, 403, 404, 422]
  }),
  listByIndex: endpoint("GET", ofIndex, {
    params: ofIndexName,
    echoes: { index_name: "sourceIndexName" },
    query: { ...pages.query, include_deleted: Schema.optionalKey(Schema.Boolean) },
    success: pages.success,
    errors: [400, 403, 404]
  }),
  list: endpoint("GET", all, { ...pages, errors: [400, 403] }),
  describe: endpoint("GET", one, {
    params: ofId,
    echoes: { backup_id: "backupId" },
    success: Backup.FromWire,
    errors: [403, 404]
  }),
  delete: endpoint("DELETE", one, { params: ofId, status: 202, errors: [403, 404, 412] }),
  restore: endpoint("POST", restore, {
    params: ofId,
    payload: Schema.Struct({
      name: check(Schema.String, IndexRules.wrongName),
      tags: Schema.optionalKey(NewTags),
      deletion_protection: Schema.optionalKey(DeletionProtection),
      read_capacity: Schema.optionalKey(ReadCapacity)
    }),
    success: RestoreJob.StartedFromWire,
    status: 202,
    errors: [400, 402, 403, 404, 409, 412, 422]
  })
})
