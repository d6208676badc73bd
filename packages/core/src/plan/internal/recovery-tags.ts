/** Settings of an index in the tags of its side copy. */
import * as Schema from "effect/Schema"
import * as BackupSchedule from "../../BackupSchedule.ts"
import * as IndexRules from "../../IndexRules.ts"
import * as RecoveryPlan from "../RecoveryPlan.ts"

/** Maximum length of the value of a tag. */
const maxLength = 120

/** Prefix of every tag that this library sets. */
const prefix = "pinecone-backups-"

type Tags = Readonly<Record<string, string>>

/** Returns the tags without those that this library sets. */
export const ownOf = (tags: Tags): Tags =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith(prefix)))

/** Returns `true` if the service accepts a value. Up to version 2026-04, it accepts these characters only. */
const isStorable = (value: string): boolean => value.length <= maxLength && /^[A-Za-z\d;@_.+ -]+$/.test(value)

/** A schedule as a tag stores it. `undefined` fields are unknown. */
export interface StoredSchedule {
  readonly frequency: BackupSchedule.Frequency | undefined
  readonly retentionDays: number | undefined
  readonly isPaused: boolean
  readonly name: string | undefined
}

/** Value of the tag if the index has no schedule. */
const none = "none"

/** The settings to store. `null` stands for no schedule, and `undefined` for an unknown setting. */
export interface Stored {
  readonly schedule: StoredSchedule | null | undefined
  readonly deletionProtection: "enabled" | "disabled" | undefined
}

const scheduleText = ({ frequency, isPaused, name, retentionDays }: StoredSchedule): string =>
  [frequency ?? "", retentionDays ?? "", isPaused ? "off" : "on", name ?? ""].join(";")

/** Returns the tags that store settings, and the settings that tags cannot store. */
export const encode = (
  index: string,
  { deletionProtection, schedule }: Stored
): { readonly tags: Tags; readonly notStored: ReadonlyArray<string> } => {
  const named = schedule ? scheduleText(schedule) : undefined
  const isNameStored = named === undefined || isStorable(named)
  const text = schedule ? isNameStored ? named : scheduleText({ ...schedule, name: undefined }) : none
  return {
    tags: {
      [RecoveryPlan.tags.recover]: index,
      ...(schedule !== undefined && text !== undefined && { [RecoveryPlan.tags.schedule]: text }),
      ...(deletionProtection !== undefined && { [RecoveryPlan.tags.protection]: deletionProtection })
    },
    notStored: isNameStored ? [] : ["the name of the schedule"]
  }
}

const isFrequency = Schema.is(BackupSchedule.Frequency)

/** Reads the schedule of a tag. Unreadable parts are unknown. */
const readSchedule = (text: string | undefined): Stored["schedule"] => {
  if (text === undefined) return undefined
  if (text === none) return null
  const [frequency, days = "", state, ...name] = text.split(";")
  if (state !== "on" && state !== "off") return undefined
  return {
    frequency: isFrequency(frequency) ? frequency : undefined,
    retentionDays: /^[1-9]\d{0,4}$/.test(days) ? Number(days) : undefined,
    isPaused: state === "off",
    name: name.join(";") || undefined
  }
}

/** Reads the settings that tags store. */
export const decode = (tags: Tags): Stored => {
  const protection = tags[RecoveryPlan.tags.protection]
  return {
    schedule: readSchedule(tags[RecoveryPlan.tags.schedule]),
    deletionProtection: protection === "enabled" || protection === "disabled" ? protection : undefined
  }
}

/** Combines the tags of a backup and those of this library. Returns the keys for which there is no room. */
export const combine = (
  own: Tags,
  ours: Tags,
  room = IndexRules.maxTags
): { readonly tags: Tags; readonly leftOut: ReadonlyArray<string> } => {
  const entries = Object.entries(ownOf(own))
  const fitting = Math.max(0, room - Object.keys(ours).length)
  return {
    tags: { ...Object.fromEntries(entries.slice(0, fitting)), ...ours },
    leftOut: entries.slice(fitting).map(([key]) => key)
  }
}

/** Returns the changes from one set of tags to another. An empty value removes a tag. */
export const changes = (from: Tags, to: Tags): Tags => ({
  ...Object.fromEntries(Object.keys(from).filter((key) => !Object.hasOwn(to, key)).map((key) => [key, ""])),
  ...Object.fromEntries(Object.entries(to).filter(([key, value]) => from[key] !== value))
})
