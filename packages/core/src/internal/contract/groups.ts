/** All endpoints of the contract. */
import { memoize } from "effect/Function"
import { endpoints as BackupSchedules } from "./backup-schedules.ts"
import { endpoints as Backups } from "./backups.ts"
import type { Endpoint } from "./endpoint.ts"
import { endpoints as Indexes } from "./indexes.ts"
import * as Paths from "./paths.ts"
import { endpoints as RestoreJobs } from "./restore-jobs.ts"

/** The endpoints, by the names of services and operations of this library. */
export const groups = { BackupSchedules, Backups, RestoreJobs, Indexes }

export interface Route extends Pick<Endpoint, "group" | "method" | "path"> {
  readonly endpoint: string
}

const routesOf: (place: Paths.Place) => ReadonlyArray<Route> = memoize((place) =>
  Object.values<Endpoint>(groups[place.group])
    .filter(({ path }) => path === place.path)
    .map(({ group, method, name, path }) => ({ group, endpoint: name, method, path }))
)

export const routesAt = (path: string): ReadonlyArray<Route> => {
  const place = Paths.find(path)
  return place === undefined ? [] : routesOf(place)
}
