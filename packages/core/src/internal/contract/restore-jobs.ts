/** The endpoints of restore jobs. */
import * as RestoreJob from "../../RestoreJob.ts"
import { endpoint, group, inPath, pagesOf } from "./endpoint.ts"
import { paths } from "./paths.ts"

const { all, one } = paths.RestoreJobs

export const endpoints = group("RestoreJobs", {
  list: endpoint("GET", all, { ...pagesOf(RestoreJob.FromWire), errors: [400, 403] }),
  describe: endpoint("GET", one, {
    params: { job_id: inPath(RestoreJob.RestoreJobId) },
    echoes: { job_id: "restoreJobId" },
    success: RestoreJob.FromWire,
    errors: [403, 404]
  })
})
