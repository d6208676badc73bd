/** `pcb policy` */
import * as CliError from "effect/cli/CliError"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Handler from "../../Handler.ts"
import * as Documentation from "../../input/Documentation.ts"
import * as Flags from "../../input/Flags.ts"
import * as Target from "../../input/Target.ts"

const invalid = (message: string) => Effect.fail(new CliError.ValidationError({ message }))

/** Rejects an empty name, which usually means that a shell variable is not set. */
const checkNames = ({ target }: { readonly target: Target.Several }) =>
  Target.all(target).includes("") ? invalid("Expected the name of an index, got an empty string") : Effect.void

const policy = Flag.String("policy").pipe(
  Flag.withMetavar("<file>"),
  Flags.optional("Policy file, YAML or JSON [pinecone-backups.policy.yaml, .yml or .json in the current directory]")
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

/** `pcb policy` */
export const command = Command.make("policy").pipe(
  Command.withShortDescription("Declare schedules and settings in a policy file"),
  Command.withDescription("Declare backup schedules and index settings in a policy file, and apply them"),
  Command.withSubcommands([
    Handler.connected(() => import("./pull-handler.ts"), "policy")(pull, (_) => _.pull)
  ])
)
