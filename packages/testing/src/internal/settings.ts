/** Settings of the simulated service: the project, and the behavior where sources disagree. */
import * as IndexDataApi from "@pinecone-backups/core/drill/IndexDataApi"
import * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import * as Struct from "effect/Struct"
import * as Inputs from "./inputs.ts"

/** The operations of both contracts. The explicit type keeps declarations of other packages to public modules. */
export const Operation: Schema.Literals<ReadonlyArray<IndexDataApi.OperationName | PineconeApi.OperationName>> = Schema
  .Literals(
    Object.entries({ ...PineconeApi.PineconeApi.groups, ...IndexDataApi.IndexDataApi.groups }).flatMap((
      [group, { endpoints }]
    ) =>
      // `Object.keys` loses the literal types.
      Object.keys(endpoints).map((name) => `${group}.${name}` as IndexDataApi.OperationName | PineconeApi.OperationName)
    )
  )

export type Operation = typeof Operation.Type

export const count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** 100 years: more than any test needs, and a valid time plus this is still valid. */
export const maxDays = 36_525

export const days = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: maxDays }))

/** Schema for a duration of 0 to 100 years, as a string such as `"10 minutes"`. */
export const Period = Schema.DurationFromString.check(
  Schema.makeFilter(
    (duration) => Duration.toDays(duration) >= 0 && Duration.toDays(duration) <= maxDays,
    { expected: `a duration of 0 to ${maxDays} days` }
  )
)

/** Schema for a duration of more than 0, up to 100 years. */
export const PositivePeriod = Period.check(
  Schema.makeFilter((duration) => Duration.isPositive(duration), { expected: "a duration of more than 0" })
)

/**
 * Schema for the project: its plan, the permissions of its key, and the durations of operations. In JSON, a duration is a
 * string such as `"10 minutes"`.
 */
export const Project = Schema.Struct({
  id: Schema.String,
  /** Whether the plan includes backups and schedules. The plans Starter and Builder do not include them. */
  hasBackups: Schema.Boolean,
  /** Whether the project has overdue invoices. */
  isOverdue: Schema.Boolean,
  /** Operations that the key is not permitted to use. */
  deniedOperations: Schema.Array(Operation),
  /** Maximum number of backups. */
  backupQuota: count,
  /** Maximum number of indexes. */
  indexQuota: count,
  /** Maximum retention of a schedule, in days. */
  maxRetentionDays: days,
  /** Duration of a backup. */
  backupDuration: Period,
  /** Duration of a restore. */
  restoreDuration: Period,
  /** Time for which a backup can be read after its deletion. */
  deletionDelay: Period,
  /** Time until the deletion of an index takes effect. Until then, the index is `Terminating` and its name is taken. */
  indexDeletionDelay: Period,
  /** Time until a new restore job can be read. */
  restoreJobDelay: Period
})

/** The project. */
export interface Project extends Schema.Schema.Type<typeof Project> {}

/** Schema for the switches: the behavior of the service where sources disagree, and the outcomes of its operations. */
export const Switches = Schema.Struct({
  /** Status of the response to a create. Documented as 201 up to 2026-04, but observed as 200. */
  createStatus: Schema.Literals([200, 201]),
  /** Format of the response to an invalid key. `byVersion` is JSON up to 2026-04 and text later. */
  unauthenticated: Schema.Literals(["byVersion", "text", "json"]),
  /** Mark of the last page: a null `pagination`, no `pagination`, or a token of an empty page. */
  lastPage: Schema.Literals(["null", "missing", "emptyPage"]),
  /** Handling of a `limit` above 100. */
  limitAbove100: Schema.Literals(["clamp", "refuse"]),
  /**
   * Whether version 2026-07 returns backups as older versions do, without tags and types in the schema, and without planned
   * runs.
   */
  oldRows: Schema.Boolean,
  /** Whether version 2026-04 has schedules. */
  schedulesIn2026_04: Schema.Boolean,
  /** Status of the response to an unknown version. */
  unknownVersion: Schema.Literals([400, 404]),
  /** Whether indexes have an `id`. No document has one, and the service was not observed to send it. */
  indexIds: Schema.Boolean,
  /** Whether an index that is restored under the name of a deleted index has another host. */
  hostsChange: Schema.Boolean,
  /** Maximum number of schedules of an index, null without a limit. The console allows three. */
  scheduleLimit: Schema.NullOr(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  /** Outcome of backups that start from now on. Versions before 2026-07 return `Failed` for a failure. */
  backupsEnd: Schema.Literals(["Ready", "InitializationFailed"]),
  /** Whether schedules run. If `false`, due runs do not happen, and the next run is planned. */
  schedulesRun: Schema.Boolean,
  /** Outcome of restores that start from now on. A failed or canceled restore leaves an index that is never ready. */
  restoresEnd: Schema.Literals(["Completed", "Failed", "Cancelled"])
})

/** The switches. */
export interface Switches extends Schema.Schema.Type<typeof Switches> {}

/** Removes keys with the value `undefined`. */
export const defined = <A extends object>(fields: A): Defined<A> =>
  // The remaining keys and values keep their types.
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<A>

type Defined<A> = { readonly [Key in keyof A]: Exclude<A[Key], undefined> }

/** Schema for settings: the project and the switches. */
export const Settings = Schema.Struct({
  /** @default a project of the Standard plan */
  project: Schema.optional(Schema.Struct(Struct.map(Project.fields, Schema.optional))),
  switches: Schema.optional(Schema.Struct(Struct.map(Switches.fields, Schema.optional)))
})

/** Changes of the default project and switches. */
export interface Settings extends Omit<typeof Settings.Type, "project"> {
  /** The project. A duration is a `Duration.Input`, or in JSON a string such as `"10 minutes"`. */
  readonly project?: Inputs.WithDurations<NonNullable<(typeof Settings.Type)["project"]>> | undefined
}

const check = Inputs.checkOf(Settings)

/** Keys of the durations of a project. */
const durations: ReadonlyArray<string> = Object.entries(Project.fields).flatMap(([key, field]) =>
  field === Period ? key : []
)

/** Checks settings, and parses the durations of the project. Throws `Inputs.InvalidValue` for the first invalid value. */
export const settingsOf = (given: Settings): typeof Settings.Type => {
  Inputs.checkKeys(given, Object.keys(Settings.fields))
  const { project, switches } = given
  for (const [key, value] of Object.entries(given)) if (value !== undefined) Inputs.checkObject(value, [key])
  // Preparing the check takes time, and few programs have settings.
  if (project === undefined) return switches === undefined ? {} : check(given)
  const parsed = Object.entries(project).map(([key, value]) => [
    key,
    value !== undefined && durations.includes(key) ? Inputs.duration(value, ["project", key]) : value
  ])
  return check({ ...given, project: Object.fromEntries(parsed) })
}

/**
 * Schema for the speed of time: seconds of the service per second of the `Clock`. At 1,000,000, ten years pass in about 5
 * minutes.
 */
export const Speed = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 }))
