/** `pcb policy` */
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Handler from "../../Handler.ts"
import * as Documentation from "../../input/Documentation.ts"
import * as Flags from "../../input/Flags.ts"
import * as Projects from "../../input/Projects.ts"
import * as Target from "../../input/Target.ts"
import * as FormatNames from "./FormatNames.ts"

const invalid = (message: string) => Effect.fail(new CliError.ValidationError({ message }))

const target = (verb: string) =>
  Target.several("index", `Name of an index; omit to ${verb} all indexes that the policy manages`)

/** Rejects an empty name, which usually means that a shell variable is not set. */
const checkNames = ({ target }: { readonly target: Target.Several }) =>
  Target.all(target).includes("") ? invalid("Expected the name of an index, got an empty string") : Effect.void

const policy = Flag.String("policy").pipe(
  Flag.withMetavar("<file>"),
  Flags.optional("Policy file, YAML or JSON [pinecone-backups.policy.yaml, .yml or .json in the current directory]")
)

const deleteExtra = Flags.toggle(
  "delete-extra",
  "Also delete schedules of managed indexes that the policy does not describe"
)

const pull = Command.make("pull", {
  target: Target.several("index", "Name of an index; omit to describe all indexes"),
  policy,
  stdout: Flags.toggle("stdout", "Print the resulting file instead of writing it"),
  dryRun: Flags.dryRun
}).pipe(
  Command.validate(Effect.fnUntraced(function*(input) {
    yield* checkNames(input)
    if (input.stdout && input.dryRun) return yield* invalid("--stdout cannot be combined with --dry-run")
  })),
  Command.withShortDescription("Write schedules and settings as they are into the policy file"),
  Documentation.of(
    "Write schedules and index settings as they are into the policy file, keeping its comments and other rules",
    {
      "pcb policy pull": "Create or update ./pinecone-backups.policy.yaml",
      "pcb policy pull docs --stdout": "Print the file with a rule for one index",
      "pcb policy pull --policy team.json": "Create or update a policy in JSON"
    }
  )
)

const plan = Command.make("plan", {
  target: target("compare"),
  allProfiles: Projects.allProfiles,
  policy,
  output: Flag.Literals("output", FormatNames.names).pipe(
    Flag.withAlias("o"),
    Flags.optional("Output format [report on a terminal, tsv in a pipe; PCB_OUTPUT]")
  ),
  out: Flag.String("out").pipe(
    Flag.withMetavar("<file>"),
    Flag.filter((path) => path !== "", () => "Expected a path, got an empty string"),
    Flags.optional("Save the plan to a new file, for pcb policy apply --plan")
  ),
  validFor: Flags.duration("valid-for").pipe(
    Flags.optional("Period in which the saved plan can be applied [24h if backups would expire, else 7d]")
  ),
  deleteExtra
}).pipe(
  Command.validate((input) => checkNames(input)),
  Command.withShortDescription("Compare the policy file with the project"),
  Documentation.of(
    "Compare the policy file with the project and print the changes. Exit codes: 0 no changes, 2 changes, 3 unknown",
    {
      "pcb policy plan": "Show what pcb policy apply would change",
      "pcb policy plan docs -o json": "Print the plan for one index as JSON",
      "pcb policy plan -o markdown >> \"$GITHUB_STEP_SUMMARY\"": "Show the changes in a pull request",
      "pcb policy plan --out plan.json": "Save the plan, to review it and apply exactly this plan"
    }
  )
)

const apply = Command.make("apply", {
  target: target("change"),
  policy,
  plan: Flag.String("plan").pipe(
    Flag.withMetavar("<file>"),
    Flags.optional("Apply exactly this plan, saved with pcb policy plan --out")
  ),
  deleteExtra,
  yes: Flags.yes,
  allowLastCopy: Flags.allowLastCopy,
  dryRun: Flags.dryRun
}).pipe(
  Command.validate(Effect.fnUntraced(function*(input) {
    yield* checkNames(input)
    if (Option.isNone(input.plan)) return
    const others = [
      ...(Target.all(input.target).length > 0 ? ["index names"] : []),
      ...(Option.isSome(input.policy) ? ["--policy"] : []),
      ...(input.deleteExtra ? ["--delete-extra"] : [])
    ]
    if (others.length > 0) {
      return yield* invalid(`--plan cannot be combined with ${others.join(" and ")}: the plan already contains them`)
    }
  })),
  Command.withShortDescription("Change the project to match the policy file"),
  Documentation.of("Change schedules and index settings to match the policy file, after confirmation", {
    "pcb policy apply": "Show the changes, ask for confirmation and make them",
    "pcb policy apply docs wiki --yes": "Change two indexes without confirmation",
    "pcb policy apply --plan plan.json": "Apply a reviewed plan; refused if the project has changed since",
    "pcb policy apply --dry-run -o json": "Print the requests as JSON"
  })
)

const connected = Handler.connected(() => import("./pull-handler.ts"), "policy")

/** `pcb policy` */
export const command = Command.make("policy").pipe(
  Command.withShortDescription("Declare schedules and settings in a policy file"),
  Command.withDescription("Declare backup schedules and index settings in a policy file, and apply them"),
  Command.withSubcommands([
    connected(pull, (_) => _.pull),
    // A plan reports a failed connection itself, because its exit codes differ.
    Handler.from(() => import("./plan-handler.ts"), "policy")(plan, (_) => _.plan),
    Handler.connected(() => import("./apply-handler.ts"), "policy")(apply, (_) => _.apply)
  ])
)
