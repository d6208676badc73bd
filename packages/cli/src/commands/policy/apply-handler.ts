/** Handler of `pcb policy apply`. */
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import type * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as SavedPlan from "@pinecone-backups/core/plan/SavedPlan"
import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import * as ScheduleStep from "@pinecone-backups/core/plan/ScheduleStep"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Globals from "../../input/Globals.ts"
import * as Target from "../../input/Target.ts"
import { CliFailure, Reported } from "../../output/CliFailure.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as DescribeError from "../../output/DescribeError.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as SameConnection from "../../output/SameConnection.ts"
import * as SystemReason from "../../output/SystemReason.ts"
import * as Time from "../../output/Time.ts"
import * as Deletion from "../../shared/Deletion.ts"
import * as DryRun from "../../shared/DryRun.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"
import * as Text from "../../terminal/Text.ts"
import * as ApplyView from "./ApplyView.ts"
import * as Describe from "./Describe.ts"
import * as Outcome from "./Outcome.ts"
import * as PlanSession from "./PlanSession.ts"
import * as PlanSummary from "./PlanSummary.ts"
import * as PlanText from "./PlanText.ts"
import * as PlanView from "./PlanView.ts"
import * as Project from "./Project.ts"
import * as Requests from "./Requests.ts"

interface Input extends PlanSession.Input, Deletion.Consent {
  readonly plan: Option.Option<string>
  readonly deleteExtra: boolean
  readonly dryRun: boolean
}

/** A plan to approve, and how to carry it out. */
interface Proposal<E, R> {
  /** The steps that are needed now. */
  readonly plan: SchedulePlan.SchedulePlan
  /** The result of every step of the original plan, also of steps that were carried out before. */
  readonly events: Stream.Stream<SchedulePlan.Event, E, R>
  /** Number of events of steps. */
  readonly total: number
  /** Whether the plan was saved and reviewed. */
  readonly isReviewed: boolean
}

/** Validity of a plan that is shown and applied at once: the time to read it. */
const readingTime = Duration.hours(1)

// ============================================================================
// Consent
// ============================================================================

/** The plan as shown before the question. */
const shownPlan = (plan: SchedulePlan.SchedulePlan, screen: Screen.Service) =>
  Effect.map(SameConnection.flags, (connection) => [
    ...PlanText.lines(plan, PlanSummary.of(plan), screen, { connection, isNow: true }),
    ...(plan.isProjectConfirmed || plan.steps.length === 0
      ? []
      : Text.fit(
        `${Symbols.level(screen, "warning")} No schedule shows the ID of the project, so it was not compared.`,
        screen.columns
      ))
  ])

/** What a plan needs to be confirmed. A plan without losses needs nothing. */
const consentOf = (plan: SchedulePlan.SchedulePlan, { allowLastCopy, yes }: Deletion.Consent, isReviewed: boolean) => {
  const { indexes, steps } = PlanSummary.of(plan)
  const last = new Set(plan.steps.flatMap(({ consent, indexName }) => consent === "typed" ? [indexName] : []))
  const actions = {
    action: `make ${Format.countOf(steps, "change")} to ${Format.countOf(indexes, "index", "indexes")}`,
    lastAction: (index: string) => `let the last good backup of ${index} expire`
  }
  const isFree = SchedulePlan.consentOf(plan) === "free"
  return {
    leftWithoutBackup: [...last],
    actions,
    // A saved plan was reviewed. That does not include the loss of a last backup, which needs its own flag.
    given: { yes: yes || isFree || (isReviewed && last.size === 0), allowLastCopy }
  }
}

const dryRun = Effect.fnUntraced(function*<E, R>({ isReviewed, plan }: Proposal<E, R>, input: Input) {
  const { actions, given, leftWithoutBackup } = consentOf(plan, input, isReviewed)
  yield* DryRun.print({
    plan: ApplyView.planToJson(plan),
    page: {
      lines: (screen) => shownPlan(plan, screen),
      tsv: PlanView.tsv(plan),
      ids: PlanView.names(plan)
    },
    requests: yield* Effect.forEach(plan.steps, Requests.of),
    lost: {
      isKnown: plan.unknown.length === 0,
      backups: plan.steps.flatMap(ScheduleStep.lossesOf),
      schedules: plan.steps.flatMap((step) => "scheduleId" in step && step.after === null ? [step.scheduleId] : []),
      leftWithoutBackup
    },
    questions: plan.steps.length === 0 ? [] : Deletion.questions({ leftWithoutBackup }, actions, given)
  })
})

// ============================================================================
// Steps
// ============================================================================

/** The line about a step. */
const lineOf = (event: Outcome.Event, screen: Screen.Service): string => {
  const { step } = event
  const name = Format.plain(step.indexName)
  switch (event._tag) {
    case "Done": {
      const next = event.schedule?.nextScheduledRun
      const run = step._tag === "CreateSchedule" && next != null ? `; next run ${Format.minute(next)}` : ""
      const recovered = event.schedule ?? event.index
      return `${Symbols.note(screen, "done")} ${name}: ${Describe.done(step)}${run}${
        recovered === undefined ? "" : Note.recovered(recovered)
      }`
    }
    case "Already":
      return `${Symbols.note(screen, "done")} ${name}: already done: ${Describe.done(step)}`
    case "Moved":
      return `${Symbols.note(screen, "failed")} ${name}: not changed: ${Outcome.moved(event.moved)}`
    case "Failed":
      return `${Symbols.note(screen, "failed")} ${name}: ${Describe.step(step).text}: ${
        DescribeError.isInDoubt(event.error) ? "may have failed" : "failed"
      }`
    case "NotReached":
      return `${Symbols.note(screen, "failed")} ${name}: not sent: ${Describe.step(step).text}`
  }
}

/** The command that continues after an interruption or a failure. */
const againOf = (input: Input): CommandLine.Command | undefined =>
  Option.isSome(input.plan)
    ? CommandLine.make`pcb policy apply --plan ${input.plan.value}`
    : PlanSession.commandOf("apply", input, Target.all(input.target))

/** Carries out a plan and reports each step as it ends. Returns what is left and the exit codes of failures. */
const carryOut = Effect.fnUntraced(function*<E, R>({ events, plan, total }: Proposal<E, R>, input: Input) {
  const screen = yield* Screen.Screen
  const asJson = Globals.isJson(yield* Output.chosenFormat)
  const seen: Array<Outcome.Event> = []
  const exitCodes: Array<number> = []
  let left: SchedulePlan.SchedulePlan | undefined
  const again = yield* SameConnection.add(againOf(input))
  const reported = (error: unknown) =>
    Effect.map(Effect.flip(DescribeError.report(error, asJson)), ({ exitCode }) => void exitCodes.push(exitCode))
  const receive = Effect.fnUntraced(function*(event: SchedulePlan.Event) {
    if (event._tag === "Left") {
      left = event.plan
      return
    }
    seen.push(event)
    yield* Note.info(lineOf(event, screen))
    if (event._tag === "Moved") exitCodes.push(ExitCode.refused)
    if (event._tag === "Failed") yield* reported(event.error)
  })
  const ended = yield* Effect.result(Stream.runForEach(events, receive)).pipe(
    Effect.onInterrupt(() => {
      // The request of this step may have been sent.
      const current = plan.steps.find((step) => !seen.some((event) => Equal.equals(event.step, step)))
      return Console.error(
        [
          `Interrupted after ${seen.length} of ${Format.countOf(total, "change")}.`,
          ...(current === undefined
            ? []
            : [`This change may have been made: ${Format.plain(current.indexName)}: ${Describe.step(current).text}.`]),
          ...(again === undefined ? [] : [`To continue, run ${again}`])
        ].join(" ")
      )
    })
  )
  // The error that ended all steps was already reported with its step.
  if (Result.isFailure(ended) && !seen.some((event) => event._tag === "Failed" && event.error === ended.failure)) {
    yield* reported(ended.failure)
  }
  return { exitCodes, left, seen }
})

/** The error for a project that does not match the policy afterwards. */
const notMet = (names: ReadonlyArray<string>, hint: CommandLine.Command | undefined) =>
  new CliFailure({
    code: "POLICY_NOT_MET",
    message: `${Format.countOf(names.length, "index", "indexes")} ${
      names.length === 1 ? "does" : "do"
    } not match the policy: ${names.map(Format.plain).join(", ")}`,
    hint,
    exitCode: ExitCode.refused
  })

/** The error for a project that turned out to be another one, once its first schedule showed its ID. */
const wrongProject = (unknown: ScheduleStep.Unknown) =>
  new CliFailure({
    code: "WRONG_PROJECT",
    message: Format.plain(unknown.reason),
    why: "the project was not known before the changes",
    hint: "use the API key of the project",
    exitCode: ExitCode.refused
  })

/** Confirms a plan, carries it out and reports what is left. */
const run = Effect.fnUntraced(function*<E, R>(proposal: Proposal<E, R>, input: Input) {
  const { isReviewed, plan, total } = proposal
  if (input.dryRun) return yield* dryRun(proposal, input)
  const screen = yield* Screen.Screen
  const { actions, given, leftWithoutBackup } = consentOf(plan, input, isReviewed)
  const consequences = yield* shownPlan(plan, Note.screenOf(yield* Screen.Screen))
  if (plan.steps.length === 0) yield* Note.info(...consequences)
  else yield* Deletion.confirm({ consequences, leftWithoutBackup }, actions, given)

  const { exitCodes, left, seen } = total === 0
    ? { exitCodes: [], left: plan, seen: [] }
    : yield* carryOut(proposal, input)
  // `left` is only about indexes with steps.
  const unmet = [...plan.blocked, ...(left === undefined ? [] : [...left.blocked, ...left.steps, ...left.unknown])]
  const names = [...new Set(unmet.flatMap(({ indexName }) => indexName ?? []))].sort()
  const done = seen.filter(({ _tag }) => _tag === "Done" || _tag === "Already").length
  if (total > 0) {
    const isBefore = seen.length > 0 && seen.every(({ _tag }) => _tag === "Already")
    yield* Note.info(
      `${Symbols.note(screen, done === total ? "done" : "failed")} ${done} of ${Format.countOf(total, "change")} made${
        isBefore ? " before" : ""
      }`
    )
  }
  // A saved plan does not need its policy.
  const hint = Option.isSome(input.plan) ? undefined : PlanSession.commandOf("plan", input, names)
  const failures = [
    ...(left?.unknown.filter(({ indexName }) => indexName === null).map(wrongProject) ?? []),
    ...(names.length === 0 ? [] : [notMet(names, hint)])
  ]
  const asJson = Globals.isJson(yield* Output.chosenFormat)
  for (const failure of failures) {
    exitCodes.push((yield* Effect.flip(DescribeError.report(failure, asJson))).exitCode)
  }
  const exitCode = exitCodes.length === 0 ? 0 : ExitCode.worst(exitCodes)
  yield* ExitCode.decide(exitCode)
  yield* ApplyView.print({ events: seen, left, plan })
  if (exitCode > 0) return yield* new Reported({ exitCode })
})

/** The error for facts that are unknown. Nothing was sent. */
const refuseUnknown = (plan: SchedulePlan.SchedulePlan, facts: SchedulePlan.Facts, input: Input) => {
  const failureOf = (read: Result.Result<unknown, PineconeError.ListError> | undefined) =>
    read !== undefined && Result.isFailure(read) ? [read.failure] : []
  const [error] = facts.indexes.flatMap(({ backups, histories, schedules }) => [
    ...failureOf(schedules),
    ...[...histories.values()].flatMap(failureOf),
    ...failureOf(backups)
  ])
  const known = [...new Set(plan.steps.map(({ indexName }) => indexName))].filter((name) =>
    !plan.unknown.some(({ indexName }) => indexName === name)
  )
  return new CliFailure({
    code: "FACTS_UNKNOWN",
    message: `${Format.countOf(plan.unknown.length, "fact")} ${
      plan.unknown.length === 1 ? "is" : "are"
    } unknown; nothing was sent`,
    details: plan.unknown.map((unknown) =>
      `${unknown.indexName === null ? "project" : Format.plain(unknown.indexName)}: ${Describe.unknown(unknown)}`
    ),
    hint: plan.unknown.some(({ indexName }) => indexName === null) || known.length === 0
      ? undefined
      : PlanSession.commandOf("apply", input, known),
    exitCode: error === undefined ? ExitCode.refused : DescribeError.toReport(error).exitCode
  })
}

// ============================================================================
// Saved plans
// ============================================================================

/** Maximum size of a saved plan in bytes. */
const mostBytes = 50_000_000

const readSaved = Effect.fnUntraced(
  function*(path: string) {
    const fs = yield* FileSystem.FileSystem
    const { size } = yield* fs.stat(path)
    if (size > mostBytes) return yield* invalidPlan(path, "is too large for a plan")
    return yield* SavedPlan.decode(PlanView.textOf(yield* fs.readFileString(path)), PlanView.schema)
  },
  (self, path) =>
    Effect.catchTags(self, {
      PlatformError: (error) =>
        error.reason._tag === "NotFound"
          ? invalidPlan(path, "does not exist", CommandLine.make`pcb policy plan --out ${path}`)
          : invalidPlan(path, `cannot be read: ${SystemReason.of(error)}`),
      SavedPlanError: ({ message }) => invalidPlan(path, `is not a valid plan: ${message}`, planAgain(path))
    })
)

const invalidPlan = (path: string, wrong: string, hint?: CommandLine.Hint) =>
  new CliFailure({ code: "INVALID_PLAN", message: `${path} ${wrong}`, hint, exitCode: ExitCode.usage })

const planAgain = (path: string): CommandLine.Hint | undefined =>
  CommandLine.within(CommandLine.make`pcb policy plan --out ${path}`, {
    before: "delete the file, then ",
    otherwise: "delete the file, then make a new plan"
  })

const refused = (code: string, path: string, message: string, details: ReadonlyArray<string> = []) =>
  new CliFailure({ code, message, details, hint: planAgain(path), exitCode: ExitCode.refused })

/**
 * Reads the facts of a saved plan, and whether they are of its project. Fails if the plan is for another project, or is no
 * longer valid.
 */
const checkSaved = Effect.fnUntraced(function*(path: string, saved: SavedPlan.SavedPlan) {
  const { host } = yield* PineconeClient.PineconeClient
  if (host !== saved.host) {
    return yield* refused("WRONG_PROJECT", path, `The plan is for ${saved.host}, but the connection is to ${host}`)
  }
  const facts = yield* SavedPlan.read(saved, { now: Time.now })
  const own = yield* Project.of(
    facts.indexes.flatMap(({ schedules }) => schedules === undefined ? [] : Result.getOrElse(schedules, () => []))
  )
  // Other indexes may have shown the project when the plan was made.
  const found = own ?? (saved.projectId === null ? undefined : yield* Project.find)
  if (saved.projectId !== null && found !== undefined && found !== saved.projectId) {
    return yield* refused(
      "WRONG_PROJECT",
      path,
      `The plan is for the project ${saved.projectId}, but the schedules belong to ${found}`
    )
  }
  if (SavedPlan.isExpired(saved, facts.at)) {
    return yield* refused(
      "PLAN_EXPIRED",
      path,
      `The plan was made ${Format.relative(saved.madeAt, facts.at)} and expired at ${Format.minute(saved.validUntil)}`
    )
  }
  const isShown = saved.projectId !== null && found !== undefined
  return { facts, isProjectConfirmed: isShown || SavedPlan.projectOf(saved, facts) === "same" }
})

/** Proposes the steps of a saved plan that are left. */
const proposeSaved = Effect.fnUntraced(function*(path: string) {
  const saved = yield* readSaved(path)
  if (saved.unknown.length > 0) {
    return yield* refused("FACTS_UNKNOWN", path, "Some facts were unknown when the plan was made; nothing was sent")
  }
  const { facts, isProjectConfirmed } = yield* checkSaved(path, saved)
  const rest = SavedPlan.rest(saved, facts)
  if (Result.isFailure(rest)) {
    return yield* refused(
      "PLAN_MOVED",
      path,
      "The plan no longer fits the project; nothing was sent",
      rest.failure.map((moved) => `${Format.plain(moved.indexName)}: ${Outcome.moved(moved)}`)
    )
  }
  return {
    plan: { ...rest.success, isProjectConfirmed: saved.isProjectConfirmed && isProjectConfirmed },
    events: SavedPlan.apply(saved, { now: Time.now }),
    total: saved.steps.length,
    // The review was of the project of the plan.
    isReviewed: isProjectConfirmed
  }
})

/** `pcb policy apply` */
export const apply = Effect.fnUntraced(function*(input: Input) {
  if (Option.isSome(input.plan)) return yield* run(yield* proposeSaved(input.plan.value), input)
  const wanted = yield* PlanSession.load(input)
  const facts = yield* PlanSession.read(wanted, input)
  const { deleteExtra } = input
  const plan = SchedulePlan.make(wanted.policy, facts, { deleteExtra, validFor: readingTime })
  if (plan.unknown.length > 0) return yield* refuseUnknown(plan, facts, input)
  const events = SchedulePlan.apply(plan, { wanted: wanted.policy, now: Time.now })
  yield* run({ plan, events, total: plan.steps.length, isReviewed: false }, input)
})
