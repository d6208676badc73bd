/** Compares the steps that are needed now with an approved plan. */
import * as Equal from "effect/Equal"
import * as Result from "effect/Result"
import * as String from "effect/String"
import type * as BackupSchedule from "../../BackupSchedule.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import * as ScheduleStep from "../ScheduleStep.ts"

const scheduleOf = (step: ScheduleStep.Step): BackupSchedule.ScheduleId | null =>
  "scheduleId" in step ? step.scheduleId : null

/** What identifies an index: its ID, or without an ID its host. */
interface Identity {
  readonly indexId: PineconeIndex.IndexId | null
  readonly indexHost: string | null
}

/**
 * The difference between the index of a plan and the index that has its name now; `undefined` if they are the same. Without
 * any evidence that they are the same, they are not: an index can be deleted and created again without a trace.
 */
export const replacedBy = (
  indexName: PineconeIndex.IndexName,
  planned: Identity,
  found: Identity
): ScheduleStep.Moved | undefined => {
  const difference = (field: string, planned: string | null, found: string | null) =>
    moved(indexName, "replaced", { field, planned, found })
  if (planned.indexId !== null && found.indexId !== null) {
    return planned.indexId.toLowerCase() === found.indexId.toLowerCase()
      ? undefined
      : difference("index_id", planned.indexId, found.indexId)
  }
  return planned.indexHost !== null && planned.indexHost === found.indexHost
    ? undefined
    : difference("index_host", planned.indexHost, found.indexHost)
}

/** Creates a difference. */
export const moved = (
  indexName: PineconeIndex.IndexName,
  reason: ScheduleStep.Moved["reason"],
  details: Partial<Pick<ScheduleStep.Moved, "field" | "found" | "planned" | "scheduleId">> = {}
): ScheduleStep.Moved => ({
  _tag: "Moved",
  indexName,
  reason,
  scheduleId: null,
  field: null,
  planned: null,
  found: null,
  ...details
})

/** Returns `true` if two steps change the same object in the same way. */
export const isSame = (self: ScheduleStep.Step, that: ScheduleStep.Step): boolean =>
  isAbout(self, that) && Equal.equals(self.before, that.before) && Equal.equals(self.after, that.after)

/** Returns `true` if two steps are of the same kind and change the same object. */
const isAbout = (self: ScheduleStep.Step, that: ScheduleStep.Step): boolean =>
  self._tag === that._tag && self.indexName === that.indexName && scheduleOf(self) === scheduleOf(that)

type Image = Readonly<Record<string, ScheduleStep.Moved["planned"] | undefined>>

/** The fields of a step before or after it, one level deep. */
const fieldsOf = (image: object | null): Image =>
  Object.fromEntries(
    Object.entries(image ?? {}).flatMap(([key, value]) =>
      key === "tags"
        ? Object.entries(value).map(([tag, value]) => [`tags.${tag}`, value])
        : [[String.camelToSnake(key), value]]
    )
  )

/** The first field in which two images differ. */
const difference = (planned: object | null, found: object | null) => {
  const [own, other] = [fieldsOf(planned), fieldsOf(found)]
  const field = Object.keys({ ...own, ...other }).find((field) => !Equal.equals(own[field], other[field]))
  return field === undefined ? undefined : { field, planned: own[field] ?? null, found: other[field] ?? null }
}

const rank = (consent: ScheduleStep.Consent): number => ScheduleStep.Consent.literals.indexOf(consent)

/** Checks that a step that is needed now is in an approved plan, and loses nothing more. */
const check = (
  approved: ReadonlyArray<ScheduleStep.Step>,
  step: ScheduleStep.Step
): Result.Result<void, ScheduleStep.Moved> => {
  const { indexName } = step
  const about = { scheduleId: scheduleOf(step) }
  const planned = approved.find((planned) => isSame(planned, step))
  if (planned === undefined) {
    const other = approved.find((planned) => isAbout(planned, step))
    const found = other && (difference(other.before, step.before) ?? difference(other.after, step.after))
    return Result.fail(
      found === undefined
        ? moved(indexName, "new-step", { ...about, found: step._tag })
        : moved(indexName, "changed", { ...about, ...found })
    )
  }
  const replaced = replacedBy(indexName, planned, step)
  if (replaced !== undefined) return Result.fail(replaced)
  const losses = new Set(ScheduleStep.lossesOf(planned))
  const more = ScheduleStep.lossesOf(step).filter((id) => !losses.has(id))
  if (more.length > 0) {
    return Result.fail(
      moved(indexName, "loses-more", { ...about, field: "backup_ids", planned: [...losses], found: more })
    )
  }
  return rank(step.consent) > rank(planned.consent)
    ? Result.fail(moved(indexName, "last-copy", { ...about, planned: planned.consent, found: step.consent }))
    : Result.void
}

export const allows = (
  approved: { readonly steps: ReadonlyArray<ScheduleStep.Step> },
  now: { readonly steps: ReadonlyArray<ScheduleStep.Step> }
): Result.Result<void, ScheduleStep.Moved> => {
  for (const step of now.steps) {
    const checked = check(approved.steps, step)
    if (Result.isFailure(checked)) return checked
  }
  return Result.void
}
