/** Plans several projects. Loaded on demand. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { CliFailure } from "../../output/CliFailure.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Markdown from "../../output/Markdown.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as PolicyFile from "../../shared/PolicyFile.ts"
import * as Projects from "../../shared/Projects.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"
import * as Text from "../../terminal/Text.ts"
import type * as FormatNames from "./FormatNames.ts"
import * as PlanMarkdown from "./PlanMarkdown.ts"
import * as PlanSession from "./PlanSession.ts"
import * as PlanSummary from "./PlanSummary.ts"
import * as PlanText from "./PlanText.ts"
import * as PlanView from "./PlanView.ts"

type Project = Projects.Project<PlanSession.Compared>

const verdictOf = ({ result }: Pick<Project, "result">): PlanSummary.Verdict =>
  Result.isFailure(result) ? "unknown" : result.success.summary.verdict

const why = (message: string): string => Format.plain(message).replace(/\.$/, "")

/** `3 projects: 1 unknown, 2 without changes` */
const totalOf = (projects: ReadonlyArray<Project>): string => {
  const words = { "unknown": "unknown", "drift": "with changes", "in-step": "without changes" } as const
  const counts = PlanSummary.verdicts.flatMap((verdict) => {
    const count = projects.filter((project) => verdictOf(project) === verdict).length
    return count === 0 ? [] : [`${count} ${words[verdict]}`]
  })
  return `${Projects.count(projects.length)}: ${counts.join(", ")}`
}

/** The plans, indented below the names of their profiles, and the total. */
const page = (
  projects: ReadonlyArray<Project>,
  notes: ReadonlyArray<string>,
  screen: Screen.Service
): ReadonlyArray<string> => {
  const inner = { ...screen, columns: screen.columns - 2 }
  return [
    ...projects.flatMap(({ connection, profile, result }) => [
      screen.style("bold", Text.shorten(Format.plain(profile), screen.columns, Symbols.ellipsis(screen))),
      ...(Result.isFailure(result)
        ? Text.hang(
          `${Symbols.level(screen, "unknown")} `,
          Text.wrap(why(result.failure.message), Math.max(1, inner.columns - 2))
        )
        : PlanText.lines(result.success.plan, result.success.summary, inner, { connection })).map((line) => `  ${line}`)
    ]),
    "",
    ...Text.wrap(totalOf(projects), screen.columns),
    ...notes.flatMap((note) => Text.wrap(note, screen.columns))
  ]
}

const markdown = (projects: ReadonlyArray<Project>, notes: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...projects.flatMap(({ connection, profile, result }) =>
    Result.isFailure(result)
      ? [`### Backup policy of ${Markdown.text(profile)}: unknown`, "", Markdown.text(why(result.failure.message)), ""]
      : [
        ...PlanMarkdown.lines(result.success.plan, result.success.summary, result.success.plan.at, connection, profile),
        ""
      ]
  ),
  Markdown.text(totalOf(projects)),
  ...notes.flatMap((note) => ["", Markdown.text(note)])
]

/** Lines with the profile as the first column. */
const columns = (
  projects: ReadonlyArray<Project>,
  linesOf: (compared: PlanSession.Compared) => ReadonlyArray<string>,
  failed: (message: string) => string
): ReadonlyArray<string> =>
  projects.flatMap(({ profile, result }) =>
    (Result.isFailure(result) ? [failed(why(result.failure.message))] : linesOf(result.success))
      .map((line) => `${Format.plain(profile)}\t${line}`)
  )

const print = Effect.fnUntraced(function*(
  projects: ReadonlyArray<Project>,
  selection: Projects.Selection,
  format: FormatNames.Name,
  verdict: PlanSummary.Verdict
) {
  const screen = yield* Screen.Screen
  const notes = Projects.notes(projects, selection)
  switch (format) {
    case "table":
      return yield* Output.lines(page(projects, notes, screen))
    case "wide":
      return yield* Output.lines(page(projects, notes, { ...screen, columns: Infinity }))
    case "json":
    case "ndjson": {
      const pick = yield* Output.fieldsOf
      const document = Projects.toJson(
        projects,
        selection,
        verdict,
        ({ saved, summary }) => pick(PlanView.toJson(saved, summary.verdict))
      )
      return yield* Output.lines([format === "ndjson" ? Format.json(document) : yield* Output.json(document)])
    }
    case "markdown":
      return yield* Output.lines(markdown(projects, notes))
    case "tsv":
      yield* Output.lines(columns(projects, ({ plan }) => PlanView.tsv(plan), (message) => `\tunknown\t${message}\t`))
      break
    case "id":
      yield* Output.lines(columns(projects, ({ plan }) => PlanView.names(plan), () => ""))
  }
  if (notes.length > 0) yield* Note.info(...notes.map((note) => `note: ${note}`))
})

/** Fails if several projects use a policy that is for one project. Nothing has been sent then. */
const checkShared = Effect.fnUntraced(function*({ policy }: PlanSession.Input, selection: Projects.Selection) {
  const located = yield* Projects.forEach(selection, () => PolicyFile.locate(policy))
  const users = new Map<string, ReadonlyArray<string>>()
  for (const { profile, value } of located) {
    if (Option.isSome(value)) users.set(value.value, [...users.get(value.value) ?? [], profile])
  }
  for (const [path, profiles] of users) {
    if (profiles.length < 2) continue
    // A file with errors fails for each project that uses it, unless the command line names it.
    const read = yield* Effect.result(PolicyFile.read(path))
    if (Result.isFailure(read)) {
      if (Option.isSome(policy)) return yield* read.failure
      continue
    }
    const { project } = read.success
    if (project === undefined) continue
    return yield* new CliFailure({
      code: "WRONG_PROJECT",
      message: `${path} is for the project ${project}, but several profiles use it: ${
        profiles.map(Format.plain).join(", ")
      }`,
      hint: "remove project from the file, or run pcb config set policy FILE --profile NAME for each profile",
      exitCode: ExitCode.planFailed
    })
  }
})

/** Plans the selected projects. Returns the worst verdict, and the effect that prints the page. */
export const plan = Effect.fnUntraced(function*(
  input: PlanSession.CompareInput,
  format: FormatNames.Name,
  selection: Projects.Selection
) {
  yield* checkShared(input, selection)
  const projects = yield* Projects.run(selection, () => PlanSession.compare(input), {
    projectIds: ({ plan }) => plan.projectId === null ? [] : [plan.projectId],
    rank: (result) => PlanSummary.verdicts.indexOf(verdictOf({ result }))
  })
  const verdict = PlanSummary.worst(projects.map(verdictOf))
  return { verdict, print: print(projects, selection, format, verdict) }
})
