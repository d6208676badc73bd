/** The settings of the simulated service: the project, and how it behaves where sources disagree. */
import * as IndexDataApi from "@pinecone-backups/core/drill/IndexDataApi"
import * as PineconeApi from "@pinecone-backups/core/PineconeApi"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import * as Struct from "effect/Struct"
import * as Inputs from "./inputs.ts"

/** The operations of both contracts. Their type is spelled out, so that declarations of other packages name public modules alone. */
export const Operation: Schema.Literals<ReadonlyArray<IndexDataApi.OperationName | PineconeApi.OperationName>> = Schema
  .Literals(
    Object.entries({ ...PineconeApi.PineconeApi.groups, ...IndexDataApi.IndexDataApi.groups }).flatMap((
      [group, { endpoints }]
    ) =>
      // `Object.keys` forgets which keys there are.
      Object.keys(endpoints).map((name) => `${group}.${name}` as IndexDataApi.OperationName | PineconeApi.OperationName)
    )
  )

export type Operation = typeof Operation.Type

export const count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** A hundred years: far more than any test needs, and a time plus that is still a time. */
export const maxDays = 36_525

export const days = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: maxDays }))

/** Schema for how long something takes: from nothing to a hundred years, as a text such as `"10 minutes"`. */
export const Period = Schema.DurationFromString.check(
  Schema.makeFilter((duration) =>
    (Duration.toDays(duration) >= 0 && Duration.toDays(duration) <= maxDays) || `must be 0 to ${maxDays} days`
  )
)

/**
 * Schema for the project: its plan, what its key may do, and how long things take. As JSON, a duration is a
 * text such as `"10 minutes"`.
 */
export const Project = Schema.Struct({
  id: Schema.String,
  /** Whether the plan has backups and schedules. Those called Starter and Builder have not. */
  hasBackups: Schema.Boolean,
  /** Whether there are overdue invoices. */
  isOverdue: Schema.Boolean,
  /** The operations for which the key has no permission. */
  deniedOperations: Schema.Array(Operation),
  /** How many backups there may be. */
  backupQuota: count,
  /** How many indexes there may be. */
  indexQuota: count,
  /** The longest retention a schedule may have, in days. */
  maxRetentionDays: days,
  /** How long a backup takes. */
  backupDuration: Period,
  /** How long a restore takes. */
  restoreDuration: Period,
  /** How long a backup can be read after it was deleted. */
  deletionDelay: Period,
  /** How long a new restore job cannot be read. */
  restoreJobDelay: Period
})

/** The project. */
export interface Project extends Schema.Schema.Type<typeof Project> {}

/**
 * Schema for the switches: what the service does where sources say different things of it, and how what it
 * does ends.
 */
export const Switches = Schema.Struct({
  /** The status of an answer to a create. Documents up to 2026-04 say 201, the service was seen to say 200. */
  createStatus: Schema.Literals([200, 201]),
  /** The form in which a key is refused: `byVersion` is JSON up to 2026-04 and text afterwards. */
  unauthenticated: Schema.Literals(["byVersion", "text", "json"]),
  /** How the last page says so: no `pagination`, a null one, or a token that leads to an empty page. */
  lastPage: Schema.Literals(["null", "missing", "emptyPage"]),
  /** What becomes of a `limit` above 100. */
  limitAbove100: Schema.Literals(["clamp", "refuse"]),
  /**
   * Whether version 2026-07 shows backups as older versions do, without tags and without types in the schema,
   * and no planned runs.
   */
  oldRows: Schema.Boolean,
  /** Whether version 2026-04 has schedules. */
  schedulesIn2026_04: Schema.Boolean,
  /** The status for a version the service does not know. */
  unknownVersion: Schema.Literals([400, 404]),
  /** How backups end that begin from now on. Versions before 2026-07 call a failed one `Failed`. */
  backupsEnd: Schema.Literals(["Ready", "InitializationFailed"]),
  /** Whether schedules run. If not, what is due from now on does not happen, and the next run is planned. */
  schedulesRun: Schema.Boolean,
  /** How restores end that begin from now on. */
  restoresEnd: Schema.Literals(["Completed", "Failed", "Cancelled"])
})

/** The switches. */
export interface Switches extends Schema.Schema.Type<typeof Switches> {}

/** What is there of an object: a key that is `undefined` says no more than one that is left out. */
export const defined = <A extends object>(fields: A): Defined<A> =>
  // Keys and values that are left keep their types.
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<A>

type Defined<A> = { readonly [Key in keyof A]: Exclude<A[Key], undefined> }

/** Schema for settings: the project, its plan and how long things take, and the switches. */
export const Settings = Schema.Struct({
  /** Standard, if left out. */
  project: Schema.optional(Schema.Struct(Struct.map(Project.fields, Schema.optional))),
  switches: Schema.optional(Schema.Struct(Struct.map(Switches.fields, Schema.optional)))
})

/** The project and the switches, as far as they are not the usual ones. */
export interface Settings extends Omit<typeof Settings.Type, "project"> {
  /** The project. A length of time is a `Duration.Input`, and as JSON a text such as `"10 minutes"`. */
  readonly project?: Inputs.WithDurations<NonNullable<(typeof Settings.Type)["project"]>> | undefined
}

const isPeriod = Schema.is(Schema.toType(Period))

/** What is given of a project, with lengths of time that are some. */
export const projectOf = (given: NonNullable<Settings["project"]>): Partial<Project> =>
  // It has the same keys, and the form that its schema has.
  Object.fromEntries(
    Object.entries(defined(given)).map(([key, value]) => {
      const field: Schema.Constraint = Project.fields[key as keyof Project]
      if (field !== Period) return [key, value]
      const duration = Inputs.duration(value as Duration.Input)
      if (!isPeriod(duration)) throw new RangeError(`${key} must be a length of time of 0 to ${maxDays} days`)
      return [key, duration]
    })
  )

/**
 * Schema for how fast time passes: how many seconds for the service in a second of the `Clock`. At a million, ten
 * years pass in about five minutes.
 */
export const Speed = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 }))
