/** Decides which rules of a policy must change so that the policy describes the indexes as they are. */
import type * as BackupSchedule from "@pinecone-backups/core/BackupSchedule"
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as Name from "@pinecone-backups/core/Name"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import * as DateTime from "effect/DateTime"
import * as Equal from "effect/Equal"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Format from "../../terminal/Format.ts"
import * as PolicyEditor from "./PolicyEditor.ts"

/** An index as it is. */
export interface State {
  readonly index: PineconeIndex.PineconeIndex
  readonly schedules: BackupHealth.Read<BackupSchedule.BackupSchedule>
  /** Whether the index is a copy from a drill or a recovery. Patterns do not match it. */
  readonly isCopy: boolean
}

/** The parts of a rule. */
type Part = "schedule" | "settings"

/** A part of an index, or a whole index, for which the file stays as it is. */
export interface Skipped {
  readonly index: string
  readonly part: Part | "index"
  readonly reason: string
}

/** The changes to a policy, and the facts that the policy does not describe afterwards. */
export interface Pulled {
  readonly edits: ReadonlyArray<PolicyEditor.RuleEdit>
  readonly skipped: ReadonlyArray<Skipped>
}

/** What the text of a policy allows and has. Rules are given by their position. */
export interface Text {
  /** Whether a rule can be changed. */
  readonly canChange: (position: number) => boolean
  /** Whether a rule has the comment that nothing backs its index up. */
  readonly hasHint: (position: number) => boolean
}

type Wish = BackupPolicy.Wish

/** A schedule or settings to write. Keys with `undefined` are removed. */
type Change = { readonly [key: string]: PolicyEditor.Value }

// ============================================================================
// Facts
// ============================================================================

/** The tags of this program describe the state of its own operations. */
const isOwnTag = (key: string): boolean => key.startsWith("pinecone-backups-")

/** Returns `true` for a name that a screen shows as it is, so that a file shows what it means. */
const isPlain = (name: string): boolean => Format.plain(name) === name

/** The schedule of an index that a policy can describe. */
type Found =
  | { readonly _tag: "None" }
  | { readonly _tag: "Unknown"; readonly why: string }
  | { readonly _tag: "Schedule"; readonly schedule: BackupSchedule.BackupSchedule; readonly name: string | undefined }

const createdMillis = ({ createdAt }: BackupSchedule.BackupSchedule): number =>
  createdAt == null ? Number.NEGATIVE_INFINITY : DateTime.toEpochMillis(createdAt)

/** The reason why a plan could not compare the schedules of an index with a wish. A file must not describe these either. */
const doubtOf = ({ index, schedules }: State, wished: Wish["schedule"]): string | undefined => {
  const name = typeof wished === "object" ? wished.name : undefined
  const plan = SchedulePlan.make(
    { rules: [{ index: index.name, schedule: name === undefined ? {} : { name } }] },
    { at: DateTime.makeUnsafe(0), indexes: [{ index, schedules, histories: new Map(), backups: undefined }] }
  )
  return plan.unknown[0]?.reason
}

/** Finds the schedule to describe: the enabled one, or else the newest one with a name of its own. */
const find = (state: State, wished: Wish["schedule"]): Found => {
  const why = doubtOf(state, wished)
  if (why !== undefined) return { _tag: "Unknown", why }
  const schedules = Result.getOrElse(state.schedules, () => [])
  const nameOf = ({ name, scheduleId }: BackupSchedule.BackupSchedule): string | undefined =>
    name == null || name === "" || !isPlain(name) ||
      schedules.some((other) => other.scheduleId !== scheduleId && Name.isSame(other.name, name))
      ? undefined
      : name
  const running = schedules.find(({ enabled }) => enabled === true)
  if (running !== undefined) return { _tag: "Schedule", schedule: running, name: nameOf(running) }
  const paused = [...schedules].sort((self, that) =>
    createdMillis(that) - createdMillis(self) || (self.scheduleId < that.scheduleId ? -1 : 1)
  )
  const chosen = paused.length === 1 ? paused[0] : paused.find((schedule) => nameOf(schedule) !== undefined)
  return chosen === undefined ? { _tag: "None" } : { _tag: "Schedule", schedule: chosen, name: nameOf(chosen) }
}

/** The fields of a schedule that a policy can have. */
const fieldsOf = ({ name, schedule }: Extract<Found, { readonly _tag: "Schedule" }>): BackupPolicy.ScheduleWish => {
  const every = (["daily", "weekly", "monthly"] as const).find((frequency) => frequency === schedule.frequency)
  const keep = schedule.retentionExpireAfterDays
  return {
    ...(name !== undefined && { name }),
    ...(every !== undefined && { every }),
    ...(keep != null && Number.isInteger(keep) && keep >= 1 && { keep }),
    ...(schedule.enabled === false && { paused: true })
  }
}

// ============================================================================
// Changes
// ============================================================================

/** The change of a schedule. `undefined` if the wish already describes it. `count` is the number of schedules. */
const scheduleChange = (
  { schedule: wished }: Pick<Wish, "schedule">,
  found: Found,
  count: number
): Change | "none" | undefined => {
  if (wished === "ignore" || found._tag === "Unknown") return undefined
  if (found._tag === "None") {
    return typeof wished === "object" && (count > 0 || wished.paused !== true) ? "none" : undefined
  }
  const facts = fieldsOf(found)
  const isRunning = facts.paused !== true
  if (wished === "none" && !isRunning) return undefined
  if (typeof wished !== "object") return { ...facts }
  const isNamed = wished.name === undefined ? count === 1 || isRunning : Name.isSame(wished.name, facts.name)
  const change: Record<string, PolicyEditor.Value> = {
    ...(!isNamed && { name: facts.name }),
    ...(facts.every !== undefined && facts.every !== wished.every && { every: facts.every }),
    ...(facts.keep !== undefined && facts.keep !== wished.keep && { keep: facts.keep }),
    ...((wished.paused === true) === isRunning && { paused: !isRunning })
  }
  return Object.keys(change).length === 0 ? undefined : change
}

const isProtection = Schema.is(Schema.Literals(["enabled", "disabled"]))

const isValidSettings = Schema.is(BackupPolicy.SettingsWish)

/** The tags of an index that a policy can have, sorted by key. */
const tagsOf = ({ tags }: PineconeIndex.PineconeIndex): ReadonlyArray<readonly [key: string, value: string]> =>
  Object.entries(tags ?? {})
    .filter(([key, value]) => !isOwnTag(key) && isValidSettings({ tags: { [key]: value } }))
    .sort(([self], [that]) => self < that ? -1 : 1)

/** The read capacity of an index as a policy can have it. `undefined` if the service reports something else. */
const capacityOf = ({ readCapacity }: PineconeIndex.PineconeIndex): BackupPolicy.SettingsWish["readCapacity"] => {
  if (readCapacity?.mode === "OnDemand") return { mode: "OnDemand" }
  const { manual, nodeType, scaling } = readCapacity?.dedicated ?? {}
  const settings = {
    readCapacity: {
      mode: readCapacity?.mode,
      dedicated: { node_type: nodeType, scaling, manual: { replicas: manual?.replicas, shards: manual?.shards } }
    }
  }
  return isValidSettings(settings) ? settings.readCapacity : undefined
}

/** The change of a read capacity. On-demand capacity is the default, so that it is only written over another one. */
const capacityChange = (
  wished: BackupPolicy.SettingsWish["readCapacity"],
  actual: BackupPolicy.SettingsWish["readCapacity"]
): PolicyEditor.Value =>
  actual === undefined || Equal.equals(wished, actual) || (wished === undefined && actual.mode === "OnDemand")
    ? undefined
    : { dedicated: undefined, ...actual }

/** The change of settings. `undefined` if the wish already describes them. */
const settingsChange = (
  { settings: wished }: Pick<Wish, "settings">,
  index: PineconeIndex.PineconeIndex,
  removed: (key: string) => null | undefined
): Change | undefined => {
  const { deletionProtection: protection, tags: all } = index
  const wishedTags = wished?.tags ?? {}
  const isWished = (key: string, value: string) => Object.hasOwn(wishedTags, key) && wishedTags[key] === value
  const tagChanges: Record<string, PolicyEditor.Value> = Object.fromEntries([
    ...tagsOf(index).filter(([key, value]) => !isWished(key, value)),
    ...Object.entries(wishedTags)
      .filter(([key, value]) => value !== null && !Object.hasOwn(all ?? {}, key))
      .map(([key]) => [key, removed(key)])
  ])
  const capacity = capacityChange(wished?.readCapacity, capacityOf(index))
  const change: Record<string, PolicyEditor.Value> = {
    ...(isProtection(protection) && wished?.deletionProtection !== protection && { deletionProtection: protection }),
    ...(capacity !== undefined && { readCapacity: capacity }),
    ...(Object.keys(tagChanges).length > 0 && { tags: tagChanges })
  }
  return Object.keys(change).length === 0 ? undefined : change
}

/** A fact that a policy cannot have, although the wish has the field. `undefined` if there is none. */
const unwritable = (
  { schedule, settings }: Wish,
  part: Part,
  found: Found,
  index: PineconeIndex.PineconeIndex
): string | undefined => {
  if (part === "settings") {
    const { deletionProtection: protection } = index
    return settings?.deletionProtection !== undefined && !isProtection(protection)
      ? `deletion protection is ${protection ?? "unknown"}`
      : settings?.readCapacity !== undefined && capacityOf(index) === undefined
      ? "the read capacity is unknown"
      : undefined
  }
  if (typeof schedule !== "object" || found._tag !== "Schedule") return undefined
  const { every, keep } = fieldsOf(found)
  return schedule.every !== undefined && every === undefined
    ? `the frequency is ${found.schedule.frequency}`
    : schedule.keep !== undefined && keep === undefined
    ? "the retention is unknown"
    : undefined
}

// ============================================================================
// Rules
// ============================================================================

const isValidRule = Schema.is(BackupPolicy.Rule)

/** The rules of a policy after a change, and whether the changed rule is valid. */
const changedRules = (rules: ReadonlyArray<BackupPolicy.Rule>, edit: PolicyEditor.RuleEdit) => {
  const { index, position = rules.length, schedule, settings } = edit
  const rule = rules[position] ?? { index }
  const changed = {
    ...rule,
    ...(schedule !== undefined && { schedule: PolicyEditor.merge(rule.schedule, schedule) }),
    ...(settings !== undefined && { settings: PolicyEditor.merge(rule.settings, settings) })
  } as BackupPolicy.Rule
  return {
    rules: [...rules.slice(0, position), changed, ...rules.slice(position + 1)],
    isValid: isValidRule(changed)
  }
}

/**
 * Describes one index. Changes its last rule, or adds one if that rule cannot be changed or a later rule overrides it.
 */
const pullIndex = (policy: BackupPolicy.BackupPolicy, state: State, { canChange, hasHint }: Text): Pulled => {
  const { index, isCopy } = state
  const { name } = index
  const skip = (part: Skipped["part"], reason: string): Skipped => ({ index: name, part, reason })
  const { rules = [] } = policy
  const wishIn = (rules: ReadonlyArray<BackupPolicy.Rule>) =>
    BackupPolicy.wishOf({ ...policy, rules }, name, { isCopy })
  const wish = wishIn(rules)
  // Hands off: a rule ignores its schedules, or it is a temporary copy.
  if (wish.settings === undefined && (wish.schedule === "ignore" || (isCopy && wish.schedule === undefined))) {
    return { edits: [], skipped: [] }
  }
  // While an index is created or restored, its schedules and settings are not there yet.
  if (!PineconeIndex.isReady(index)) {
    return { edits: [], skipped: [skip("index", `the index is not ready (${index.status?.state ?? "unknown state"})`)] }
  }
  const found = find(state, wish.schedule)
  const count = Result.getOrElse(state.schedules, () => []).length
  const skipped: Array<Skipped> = found._tag === "Unknown" ? [skip("schedule", found.why)] : []

  /** The edit at a position, with the given parts. `undefined` if nothing changes. */
  const editAt = (position: number | undefined, parts: ReadonlyArray<Part>): PolicyEditor.RuleEdit | undefined => {
    const others = wishIn(rules.filter((_, other) => other !== position)).settings?.tags ?? {}
    const schedule = parts.includes("schedule") ? scheduleChange(wish, found, count) : undefined
    const settings = parts.includes("settings")
      ? settingsChange(
        wish,
        index,
        (key) => position === undefined || (Object.hasOwn(others, key) && others[key] !== null) ? null : undefined
      )
      : undefined
    return schedule === undefined && settings === undefined
      ? undefined
      : {
        position,
        index: name,
        ...(schedule !== undefined && { schedule }),
        ...(settings !== undefined && { settings }),
        isUnscheduled: position === undefined && found._tag === "None" && wish.schedule === undefined
      }
  }

  /** The reason why rules cannot describe a part of the index. */
  const doubtIn = (rules: ReadonlyArray<BackupPolicy.Rule>, part: Part): string | undefined => {
    const contradiction = BackupPolicy.contradictionsOf({ ...policy, rules }, name, { isCopy })
      .find(({ path }) => path[0] === part)
    return contradiction === undefined
      ? unwritable(wishIn(rules), part, found, index)
      : `${contradiction.path.join(".")}: ${contradiction.sentence}`
  }

  /** The reason why an edit is not possible. `undefined` if the policy then describes this part of the index. */
  const wrongWith = (edit: PolicyEditor.RuleEdit, part: Part): string | undefined => {
    const changed = changedRules(rules, edit)
    const doubt = doubtIn(changed.rules, part)
    if (doubt !== undefined) return doubt
    if (!changed.isValid) return "the rule would be invalid"
    const made = wishIn(changed.rules)
    const left = part === "schedule"
      ? scheduleChange(made, found, count)
      : settingsChange(made, index, () => null)
    return left === undefined ? undefined : "other rules override it"
  }

  const isOwn = (rule: BackupPolicy.Rule): boolean => rule.index === name && rule.profiles === undefined
  /** Adds the edits that remove comments that are not true any more. */
  const withoutHints = (edits: ReadonlyArray<PolicyEditor.RuleEdit>): ReadonlyArray<PolicyEditor.RuleEdit> => {
    const isStale = found._tag === "Schedule" && typeof wishIn(edits.reduce(
          (rules, edit) => changedRules(rules, edit).rules,
          rules
        )).schedule === "object"
    if (!isStale) return edits
    const stale = rules.flatMap((rule, position) =>
      isOwn(rule) && canChange(position) && hasHint(position) ? [position] : []
    )
    return [
      ...edits.map((edit) =>
        edit.position !== undefined && stale.includes(edit.position) ? { ...edit, removesHint: true } : edit
      ),
      ...stale.filter((position) => !edits.some((edit) => edit.position === position))
        .map((position) => ({ position, index: name, removesHint: true }))
    ]
  }

  const last = rules.findLastIndex(isOwn)
  const positions = [...(last !== -1 && canChange(last) ? [last] : []), undefined]
  const parts = ["schedule", "settings"] as const
  const whole = parts.filter((part) => editAt(undefined, [part]) !== undefined)
  for (const part of parts) {
    const doubt = whole.includes(part) ? undefined : doubtIn(rules, part)
    if (doubt !== undefined) skipped.push(skip(part, doubt))
  }
  for (const position of positions) {
    const edit = editAt(position, whole)
    if (edit !== undefined && whole.every((part) => wrongWith(edit, part) === undefined)) {
      return { edits: withoutHints([edit]), skipped }
    }
  }
  // At most one of the parts can be written, or each in its own rule.
  const single = whole.map((part) => {
    const edits = positions.flatMap((position) => editAt(position, [part]) ?? [])
    return {
      part,
      edit: edits.find((edit) => wrongWith(edit, part) === undefined),
      why: edits.map((edit) => wrongWith(edit, part)).findLast((why) => why !== undefined)
    }
  })
  return {
    edits: withoutHints(single.flatMap(({ edit }) => edit ?? [])),
    skipped: [
      ...skipped,
      ...single.flatMap(({ edit, part, why = "unknown" }) => edit === undefined ? [skip(part, why)] : [])
    ]
  }
}

/** A skipped part in words: `docs: schedule skipped: the service returned several enabled schedules`. */
export const note = ({ index, part, reason }: Skipped): string =>
  `${index}: ${part === "index" ? "" : `${part} `}skipped: ${reason}`

/** The notes about rules of indexes that do not exist. The rules stay, because absence is not a wish. */
export const absent = (policy: BackupPolicy.BackupPolicy, states: ReadonlyArray<State>): ReadonlyArray<string> =>
  BackupPolicy.namesOf(policy)
    .filter((name) => BackupPolicy.isManaged(policy, name) && !states.some(({ index }) => index.name === name))
    .map((name) => `${name}: the index does not exist; its rule was kept`)

/**
 * Describes indexes in a policy.
 *
 * **Details**
 *
 * A rule for an exact name is changed or added, so the meaning of the policy for other indexes stays as it is. Fields that
 * the policy already describes are not written again. Nothing changes for an index that is not ready, or for facts that are
 * unknown. New rules are for `profile`, if several projects share the file.
 */
export const pull = (
  policy: BackupPolicy.BackupPolicy,
  states: ReadonlyArray<State>,
  text: Text,
  profile?: string
): Pulled => {
  const sorted = [...states].sort((self, that) => self.index.name < that.index.name ? -1 : 1)
  const pulled = sorted.map((state): Pulled => {
    const { index: { name } } = state
    if (name === "" || name.includes("*") || !isPlain(name)) {
      return { edits: [], skipped: [{ index: name, part: "index", reason: "a rule cannot have this name" }] }
    }
    if (states.some((other) => other !== state && other.index.name === name)) {
      const reason = "the service returned several indexes with this name"
      return { edits: [], skipped: [{ index: name, part: "index", reason }] }
    }
    const { edits, skipped } = pullIndex(policy, state, text)
    return {
      edits: profile === undefined
        ? edits
        : edits.map((edit) => edit.position === undefined ? { ...edit, profiles: [profile] } : edit),
      skipped
    }
  })
  return { edits: pulled.flatMap(({ edits }) => edits), skipped: pulled.flatMap(({ skipped }) => skipped) }
}
