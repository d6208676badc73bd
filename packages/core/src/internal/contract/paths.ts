/**
 * The paths of the contract, by group. Any request can be to any of them, so they are separate from the endpoints, whose
 * schemas a program needs only for the services that it uses.
 */
export const paths = {
  BackupSchedules: {
    ofIndex: "/indexes/:index_name/backup-schedules",
    one: "/backup-schedules/:schedule_id",
    history: "/backup-schedules/:schedule_id/history"
  },
  Backups: {
    ofIndex: "/indexes/:index_name/backups",
    all: "/backups",
    one: "/backups/:backup_id",
    restore: "/backups/:backup_id/create-index"
  },
  RestoreJobs: {
    all: "/restore-jobs",
    one: "/restore-jobs/:job_id"
  },
  Indexes: {
    all: "/indexes",
    one: "/indexes/:index_name"
  }
} as const

/** A path of the contract, the same object for every path with its pattern. All methods of a path belong to the same group. */
export interface Place {
  readonly group: keyof typeof paths
  /** With parameter names: `"/backups/:backup_id"`. */
  readonly path: `/${string}`
}

/** Replaces every second segment of a path, which is a parameter on all paths of the contract. */
const shapeOf = (path: string): string => {
  const segments = path.split("/")
  for (let index = 2; index < segments.length; index += 2) {
    if (segments[index] !== "") segments[index] = ":"
  }
  return segments.join("/")
}

const makePlaces = (): ReadonlyMap<string, Place> =>
  new Map(
    (Object.keys(paths) as ReadonlyArray<Place["group"]>).flatMap((group) =>
      Object.values(paths[group]).map((path) => [shapeOf(path), { group, path }])
    )
  )

/** Created on first use, because most programs never look up a path. */
let places: ReturnType<typeof makePlaces> | undefined

/** Finds the path of the contract that a path without a query has, if any. */
export const find = (path: string): Place | undefined => {
  places ??= makePlaces()
  return places.get(shapeOf(path))
}
