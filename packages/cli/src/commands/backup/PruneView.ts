/** Views of a retention plan: the page for people, and rows and documents for programs. */
import type * as Copies from "@pinecone-backups/core/health/Copies"
import * as Retention from "@pinecone-backups/core/plan/Retention"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Output from "../../output/Output.ts"
import type * as PlanJson from "../../output/PlanJson.ts"
import * as BackupView from "../../shared/BackupView.ts"
import * as Columns from "../../shared/Columns.ts"
import * as CopyView from "../../shared/CopyView.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"
import * as Text from "../../terminal/Text.ts"

/** The outcomes of a run, by backup ID. */
export type Outcomes = ReadonlyMap<string, Retention.Outcome>

/** The backup quota, and the number of backups in the project after the deletions. */
export interface Quota {
  readonly limit: number
  readonly left: number
}

/** A decision and its group. */
export interface Row {
  readonly group: Retention.Group
  readonly decision: Retention.Decision
  readonly outcome: Retention.Outcome | undefined
}

const reasonTexts: Readonly<Record<Retention.Reason, string>> = {
  scheduled: "scheduled",
  "unknown-origin": "may be scheduled",
  orphaned: "index deleted",
  running: "not finished",
  undated: "time unknown",
  future: "dated in the future",
  uncounted: "record count unknown",
  restoring: "being restored",
  "newest-good": "newest good",
  newer: "newer than the newest good",
  "no-good-copy": "no good backup left",
  last: "last",
  daily: "daily",
  weekly: "weekly",
  monthly: "monthly",
  within: "within",
  suspicious: "see below",
  unlisted: "no longer listed",
  failed: "failed",
  empty: "no records",
  unneeded: "unneeded"
}

/** The reasons as text. A rule is a better reason than being the newest good copy. */
export const reasonsText = (reasons: ReadonlyArray<Retention.Reason>): string => {
  const others = reasons.filter((reason) => reason !== "newest-good")
  return (others.length === 0 ? reasons : others).map((reason) => reasonTexts[reason]).join(", ")
}

/** Returns `true` for a scheduled backup, which is never deleted. */
export const isScheduled = ({ copy }: Retention.Decision): boolean => copy.origin === "scheduled"

// ============================================================================
// Programs
// ============================================================================

const outcomeNames = {
  Deleted: "deleted",
  Gone: "gone",
  Kept: "kept",
  Failed: "failed",
  NotTried: "not_tried"
} as const

const outcomeName = (outcome: Retention.Outcome | undefined): string | null =>
  outcome === undefined ? null : outcomeNames[outcome._tag]

const decisionToJson = ({ decision: { action, backup, copy, reasons }, outcome }: Row) => ({
  backup_id: backup.backupId,
  name: backup.name ?? null,
  status: backup.status,
  taken_at: Format.isoOrNull(copy.at),
  record_count: backup.recordCount ?? null,
  size_bytes: backup.sizeBytes ?? null,
  decision: action,
  reasons,
  outcome: outcomeName(outcome),
  outcome_reasons: outcome?._tag === "Kept" ? outcome.reasons : []
})

const rowToJson = (row: Row): typeof PlanJson.PruneLine.Encoded => ({
  index_name: row.group.indexName,
  index_id: row.group.indexId,
  ...decisionToJson(row)
})

/** The rows of a group: all but the scheduled backups, which are never deleted. */
export const rowsOf = (group: Retention.Group, outcomes: Outcomes): ReadonlyArray<Row> =>
  group.decisions.filter((decision) => !isScheduled(decision)).map((decision) => ({
    group,
    decision,
    outcome: outcomes.get(decision.backup.backupId)
  }))

const problems = { Unreadable: "unreadable", Contradictory: "contradictory", NotFound: "not_found" } as const

/** The document of `-o json`. */
export const toJson = (
  { at, groups, refused, rules }: Retention.RetentionPlan,
  outcomes: Outcomes,
  { applied, quota }: { readonly applied: boolean; readonly quota: Quota | undefined }
): typeof PlanJson.Prune.Encoded => ({
  schema: "pcb.prune/v1",
  at: Format.iso(at),
  applied,
  rules: {
    last: rules.last ?? null,
    daily: rules.daily ?? null,
    weekly: rules.weekly ?? null,
    monthly: rules.monthly ?? null,
    within_seconds: Option.match(Option.flatMap(Option.fromUndefinedOr(rules.within), Duration.fromInput), {
      onNone: () => null,
      onSome: Duration.toSeconds
    })
  },
  quota: quota ?? null,
  indexes: groups.map((group) => ({
    index_name: group.indexName,
    index_id: group.indexId,
    is_deleted: group.isOrphaned,
    scheduled: group.decisions.filter(isScheduled).length,
    suspect_backup_id: group.suspect?.backup.backupId ?? null,
    backups: rowsOf(group, outcomes).map(decisionToJson)
  })),
  refused: refused.map(({ indexName, problem }) => ({ index_name: indexName, problem: problems[problem._tag] }))
})

/** The view of rows. */
const rows = Effect.gen(function*() {
  const screen = yield* Screen.Screen
  const { column, id, number, text } = yield* Columns.make
  const view: Output.View<Row> = {
    toJson: rowToJson,
    id: ({ decision }) => decision.backup.backupId,
    columns: [
      // Shorter than the other times, and in UTC even with --time, because the rules count days of UTC.
      column("TAKEN (UTC)", ({ decision }) => decision.copy.at, {
        show: (at) => Format.minute(at).replace(" UTC", ""),
        raw: Format.iso
      }),
      text("BACKUP", ({ decision }) => BackupView.nameOf(decision.backup), { shrinkTo: 12, dropAt: 1 }),
      number("RECORDS", ({ decision }) => decision.backup.recordCount, { dropAt: 4 }),
      number("SIZE", ({ decision }) => decision.backup.sizeBytes, { dropAt: 5, show: Format.bytes }),
      {
        header: "PLAN",
        show: ({ decision: { action } }) => action === "keep" ? action : Symbols.inColorOf(screen, "warning", action),
        raw: ({ decision }) => decision.action
      },
      {
        header: "REASON",
        dropAt: 2,
        shrinkTo: 10,
        show: ({ decision }) => reasonsText(decision.reasons),
        raw: ({ decision }) => decision.reasons.join(" ")
      },
      id("ID", ({ decision }) => decision.backup.backupId, { dropAt: 3 })
    ]
  }
  return view
})

/** The rows of programs: with the index, and with the outcome. */
export const lines = Effect.map(rows, (view): Output.View<Row> => ({
  ...view,
  columns: [
    { header: "INDEX", show: ({ group }) => group.indexName, raw: ({ group }) => group.indexName },
    ...view.columns,
    {
      header: "OUTCOME",
      show: ({ outcome }) => outcomeName(outcome) ?? "",
      raw: ({ outcome }) => outcomeName(outcome) ?? ""
    }
  ]
}))

// ============================================================================
// Page
// ============================================================================

/** The total size of backups: ` (4.1 GB)`. Empty if no size is known. */
const sizeText = (decisions: ReadonlyArray<Retention.Decision>): string => {
  const sizes = decisions.flatMap(({ backup }) => backup.sizeBytes ?? [])
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  return bytes === 0 ? "" : ` (${Format.bytes(bytes)})`
}

/** The reason for not pruning a group whose newest ready copy is suspicious. */
const suspicion = (suspect: Copies.Copy): string =>
  Format.plain(
    `nothing is deleted, because the newest backup may be bad: ${BackupView.nameOf(suspect.backup)} (${
      Format.shortId(suspect.backup.backupId)
    }): ${CopyView.flawOf(suspect) ?? "it is not good"}`
  )

/** Returns `true` if a group would lose backups if its newest ready copy were good. */
export const isHeld = ({ decisions }: Retention.Group): boolean =>
  decisions.some(({ reasons }) => reasons.includes("suspicious"))

const nameOf = ({ indexId, indexName, isOrphaned }: Retention.Group): string =>
  Format.plain(`${indexName} (${isOrphaned ? "deleted, " : ""}${Format.shortId(indexId)})`)

const contentOf = ({ decisions }: Retention.Group): string => {
  const scheduled = decisions.filter(isScheduled).length
  const manual = Format.countOf(decisions.length - scheduled, "manual backup")
  return scheduled === 0 ? manual : `${manual}, ${Format.count(scheduled)} scheduled`
}

/** Returns `true` if a group has nothing to show. */
const isQuiet = (group: Retention.Group): boolean =>
  group.decisions.every(({ action }) => action === "keep") && !isHeld(group)

/** The lines of the page, and the headers of the columns that do not fit. */
export const page = Effect.fnUntraced(function*({ groups }: Retention.RetentionPlan) {
  const screen = yield* Screen.Screen
  const { columns } = screen
  const view = yield* rows
  const hidden = new Set<string>()
  const sections = yield* Effect.forEach(
    groups.filter((group) => !isQuiet(group)),
    Effect.fnUntraced(function*(group) {
      const table = yield* Output.table(view, rowsOf(group, new Map()))
      for (const header of table.hidden) hidden.add(header)
      return [
        ...Text.wrap(`${nameOf(group)}: ${contentOf(group)}`, columns),
        ...table.lines,
        ...(group.suspect !== undefined && isHeld(group)
          ? Text.hang(`${Symbols.level(screen, "warning")} `, Text.wrap(suspicion(group.suspect), columns - 2))
          : []),
        ""
      ]
    })
  )
  const quiet = groups.filter(isQuiet).flatMap((group) =>
    Text.wrap(`${nameOf(group)}: nothing to delete (${contentOf(group)})`, columns)
  )
  const lines = [...sections.flat(), ...quiet]
  return { lines: lines.at(-1) === "" ? lines.slice(0, -1) : lines, hidden: [...hidden] }
})

/** What is deleted: `8 of 14 manual backups (4.1 GB)`. */
export const summary = (plan: Retention.RetentionPlan): string => {
  const doomed = Retention.deletions(plan)
  const manual = plan.groups.flatMap(({ decisions }) => decisions).filter((decision) => !isScheduled(decision))
  return `${Format.count(doomed.length)} of ${Format.countOf(manual.length, "manual backup")}${sizeText(doomed)}`
}

/** The use of the quota: `; 59 of 80 backups would be left`. Empty if the quota is unknown. */
export const quotaText = (quota: Quota | undefined, verb: string): string =>
  quota === undefined ? "" : `; ${Format.count(quota.left)} of ${Format.countOf(quota.limit, "backup")} ${verb} left`
