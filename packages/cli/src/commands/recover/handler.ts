/** Handler of `pcb recover`. */
import * as IndexData from "@pinecone-backups/core/drill/IndexData"
import * as Endpoints from "@pinecone-backups/core/Endpoints"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as Recovery from "@pinecone-backups/core/plan/Recovery"
import type * as RecoveryPlan from "@pinecone-backups/core/plan/RecoveryPlan"
import type * as RecoveryReport from "@pinecone-backups/core/plan/RecoveryReport"
import * as Console from "effect/Console"
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Connection from "../../Connection.ts"
import * as Provided from "../../engine/Provided.ts"
import { CliFailure } from "../../output/CliFailure.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as SameConnection from "../../output/SameConnection.ts"
import * as Time from "../../output/Time.ts"
import * as Confirmation from "../../shared/Confirmation.ts"
import * as DryRun from "../../shared/DryRun.ts"
import * as Missing from "../../shared/Missing.ts"
import * as WaitScreen from "../../shared/WaitScreen.ts"
import * as WaitText from "../../shared/WaitText.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"
import * as Text from "../../terminal/Text.ts"
import * as RecoveryFailure from "./RecoveryFailure.ts"
import * as RecoveryOptions from "./RecoveryOptions.ts"
import * as RecoveryText from "./RecoveryText.ts"
import * as RecoveryView from "./RecoveryView.ts"

type Plan = RecoveryPlan.RecoveryPlan

/** How long the restore takes by the last drill of the index. */
const estimateOf = Effect.fnUntraced(function*({ copy, options }: Plan) {
  const RestoreEstimate = yield* Effect.promise(() => import("../../shared/RestoreEstimate.ts"))
  return yield* RestoreEstimate.byDrill(
    Effect.succeed({ sizeBytes: copy.sizeBytes, sourceIndexName: options.index })
  )
})

const labelWidth = "protection".length

/** Minimum width to print facts beside their labels. */
const leastColumns = 60

/** The lines of a plan: the situation, the facts, the changes and the warnings. */
const linesOf = (
  plan: Plan,
  { estimate, isDryRun, when }: {
    readonly estimate: string | undefined
    readonly isDryRun: boolean
    readonly when: (instant: DateTime.Utc) => string
  },
  screen: Screen.Service
): ReadonlyArray<string> => {
  const facts = RecoveryText.facts(plan, when, estimate)
  const changes = plan.steps.map(RecoveryText.change).filter(Predicate.isNotUndefined)
  const sign = Symbols.level(screen, "warning")
  const { columns } = screen
  /** On a narrow screen, every fact is below its label. */
  const linesOfFact = ([label, text]: (typeof facts)[number]) =>
    columns < leastColumns
      ? [
        ...(label === "" ? [] : [`  ${screen.style("dim", label)}`]),
        ...Text.wrap(text, columns - 4).map((line) => `    ${line}`)
      ]
      : Text.beside(`  ${screen.style("dim", label.padEnd(labelWidth))}  `, text, columns)
  return [
    RecoveryText.situation(plan),
    ...facts.flatMap(linesOfFact),
    ...(changes.length === 0 ? [] : [isDryRun ? "Would:" : "Will:", ...changes.map((text) => `  ${text}`)]),
    ...plan.warnings.map((warning) => `${sign} ${RecoveryText.warning(warning, when)}`)
  ].flatMap((line) => Text.fit(line, columns))
}

// ============================================================================
// Confirmation
// ============================================================================

/** The confirmation that a plan needs and the flags have not given. */
const questionOf = (plan: Plan, { replace, yes }: RecoveryOptions.Input): Confirmation.Subject | undefined => {
  const index = Format.plain(plan.options.index)
  switch (plan.consent) {
    case "free":
      return undefined
    case "yes":
      return yes ? undefined : { action: `recover index ${index}` }
    case "typed":
      return Option.contains(replace, plan.options.index)
        ? undefined
        : { action: `replace index ${index}`, typed: plan.options.index, flags: `--replace=${index}` }
  }
}

// ============================================================================
// Dry run
// ============================================================================

/** The request of a step; `undefined` for a step that only reads. */
const requestOf = Effect.fnUntraced(function*(step: RecoveryPlan.Step) {
  const { check } = yield* PineconeClient.PineconeClient
  const params = { index_name: step.indexName }
  switch (step._tag) {
    case "AwaitDeletion":
    case "AwaitRestore":
    case "Verify":
      return undefined
    case "Delete":
    case "DeleteFailed":
      return yield* check(Endpoints.Indexes.delete, { params })
    case "Unprotect":
      return yield* check(Endpoints.Indexes.configure, { params, payload: { deletion_protection: "disabled" } })
    case "SaveSettings":
      return yield* check(Endpoints.Indexes.configure, { params, payload: { tags: step.tags } })
    case "Configure":
      return yield* check(Endpoints.Indexes.configure, {
        params,
        payload: {
          ...(step.deletionProtection !== undefined && { deletion_protection: step.deletionProtection }),
          ...(Object.keys(step.tags).length > 0 && { tags: step.tags })
        }
      })
    case "BackUp":
      return step.backupId === null ? yield* check(Endpoints.Backups.create, { params, payload: {} }) : undefined
    case "Restore":
      return yield* check(Endpoints.Backups.restore, {
        params: { backup_id: step.backupId },
        payload: {
          name: step.indexName,
          ...(step.tags !== undefined && { tags: step.tags }),
          deletion_protection: step.deletionProtection,
          ...(step.readCapacity !== undefined && { read_capacity: step.readCapacity })
        }
      })
    case "CreateSchedule":
      return yield* check(Endpoints.BackupSchedules.create, {
        params,
        payload: {
          name: step.name,
          schedule: { type: "time-based", frequency: step.frequency },
          retention: { expire_after_days: step.retentionDays }
        }
      })
    case "UpdateSchedule":
      return yield* check(Endpoints.BackupSchedules.update, {
        params: { schedule_id: step.scheduleId },
        payload: {
          ...(step.frequency !== undefined && { frequency: step.frequency }),
          ...(step.retentionDays !== undefined && { retention: { expire_after_days: step.retentionDays } })
        }
      })
  }
})

const preview = Effect.fnUntraced(function*(plan: Plan, input: RecoveryOptions.Input) {
  const when = yield* Time.exactly
  const estimate = yield* estimateOf(plan)
  const requests = yield* Effect.forEach(plan.steps, requestOf)
  const question = questionOf(plan, input)
  yield* DryRun.print({
    plan: RecoveryView.planJson(plan),
    page: {
      lines: (screen) => Effect.succeed(linesOf(plan, { estimate, isDryRun: true, when }, screen)),
      tsv: RecoveryText.tsv(plan, when, estimate),
      ids: [Format.plain(plan.target)]
    },
    requests: requests.filter(Predicate.isNotUndefined),
    lost: { indexes: plan.replaced === null ? [] : [plan.options.index] },
    questions: question === undefined ? [] : [question]
  })
})

// ============================================================================
// Run
// ============================================================================

/** Carries out a plan with visible progress, and returns the result. */
const carryOut = Effect.fnUntraced(function*(plan: Plan, input: RecoveryOptions.Input) {
  const { during, isLive, isQuiet, isStream, printLine, say, screen, sinceStart } = yield* WaitScreen.make
  const when = yield* Time.exactly
  const separator = Symbols.separator(screen)
  let status = "starting"
  let progress = ""
  let { steps } = plan
  let current = 0
  let isStarted = false

  const done = (text: string) =>
    Effect.flatMap(
      sinceStart,
      (elapsed) => say(`${Symbols.note(screen, "done")} ${text}${RecoveryText.after(elapsed)}`)
    )
  const partsOf = (elapsed: Duration.Duration) => [
    `${Format.plain(plan.target)}  ${status}${progress}`,
    Format.elapsed(elapsed)
  ]
  const lineOf = (elapsed: Duration.Duration) => partsOf(elapsed).join(separator)
  /** Reports a new status unless a live line shows it. Progress alone is not reported. */
  const report = Effect.fnUntraced(function*(next: string, nextProgress = "") {
    progress = nextProgress
    if (next === status) return
    status = next
    if (!isLive && !isQuiet && !isStream) yield* Console.error(lineOf(yield* sinceStart))
  })

  const tell = Effect.fnUntraced(function*(event: RecoveryReport.RecoveryEvent) {
    if (isStream) {
      const line = RecoveryView.programLine(event, Duration.toMillis(yield* sinceStart))
      if (line !== undefined) yield* printLine(Format.json(line))
    }
    switch (event._tag) {
      case "Planned": {
        steps = event.plan.steps
        current = 0
        return
      }
      case "Step":
        isStarted = false
        current = Math.max(
          current,
          steps.findIndex(({ _tag, indexName }) => _tag === event.step._tag && indexName === event.step.indexName)
        )
        return yield* report(RecoveryText.activity(event.step))
      case "Started": {
        const { restoreJobId, target } = event.started
        isStarted = true
        const job = restoreJobId === null ? "a restore" : `restore job ${Format.shortId(restoreJobId)}`
        return yield* say(`${event.isOwn ? "Started" : "Found"} ${job} into ${Format.plain(target)}`)
      }
      case "Progress": {
        const percent = event.percentComplete === null ? "" : `, ${Math.floor(event.percentComplete)}%`
        return yield* report(`${event.subject} ${Format.plain(event.status)}`, percent)
      }
      case "Counted":
        return yield* report(
          "verifying",
          event.counted.records === null
            ? ""
            : `, ${event.expected === null ? "" : `${Format.count(event.counted.records)} of `}${
              Format.countOf(event.expected ?? event.counted.records, "record")
            }`
        )
      case "Recounting": {
        yield* say(`Counting again at ${when(event.at)}: records can vanish after a restore under an old name`)
        return yield* report("waiting for the second count")
      }
      case "Verified": {
        const { verification } = event
        const text = RecoveryText.verified(verification, plan.copy.recordCount)
        return yield* verification.verdict === "verified"
          ? done(text)
          : say(`${Symbols.note(screen, "warning")} ${text}`)
      }
      case "BackedUp":
        return yield* done(
          `Backed up ${Format.plain(plan.options.index)} as ${
            Format.plain(event.backup.name ?? Format.shortId(event.backup.backupId))
          }`
        )
      case "Deleted":
        return yield* done(`Deleted index ${Format.plain(event.indexName)}`)
      case "Configured":
        return yield* done(`Changed the settings of index ${Format.plain(event.index.name)}`)
      case "Scheduled": {
        const { action, schedule } = event.scheduled
        const next = schedule.nextScheduledRun ? `; next run ${when(schedule.nextScheduledRun)}` : ""
        const verb = { created: "Created", updated: "Changed", unchanged: "Kept" }[action]
        return yield* done(
          `${verb} schedule ${Format.plain(schedule.name ?? Format.shortId(schedule.scheduleId))}${next}`
        )
      }
      case "Recovered":
        return
    }
  })

  const live = (size: { readonly columns: number; readonly frame: number }) =>
    Effect.map(sinceStart, (elapsed) =>
      WaitText.fitted(
        [...partsOf(elapsed), RecoveryText.ctrlC(steps[current])],
        screen.isUnicode,
        size
      ))
  const remind = Effect.flatMap(
    sinceStart,
    (elapsed) => isStream || isQuiet ? Effect.void : Console.error(lineOf(elapsed))
  )

  const events = Recovery.run(plan, { ...RecoveryOptions.run(input, yield* Connection.isDemo), now: yield* Time.Now })
    .pipe(Stream.tap(tell))
  const last = yield* during(live, remind)(Stream.runLast(events)).pipe(
    Effect.catchTag(
      "RecoveryError",
      (error) => Effect.fail(new CliFailure(RecoveryFailure.of(error, { options: plan.options, input, when })))
    ),
    Effect.onInterrupt(() =>
      Effect.flatMap(SameConnection.add(RecoveryOptions.command(plan.options, input)), (command) =>
        Console.error([
          "Interrupted. Restores and backups that were started continue.",
          ...RecoveryText.remaining(steps.slice(isStarted ? current + 1 : current)),
          ...(command === undefined ? [] : [`To continue, run ${command}`])
        ].join("\n")))
    )
  )
  return Option.isSome(last) && last.value._tag === "Recovered" ? last.value.result : undefined
})

/** Tells what to know and to do after a recovery. */
const conclude = Effect.fnUntraced(function*(result: RecoveryReport.RecoveryResult, input: RecoveryOptions.Input) {
  const screen = yield* Screen.Screen
  const { index, plan, sideCopy } = result
  const warning = Symbols.note(screen, "warning")
  const host = plan.replaced?.host
  if (host != null && index.host != null && host !== index.host) {
    yield* Note.info(
      `${warning} The host has changed: programs that store it must read it again`,
      `  ${Format.plain(index.host)}`
    )
  }
  if (plan.goal === "side-copy" && plan.target !== plan.options.index) {
    const { to, ...others } = plan.options
    const isUsualName = plan.target === Recovery.sideCopyName(plan.options.index, plan.copy.backupId)
    const options = isUsualName ? others : { ...others, to }
    return yield* Note.nextStep(RecoveryOptions.command(options, input, { replace: true }), "replaces the index")
  }
  if (sideCopy !== null) {
    yield* Note.nextStep(
      CommandLine.make`pcb api DELETE ${`/indexes/${encodeURIComponent(sideCopy)}`}`,
      "deletes the side copy"
    )
  }
  yield* Note.nextStep(CommandLine.make`pcb audit ${index.name}`)
})

const withData = Provided.by(IndexData.layer)

/** `pcb recover` */
export const run = (input: RecoveryOptions.Input) =>
  withData(Effect.gen(function*() {
    const options = yield* RecoveryOptions.make(input)
    // By the time of the service: the clock of this machine may be wrong, and the demo project has its own time.
    const facts = { ...(yield* Recovery.read(options)), at: yield* Time.now }
    const when = yield* Time.exactly
    const made = Recovery.plan(facts, options)
    if (Result.isFailure(made)) {
      const refusal = RecoveryFailure.ofRefusal(made.failure, { options, input, when })
      const advice = made.failure.reason._tag === "NoBackups" ? yield* Missing.advice(options.index) : undefined
      return yield* new CliFailure({ ...refusal, ...advice })
    }
    const plan = made.success
    if (input.dryRun) return yield* preview(plan, input)
    const question = questionOf(plan, input)
    const estimate = yield* estimateOf(plan)
    const consequences = linesOf(plan, { estimate, isDryRun: false, when }, Note.screenOf(yield* Screen.Screen))
    yield* question === undefined
      ? Note.info(...consequences)
      : Confirmation.ask({ ...question, consequences }, false)
    const result = yield* carryOut(plan, input)
    if (result === undefined) return
    const isStream = (yield* Output.chosenFormat) === "ndjson"
    if (!isStream) yield* Output.made(yield* RecoveryView.view, [result])
    yield* conclude(result, input)
  }))
