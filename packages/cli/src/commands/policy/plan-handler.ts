/** Handler of `pcb policy plan`. */
import * as SavedPlan from "@pinecone-backups/core/plan/SavedPlan"
import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Connection from "../../Connection.ts"
import * as Globals from "../../input/Globals.ts"
import * as Target from "../../input/Target.ts"
import { Reported } from "../../output/CliFailure.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as DescribeError from "../../output/DescribeError.ts"
import * as ErrorReport from "../../output/ErrorReport.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Files from "./Files.ts"
import * as FormatNames from "./FormatNames.ts"
import * as PlanMarkdown from "./PlanMarkdown.ts"
import * as PlanSession from "./PlanSession.ts"
import * as PlanSummary from "./PlanSummary.ts"
import * as PlanText from "./PlanText.ts"
import * as PlanView from "./PlanView.ts"

interface Input extends PlanSession.Input {
  readonly output: Option.Option<FormatNames.Name>
  readonly out: Option.Option<string>
  readonly validFor: Option.Option<Duration.Duration>
  readonly deleteExtra: boolean
}

/** Plans with the validity that was requested, or else a shorter one if backups would expire. */
const make = ({ policy }: PlanSession.Wanted, facts: SchedulePlan.Facts, { deleteExtra, validFor }: Input) =>
  SchedulePlan.make(policy, facts, {
    deleteExtra,
    validFor: Option.getOrElse(validFor, () => SavedPlan.validityOf(policy, facts, { deleteExtra }))
  })

/** The command that applies the plan. */
const nextOf = ({ deleteExtra, out, policy, target }: Input): string | undefined => {
  if (Option.isSome(out)) return CommandLine.make`pcb policy apply --plan ${out.value}`
  const names = Target.all(target)
  const parts = [
    names.length === 0 ? "" : CommandLine.make` ${names}`,
    Option.match(policy, { onNone: () => "", onSome: (path) => CommandLine.make` --policy ${path}` }),
    deleteExtra ? " --delete-extra" : ""
  ]
  return parts.includes(undefined) ? undefined : `pcb policy apply${parts.join("")}`
}

const documentOf = (saved: SavedPlan.SavedPlan, { verdict }: PlanSummary.Summary) =>
  Effect.map(Output.fieldsOf, (pick) => pick(PlanView.toJson(saved, verdict)))

const print = Effect.fnUntraced(function*(
  plan: SchedulePlan.SchedulePlan,
  summary: PlanSummary.Summary,
  format: FormatNames.Name,
  saved: SavedPlan.SavedPlan
) {
  const screen = yield* Screen.Screen
  switch (format) {
    case "table":
      return yield* Output.lines(PlanText.lines(plan, summary, screen))
    case "wide":
      return yield* Output.lines(PlanText.lines(plan, summary, { ...screen, columns: Infinity }))
    case "json":
      return yield* Output.lines([yield* Output.json(yield* documentOf(saved, summary))])
    case "ndjson":
      return yield* Output.lines([Format.json(yield* documentOf(saved, summary))])
    case "tsv":
      return yield* Output.lines(PlanView.tsv(plan))
    case "id":
      return yield* Output.lines(PlanView.names(plan))
    case "markdown":
      return yield* Output.lines(PlanMarkdown.lines(plan, summary, plan.at))
  }
})

/** Sets the exit code before the result is printed: a closed pipe must not look like a plan without changes. */
const decide = (exitCode: number) => ExitCode.decide(exitCode, ExitCode.planFailed)

/** Connects to the service. A failed connection fails the plan like any other error. */
const connected = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.scoped(
    Effect.flatMap(Layer.build(Connection.layer), (services) => Effect.provideContext(self, services))
  )

const made = Effect.fnUntraced(function*(input: Input) {
  yield* decide(ExitCode.planFailed)
  const format = yield* Output.formatOf(FormatNames.names, input.output)
  const wanted = yield* PlanSession.load(input)
  return yield* connected(Effect.gen(function*() {
    const facts = yield* PlanSession.read(wanted, input)
    const plan = make(wanted, facts, input)
    const summary = PlanSummary.of(plan)
    const exitCode = PlanSummary.exitCodes[summary.verdict]
    const saved = yield* PlanSession.save(plan, facts, wanted)
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
  }))
})

/** Reports why there is no plan. */
const failed = (input: Input) =>
  Effect.fnUntraced(function*(error: unknown) {
    const format = yield* Effect.orElseSucceed(Output.formatOf(FormatNames.names, input.output), () => "table" as const)
    if (!(error instanceof Reported)) {
      const described = DescribeError.toReport(error)
      // `message` is not an own property of an error.
      const report = { ...described, message: described.message, exitCode: ExitCode.planFailed }
      yield* ErrorReport.print(report, Globals.isJson(format))
    }
    yield* decide(ExitCode.planFailed)
    return ExitCode.planFailed
  })

/** `pcb policy plan` */
export const plan = Effect.fnUntraced(function*(input: Input) {
  const exitCode = yield* made(input).pipe(Effect.catch(failed(input)), Effect.catchDefect(failed(input)))
  if (exitCode > 0) return yield* new Reported({ exitCode })
})
