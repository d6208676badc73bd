/**
 * State of the simulated service, as a value without effects and clocks. Every rule can be tested with tables, and the layers
 * in memory and the emulator share the rules. `time-rules` has the effects of time, and `request-rules` the responses.
 */
import * as Backup from "@pinecone-backups/core/Backup"
import * as BackupRun from "@pinecone-backups/core/BackupRun"
import * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import * as IndexSchema from "@pinecone-backups/core/IndexSchema"
import * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as RestoreJob from "@pinecone-backups/core/RestoreJob"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import * as Struct from "effect/Struct"
import * as Inputs from "./inputs.ts"
import * as Records from "./records.ts"
import * as Settings from "./settings.ts"

/** Schema for an index. A deleted index is kept, because its backups refer to it. */
export const Index = Schema.Struct({
  id: PineconeIndex.IndexId,
  name: PineconeIndex.IndexName,
  deletedAt: Schema.optional(Schema.DateTimeUtcFromString),
  /** Time at which its requested deletion takes effect. Until then it is terminating, and its name is taken. */
  terminatesAt: Schema.optional(Schema.DateTimeUtcFromString),
  /** Time at which it is ready; later than its creation for a restore, null if never. */
  readyAt: Schema.NullOr(Schema.DateTimeUtcFromString),
  /** Time at which its creation failed. It stays, without data, until it is deleted. */
  failedAt: Schema.optional(Schema.DateTimeUtcFromString),
  /** Pod-based and encrypted indexes cannot be backed up. */
  kind: Schema.Literals(["serverless", "byoc", "pod", "encrypted"]),
  dimension: Settings.count,
  schema: Schema.NullOr(IndexSchema.IndexSchema),
  recordCount: Settings.count,
  /** Number of records by namespace. @default all records in the default namespace */
  namespaces: Schema.optional(Schema.Record(Schema.String, Settings.count)),
  /** Seed of the records: the same seed gives the same records. @default the ID of the index */
  recordSeed: Schema.optional(Schema.String),
  /** Flaws of the records. */
  flaws: Schema.optional(Records.Flaws),
  tags: Schema.Record(Schema.String, Schema.String),
  deletionProtection: Schema.Literals(["enabled", "disabled"]),
  sourceBackupId: Schema.optional(Backup.BackupId),
  /** Requested read capacity. @default on demand */
  readCapacity: Schema.optional(PineconeApi.ReadCapacity),
  /** Name of its host. @default the name of the index */
  hostName: Schema.optional(Schema.NonEmptyString)
})

/** An index. */
export interface Index extends Schema.Schema.Type<typeof Index> {}

/** Schema for a schedule. */
export const Schedule = Schema.Struct({
  id: BackupSchedule.ScheduleId,
  name: Schema.String,
  indexId: PineconeIndex.IndexId,
  frequency: BackupSchedule.Frequency,
  expireAfterDays: Settings.days,
  /** Next run; `undefined` if the schedule is disabled. */
  nextRun: Schema.optional(Schema.DateTimeUtcFromString),
  /** Wrong next run that the service reports, from a seed, until the schedule runs or changes. */
  claimedNextRun: Schema.optional(Schema.DateTimeUtcFromString),
  /** Day of the month of a monthly schedule, or the last day of a shorter month. */
  anchorDay: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 31 })),
  createdAt: Schema.DateTimeUtcFromString
})

/** A schedule. */
export interface Schedule extends Schema.Schema.Type<typeof Schedule> {}

/** An optional time. An invalid time is an error, not missing as in responses. */
const maybeTime = Schema.optionalKey(Schema.NullOr(Schema.DateTimeUtcFromString))

/** Fields of a run that a seed can set. */
export const Special = Schema.Struct({
  ...Struct.map({ ...BackupRun.BackupRun.fields, ...Backup.Backup.fields }, Schema.optionalKey),
  createdAt: maybeTime,
  sourceIndexDeletedAt: maybeTime,
  // As in the model. Decoding a response would add a missing status.
  status: Schema.optionalKey(Schema.toType(BackupRun.BackupRun.fields.status))
})

/** Schema for a manual, scheduled or planned backup. Its status is derived from its times. */
export const Record = Schema.Struct({
  id: Backup.BackupId,
  scheduleId: Schema.optional(BackupSchedule.ScheduleId),
  indexId: PineconeIndex.IndexId,
  name: Schema.NullOr(Schema.String),
  description: Schema.NullOr(Schema.String),
  tags: Schema.Record(Schema.String, Schema.String),
  createdAt: Schema.DateTimeUtcFromString,
  /** Start time. The backup is planned until then. */
  startAt: Schema.DateTimeUtcFromString,
  /** Time of completion. */
  endAt: Schema.DateTimeUtcFromString,
  ends: Settings.Switches.fields.backupsEnd,
  /** Time at which it is deleted, by retention or by a request; `undefined` if it stays. */
  expireAt: Schema.optional(Schema.DateTimeUtcFromString),
  /** Whether a request deleted it, so that a new retention does not apply. */
  isDeleted: Schema.Boolean,
  /** Whether the backup has expired but the history still has the run. */
  isExpired: Schema.Boolean,
  recordCount: Settings.count,
  /** Fields from a seed that override the rules. */
  special: Special
})

/** A backup. */
export interface Record extends Schema.Schema.Type<typeof Record> {}

/** Schema for a restore. */
export const Restore = Schema.Struct({
  id: RestoreJob.RestoreJobId,
  backupId: Backup.BackupId,
  indexId: PineconeIndex.IndexId,
  indexName: PineconeIndex.IndexName,
  createdAt: Schema.DateTimeUtcFromString,
  /** Earliest time at which the restore job can be read. */
  visibleAt: Schema.DateTimeUtcFromString,
  /** Time of completion. */
  endAt: Schema.DateTimeUtcFromString,
  ends: Settings.Switches.fields.restoresEnd,
  /** Fields from a seed that override the rules. */
  special: Schema.Struct({
    ...Struct.map(RestoreJob.RestoreJob.fields, Schema.optionalKey),
    createdAt: maybeTime,
    completedAt: maybeTime,
    status: Schema.optionalKey(Schema.toType(RestoreJob.RestoreJob.fields.status))
  })
})

/** A restore. */
export interface Restore extends Schema.Schema.Type<typeof Restore> {}

/** Schema for a map by ID, encoded as a list. */
const byId = <S extends Schema.Codec<{ readonly id: string }, unknown>>(schema: S) =>
  Schema.Array(schema).check(
    Schema.makeFilter((list: ReadonlyArray<S["Type"]>) =>
      new Set(list.map(({ id }) => id)).size === list.length || "must not have a duplicate id"
    )
  ).pipe(
    Schema.decodeTo(
      Schema.ReadonlyMap(Schema.String, Schema.toType(schema)),
      SchemaTransformation.transform<ReadonlyMap<string, S["Type"]>, ReadonlyArray<S["Type"]>>({
        decode: (list) => new Map(list.map((entry) => [entry.id, entry])),
        encode: (map) => [...map.values()]
      })
    )
  )

/**
 * Schema for the state of the service. Maps are in order of creation. In JSON, maps are lists and times are strings.
 */
export const State = Schema.Struct({
  project: Settings.Project,
  switches: Settings.Switches,
  indexes: byId(Index),
  schedules: byId(Schedule),
  records: byId(Record),
  restores: byId(Restore),
  /** Number of created objects by kind. IDs count up from 1, so that they are deterministic. */
  ids: Schema.Struct({ backup: Settings.count, index: Settings.count, job: Settings.count, schedule: Settings.count })
}).check(
  Schema.makeFilter(({ indexes, records, restores, schedules }) => {
    for (const [kind, things] of Object.entries({ schedule: schedules, backup: records, restore: restores })) {
      for (const { id, indexId } of things.values()) {
        if (!indexes.has(indexId)) return `must have the index ${indexId} of the ${kind} ${id}`
      }
    }
    const enabled = [...schedules.values()].filter(({ nextRun }) => nextRun !== undefined)
    for (const { id, indexId } of schedules.values()) {
      if (indexes.get(indexId)?.deletedAt !== undefined) return `must not have the schedule ${id} of a deleted index`
    }
    return new Set(enabled.map(({ indexId }) => indexId)).size === enabled.length ||
      "must not have two enabled schedules of an index"
  })
)

/** State of the service. */
export interface State extends Schema.Schema.Type<typeof State> {}

/** Schema for a dump of the service: its state and time. */
export const Dump = Schema.Struct({
  /** Version of the format. */
  version: Schema.Literal(1),
  now: Schema.DateTimeUtcFromString.check(Inputs.isInValidYear),
  state: State
})

/** A dump of the service. */
export interface Dump extends Schema.Schema.Type<typeof Dump> {}

/** Creates an empty service. By default, its project has the Standard plan. */
export const make = (settings: Settings.Settings = {}): State =>
  configure({
    project: {
      id: "project-1",
      hasBackups: true,
      isOverdue: false,
      deniedOperations: [],
      backupQuota: 500,
      indexQuota: 20,
      maxRetentionDays: 365,
      backupDuration: Duration.minutes(10),
      restoreDuration: Duration.minutes(10),
      deletionDelay: Duration.zero,
      indexDeletionDelay: Duration.zero,
      restoreJobDelay: Duration.zero
    },
    switches: {
      createStatus: 200,
      unauthenticated: "byVersion",
      lastPage: "null",
      limitAbove100: "clamp",
      oldRows: false,
      schedulesIn2026_04: true,
      unknownVersion: 400,
      indexIds: false,
      hostsChange: false,
      scheduleLimit: null,
      backupsEnd: "Ready",
      schedulesRun: true,
      restoresEnd: "Completed"
    },
    indexes: new Map(),
    schedules: new Map(),
    records: new Map(),
    restores: new Map(),
    ids: { backup: 0, index: 0, job: 0, schedule: 0 }
  }, settings)

/** Changes settings of a service. Throws `Inputs.InvalidValue` for an invalid value or an unknown key. */
export const configure = (state: State, settings: Settings.Settings): State => {
  const { project = {}, switches = {} } = Settings.settingsOf(settings)
  return {
    ...state,
    project: { ...state.project, ...Settings.defined(project) },
    switches: { ...state.switches, ...Settings.defined(switches) }
  }
}

/** Returns the next ID: `"backup-1"`, counting up. */
export const nextId = (state: State, kind: keyof State["ids"]): readonly [State, string] => {
  const number = state.ids[kind] + 1
  const next = { ...state, ids: { ...state.ids, [kind]: number } }
  const id = `${kind}-${number}`
  const taken = { backup: state.records, index: state.indexes, job: state.restores, schedule: state.schedules }[kind]
  return taken.has(id) ? nextId(next, kind) : [next, id]
}

/** Number of records by namespace of an index. */
const namespacesOf = ({ namespaces, recordCount }: Index): Readonly<{ [name: string]: number }> =>
  namespaces ?? { "": recordCount }

/**
 * Contents of an index restored from a backup: the records of its source, with the record and namespace counts of the backup.
 * If the source had other counts when the backup was taken, its proportions are used.
 */
export const contentsOf = (
  state: Pick<State, "indexes">,
  { indexId, recordCount, special }: Record
): { readonly namespaces: Readonly<{ [name: string]: number }>; readonly recordSeed: string } => {
  const source = state.indexes.get(indexId)
  const shares = Object.entries(source === undefined ? { "": recordCount } : namespacesOf(source))
  if (shares.length === 0 && recordCount > 0) shares.push(["", recordCount])
  const { namespaceCount } = special
  if (namespaceCount && Number.isInteger(namespaceCount) && namespaceCount >= 1 && namespaceCount <= maxNamespaces) {
    shares.splice(namespaceCount)
    for (let number = 2; shares.length < namespaceCount; number++) {
      if (!shares.some(([name]) => name === `ns-${number}`)) shares.push([`ns-${number}`, 1])
    }
  }
  return {
    namespaces: Object.fromEntries(Records.share(recordCount, shares)),
    recordSeed: source?.recordSeed ?? indexId
  }
}

/** Maximum number of namespaces of an index. */
const maxNamespaces = 100_000

/** Adds or replaces an entry of a map. */
export const withEntry = <A>(map: ReadonlyMap<string, A>, key: string, value: A): ReadonlyMap<string, A> =>
  new Map(map).set(key, value)

/** Filters the entries of a map. */
export const filterEntries = <A>(map: ReadonlyMap<string, A>, stays: (value: A) => boolean): ReadonlyMap<string, A> =>
  new Map([...map].filter(([, value]) => stays(value)))

/** The existing indexes, including those whose deletion has not taken effect. */
export const activeIndexes = (state: State): ReadonlyArray<Index> =>
  [...state.indexes.values()].filter((index) => index.deletedAt === undefined)

/** The existing index with a name. */
export const activeIndex = (state: State, name: string): Index | undefined =>
  activeIndexes(state).find((index) => index.name === name)

/** The schedules of an index. */
export const schedulesOf = (state: State, indexId: string): ReadonlyArray<Schedule> =>
  [...state.schedules.values()].filter((schedule) => schedule.indexId === indexId)

/** Returns `true` if an index has an enabled schedule. The service allows one. */
export const hasEnabledSchedule = (state: State, indexId: string): boolean =>
  schedulesOf(state, indexId).some(({ nextRun }) => nextRun !== undefined)

/** Message for a second enabled schedule of an index. */
export const onlyOneSchedule = "The index already has an enabled backup schedule."

/** Message for an invalid retention. */
export const retentionMessage = ({ project }: Pick<State, "project">): string =>
  `Retention must be between 1 and ${project.maxRetentionDays} days.`
