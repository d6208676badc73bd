/**
 * Pinecone's backup service as a value: what it holds. No effects and no clock in here, so that every rule is a table
 * test and the in-memory layers and the emulator follow the same ones. What time does to it is in `simulation-time`,
 * how it answers requests in `simulated-api`.
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
import * as Records from "./records.ts"
import * as Settings from "./settings.ts"

/** Schema for an index. It stays when it is deleted, since its backups speak of it. */
export const Index = Schema.Struct({
  id: PineconeIndex.IndexId,
  name: PineconeIndex.IndexName,
  deletedAt: Schema.optional(Schema.DateTimeUtcFromString),
  /** When it can be used: at once, unless it is being restored; null if it never can. */
  readyAt: Schema.NullOr(Schema.DateTimeUtcFromString),
  /** Pod-based indexes and encrypted ones cannot be backed up. */
  kind: Schema.Literals(["serverless", "byoc", "pod", "encrypted"]),
  dimension: Settings.count,
  schema: Schema.NullOr(IndexSchema.IndexSchema),
  recordCount: Settings.count,
  /** How many of the records each namespace has. Only the default one has any, if left out. */
  namespaces: Schema.optional(Schema.Record(Schema.String, Settings.count)),
  /** What the records are made of: the same records for the same seed. The id of the index, if left out. */
  recordSeed: Schema.optional(Schema.String),
  /** What is wrong with the records. */
  flaws: Schema.optional(Records.Flaws),
  tags: Schema.Record(Schema.String, Schema.String),
  deletionProtection: Schema.Literals(["enabled", "disabled"]),
  sourceBackupId: Schema.optional(Backup.BackupId),
  /** What a restore asked for. It is on demand, if nothing. */
  readCapacity: Schema.optional(PineconeApi.ReadCapacity)
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
  /** When it runs next; `undefined` while it is disabled. */
  nextRun: Schema.optional(Schema.DateTimeUtcFromString),
  /** When the service says that it does, where a seed wants that to be wrong. Until it runs or is changed. */
  claimedNextRun: Schema.optional(Schema.DateTimeUtcFromString),
  /** The day of the month it runs on, if it runs monthly: the last one of months that are shorter. */
  anchorDay: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 31 })),
  createdAt: Schema.DateTimeUtcFromString
})

/** A schedule. */
export interface Schedule extends Schema.Schema.Type<typeof Schedule> {}

/** A time that may be left out, and is not taken for that if it is wrong, as in an answer of the service. */
const maybeTime = Schema.optionalKey(Schema.NullOr(Schema.DateTimeUtcFromString))

/** What a seed may say of a run. */
export const Special = Schema.Struct({
  ...Struct.map({ ...BackupRun.BackupRun.fields, ...Backup.Backup.fields }, Schema.optionalKey),
  createdAt: maybeTime,
  sourceIndexDeletedAt: maybeTime,
  // As the model has it: read from an answer, a missing status would turn into one.
  status: Schema.optionalKey(Schema.toType(BackupRun.BackupRun.fields.status))
})

/** Schema for a backup, made by hand or by a schedule, or planned by one. Its status follows from its times. */
export const Record = Schema.Struct({
  id: Backup.BackupId,
  scheduleId: Schema.optional(BackupSchedule.ScheduleId),
  indexId: PineconeIndex.IndexId,
  name: Schema.NullOr(Schema.String),
  description: Schema.NullOr(Schema.String),
  tags: Schema.Record(Schema.String, Schema.String),
  createdAt: Schema.DateTimeUtcFromString,
  /** When it begins: planned until then. */
  startAt: Schema.DateTimeUtcFromString,
  /** When it ends. */
  endAt: Schema.DateTimeUtcFromString,
  ends: Settings.Switches.fields.backupsEnd,
  /** When it goes: retention says so, or someone deleted it. `undefined` if it stays. */
  expireAt: Schema.optional(Schema.DateTimeUtcFromString),
  /** Whether someone deleted it, so that retention has no say any more. */
  isDeleted: Schema.Boolean,
  /** Whether the backup is gone and the history of its schedule still has the run. */
  isExpired: Schema.Boolean,
  recordCount: Settings.count,
  /** What a seed says that the rules would not. */
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
  /** When it can be read. */
  visibleAt: Schema.DateTimeUtcFromString,
  /** When it ends. */
  endAt: Schema.DateTimeUtcFromString,
  ends: Settings.Switches.fields.restoresEnd,
  /** What a seed says that the rules would not. */
  special: Schema.Struct({
    ...Struct.map(RestoreJob.RestoreJob.fields, Schema.optionalKey),
    createdAt: maybeTime,
    completedAt: maybeTime,
    status: Schema.optionalKey(Schema.toType(RestoreJob.RestoreJob.fields.status))
  })
})

/** A restore. */
export interface Restore extends Schema.Schema.Type<typeof Restore> {}

/** Schema for a map by id, which is a list as JSON. */
const byId = <S extends Schema.Codec<{ readonly id: string }, unknown>>(schema: S) =>
  Schema.Array(schema).check(
    Schema.makeFilter((list: ReadonlyArray<S["Type"]>) =>
      new Set(list.map(({ id }) => id)).size === list.length || "must not have an id twice"
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
 * Schema for what the service holds. Maps are in order of creation. As JSON it is plain data: lists for maps,
 * texts for times.
 */
export const State = Schema.Struct({
  project: Settings.Project,
  switches: Settings.Switches,
  indexes: byId(Index),
  schedules: byId(Schedule),
  records: byId(Record),
  restores: byId(Restore),
  /** How many things there have been, by kind, which is where ids come from. Ids count up from 1, so that they never depend on chance. */
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

/** What the service holds. */
export interface State extends Schema.Schema.Type<typeof State> {}

/** Schema for the service in a file or a message: what it holds, and at what time it does. */
export const Dump = Schema.Struct({
  /** Of this form. */
  version: Schema.Literal(1),
  now: Schema.DateTimeUtcFromString,
  state: State
})

/** The service in a file or a message. */
export interface Dump extends Schema.Schema.Type<typeof Dump> {}

/** A service that holds nothing, in a project of the Standard plan unless the settings say otherwise. */
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

/** A service of which some settings are others. */
export const configure = (state: State, { project = {}, switches = {} }: Settings.Settings): State => ({
  ...state,
  project: { ...state.project, ...Settings.projectOf(project) },
  switches: { ...state.switches, ...Settings.defined(switches) }
})

/** Gives out an id: `"backup-1"`, counting up. */
export const nextId = (state: State, kind: keyof State["ids"]): readonly [State, string] => {
  const number = state.ids[kind] + 1
  const next = { ...state, ids: { ...state.ids, [kind]: number } }
  const id = `${kind}-${number}`
  const taken = { backup: state.records, index: state.indexes, job: state.restores, schedule: state.schedules }[kind]
  return taken.has(id) ? nextId(next, kind) : [next, id]
}

/** How many records each namespace of an index has. */
const namespacesOf = ({ namespaces, recordCount }: Index): Readonly<{ [name: string]: number }> =>
  namespaces ?? { "": recordCount }

/**
 * What an index has in it that is restored from a backup: the records of its source, as many as the backup has, in as many
 * namespaces. A source that had others when the backup was made is taken as a measure.
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

/** As many as an index of the service can have. */
const maxNamespaces = 100_000

/** A map with one entry more, or another. */
export const withEntry = <A>(map: ReadonlyMap<string, A>, key: string, value: A): ReadonlyMap<string, A> =>
  new Map(map).set(key, value)

/** A map of the entries that are to stay. */
export const filterEntries = <A>(map: ReadonlyMap<string, A>, stays: (value: A) => boolean): ReadonlyMap<string, A> =>
  new Map([...map].filter(([, value]) => stays(value)))

/** The indexes that were not deleted. */
export const activeIndexes = (state: State): ReadonlyArray<Index> =>
  [...state.indexes.values()].filter((index) => index.deletedAt === undefined)

/** The index that bears a name now. */
export const activeIndex = (state: State, name: string): Index | undefined =>
  activeIndexes(state).find((index) => index.name === name)

/** The schedules of an index. */
export const schedulesOf = (state: State, indexId: string): ReadonlyArray<Schedule> =>
  [...state.schedules.values()].filter((schedule) => schedule.indexId === indexId)

/** Whether an index has a schedule that is enabled. There can be one. */
export const hasEnabledSchedule = (state: State, indexId: string): boolean =>
  schedulesOf(state, indexId).some(({ nextRun }) => nextRun !== undefined)

/** What is said where an index would have two schedules that are enabled. */
export const onlyOneSchedule = "The index already has an enabled backup schedule."

/** What is said of a retention that is too short or too long. */
export const retentionMessage = ({ project }: Pick<State, "project">): string =>
  `Retention must be between 1 and ${project.maxRetentionDays} days.`
