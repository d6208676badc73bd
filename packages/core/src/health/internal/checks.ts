import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Order from "effect/Order"
import * as Backup from "../../Backup.ts"
import * as BackupRun from "../../BackupRun.ts"
import type * as BackupSchedule from "../../BackupSchedule.ts"
import type * as PineconeIndex from "../../PineconeIndex.ts"
import * as RestoreJob from "../../RestoreJob.ts"
import type * as BackupPolicy from "../BackupPolicy.ts"
import * as Cadence from "../Cadence.ts"
import * as CommandLine from "../CommandLine.ts"
import type * as HealthCheck from "../HealthCheck.ts"
import * as Rhythm from "./rhythm.ts"
import * as Text from "./text.ts"

// ============================================================================
// Numbers
// ============================================================================

export const hourMillis = 3_600_000
export const dayMillis = 24 * hourMillis

/** What was written in the quarter of an hour before a backup is not in it. */
export const lagMillis = 15 * 60_000

/** How long a backup or a restore may take, in hours. The longest that the documentation speaks of is 5. */
const maxHours = 6

/** Within how many days a restore should have been tried. */
const testedDays = 90

/** By which share a backup may be smaller than those before it. */
const maxShrink = 0.5

/** How many backups before the newest one its size is compared with, and how many there have to be. */
const compared = { most: 10, least: 3 }

/** How many days before the last copy is deleted that is bad, and very bad. */
const expiringDays = { warning: 14, critical: 2 }

/** What the API allows in the name of a backup, and what a schedule adds to its own, in bytes. */
const nameLength = { backup: 45, suffix: 17 }

export const millis = DateTime.toEpochMillis

// ============================================================================
// What is known
// ============================================================================

/** A run or a backup whose time is known. */
export interface Timed {
  readonly run: BackupRun.BackupRun
  readonly at: DateTime.Utc
}

export interface Schedule {
  readonly schedule: BackupSchedule.BackupSchedule
  readonly name: string
  /** What to call it on a command line. */
  readonly selector: string
  readonly isEnabled: boolean
  readonly cadence: Cadence.Cadence | undefined
  /** Its history, if that could be read. */
  readonly history: History | undefined
}

export interface History {
  readonly ids: ReadonlySet<string>
  readonly hasBegun: boolean
  /** The runs that have begun, as far as their times are known, oldest first. */
  readonly runs: ReadonlyArray<Timed>
  readonly newestReady: Timed | undefined
  /** What its runs tell of when it runs, if its frequency is known. */
  readonly rhythm: Rhythm.Rhythm | undefined
  readonly missed: ReadonlyArray<DateTime.Utc>
}

/** A backup that can be restored. */
export interface Copy {
  readonly backup: Backup.Backup
  readonly at: DateTime.Utc | undefined
  /** The schedule that made it, if that is known. */
  readonly schedule: Schedule | undefined
  /** When it will be deleted: `null` if never, `undefined` if that is not known. */
  readonly expiresAt: DateTime.Utc | null | undefined
}

/** An index that is there, and what is known of it. What could not be read is `undefined`. */
export interface Subject {
  readonly now: DateTime.Utc
  /** How far back failures are looked for. */
  readonly since: number
  readonly wants: BackupPolicy.Requirements
  readonly index: PineconeIndex.PineconeIndex
  readonly schedules: ReadonlyArray<Schedule> | undefined
  readonly enabled: Schedule | undefined
  /** Its backups in any state. */
  readonly backups: ReadonlyArray<Backup.Backup> | undefined
  /** Those that can be restored, oldest first. */
  readonly copies: ReadonlyArray<Copy> | undefined
  readonly restoreJobs: ReadonlyArray<RestoreJob.RestoreJob> | undefined
}

/** What a check says, before it is known whether anybody wants to hear it. */
export interface Draft {
  readonly check: HealthCheck.HealthCheck
  readonly severity: HealthCheck.Severity
  readonly sentence: string
  readonly fix?: string | undefined
  readonly schedule?: Schedule | undefined
  readonly backups?: ReadonlyArray<BackupRun.BackupRun> | undefined
  readonly restoreJobs?: ReadonlyArray<RestoreJob.RestoreJob> | undefined
  readonly times?: ReadonlyArray<readonly [what: string, at: DateTime.Utc | undefined]> | undefined
  readonly values?: Readonly<Record<string, number>> | undefined
}

const byTime: Order.Order<Timed> = (self, that) => Order.Number(millis(self.at), millis(that.at))

/** Those whose time is known, oldest first. */
export const timed = (all: ReadonlyArray<BackupRun.BackupRun>): ReadonlyArray<Timed> => {
  const known: Array<Timed> = []
  for (const run of all) {
    const at = BackupRun.takenAt(run)
    if (at !== undefined) known.push({ run, at })
  }
  return known.sort(byTime)
}

type Check = (subject: Subject) => ReadonlyArray<Draft>

const maxMillisOf = ({ maxDuration }: BackupPolicy.Requirements): number =>
  maxDuration === undefined ? maxHours * hourMillis : Duration.toMillis(maxDuration)

/** By when a schedule should have run first; `undefined` if nobody knows when it was created. */
const firstRunBy = ({ cadence, schedule }: Schedule): number | undefined => {
  const first = Cadence.firstSlot(schedule)
  return cadence === undefined || first === undefined ? undefined : millis(first) + cadence.slackHours * hourMillis
}

/** When a backup is too old for a schedule that should have made the next. */
const lateAfter = (at: DateTime.Utc, cadence: Cadence.Cadence, history: History | undefined): number =>
  (history?.rhythm && Rhythm.lateAfter(history.rhythm, millis(at))) ?? millis(Cadence.lateAt(cadence, at))

const isKeptTooShort = ({ cadence, schedule }: Schedule): boolean =>
  cadence !== undefined && schedule.retentionExpireAfterDays != null &&
  schedule.retentionExpireAfterDays < cadence.longestDays

const newestOf = (copies: ReadonlyArray<Copy>) => {
  const copy = copies.findLast(({ at }) => at !== undefined)
  return copy?.at === undefined ? undefined : { ...copy, at: copy.at }
}

const describeRun = ({ at, run }: Timed): string => `${Text.when(at)} ended ${Text.plain(run.status)}`

// ============================================================================
// Checks of an index
// ============================================================================

const unprotected: Check = ({ copies, index, schedules }) => {
  // One that is still being made cannot have a schedule yet.
  if (schedules === undefined || schedules.length > 0 || copies === undefined || index.status?.ready === false) {
    return []
  }
  return [{
    check: "unprotected",
    severity: copies.length === 0 ? "critical" : "warning",
    sentence: copies.length === 0
      ? "no schedule backs it up, and there is no backup of it"
      : `no schedule backs it up; there ${copies.length === 1 ? "is" : "are"} ${
        Text.count(copies.length, "backup")
      } made by hand or by a schedule that is gone`,
    fix: CommandLine.make`pcb schedule create ${index.name} --every daily --keep 30`,
    backups: copies.map(({ backup }) => backup)
  }]
}

const stale: Check = ({ backups, copies, enabled, index, now, wants }) => {
  if (copies === undefined || backups === undefined) return []
  const newest = newestOf(copies)
  if (newest === undefined && copies.length > 0) return []
  const draft = (sentence: string, limit: number): Draft => ({
    check: "stale",
    severity: "critical",
    sentence,
    fix: CommandLine.make`pcb backup create ${index.name} --wait`,
    schedule: enabled,
    backups: newest === undefined ? [] : [newest.backup],
    times: [["newest", newest?.at]],
    values: {
      limit: limit / 1000,
      ...(newest !== undefined && { age: (millis(now) - millis(newest.at) + lagMillis) / 1000 })
    }
  })
  const age = newest === undefined ? Infinity : millis(now) - millis(newest.at) + lagMillis
  const isOld = newest === undefined
    ? "there is no usable backup"
    : `the newest usable backup is ${Text.length(age)} old`

  if (wants.rpo !== undefined) {
    const limit = Duration.toMillis(wants.rpo)
    return age > limit ? [draft(`${isOld}; the policy allows ${Text.length(limit)}`, limit)] : []
  }
  const cadence = enabled?.cadence
  if (enabled === undefined || cadence === undefined) return []
  // These say it themselves.
  if (newest === undefined && enabled.history?.hasBegun === false) return []
  if (newest?.schedule !== enabled && isKeptTooShort(enabled)) return []
  const lateAt = newest === undefined
    ? -Infinity
    : lateAfter(newest.at, cadence, newest.schedule === enabled ? enabled.history : undefined) - lagMillis
  // A new schedule has not had its turn, and a backup that takes its time is on its way.
  const isUnderWay = backups.some((backup) => {
    const at = Backup.isFinal(backup) ? undefined : BackupRun.takenAt(backup)
    return at !== undefined && millis(at) > (newest === undefined ? -Infinity : millis(newest.at)) &&
      millis(now) - millis(at) <= maxMillisOf(wants)
  })
  const firstBy = enabled.history?.hasBegun === true ? -Infinity : firstRunBy(enabled) ?? -Infinity
  if (isUnderWay || millis(now) <= Math.max(lateAt, firstBy)) return []
  const limit = newest === undefined ? 0 : lateAt - millis(newest.at) + lagMillis
  return [draft(
    newest === undefined ? isOld : `${isOld}; a ${enabled.schedule.frequency} schedule allows ${Text.length(limit)}`,
    limit
  )]
}

const neverRan: Check = ({ enabled, index, now }) => {
  if (enabled?.history === undefined || enabled.history.hasBegun || isKeptTooShort(enabled)) return []
  const { createdAt } = enabled.schedule
  const by = firstRunBy(enabled)
  return by === undefined || !createdAt || millis(now) <= by ? [] : [{
    check: "never-ran",
    severity: "critical",
    sentence: `${Text.plain(enabled.name)} has not run since it was created ${
      Text.length(millis(now) - millis(createdAt))
    } ago`,
    fix: CommandLine.make`pcb backup create ${index.name} --wait`,
    schedule: enabled,
    times: [["created", createdAt], ["next", enabled.schedule.nextScheduledRun ?? undefined]]
  }]
}

const failed: Check = ({ backups, copies, index, schedules, since }) => {
  const drafts: Array<Draft> = []
  for (const schedule of schedules ?? []) {
    const { newestReady, runs = [] } = schedule.history ?? {}
    const isNewer = ({ at }: Timed) => newestReady === undefined || millis(at) > millis(newestReady.at)
    const bad = runs.filter((run) =>
      BackupRun.isFailed(run.run) && (millis(run.at) >= since || (schedule.isEnabled && isNewer(run)))
    )
    const latest = bad.at(-1)
    if (latest === undefined) continue
    const isOpen = isNewer(latest)
    drafts.push({
      check: "failed",
      severity: isOpen ? "critical" : "warning",
      sentence: `${bad.length === 1 ? "the run of " : `${Text.count(bad.length, "run")} ended badly, the latest: `}${
        describeRun(latest)
      } (${Text.shortId(latest.run.backupId)})${isOpen ? "" : ", and a later one was good"}`,
      fix: isOpen ? CommandLine.make`pcb backup create ${index.name} --wait` : undefined,
      schedule,
      backups: bad.map(({ run }) => run),
      times: bad.map(({ at }) => ["failed", at])
    })
  }
  const newest = newestOf(copies ?? [])
  const byHand = timed(
    (backups ?? []).filter((backup) => Backup.isFailed(backup) && BackupRun.plannedFor(backup) === undefined)
  ).filter(({ at }) => millis(at) >= since && (newest === undefined || millis(at) > millis(newest.at)))
  const latest = byHand.at(-1)
  if (latest !== undefined) {
    drafts.push({
      check: "failed",
      severity: "warning",
      sentence: `the backup made by hand at ${describeRun(latest)} (${Text.shortId(latest.run.backupId)})`,
      fix: CommandLine.make`pcb backup create ${index.name} --wait`,
      backups: byHand.map(({ run }) => run),
      times: byHand.map(({ at }) => ["failed", at])
    })
  }
  return drafts
}

const missed: Check = ({ index, schedules }) =>
  (schedules ?? []).flatMap((schedule): ReadonlyArray<Draft> => {
    const { missed = [], newestReady } = schedule.history ?? {}
    const latest = missed.at(-1)
    if (latest === undefined) return []
    const isOpen = newestReady === undefined || millis(latest) > millis(newestReady.at)
    return [{
      check: "missed",
      severity: isOpen ? "critical" : "warning",
      sentence: `${
        missed.length === 1 ? "there is no run of " : `${missed.length} runs did not happen, the latest of `
      }${Text.when(latest)}`,
      fix: isOpen ? CommandLine.make`pcb backup create ${index.name} --wait` : undefined,
      schedule,
      times: missed.map((at) => ["missed", at])
    }]
  })

const stuck: Check = ({ backups, index, now, restoreJobs, schedules, wants }) => {
  const isTooLong = (at: DateTime.Utc) => millis(now) - millis(at) > maxMillisOf(wants)
  // A run stands in both lists.
  const underWay = new Map<string, Timed>()
  const all = [...(schedules ?? []).flatMap(({ history }) => history?.runs ?? []), ...timed(backups ?? [])]
  for (const one of all) {
    if (!BackupRun.isFinal(one.run) && BackupRun.hasBegun(one.run) && isTooLong(one.at)) {
      underWay.set(one.run.backupId, one)
    }
  }
  const [oldest] = [...underWay.values()].sort(byTime)
  const jobs = (restoreJobs ?? []).flatMap((job) =>
    !RestoreJob.isFinal(job) && job.targetIndexName === index.name && job.createdAt && isTooLong(job.createdAt)
      ? [{ job, at: job.createdAt }]
      : []
  )
  const [job] = jobs
  return [
    ...(oldest === undefined ? [] : [{
      check: "stuck",
      severity: "warning",
      sentence: `${underWay.size === 1 ? "a backup has" : `${underWay.size} backups have`} been under way for ${
        Text.length(millis(now) - millis(oldest.at))
      } (${Text.plain(oldest.run.status)}, ${Text.shortId(oldest.run.backupId)})`,
      fix: CommandLine.make`pcb backup describe ${oldest.run.backupId}`,
      backups: [...underWay.values()].map(({ run }) => run),
      times: [...underWay.values()].map(({ at }) => ["started", at] as const)
    }] satisfies ReadonlyArray<Draft>),
    ...(job === undefined ? [] : [{
      check: "stuck",
      severity: "warning",
      sentence: `its restore has been ${Text.plain(job.job.status)} for ${Text.length(millis(now) - millis(job.at))} (${
        Text.shortId(job.job.restoreJobId)
      })`,
      fix: CommandLine.make`pcb restore describe ${job.job.restoreJobId}`,
      restoreJobs: jobs.map(({ job }) => job),
      times: jobs.map(({ at }) => ["started", at] as const)
    }] satisfies ReadonlyArray<Draft>)
  ]
}

/** The number in the middle, or between the two in the middle. */
const median = (numbers: Array.NonEmptyReadonlyArray<number>): number => {
  const sorted = Array.sort(numbers, Order.Number)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? sorted[0]
  return sorted.length % 2 === 1 ? upper : upper / 2 + (sorted[middle - 1] ?? upper) / 2
}

const size: Check = ({ copies, index, wants }) => {
  const known = (copies ?? []).filter(({ at }) => at !== undefined).map(({ backup }) => backup)
  const newest = known.at(-1)
  const others = known.slice(0, -1)
  if (newest === undefined) return []
  const id = Text.shortId(newest.backupId)
  const look = CommandLine.make`pcb backup list --index ${index.name}`
  if (newest.recordCount === 0) {
    const full = others.findLast(({ recordCount }) => recordCount != null && recordCount > 0)
    return [{
      check: "empty",
      severity: full === undefined ? "warning" : "critical",
      sentence: `the newest backup has no records (${id})${
        full === undefined ? "" : `; one before it had ${Text.grouped(full.recordCount ?? 0)}`
      }`,
      fix: look,
      backups: full === undefined ? [newest] : [newest, full],
      values: { records: 0, ...(full?.recordCount != null && { before: full.recordCount }) }
    }]
  }
  const share = 1 - (wants.maxShrink ?? maxShrink)
  for (const [field, noun] of [["recordCount", "records"], ["sizeBytes", "bytes"]] as const) {
    const value = newest[field]
    const earlier = others.filter((backup) => backup[field] != null).slice(-compared.most)
    const values = earlier.map((backup) => backup[field] ?? 0)
    if (value == null || values.length < compared.least || !Array.isReadonlyArrayNonEmpty(values)) continue
    const usual = median(values)
    if (value >= share * usual) continue
    return [{
      check: "shrink",
      severity: "warning",
      sentence: `the newest backup has ${
        Text.grouped(value)
      } ${noun} (${id}); the median of the ${values.length} before it is ${Text.grouped(Math.round(usual))}`,
      fix: look,
      backups: [newest, ...earlier],
      values: { [noun]: value, median: usual, limit: share * usual }
    }]
  }
  return []
}

const retentionGap: Check = ({ copies, enabled, now }) => {
  const kept = enabled?.schedule.retentionExpireAfterDays
  const cadence = enabled?.cadence
  if (enabled === undefined || cadence === undefined || kept == null || !isKeptTooShort(enabled)) return []
  const isGap = copies?.length === 0 && millis(now) > (firstRunBy(enabled) ?? -Infinity)
  return [{
    check: "retention-gap",
    severity: isGap ? "critical" : "warning",
    sentence: `${enabled.schedule.frequency} backups kept ${Text.count(kept, "day")}: nothing to restore from on ${
      Text.count(cadence.longestDays - kept, "day")
    } of every ${cadence.longestDays}${isGap ? ", and today is one" : ""}`,
    fix: CommandLine.make`pcb schedule update ${enabled.selector} --keep ${2 * cadence.longestDays}`,
    schedule: enabled,
    values: { kept, longest: cadence.longestDays }
  }]
}

const lastCopyExpiring: Check = (subject) => {
  const { copies, enabled, index, now, schedules } = subject
  if (copies === undefined || schedules === undefined) return []
  const expiries = copies.map(({ expiresAt }) => expiresAt)
  const known = expiries.filter((at) => at != null)
  const [first, ...others] = known
  // One that stays, or may, is one to restore from.
  if (first === undefined || known.length < expiries.length) return []
  const isReplaced = enabled !== undefined &&
    [stale, failed, missed].every((check) => check(subject).every(({ severity }) => severity !== "critical"))
  const last = others.reduce((last, at) => DateTime.max(last, at), first)
  const left = millis(last) - millis(now)
  if (isReplaced || left < 0 || left > expiringDays.warning * dayMillis) return []
  return [{
    check: "last-copy-expiring",
    severity: left <= expiringDays.critical * dayMillis ? "critical" : "warning",
    sentence: `the last usable backup will be deleted in ${Text.length(left)}, at ${Text.when(last)}`,
    fix: CommandLine.make`pcb backup create ${index.name} --wait`,
    schedule: enabled,
    backups: copies.map(({ backup }) => backup),
    times: [["expires", last]]
  }]
}

const tooFewCopies: Check = ({ copies, index, wants: { minCopies } }) =>
  copies === undefined || minCopies === undefined || copies.length >= minCopies ? [] : [{
    check: "copies",
    severity: copies.length === 0 ? "critical" : "warning",
    sentence: `${copies.length === 1 ? "there is" : "there are"} ${
      Text.count(copies.length, "usable backup")
    }; the policy asks for ${minCopies}`,
    fix: CommandLine.make`pcb backup create ${index.name} --wait`,
    backups: copies.map(({ backup }) => backup),
    values: { copies: copies.length, least: minCopies }
  }]

const tooSeldom: Check = ({ enabled, wants: { minFrequency } }) =>
  minFrequency === undefined || enabled?.cadence === undefined ||
    enabled.cadence.longestDays <= Cadence.cadences[minFrequency].longestDays
    ? []
    : [{
      check: "frequency",
      severity: "warning",
      sentence: `${Text.plain(enabled.name)} runs ${enabled.schedule.frequency}; the policy asks for ${minFrequency}`,
      fix: CommandLine.make`pcb schedule update ${enabled.selector} --every ${minFrequency}`,
      schedule: enabled
    }]

const keptTooShort: Check = ({ enabled, wants: { minRetentionDays } }) => {
  const kept = enabled?.schedule.retentionExpireAfterDays
  return minRetentionDays === undefined || enabled === undefined || kept == null || kept >= minRetentionDays ? [] : [{
    check: "retention",
    severity: "warning",
    sentence: `${Text.plain(enabled.name)} keeps its backups for ${
      Text.count(kept, "day")
    }; the policy asks for ${minRetentionDays}`,
    fix: CommandLine.make`pcb schedule update ${enabled.selector} --keep ${minRetentionDays}`,
    schedule: enabled,
    values: { kept, least: minRetentionDays }
  }]
}

const paused: Check = ({ copies, enabled, now, schedules }) => {
  if (schedules === undefined || enabled !== undefined) return []
  // Nothing tells since when it is paused: only that it has not run when it should have.
  const [latest] = schedules.map((schedule) => ({
    schedule,
    at: schedule.history?.runs.at(-1)?.at ?? schedule.schedule.createdAt ?? undefined
  })).sort((self, that) => (that.at ? millis(that.at) : -Infinity) - (self.at ? millis(self.at) : -Infinity))
  if (latest === undefined) return []
  const { at, schedule } = latest
  if (at !== undefined && schedule.cadence !== undefined) {
    if (millis(now) <= lateAfter(at, schedule.cadence, schedule.history)) return []
  }
  const expiries = (copies ?? []).map(({ expiresAt }) => expiresAt)
  const known = expiries.filter((at) => at != null)
  const last = known.length > 0 && known.length === expiries.length
    ? known.reduce((a, b) => DateTime.max(a, b))
    : undefined
  const hasRun = schedule.history?.hasBegun === true
  return [{
    check: "paused",
    severity: copies?.length === 0 ? "critical" : "warning",
    sentence: `${Text.plain(schedule.name)} is paused${
      at === undefined
        ? ""
        : `, and ${hasRun ? "its latest run was" : "was created"} ${Text.length(millis(now) - millis(at))} ago`
    }${
      copies?.length === 0
        ? "; there is no usable backup"
        : last === undefined || millis(last) < millis(now)
        ? ""
        : `; its last backup expires in ${Text.length(millis(last) - millis(now))}`
    }`,
    fix: CommandLine.make`pcb schedule resume ${schedule.selector}`,
    schedule,
    times: [[hasRun ? "latest" : "created", at], ["expires", last]]
  }]
}

const lagging: Check = ({ enabled, now }) => {
  const next = enabled?.schedule.nextScheduledRun
  return enabled === undefined || !next || millis(now) - millis(next) <= hourMillis ? [] : [{
    check: "lagging",
    severity: "warning",
    sentence: `the service says that ${Text.plain(enabled.name)} runs next at ${Text.when(next)}, which was ${
      Text.length(millis(now) - millis(next))
    } ago`,
    fix: CommandLine.make`pcb schedule describe ${enabled.selector}`,
    schedule: enabled,
    times: [["next", next]]
  }]
}

const overdue: Check = ({ copies, now }) => {
  const expired = (copies ?? []).flatMap(({ backup, expiresAt, schedule }) =>
    schedule !== undefined && expiresAt && millis(now) - millis(expiresAt) > dayMillis
      ? [{ backup, expiresAt, schedule }]
      : []
  )
  const groups = Object.values(Array.groupBy(expired, ({ schedule }) => schedule.schedule.scheduleId))
  return groups.map((copies): Draft => {
    const [{ expiresAt: first, schedule }] = copies
    const oldest = copies.reduce((oldest, { expiresAt }) => DateTime.min(oldest, expiresAt), first)
    return {
      check: "overdue",
      severity: "warning",
      sentence: `${Text.count(copies.length, "backup")} of ${Text.plain(schedule.name)} ${
        copies.length === 1 ? "is" : "are"
      } still there, ${Text.length(millis(now) - millis(oldest))} after ${
        copies.length === 1 ? "its" : "the first one's"
      } retention of ${Text.count(schedule.schedule.retentionExpireAfterDays ?? 0, "day")}`,
      fix: CommandLine.make`pcb backup list --schedule ${schedule.selector}`,
      schedule,
      backups: copies.map(({ backup }) => backup),
      times: [["expired", oldest]]
    }
  })
}

const nameTooLong: Check = ({ schedules }) =>
  (schedules ?? []).flatMap((schedule): ReadonlyArray<Draft> => {
    const length = new TextEncoder().encode(schedule.schedule.name ?? "").length
    const most = nameLength.backup - nameLength.suffix
    return length <= most ? [] : [{
      check: "name-too-long",
      severity: "warning",
      sentence: `the name of ${Text.plain(schedule.name)} has ${length} characters, so those of its backups have ${
        length + nameLength.suffix
      }; the API allows ${nameLength.backup} where people choose one`,
      schedule,
      values: { length, most }
    }]
  })

const untested: Check = ({ backups, copies, index, now, restoreJobs, schedules, wants: { restoreTestedWithin } }) => {
  if (copies === undefined || copies.length === 0 || backups === undefined || restoreJobs === undefined) return []
  const ids = new Set<string>(backups.map(({ backupId }) => backupId))
  const isOwn = (id: string) =>
    ids.has(id) || (schedules ?? []).some(({ history }) => history !== undefined && history.ids.has(id))
  const tested = restoreJobs.filter((job) => RestoreJob.isCompleted(job) && isOwn(job.backupId)).flatMap((job) => {
    const at = job.completedAt ?? job.createdAt
    return at ? [{ job, at }] : []
  }).sort((self, that) => millis(that.at) - millis(self.at))
  const [latest] = tested
  const limit = restoreTestedWithin === undefined ? testedDays * dayMillis : Duration.toMillis(restoreTestedWithin)
  if (limit === Infinity || (latest !== undefined && millis(now) - millis(latest.at) <= limit)) return []
  return [{
    check: "untested",
    // A job goes when its index does, so that there may have been one.
    severity: restoreTestedWithin === undefined ? "notice" : "warning",
    sentence: `no restore of it was completed in ${Text.length(limit)}${
      latest === undefined ?
        ", as far as jobs are still listed" :
        `; the latest was ${Text.length(millis(now) - millis(latest.at))} ago`
    }`,
    fix: CommandLine.make`pcb restore start ${`${index.name}@latest`} --name ${restoreNameOf(index.name)} --wait`,
    restoreJobs: latest === undefined ? [] : [latest.job],
    times: [["latest", latest?.at]],
    values: { limit: limit / 1000 }
  }]
}

/** A name for an index that is made to see whether it can be made. */
const restoreNameOf = (name: string): string => `${name.slice(0, 37)}-restore`

/** The checks of an index. */
export const indexChecks: ReadonlyArray<Check> = [
  unprotected,
  stale,
  neverRan,
  failed,
  missed,
  stuck,
  size,
  retentionGap,
  lastCopyExpiring,
  tooFewCopies,
  tooSeldom,
  keptTooShort,
  paused,
  lagging,
  overdue,
  nameTooLong,
  untested
]
