/** Sentences about recoveries: the plan, its steps and its warnings. Pure functions. */
import type * as RecoveryPlan from "@pinecone-backups/core/plan/RecoveryPlan"
import type * as RecoveryReport from "@pinecone-backups/core/plan/RecoveryReport"
import type * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Format from "../../terminal/Format.ts"

/** Formats an instant. */
type When = (instant: DateTime.Utc) => string

/** The name of a backup, or its short ID. */
export const backupName = ({ backupId, name }: { readonly backupId: string; readonly name: string | null }): string =>
  Format.plain(name ?? Format.shortId(backupId))

const sources: Readonly<Record<RecoveryPlan.Source, string>> = {
  options: "as requested",
  index: "from the existing index",
  "side-copy": "stored with the side copy",
  backup: "from the backup",
  inferred: "inferred from the backups",
  default: "by default"
}

/** The sources of several settings, each once. */
const fromAll = (...settings: ReadonlyArray<RecoveryPlan.Sourced<unknown>>): string =>
  [...new Set(settings.map(({ source }) => sources[source]))].join(", ")

/** What the plan finds. */
export const situation = (plan: RecoveryPlan.RecoveryPlan): string => {
  const index = Format.plain(plan.options.index)
  const target = Format.plain(plan.target)
  switch (plan.state) {
    case "absent":
      return plan.goal === "side-copy" ? `Restores into a side copy, ${target}` : `Index ${index} does not exist`
    case "deleting":
      return `Index ${target} is being deleted`
    case "failed":
      return `A failed restore left index ${target} without records`
    case "restoring":
      return `Index ${target} is being restored`
    case "restored":
      return plan.goal === "side-copy"
        ? `Index ${target} was restored already; it is verified again`
        : `The recovery of index ${target} is not finished`
    case "complete":
      return `Index ${target} was recovered already; it is not verified again`
    case "replacing":
      return `Index ${index} will be deleted, and restored from a backup`
    case "interrupted":
      return `Index ${index} was deleted to be replaced, and is not restored yet`
  }
}

const duration = ({ longest, shortest }: NonNullable<RecoveryPlan.RecoveryPlan["restoreDuration"]>): string => {
  const [from, to] = [Format.elapsed(shortest), Format.elapsed(longest)]
  return from === to ? from : `${from} to ${to}`
}

/** How a schedule runs: `daily, kept 30 days`. */
const rhythm = (frequency: string, retentionDays: number): string =>
  `${Format.plain(frequency)}, kept ${Format.countOf(retentionDays, "day")}`

const scheduleText = (settings: RecoveryPlan.Settings): string => {
  const { schedule } = settings
  if (schedule === null) return "none"
  const { frequency, isPaused, name, retentionDays } = schedule
  const paused = isPaused ? ", paused" : ""
  return `${Format.plain(name.value)}: ${rhythm(frequency.value, retentionDays.value)}${paused} (${
    fromAll(name, frequency, retentionDays)
  })`
}

const tagsText = ({ tags }: RecoveryPlan.Settings): string => {
  if (tags.value === null) return "those of the backup"
  const count = Object.keys(tags.value).length
  return count === 0 ? "none" : `${Format.countOf(count, "tag")} (${fromAll(tags)})`
}

/** Maximum number of skipped backups and other indexes to list. */
const most = 5

const listed = <A>(all: ReadonlyArray<A>, show: (value: A) => string): ReadonlyArray<string> =>
  all.length <= most ? all.map(show) : [...all.slice(0, most).map(show), `and ${all.length - most} more`]

const reasons: Readonly<Record<RecoveryPlan.Skipped["reason"], string>> = {
  empty: "it has no records",
  failed: "it failed",
  future: "it is dated in the future",
  running: "it is not finished",
  shrunk: "it has far fewer records, bytes or namespaces than the backups before it",
  uncounted: "its record count is unknown",
  undated: "its time is unknown",
  unidentified: "the service does not report the ID of its index, so it may be of another one",
  "before-replace": "it was taken of the damaged index"
}

/** A backup that is not chosen, and the reason. */
export const skipped = (backup: RecoveryPlan.Skipped, when: When): string =>
  `${backupName(backup)}${backup.takenAt === null ? "" : `, ${when(backup.takenAt)}`}: ${reasons[backup.reason]}`

/** Another index that had the name. */
export const other = ({ deletedAt, goodCopies, indexId, newestAt }: RecoveryPlan.OtherIndex, when: When): string =>
  `${Format.plain(indexId)}${deletedAt === null ? "" : `, deleted ${when(deletedAt)}`}: ${
    Format.countOf(goodCopies, "good backup")
  }${newestAt === null ? "" : `, the newest taken ${when(newestAt)}`}`

/** Facts about a plan, each with a label. A label of the empty string continues the fact before it. */
export const facts = (
  plan: RecoveryPlan.RecoveryPlan,
  when: When,
  estimate: string | undefined
): ReadonlyArray<readonly [label: string, text: string]> => {
  const { copy, others, restoreDuration, settings } = plan
  const labeled = (label: string, lines: ReadonlyArray<string>) =>
    lines.map((text, index) => [index === 0 ? label : "", text] as const)
  const records = copy.recordCount === null
    ? "an unknown number of records"
    : Format.countOf(copy.recordCount, "record")
  const takes = estimate ?? (restoreDuration && `${duration(restoreDuration)} by earlier restores`)
  return [
    [
      "backup",
      `${backupName(copy)} (${Format.shortId(copy.backupId)}), ${records}${
        copy.takenAt === null ? "" : `, taken ${when(copy.takenAt)}`
      }`
    ],
    ...(copy.dataUntil === null
      ? []
      : [["", `records written after ${when(copy.dataUntil)} may be missing`] as const]),
    ...labeled("skipped", listed(plan.skipped, (backup) => skipped(backup, when))),
    ...labeled("others", listed(others, (index) => other(index, when))),
    ...(plan.goal === "side-copy" ? [] : [
      ["schedule", scheduleText(settings)] as const,
      [
        "protection",
        `${settings.deletionProtection.value} (${fromAll(settings.deletionProtection)})`
      ] as const,
      ["tags", tagsText(settings)] as const
    ]),
    ...(takes == null ? [] : [["restore", `takes ${takes}`] as const])
  ]
}

/** Tab-separated values: a label and a text for the situation, for each fact, change and warning. */
export const tsv = (
  plan: RecoveryPlan.RecoveryPlan,
  when: When,
  estimate: string | undefined
): ReadonlyArray<string> => {
  let last = ""
  return [
    ["index", situation(plan)],
    ...facts(plan, when, estimate).map(([label, text]) => [last = label === "" ? last : label, text]),
    ...plan.steps.flatMap((step) => {
      const text = change(step)
      return text === undefined ? [] : [["change", text]]
    }),
    ...plan.warnings.map((found) => ["warning", warning(found, when)])
  ].map((cells) => cells.map(Format.plain).join("\t"))
}

/** A step that changes something, as an instruction. `undefined` for a step that only reads. */
export const change = (step: RecoveryPlan.Step): string | undefined => {
  const index = Format.plain(step.indexName)
  switch (step._tag) {
    case "AwaitDeletion":
    case "AwaitRestore":
    case "Verify":
      return undefined
    case "DeleteFailed":
      return `delete index ${index}, which a failed restore left without records`
    case "Restore":
      return `restore backup ${Format.shortId(step.backupId)} into a new index, ${index}`
    case "BackUp":
      return step.backupId === null ? `back up index ${index}` : undefined
    case "SaveSettings":
      return `store the settings of the index in the tags of ${index}`
    case "Unprotect":
      return `disable the deletion protection of index ${index}`
    case "Delete":
      return `delete index ${index} with its records and schedules`
    case "Configure":
      return `change ${
        [
          ...(step.deletionProtection === undefined ? [] : ["deletion protection"]),
          ...(Object.keys(step.tags).length === 0 ? [] : ["tags"])
        ].join(" and ")
      } of index ${index}`
    case "CreateSchedule":
      return `create schedule ${Format.plain(step.name)}: ${rhythm(step.frequency, step.retentionDays)}`
    case "UpdateSchedule":
      return `change schedule ${Format.shortId(step.scheduleId)}${
        step.frequency === undefined ? "" : ` to ${step.frequency}`
      }${step.retentionDays === undefined ? "" : `, kept ${Format.countOf(step.retentionDays, "day")}`}`
  }
}

/** What is happening during a step, for a live line. */
export const activity = (step: RecoveryPlan.Step): string => {
  switch (step._tag) {
    case "AwaitDeletion":
      return "waiting for the deletion"
    case "DeleteFailed":
    case "Delete":
      return "deleting"
    case "Restore":
      return "starting the restore"
    case "AwaitRestore":
      return "restoring"
    case "Verify":
      return "verifying"
    case "BackUp":
      return "backing up"
    case "SaveSettings":
    case "Configure":
    case "Unprotect":
      return "configuring"
    case "CreateSchedule":
    case "UpdateSchedule":
      return "scheduling"
  }
}

/** What Ctrl-C does during a step. */
export const ctrlC = (step: RecoveryPlan.Step | undefined): string =>
  step?._tag === "Restore" || step?._tag === "AwaitRestore"
    ? "Ctrl-C leaves the restore running"
    : "Ctrl-C to stop and continue later"

/** The steps that an interrupted recovery has not finished, one per line. */
export const remaining = (steps: ReadonlyArray<RecoveryPlan.Step>): ReadonlyArray<string> => {
  const texts = steps.flatMap((step) =>
    step._tag === "Verify" ? [`verify index ${Format.plain(step.indexName)}`] : change(step) ?? []
  )
  return texts.length === 0 ? [] : ["Not done yet:", ...texts.map((text) => `  ${text}`)]
}

/** A warning. */
export const warning = (warning: RecoveryPlan.Warning, when: When): string => {
  switch (warning._tag) {
    case "ExpiresSoon":
      return `backup ${Format.shortId(warning.backupId)} expires ${
        when(warning.at)
      }, which may be before the restore is finished${
        warning.scheduleId === null ? "" : `; a longer retention of its schedule would keep it`
      }${
        warning.alternative === null
          ? ""
          : `; --backup ${Format.shortId(warning.alternative)} uses one that is kept longer`
      }`
    case "FewerRecords":
      return `the backup has ${Format.countOf(warning.recordCount, "record")}, and an earlier one${
        warning.earlier.takenAt === null ? "" : `, taken ${when(warning.earlier.takenAt)},`
      } has ${Format.count(warning.earlier.recordCount ?? 0)}; --backup ${
        Format.shortId(warning.earlier.backupId)
      } restores that one`
    case "DoubtfulBackup":
      return `backup ${Format.shortId(warning.backupId)} is never chosen automatically: ${reasons[warning.reason]}`
    case "NewerBackups": {
      const { count, newest: { backupId, takenAt } } = warning
      return `the replacement may have been abandoned: ${Format.countOf(count, "good backup")} ${
        count === 1 ? "was" : "were"
      } taken later${
        takenAt === null ? "" : count === 1 ? `, ${when(takenAt)}` : `, the newest ${when(takenAt)}`
      }; --backup ${Format.shortId(backupId)} restores ${count === 1 ? "it" : "the newest"}`
    }
    case "NoSchedule":
      return "no earlier schedule is known, so none is created; use --every and --keep to create one"
    case "PausedSchedule":
      return `schedule ${Format.plain(warning.name)} was paused, so it is not created`
    case "LosesSchedules":
      return `the replacement also deletes ${warning.names.length === 1 ? "schedule" : "schedules"} ${
        Format.plain(warning.names.join(", "))
      } and does not create ${warning.names.length === 1 ? "it" : "them"} again`
    case "OtherSchedule":
      return `the index has another enabled schedule, ${
        Format.plain(warning.name ?? Format.shortId(warning.scheduleId))
      }, which stays as it is`
    case "NotStored":
      return `the tags of ${Format.plain(warning.indexName)} cannot store ${
        warning.what.join(", ")
      }; if the replacement is interrupted, repeat it with the same flags`
  }
}

/** A verification as a sentence. Claims only what was verified. */
export const verified = (
  { counted, indexName, reason, recounted, sampled, verdict }: RecoveryReport.Verification,
  expected: number | null
): string => {
  const index = Format.plain(indexName)
  const count = (recounted ?? counted)?.records
  const records = count == null
    ? undefined
    : expected === null
    ? Format.countOf(count, "record")
    : `${Format.count(count)} of ${Format.countOf(expected, "record")}`
  const read = sampled === null
    ? undefined
    : `${sampled.sound} of ${sampled.chosen} sampled ${sampled.chosen === 1 ? "record is" : "records are"} intact`
  const facts = [records === undefined ? undefined : `has ${records}`, read].filter((fact) => fact !== undefined)
  const said = facts.length === 0 ? index : `${index} ${facts.join("; ")}`
  return verdict === "verified"
    ? said
    : `${said}${facts.length === 0 ? " is" : ";"} not verified${
      reason === null ? "" : `: ${Format.plain(reason.message)}`
    }`
}

/** A duration since the start of the recovery. */
export const after = (elapsed: Duration.Duration): string => {
  const text = Format.elapsed(elapsed)
  return text === "0s" ? "" : ` (${text})`
}
