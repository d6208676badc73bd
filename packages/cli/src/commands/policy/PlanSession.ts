/** The policy to compare with a project, and the plan that follows from it. */
import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as SavedPlan from "@pinecone-backups/core/plan/SavedPlan"
import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as Connection from "../../Connection.ts"
import * as Provided from "../../engine/Provided.ts"
import * as Target from "../../input/Target.ts"
import { CliFailure } from "../../output/CliFailure.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Note from "../../output/Note.ts"
import * as Time from "../../output/Time.ts"
import * as PolicyFile from "../../shared/PolicyFile.ts"
import * as Format from "../../terminal/Format.ts"
import * as PlanSummary from "./PlanSummary.ts"
import * as PlanView from "./PlanView.ts"

/** A policy and the file that it is from. The demo project has a policy without a file. */
export interface Wanted {
  readonly policy: BackupPolicy.BackupPolicy
  readonly file: { readonly path: string; readonly text: string } | undefined
}

/** The flags that select the policy and its indexes. */
export interface Input {
  readonly target: Target.Several
  readonly policy: Option.Option<string>
}

const invalid = (code: string, message: string, hint?: CommandLine.Hint) =>
  new CliFailure({ code, message, hint, exitCode: ExitCode.usage })

/** A command for the same policy and the given indexes. `undefined` if it cannot be pasted. */
export const commandOf = (
  verb: "apply" | "plan",
  { deleteExtra, policy }: Pick<Input, "policy"> & { readonly deleteExtra: boolean },
  names: ReadonlyArray<string>
): CommandLine.Command | undefined =>
  CommandLine.join([
    `pcb policy ${verb}`,
    names.length === 0 ? "" : CommandLine.words` ${names}`,
    Option.match(policy, { onNone: () => "", onSome: (path) => CommandLine.words` --policy ${path}` }),
    deleteExtra ? " --delete-extra" : ""
  ])

/** The opened policy file: the named one, or the default one. */
const openFile = Effect.fnUntraced(function*(named: Option.Option<string>) {
  const name = yield* PolicyFile.nameOf(named)
  const found = Option.isSome(name) ? name : yield* PolicyFile.locate(Option.none())
  if (Option.isNone(found)) {
    return yield* invalid("NO_POLICY", "There is no policy file in this directory", CommandLine.make`pcb policy pull`)
  }
  const opened = yield* PolicyFile.open(found.value)
  // Several projects usually have the same policy, which needs no notes for each of them.
  if ((yield* Connection.Project) === undefined) {
    if (Option.isNone(named)) yield* Note.info(`Using policy ${Format.plain(found.value)}`)
    yield* PolicyFile.notices(opened)
  }
  return { policy: opened.policy, file: { path: opened.path, text: opened.raw } }
})

/** Returns `true` for a rule that applies to the project and has something to compare. */
const declares = ({ profiles, schedule, settings }: BackupPolicy.Rule): boolean =>
  profiles === undefined && (settings !== undefined || (schedule !== undefined && schedule !== "ignore"))

/** Fails if no rule has a schedule or settings for an index. */
const demandManaged = Effect.fnUntraced(function*(
  policy: BackupPolicy.BackupPolicy,
  name: string,
  options?: BackupPolicy.WishOptions
) {
  if (BackupPolicy.isManaged(policy, name, options)) return
  return yield* invalid("NOT_MANAGED", `No rule of the policy has a schedule or settings for "${name}"`)
})

/** Loads the policy. Fails if it declares nothing, because an empty comparison must not look like a match. */
export const load = Effect.fnUntraced(function*({ policy: named, target }: Input) {
  const isDemo = (yield* Connection.isDemo) && Option.isNone(named)
  const wanted: Wanted = isDemo
    ? { policy: (yield* Connection.demo).policy, file: undefined }
    : yield* openFile(named)
  const { policy } = wanted
  const { rules = [] } = policy
  if (!rules.some(declares)) {
    const profiles = [...new Set(rules.flatMap(({ profiles = [] }) => profiles))]
    return profiles.length === 0
      ? yield* invalid(
        "NOTHING_DECLARED",
        "No rule of the policy has a schedule or settings",
        CommandLine.make`pcb policy pull`
      )
      : yield* invalid(
        "NOTHING_DECLARED",
        `No rule of the policy has a schedule or settings for this project; some rules are for ${
          profiles.map(Format.plain).join(", ")
        }`,
        "use --profile with a profile of the rules"
      )
  }
  for (const name of Target.all(target)) yield* demandManaged(policy, name)
  return wanted
})

/** The checksum of a file, in lowercase hexadecimal digits. */
const sha256 = (text: string) =>
  Effect.map(
    Effect.promise(() => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))),
    (digest) => Hex.encode(new Uint8Array(digest))
  )

/** Saves a plan and its facts, with the connection and the file that they are from. */
const save = Effect.fnUntraced(function*(
  plan: SchedulePlan.SchedulePlan,
  facts: SchedulePlan.Facts,
  { file }: Wanted
) {
  const { apiVersion, host } = yield* PineconeClient.PineconeClient
  const { basename } = yield* Path.Path
  return yield* SavedPlan.make(plan, facts, {
    schema: PlanView.schema,
    host,
    apiVersion,
    file: file && { name: basename(file.path), sha256: yield* sha256(file.text) }
  })
})

/** Reads the facts of a plan. Fails if a named index is a copy that only patterns match, because they do not apply to it. */
export const read = Effect.fnUntraced(function*({ policy }: Wanted, { target }: Pick<Input, "target">) {
  const names = [...new Set(Target.all(target))].map((name) => PineconeIndex.IndexName.make(name))
  const facts = yield* SchedulePlan.read(policy, { indexes: names.length === 0 ? undefined : names, now: Time.now })
  for (const { index } of facts.indexes) {
    if (names.includes(index.name)) yield* demandManaged(policy, index.name, { isCopy: SchedulePlan.isCopy(index) })
  }
  return facts
})

/** The flags of a comparison. */
export interface CompareInput extends Input {
  readonly validFor: Option.Option<Duration.Duration>
  readonly deleteExtra: boolean
}

/** Connects to the service, compares a policy with the project, and makes a plan that can be saved. */
export const compare = Effect.fnUntraced(function*(input: CompareInput) {
  const wanted = yield* load(input)
  const { deleteExtra, validFor } = input
  return yield* Provided.by(Connection.layer)(Effect.gen(function*() {
    const facts = yield* read(wanted, input)
    const plan = SchedulePlan.make(wanted.policy, facts, {
      deleteExtra,
      validFor: Option.getOrElse(validFor, () => SavedPlan.validityOf(wanted.policy, facts, { deleteExtra }))
    })
    return { plan, summary: PlanSummary.of(plan), saved: yield* save(plan, facts, wanted) }
  }))
})

/** A comparison of a policy with a project. */
export type Compared = Effect.Success<ReturnType<typeof compare>>
