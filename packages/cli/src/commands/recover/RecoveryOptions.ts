/** Options of a recovery, and the command that continues it. */
import * as DrillRequest from "@pinecone-backups/core/drill/DrillRequest"
import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import type * as Recovery from "@pinecone-backups/core/plan/Recovery"
import type * as RecoveryPlan from "@pinecone-backups/core/plan/RecoveryPlan"
import type * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Target from "../../input/Target.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as PolicyFile from "../../shared/PolicyFile.ts"
import * as Selector from "../../shared/Selector.ts"

/** The input of `pcb recover`. */
export interface Input {
  readonly target: Target.One
  readonly at: Option.Option<DateTime.Utc>
  readonly backup: Option.Option<string>
  readonly to: Option.Option<string>
  /** The empty string without a value. */
  readonly replace: Option.Option<string>
  readonly indexId: Option.Option<string>
  readonly every: Option.Option<"daily" | "weekly" | "monthly">
  readonly keep: Option.Option<number>
  readonly scheduleName: Option.Option<string>
  readonly noSchedule: boolean
  readonly protect: Option.Option<boolean>
  readonly policy: Option.Option<string>
  readonly verify: Option.Option<"count" | "sample" | "none">
  /** `undefined` for no delay. */
  readonly recountAfter: Option.Option<Duration.Duration | undefined>
  readonly noBackup: boolean
  readonly timeout: Option.Option<Duration.Duration>
  readonly yes: boolean
  readonly dryRun: boolean
}

/** The schedule that the flags or the policy ask for. */
const scheduleOf = (
  { every, keep, noSchedule, scheduleName }: Input,
  wish: BackupPolicy.Wish["schedule"]
): RecoveryPlan.Options["schedule"] => {
  const given = {
    name: Option.getOrUndefined(scheduleName),
    frequency: Option.getOrUndefined(every),
    retentionDays: Option.getOrUndefined(keep)
  }
  if (noSchedule) return "none"
  if (Object.values(given).every((value) => value === undefined) && isWithoutSchedule(wish)) return "none"
  const known = typeof wish === "object" ? wish : {}
  return {
    name: given.name ?? known.name,
    frequency: given.frequency ?? known.every,
    retentionDays: given.retentionDays ?? known.keep
  }
}

/** A paused schedule that does not exist needs no schedule: it cannot be created paused. */
const isWithoutSchedule = (wish: BackupPolicy.Wish["schedule"]): boolean =>
  wish === "none" || (typeof wish === "object" && wish.paused === true)

/** The options of the plan. Flags override the policy. Looks up the backup if it is not given by its full ID. */
export const make = Effect.fnUntraced(function*(input: Input) {
  const { at, backup, indexId, noBackup, protect, replace, target, to } = input
  const index = PineconeIndex.IndexName.make(Target.of(target))
  const { schedule, settings = {} } = BackupPolicy.wishOf(yield* PolicyFile.load(input.policy), index)
  const options: RecoveryPlan.Options = {
    index,
    at: Option.getOrUndefined(at),
    backupId: Option.isSome(backup) ? yield* Selector.backupId(backup.value) : undefined,
    indexId: Option.getOrUndefined(Option.map(indexId, (id) => PineconeIndex.IndexId.make(id))),
    to: Option.getOrUndefined(Option.map(to, (name) => PineconeIndex.IndexName.make(name))),
    replace: Option.isSome(replace),
    backUpFirst: !noBackup,
    // `--verify count` is an explicit request to rely on counts, so it is also the consent.
    acceptCounts: Option.contains(input.verify, "count"),
    schedule: scheduleOf(input, schedule),
    deletionProtection: Option.match(protect, {
      onNone: () => settings.deletionProtection,
      onSome: (isProtected) => isProtected ? "enabled" : "disabled"
    }),
    tags: settings.tags,
    readCapacity: settings.readCapacity
  }
  return options
})

/** The options of the run. */
export const run = ({ recountAfter, timeout, verify }: Input, isDemo: boolean): Omit<Recovery.RunOptions, "now"> => ({
  verify: Option.match(verify, {
    onNone: () => undefined,
    onSome: (what) => what === "none" ? what : what === "count" ? DrillRequest.count : DrillRequest.sample()
  }),
  recountAfter: Option.match(recountAfter, {
    // Nothing happens to an index of the demo project after its restore.
    onNone: () => isDemo ? Duration.seconds(1) : undefined,
    onSome: (delay) => delay ?? Duration.zero
  }),
  timeout: Option.getOrUndefined(timeout)
})

/** The command that repeats a recovery with its backup and the given changes. `undefined` if it cannot be pasted. */
export const command = (
  options: RecoveryPlan.Options,
  { keep, noBackup, policy, protect, scheduleName, ...input }: Input,
  changes: {
    readonly to?: string | undefined
    readonly replace?: boolean | undefined
    readonly backupId?: string | undefined
    readonly verify?: "count"
  } = {}
): CommandLine.Command | undefined => {
  const { backupId = options.backupId, replace = options.replace === true, to = options.to } = changes
  const verify = changes.verify === undefined ? input.verify : Option.some(changes.verify)
  return CommandLine.join([
    CommandLine.words`pcb recover ${options.index}`,
    backupId === undefined ? "" : CommandLine.words` --backup ${backupId}`,
    options.indexId === undefined ? "" : CommandLine.words` --index-id ${options.indexId}`,
    to === undefined ? "" : CommandLine.words` --to ${to}`,
    replace ? " --replace" : "",
    replace && noBackup ? " --no-backup" : "",
    Option.match(input.every, { onNone: () => "", onSome: (every) => ` --every ${every}` }),
    Option.match(keep, { onNone: () => "", onSome: (days) => ` --keep ${days}` }),
    Option.match(scheduleName, { onNone: () => "", onSome: (name) => CommandLine.words` --schedule-name ${name}` }),
    input.noSchedule ? " --no-schedule" : "",
    Option.match(protect, { onNone: () => "", onSome: (isOn) => isOn ? " --protect" : " --no-protect" }),
    Option.match(policy, { onNone: () => "", onSome: (file) => CommandLine.words` --policy ${file}` }),
    // A replacement must be verified.
    Option.match(verify, { onNone: () => "", onSome: (what) => replace && what === "none" ? "" : ` --verify ${what}` })
  ])
}
