/** Handler of `pcb policy pull`. */
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as Indexes from "@pinecone-backups/core/Indexes"
import type * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as Yaml from "yaml"
import * as Connection from "../../Connection.ts"
import * as Globals from "../../input/Globals.ts"
import * as Target from "../../input/Target.ts"
import { CliFailure } from "../../output/CliFailure.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as PartialFailure from "../../output/PartialFailure.ts"
import type * as PlanJson from "../../output/PlanJson.ts"
import * as Columns from "../../shared/Columns.ts"
import * as PolicyFile from "../../shared/PolicyFile.ts"
import * as Format from "../../terminal/Format.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Symbols from "../../terminal/SymbolsAndColors.ts"
import * as Files from "./Files.ts"
import * as PlanSession from "./PlanSession.ts"
import * as PolicyEditor from "./PolicyEditor.ts"
import * as Project from "./Project.ts"
import * as Pull from "./Pull.ts"

interface Input {
  readonly target: Target.Several
  readonly policy: Option.Option<string>
  readonly stdout: boolean
  readonly dryRun: boolean
}

// ============================================================================
// Facts
// ============================================================================

/** Returns `true` for an error about one index, such as one that has no schedules because of its type. */
const isAboutIndex = ({ category }: PineconeError.ListError): boolean =>
  category === "validation" || category === "notFound" || category === "conflict" || category === "protocol"

/** Reads the indexes and their schedules. Fails if the project cannot be read. */
const statesOf = Effect.fnUntraced(function*(names: ReadonlyArray<string>) {
  const indexes = yield* Indexes.Indexes
  const schedules = yield* BackupSchedules.BackupSchedules
  const all = names.length === 0
    ? yield* indexes.list
    : yield* Effect.forEach(
      [...new Set(names)],
      (name) => indexes.describe(PineconeIndex.IndexName.make(name)),
      { concurrency: 8 }
    )
  return yield* Effect.forEach(
    all,
    (index) =>
      Effect.map(
        Effect.catchIf(
          Effect.map(Stream.runCollect(schedules.list(index.name)), Result.succeed),
          isAboutIndex,
          (error) => Effect.succeed(Result.fail(error))
        ),
        (schedules): Pull.State => ({ index, schedules, isCopy: SchedulePlan.isCopy(index) })
      ),
    { concurrency: 8 }
  )
})

// ============================================================================
// Files
// ============================================================================

/** The content of a new file without rules. */
const emptyText = (yaml: typeof Yaml, isJson: boolean, project: string | undefined): string =>
  isJson
    ? `${JSON.stringify({ version: 1, project, rules: [] }, null, 2)}\n`
    : `# Backup schedules and index settings, and requirements for backups.
# To compare this file with the project: pcb policy plan. To change the project: pcb policy apply.
version: 1
${project === undefined ? "" : `project: ${yaml.stringify(project)}`}`

/** The policy file to change. The demo project has no file of its own. */
const fileOf = Effect.fnUntraced(function*({ policy, stdout }: Input, project: string | undefined, isDemo: boolean) {
  const asJson = Globals.isJson(yield* Output.chosenFormat)
  const name = isDemo ? Option.none() : yield* PolicyFile.nameOf(policy)
  const found = isDemo ? Option.none() : yield* PolicyFile.locate(name)
  if (Option.isSome(found)) return { path: found.value, isNew: false, file: yield* PolicyFile.open(found.value) }
  const path = Option.getOrElse(name, () => PolicyFile.defaultName)
  const isJson = path.endsWith(".json") || (stdout && asJson && Option.isNone(name))
  const text = emptyText(yield* PolicyFile.loadYaml, isJson, project)
  return { path, isNew: true, file: yield* PolicyFile.parsed(path, text) }
})

/** Returns the new text of a file. Fails unless the new text describes the indexes and nothing else has changed. */
const editedText = Effect.fnUntraced(function*(
  yaml: typeof Yaml,
  path: string,
  file: PolicyFile.Opened,
  states: ReadonlyArray<Pull.State>,
  { edits }: Pull.Pulled
) {
  if (edits.length === 0) return file.text
  const refuse = new CliFailure({
    code: "POLICY_NOT_EDITED",
    message: `${path} cannot be edited: its rules share values with anchors and aliases, or have an unusual layout`,
    hint: CommandLine.within(CommandLine.make`pcb policy pull --policy NEW-FILE.yaml`, {
      after: ", then copy its rules",
      otherwise: "pull the policy into a new file, then copy its rules"
    }),
    exitCode: ExitCode.refused
  })
  const text = PolicyEditor.edit(yaml, file.text, file.document, edits)
  if (text === undefined) return yield* refuse
  const edited = yield* Effect.mapError(PolicyFile.parsed(path, text, file.profiles), () => refuse)
  const changed = new Set(edits.map(({ position }) => position))
  const { rules = [], ...rest } = file.policy
  const { rules: newRules = [], ...newRest } = edited.policy
  const isSame = JSON.stringify(rest) === JSON.stringify(newRest) &&
    rules.every((rule, position) =>
      changed.has(position) || JSON.stringify(rule) === JSON.stringify(newRules[position])
    )
  const hasHint = (position: number) => PolicyEditor.hasHint(yaml, edited.text, edited.document, position)
  const again = Pull.pull(edited.policy, states, { canChange: () => true, hasHint })
  if (!isSame || again.edits.length > 0) return yield* refuse
  return text
})

// ============================================================================
// Output
// ============================================================================

const actionOf = ({ position }: PolicyEditor.RuleEdit): "added" | "changed" =>
  position === undefined ? "added" : "changed"

/** The parts of a rule that change: `schedule, settings`. */
const partsOf = ({ removesHint, schedule, settings }: PolicyEditor.RuleEdit): string =>
  [
    ...(schedule === undefined ? [] : ["schedule"]),
    ...(settings === undefined ? [] : ["settings"]),
    ...(removesHint === true ? ["comment"] : [])
  ].join(", ")

const ruleJson = (edit: PolicyEditor.RuleEdit): (typeof PlanJson.Pulled.Encoded)["rules"][number] => ({
  index_name: edit.index,
  action: actionOf(edit),
  schedule: PolicyEditor.toJson(edit.schedule),
  settings: PolicyEditor.toJson(edit.settings)
})

const view = Effect.map(Columns.make, ({ text }): Output.View<PolicyEditor.RuleEdit> => ({
  toJson: (edit) => ({ ...ruleJson(edit) }),
  id: ({ index }) => index,
  columns: [
    text("INDEX", ({ index }) => index, { shrinkTo: 12 }),
    text("RULE", actionOf),
    text("FIELDS", partsOf)
  ]
}))

/** `2 rules added, 1 rule changed` */
const summaryOf = (edits: ReadonlyArray<PolicyEditor.RuleEdit>): string =>
  (["added", "changed"] as const).flatMap((action) => {
    const count = edits.filter((edit) => actionOf(edit) === action).length
    return count === 0 ? [] : [`${Format.countOf(count, "rule")} ${action}`]
  }).join(", ")

/** Prints the changes, as one JSON document or as rows. */
const print = Effect.fnUntraced(function*(
  path: string,
  { edits, skipped }: Pull.Pulled,
  notes: ReadonlyArray<string>,
  state: { readonly isNew: boolean; readonly isWritten: boolean }
) {
  const format = yield* Output.chosenFormat
  if (!Globals.isJson(format)) return yield* Output.made(yield* view, edits, true)
  const document: typeof PlanJson.Pulled.Encoded = {
    schema: "pcb.pull/v1",
    file: path,
    is_new: state.isNew,
    is_written: state.isWritten,
    rules: edits.map(ruleJson),
    skipped: skipped.map(({ index, part, reason }) => ({ index_name: index, part, reason })),
    notes
  }
  const picked = (yield* Output.fieldsOf)({ ...document })
  yield* Output.lines([format === "ndjson" ? Format.json(picked) : yield* Output.json(picked)])
})

/** The error for parts that the file does not describe. A script must not take the file for the whole project. */
const incomplete = (skipped: Pull.Pulled["skipped"]) =>
  new CliFailure({
    code: "POLICY_INCOMPLETE",
    message: `${Format.countOf(skipped.length, "part")} of the project ${
      skipped.length === 1 ? "was" : "were"
    } skipped`,
    details: skipped.map((part) => Format.plain(Pull.note(part))),
    exitCode: ExitCode.incomplete
  })

/** `pcb policy pull` */
export const pull = Effect.fnUntraced(function*(input: Input) {
  const isDemo = (yield* Connection.isDemo) && Option.isNone(input.policy)
  const states = yield* statesOf(Target.all(input.target))
  const project = yield* Project.of(
    states.flatMap(({ schedules }) => Result.getOrElse(schedules, () => []))
  )
  const { file, isNew, path } = yield* fileOf(input, project, isDemo)
  yield* PolicyFile.notices(file)
  yield* Project.check(file.policy.project, project)
  const yaml = yield* PolicyFile.loadYaml
  const [profile] = file.profiles
  const isShared = file.policy.rules?.some((_, position) => file.profilesOf(position) !== undefined) === true
  if (isShared && profile === undefined) {
    yield* Note.info("note: the file has rules for profiles, but no profile is in use: new rules are for all projects")
  }
  const pulled = Pull.pull(
    file.policy,
    states,
    {
      // A rule for other projects must not change. An unshared file has no such rules.
      canChange: (position) =>
        PolicyEditor.canChange(yaml, file.text, file.document, position) &&
        (!isShared || file.profilesOf(position)?.every((name) => name === profile) === true),
      hasHint: (position) => PolicyEditor.hasHint(yaml, file.text, file.document, position)
    },
    isShared ? profile : undefined
  )
  const absent = Target.all(input.target).length === 0 ? Pull.absent(file.policy, states) : []
  const text = yield* editedText(yaml, path, file, states, pulled)
  const { edits, skipped } = pulled
  const notes = [...skipped.map(Pull.note), ...absent]
  for (const note of absent) yield* Note.info(`note: ${Format.plain(note)}`)
  const failures = skipped.length === 0 ? [] : [incomplete(skipped)]
  /** Prints the result, and fails if it is incomplete. */
  const finish = (isWritten: boolean) =>
    PartialFailure.finish(failures, print(path, pulled, notes, { isNew, isWritten }))
  // The demo project must not leave a policy file behind that later commands would use.
  if (input.stdout || (isDemo && !input.dryRun)) {
    return yield* PartialFailure.finish(failures, Output.lines([text.replace(/\r?\n$/, "")]))
  }

  const screen = yield* Screen.Screen
  const name = Format.plain(path)
  if (edits.length === 0) {
    const isComplete = skipped.length === 0
    yield* Note.info(
      isNew
        ? `${isComplete ? "No indexes to describe" : "Nothing to describe"}; nothing was written`
        : isComplete
        ? `${Symbols.note(screen, "done")} ${name} already describes the project; nothing was written`
        : `${name} already describes the project, apart from what was skipped; nothing was written`
    )
    return yield* finish(false)
  }
  for (const edit of edits) {
    yield* Note.info(`  ${edit.position === undefined ? "+" : "~"} ${Format.plain(edit.index)}: ${partsOf(edit)}`)
  }
  if (input.dryRun) {
    yield* Note.info(`Would ${isNew ? "create" : "change"} ${name}: ${summaryOf(edits)}. Nothing was written.`)
    return yield* finish(false)
  }
  yield* isNew ? Files.create(path, text, 0o666) : Files.replace(path, file.raw, PolicyFile.rawOf(file, text))
  yield* Note.info(`${Symbols.note(screen, "done")} ${name} ${isNew ? "created" : "updated"}: ${summaryOf(edits)}`)
  yield* Note.nextStep(PlanSession.commandOf("plan", { deleteExtra: false, policy: input.policy }, []))
  yield* finish(true)
})
