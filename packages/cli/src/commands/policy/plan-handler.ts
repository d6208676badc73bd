/** Handler of `pcb policy plan`. */
import * as SavedPlan from "@pinecone-backups/core/plan/SavedPlan"
import type * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import * as CliError from "effect/cli/CliError"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Globals from "../../input/Globals.ts"
import * as Projects from "../../input/Projects.ts"
import * as Target from "../../input/Target.ts"
import { Reported } from "../../output/CliFailure.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as DescribeError from "../../output/DescribeError.ts"
import * as ErrorReport from "../../output/ErrorReport.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as SameConnection from "../../output/SameConnection.ts"
import type { Selection } from "../../shared/Projects.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Files from "./Files.ts"
import * as FormatNames from "./FormatNames.ts"
import * as PlanMarkdown from "./PlanMarkdown.ts"
import * as PlanSession from "./PlanSession.ts"
import * as PlanSummary from "./PlanSummary.ts"
import * as PlanText from "./PlanText.ts"
import * as PlanView from "./PlanView.ts"

interface Input extends PlanSession.CompareInput {
  readonly output: Option.Option<FormatNames.Name>
  readonly out: Option.Option<string>
  readonly allProfiles: boolean
}

/** The command that applies the plan. */
const nextOf = (input: Input): CommandLine.Command | undefined =>
  Option.isSome(input.out)
    ? CommandLine.make`pcb policy apply --plan ${input.out.value}`
    : PlanSession.commandOf("apply", input, Target.all(input.target))

const documentOf = (saved: SavedPlan.SavedPlan, { verdict }: PlanSummary.Summary) =>
  Effect.map(Output.fieldsOf, (pick) => pick(PlanView.toJson(saved, verdict)))

const print = Effect.fnUntraced(function*(
  plan: SchedulePlan.SchedulePlan,
  summary: PlanSummary.Summary,
  format: FormatNames.Name,
  saved: SavedPlan.SavedPlan
) {
  const screen = yield* Screen.Screen
  const connection = yield* SameConnection.flags
  switch (format) {
    case "table":
      return yield* Output.lines(PlanText.lines(plan, summary, screen, { connection }))
    case "wide":
      return yield* Output.lines(PlanText.lines(plan, summary, { ...screen, columns: Infinity }, { connection }))
    case "json":
      return yield* Output.lines([yield* Output.json(yield* documentOf(saved, summary))])
    case "ndjson":
      return yield* Output.lines([Format.json(yield* documentOf(saved, summary))])
    case "tsv":
      return yield* Output.lines(PlanView.tsv(plan))
    case "id":
      return yield* Output.lines(PlanView.names(plan))
    case "markdown":
      return yield* Output.lines(PlanMarkdown.lines(plan, summary, plan.at, connection))
  }
})

/** Sets the exit code before the result is printed: a closed pipe must not look like a plan without changes. */
const decide = (exitCode: number) => ExitCode.decide(exitCode, ExitCode.planFailed)

/** Plans one project. Returns the exit code. */
const planOne = Effect.fnUntraced(function*(input: Input, format: FormatNames.Name) {
  const { plan, saved, summary } = yield* PlanSession.compare(input)
  const exitCode = PlanSummary.exitCodes[summary.verdict]
  const isKnown = summary.verdict !== "unknown"
  if (Option.isSome(input.out) && isKnown) {
    yield* Files.create(input.out.value, SavedPlan.encode(saved), 0o600)
  }
  yield* decide(exitCode)
  yield* print(plan, summary, format, saved)
  if (Option.isSome(input.out)) {
    yield* Note.info(
      isKnown
        ? `Saved ${Format.plain(input.out.value)}, valid until ${Format.minute(plan.validUntil)}`
        : `note: ${Format.plain(input.out.value)} was not saved, because some facts are unknown`
    )
  }
  if (plan.steps.length > 0 && isKnown) yield* Note.nextStep(nextOf(input))
  return exitCode
})

/** Plans several projects. Returns the exit code. */
const planSeveral = Effect.fnUntraced(function*(
  input: Input,
  format: FormatNames.Name,
  selection: Selection
) {
  const Several = yield* Effect.promise(() => import("./Several.ts"))
  const { print, verdict } = yield* Several.plan(input, format, selection)
  const exitCode = PlanSummary.exitCodes[verdict]
  yield* decide(exitCode)
  yield* print
  return exitCode
})

/** The selected projects; `undefined` if there is only one. */
const selectionOf = Effect.fnUntraced(function*(input: Input) {
  if (!(yield* Projects.areSelected(input))) return undefined
  const path = ["policy", "plan"]
  if (Option.isSome(input.out)) {
    const message = "--out saves the plan of one project"
    return yield* new CliError.ShowHelp({
      commandPath: ["pcb", ...path],
      errors: [new CliError.ValidationError({ message })]
    })
  }
  const { select } = yield* Effect.promise(() => import("../../shared/Projects.ts"))
  return yield* select(path, input)
})

const made = Effect.fnUntraced(function*<E>(input: Input, selected: Effect.Effect<Selection | undefined, E>) {
  yield* decide(ExitCode.planFailed)
  const format = yield* Output.formatOf(FormatNames.names, input.output)
  const selection = yield* selected
  return yield* selection === undefined ? planOne(input, format) : planSeveral(input, format, selection)
})

/** Reports why there is no plan. */
const failed = (input: Input) =>
  Effect.fnUntraced(function*(error: unknown) {
    const format = yield* Effect.orElseSucceed(Output.formatOf(FormatNames.names, input.output), () => "table" as const)
    if (!(error instanceof Reported)) {
      const report = { ...DescribeError.toReport(error), exitCode: ExitCode.planFailed }
      yield* ErrorReport.print(report, Globals.isJson(format))
    }
    yield* decide(ExitCode.planFailed)
    return ExitCode.planFailed
  })

/** `pcb policy plan` */
export const plan = Effect.fnUntraced(function*(input: Input) {
  const selection = yield* Effect.result(selectionOf(input))
  if (Result.isFailure(selection) && selection.failure._tag === "ShowHelp") return yield* selection.failure
  const exitCode = yield* made(input, Effect.fromResult(selection)).pipe(
    Effect.catch(failed(input)),
    Effect.catchDefect(failed(input))
  )
  if (exitCode > 0) return yield* new Reported({ exitCode })
})
