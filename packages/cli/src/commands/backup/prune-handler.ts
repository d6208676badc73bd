/** Handler of `pcb backup prune`. */
import * as Backups from "@pinecone-backups/core/Backups"
import * as Endpoints from "@pinecone-backups/core/Endpoints"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Retention from "@pinecone-backups/core/plan/Retention"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Globals from "../../input/Globals.ts"
import * as Target from "../../input/Target.ts"
import { CliFailure } from "../../output/CliFailure.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as DescribeError from "../../output/DescribeError.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as PartialFailure from "../../output/PartialFailure.ts"
import * as SameConnection from "../../output/SameConnection.ts"
import * as Time from "../../output/Time.ts"
import * as BackupView from "../../shared/BackupView.ts"
import * as Confirmation from "../../shared/Confirmation.ts"
import * as Deletion from "../../shared/Deletion.ts"
import * as DryRun from "../../shared/DryRun.ts"
import * as Missing from "../../shared/Missing.ts"
import * as PolicyFile from "../../shared/PolicyFile.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"
import * as PruneView from "./PruneView.ts"

interface Input {
  readonly target: Target.Several
  readonly all: boolean
  readonly keepLast: Option.Option<number>
  readonly keepDaily: Option.Option<number>
  readonly keepWeekly: Option.Option<number>
  readonly keepMonthly: Option.Option<number>
  readonly keepWithin: Option.Option<Duration.Duration>
  readonly name: Option.Option<string>
  readonly orphans: boolean
  readonly evenIfShrunk: boolean
  readonly yes: boolean
  readonly dryRun: boolean
}

const rulesOf = (
  { keepDaily, keepLast, keepMonthly, keepWeekly, keepWithin }: Input
): Retention.Rules => ({
  last: Option.getOrUndefined(keepLast),
  daily: Option.getOrUndefined(keepDaily),
  weekly: Option.getOrUndefined(keepWeekly),
  monthly: Option.getOrUndefined(keepMonthly),
  within: Option.getOrUndefined(keepWithin)
})

// ============================================================================
// Plan
// ============================================================================

const makePlan = Effect.fnUntraced(function*(input: Input) {
  const { all, evenIfShrunk, name, orphans, target } = input
  const policy = yield* PolicyFile.load(Option.none())
  const indexes = all ? undefined : Target.all(target).map((name) => PineconeIndex.IndexName.make(name))
  const facts = yield* Retention.read({ indexes, orphans, now: Time.now })
  const options = { orphans, evenIfShrunk, name: Option.getOrUndefined(name), policy }
  const plan = yield* Effect.fromResult(Retention.plan(rulesOf(input), facts, options)).pipe(
    Effect.catchTag("RetentionUnreadable", ({ error }) => Effect.fail(error))
  )
  return { plan, limit: policy.backupQuota }
})

/** The use of the quota after the deletions. Needs the list of all backups. `undefined` if the quota is unknown. */
const quotaOf = Effect.fnUntraced(function*(plan: Retention.RetentionPlan, limit: number | undefined) {
  if (limit === undefined) return undefined
  const used = yield* Stream.runCount((yield* Backups.Backups).list())
  const quota: PruneView.Quota = { limit, left: Math.max(0, used - Retention.deletions(plan).length) }
  return quota
})

/** The error for an index that cannot be judged. */
const refusal = Effect.fnUntraced(function*({ indexName, problem }: Retention.Refused) {
  const name = Format.plain(indexName)
  switch (problem._tag) {
    case "Unreadable": {
      if (problem.error === undefined) {
        return new CliFailure({
          code: "UNREADABLE",
          exitCode: ExitCode.unexpected,
          message: `${name} is not pruned, because the service returned backups or schedules of it without an index ID`,
          hint: CommandLine.within(CommandLine.make`pcb backup delete BACKUP`, {
            before: "delete single backups instead: ",
            otherwise: "delete single backups instead"
          })
        })
      }
      const report = DescribeError.toReport(problem.error)
      return new CliFailure({
        ...report,
        hint: report.hint ?? "try again later",
        message: `${name} is not pruned, because its ${
          problem.what === "history" ? "schedule history" : problem.what
        } could not be read: ${report.message}`
      })
    }
    case "Contradictory":
      return new CliFailure({
        code: "CONTRADICTORY",
        message: `${name} is not pruned, because its ID is not certain`,
        details: problem.indexIds.map((id) => `found ${Format.plain(id)}`),
        hint:
          "the index may have just been replaced: try again later; if it has neither a schedule nor a backup, create a backup first",
        exitCode: ExitCode.refused
      })
    case "NotFound": {
      const advice = yield* Missing.advice(indexName)
      const isDeleted = advice?.details !== undefined
      return new CliFailure({
        code: "NOT_FOUND",
        message: `Index ${name} not found`,
        details: advice?.details,
        hint: isDeleted
          ? "add --orphans to prune the backups of a deleted index"
          : advice?.hint ?? "check the name, and the project of the API key",
        exitCode: ExitCode.notFound
      })
    }
  }
})

/** The error for an index whose newest ready copy is suspicious. */
const held = ({ indexName, suspect }: Retention.Group): CliFailure =>
  new CliFailure({
    code: "SUSPICIOUS",
    message: `${Format.plain(indexName)} is not pruned, because its newest backup may be bad`,
    hint: CommandLine.within(suspect && CommandLine.make`pcb backup describe ${suspect.backup.backupId}`, {
      after: ", then add --even-if-shrunk to prune anyway",
      otherwise: "add --even-if-shrunk to prune anyway"
    }),
    exitCode: ExitCode.refused
  })

// ============================================================================
// Output
// ============================================================================

const printPage = Effect.fnUntraced(function*(plan: Retention.RetentionPlan) {
  const { hidden, lines } = yield* PruneView.page(plan)
  yield* Output.lines(lines)
  if (hidden.length > 0) yield* Note.dim(Output.hiddenNote(hidden))
})

/** Prints the plan and its outcomes for programs. `-o id` prints the backups that are, or would be, deleted. */
const printResult = Effect.fnUntraced(function*(
  plan: Retention.RetentionPlan,
  outcomes: PruneView.Outcomes,
  result: { readonly applied: boolean; readonly quota: PruneView.Quota | undefined }
) {
  const format = yield* Output.chosenFormat
  if (format === "json") {
    return yield* Output.lines([yield* Output.json(PruneView.toJson(plan, outcomes, result))])
  }
  const rows = plan.groups.flatMap((group) => PruneView.rowsOf(group, outcomes))
  const isDeleted = ({ decision, outcome }: PruneView.Row) =>
    result.applied ? outcome?._tag === "Deleted" : decision.action === "delete"
  yield* Output.list(
    yield* PruneView.lines,
    Stream.fromIterable(format === "id" ? rows.filter(isDeleted) : rows),
    { limit: Option.none(), empty: "" }
  )
})

// ============================================================================
// Deletion
// ============================================================================

/** Deletes the backups of a plan and reports each outcome. Returns the outcomes and the failures. */
const execute = Effect.fnUntraced(function*(plan: Retention.RetentionPlan) {
  const screen = yield* Screen.Screen
  const report = yield* PartialFailure.atOnce
  const outcomes = new Map<string, Retention.Outcome>()
  const failures: Array<unknown> = []
  /** Errors that were reported. One error can prevent several deletions. */
  const reported = new Set<unknown>()
  yield* Stream.runForEach(
    Retention.run(plan, { now: Time.now }),
    Effect.fnUntraced(function*({ backup, indexName, ...outcome }) {
      outcomes.set(backup.backupId, outcome)
      const name = Format.plain(`${BackupView.nameOf(backup)} of ${indexName}`)
      const say = (sign: "done" | "failed" | "warning", what: string) =>
        Note.info(`${Symbols.note(screen, sign)} ${name} ${what}`)
      const fail = Effect.fnUntraced(function*(error: unknown) {
        failures.push(yield* Effect.flip(report(Effect.fail(error))))
      })
      const failOnce = Effect.fnUntraced(function*(indexName: PineconeIndex.IndexName, problem: Retention.Problem) {
        const cause = problem._tag === "Unreadable" ? problem.error ?? problem : problem
        if (reported.has(cause)) return
        reported.add(cause)
        yield* fail(yield* refusal({ indexName, problem }))
      })
      switch (outcome._tag) {
        case "Deleted":
          return yield* say("done", "deleted")
        case "Gone":
          return yield* say("done", "no longer exists")
        case "Kept":
          return yield* say("warning", `kept: ${PruneView.reasonsText(outcome.reasons)}`)
        case "Failed":
          yield* say("failed", DescribeError.isInDoubt(outcome.error) ? "may have been deleted" : "not deleted")
          return yield* fail(outcome.error)
        case "NotTried":
          yield* say("failed", "not deleted")
          return yield* failOnce(indexName, outcome.problem)
      }
    })
  )
  return { outcomes, failures }
})

/** `pcb backup prune` */
export const prune = Effect.fnUntraced(function*(input: Input) {
  const { dryRun, yes } = input
  const { limit, plan } = yield* makePlan(input)
  const quota = yield* quotaOf(plan, limit)
  const doomed = Retention.deletions(plan)
  const failures: ReadonlyArray<CliFailure> = [
    ...yield* Effect.forEach(plan.refused, refusal),
    ...plan.groups.filter(PruneView.isHeld).map(held)
  ]
  const format = yield* Output.chosenFormat
  const isPage = format === "table" || format === "wide"
  if (isPage) yield* printPage(plan)
  const planned = isPage ? Effect.void : printResult(plan, new Map(), { applied: false, quota })

  if (dryRun) {
    const asJson = Globals.isJson(format)
    const would = `Would delete ${PruneView.summary(plan)}${PruneView.quotaText(quota, "would be")}`
    yield* Note.info(asJson ? would : `${would}. Nothing was changed.`)
    const client = yield* PineconeClient.PineconeClient
    return yield* PartialFailure.finish(
      failures,
      asJson
        ? DryRun.print({
          plan: PruneView.toJson(plan, new Map(), { applied: false, quota }),
          requests: yield* Effect.forEach(
            doomed,
            ({ backup: { backupId } }) => client.check(Endpoints.Backups.delete, { params: { backup_id: backupId } })
          ),
          lost: { backups: doomed.map(({ backup }) => backup.backupId) },
          questions: doomed.length === 0 || yes ? [] : [{ action: actionOf(doomed) }]
        })
        : planned
    )
  }
  if (doomed.length === 0) {
    if (failures.length === 0) {
      const shorten = yield* SameConnection.add(CommandLine.make`pcb schedule update INDEX --keep DAYS`)
      const scheduled = plan.groups.flatMap(({ decisions }) => decisions).filter(PruneView.isScheduled).length
      yield* Note.info(
        "Nothing to delete",
        // A full quota brings people here, and the rules above cannot help them.
        ...(scheduled === 0 ? [] : [
          `  ${
            Format.countOf(scheduled, "scheduled backup")
          } cannot be pruned; to delete older ones, shorten a retention${shorten === undefined ? "" : `: ${shorten}`}`
        ])
      )
    }
    return yield* PartialFailure.finish(failures, planned)
  }

  const consequences = [
    `Will permanently delete ${PruneView.summary(plan)}${PruneView.quotaText(quota, "will be")}`,
    // The page has shown them.
    ...(isPage
      ? []
      : doomed.map(({ backup }) => Format.plain(`  ${BackupView.nameOf(backup)} of ${backup.sourceIndexName}`)))
  ]
  const confirmed = yield* Effect.result(Confirmation.ask({ consequences, action: actionOf(doomed) }, yes))
  if (confirmed._tag === "Failure") return yield* PartialFailure.finish([confirmed.failure, ...failures], planned)

  const { failures: failed, outcomes } = yield* execute(plan)
  const countOf = (tag: Retention.Outcome["_tag"]) => [...outcomes.values()].filter(({ _tag }) => _tag === tag).length
  const deleted = countOf("Deleted")
  const left = quota && { ...quota, left: quota.left + doomed.length - deleted - countOf("Gone") }
  yield* Note.info(
    `Deleted ${deleted} of ${Format.countOf(doomed.length, "backup")}${PruneView.quotaText(left, "are")}`
  )
  const result = { applied: true, quota: left }
  yield* PartialFailure.finish([...failures, ...failed], isPage ? Effect.void : printResult(plan, outcomes, result))
})

const actionOf = (doomed: ReadonlyArray<Retention.Decision>): string =>
  Deletion.action("backup", doomed.map(({ backup }) => BackupView.nameOf(backup)))
