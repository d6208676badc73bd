/**
 * Runs a read for several projects, each with the settings of its profile.
 *
 * **Details**
 *
 * If `areSelected` of `input/Projects.ts` is `true`, a command calls {@link select}, {@link run} and, for JSON,
 * {@link toJson}. Every selected project has a result: a value, or the error that prevented reading it.
 */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as Array from "effect/Array"
import * as Cache from "effect/Cache"
import * as Cause from "effect/Cause"
import * as CliError from "effect/cli/CliError"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Order from "effect/Order"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import * as Struct from "effect/Struct"
import * as SettingNames from "../config/SettingNames.ts"
import * as Settings from "../config/Settings.ts"
import * as Connection from "../Connection.ts"
import * as Globals from "../input/Globals.ts"
import { CliFailure } from "../output/CliFailure.ts"
import * as CommandLine from "../output/CommandLine.ts"
import * as DescribeError from "../output/DescribeError.ts"
import * as ErrorReport from "../output/ErrorReport.ts"
import * as ExitCode from "../output/ExitCode.ts"
import type * as Json from "../output/Json.ts"
import * as SameConnection from "../output/SameConnection.ts"
import * as Format from "../terminal/Format.ts"
import * as PolicyFile from "./PolicyFile.ts"

/** Maximum number of projects to read at the same time. */
const atOnce = 4

/** The profiles to read. */
export interface Selection {
  readonly profiles: ReadonlyArray<string>
  /** Profiles without an API key of their own, which `--all-profiles` omits. */
  readonly skipped: ReadonlyArray<string>
}

/** A project and its result. */
export interface Project<A> {
  /** The profile of the project. */
  readonly profile: string
  /** Other selected profiles of the same project. */
  readonly others: ReadonlyArray<string>
  /** The ID of the project, if any schedule has it. */
  readonly projectId: string | undefined
  /** The flags that select the profile. */
  readonly connection: SameConnection.Flags
  readonly result: Result.Result<A, ErrorReport.Printable>
}

// ============================================================================
// Selection
// ============================================================================

/** The names of the flags and variables that would apply to every project, but belong to one. */
const settingsOfOne = Effect.gen(function*() {
  const given: Readonly<Record<string, boolean>> = {
    "--demo": yield* Connection.isDemo,
    "--api-key-file": Option.isSome(yield* Globals.ApiKeyFile),
    "--host": Option.isSome(yield* Globals.Host),
    "--insecure-http": Option.isSome(yield* Globals.InsecureHttp)
  }
  const { environment } = yield* Settings.Settings
  const variables = [SettingNames.variables["api-key"], SettingNames.variables.host]
  const set = yield* Effect.filter(
    variables,
    (name) =>
      Effect.match(Config.NonEmptyString(name).parse(environment), { onFailure: () => false, onSuccess: () => true })
  )
  return { flags: Object.keys(given).filter((name) => given[name] === true), variables: set }
})

/**
 * Returns the selected profiles, for a command line with several projects. `path` is the path of the command.
 *
 * **Details**
 *
 * The projects are selected by a repeated `--profile` or by `--all-profiles`. Fails with a usage error if flags or
 * variables for a single project are also set, because they would override the settings of every profile.
 */
export const select = Effect.fnUntraced(function*(
  path: ReadonlyArray<string>,
  { allProfiles }: { readonly allProfiles: boolean }
) {
  const typed = yield* Globals.Profiles
  const usage = (message: string) =>
    new CliError.ShowHelp({
      commandPath: ["pcb", ...path],
      errors: [new CliError.ValidationError({ message })]
    })
  if (allProfiles && typed.length > 0) return yield* usage("--all-profiles cannot be combined with --profile")
  const { flags, variables } = yield* settingsOfOne
  const several = allProfiles ? "--all-profiles" : "several profiles"
  if (flags.length > 0) return yield* usage(`${flags.join(", ")} cannot be combined with ${several}`)
  if (variables.length > 0) {
    const [are, them] = variables.length === 1 ? ["is", "it"] : ["are", "them"]
    return yield* usage(
      `${variables.join(" and ")} ${are} set and would apply to every project. Unset ${them} to read ${several}`
    )
  }
  if (!allProfiles) return { profiles: Array.dedupe(typed), skipped: [] } satisfies Selection as Selection
  const { path: file, profiles } = yield* Settings.Settings
  const all = [...yield* profiles]
  const selected = all.flatMap(([name, hasKey]) => hasKey ? [name] : [])
  const skipped = all.flatMap(([name, hasKey]) => hasKey ? [] : [name])
  if (selected.length === 0) {
    return yield* new CliFailure({
      code: "NO_PROFILES",
      message: `No profile in ${Format.plain(yield* file)} has an API key`,
      hint: CommandLine.unconnected`pcb config set api-key --profile NAME`,
      exitCode: ExitCode.usage
    })
  }
  return { profiles: selected, skipped } satisfies Selection as Selection
})

// ============================================================================
// Running
// ============================================================================

/** Options of {@link run}. */
export interface RunOptions<A> {
  /** Maximum time for all projects. */
  readonly timeout?: Option.Option<Duration.Duration> | undefined
  /** The IDs of the project in a value. */
  readonly projectIds: (value: A) => ReadonlyArray<string>
  /** The rank of a value: the lowest is the worst. */
  readonly rank: (result: Result.Result<A, ErrorReport.Printable>) => number
}

/** One project to read. */
export interface Run {
  readonly profile: string
  /** The time that is left for this project. */
  readonly left: Option.Option<Duration.Duration>
}

/** The host and key of a project. */
interface Address {
  readonly host: string
  readonly key: string
}

/** Profiles with the same address and policy. */
interface Group {
  readonly profiles: Array.NonEmptyReadonlyArray<string>
  /** `undefined` if the key or host cannot be read. */
  readonly address: Address | undefined
}

/** Applies the settings of a profile to an effect. */
const withProfile = (name: string, { ofProfile }: Settings.Service) => <A, E, R>(self: Effect.Effect<A, E, R>) => {
  // Warnings about readable files are printed once, at the end.
  const settings = Settings.Settings.of({ ...ofProfile(name), loose: new Map() })
  return self.pipe(
    Effect.provideService(ConfigProvider.ConfigProvider, Settings.provider(settings)),
    Effect.provideService(Settings.Settings, settings),
    Effect.provideService(Globals.Profiles, [name]),
    Effect.provideService(Connection.Project, name)
  )
}

/** Groups profiles that have the same address and policy, so that their project is read once. */
const groupsOf = Effect.fnUntraced(function*(profiles: ReadonlyArray<string>) {
  const settings = yield* Settings.Settings
  const groups = new Map<string, Group>()
  for (const profile of profiles) {
    const { address, id } = yield* Effect.gen(function*() {
      const { apiKey, host = Globals.defaultHost } = yield* PineconeClient.config
      const key = Redacted.value(apiKey)
      yield* Effect.sync(() => Format.hideKey(key))
      const policy = yield* (yield* Settings.Settings).find("policy")
      const address: Address = { host: host.replace(/\/+$/, ""), key }
      return { address, id: JSON.stringify([address, policy?.value]) }
    }).pipe(
      withProfile(profile, settings),
      // The error is reported when the project is read.
      Effect.orElseSucceed(() => ({ address: undefined, id: JSON.stringify(profile) }))
    )
    const group = groups.get(id)
    groups.set(id, { profiles: group === undefined ? [profile] : [...group.profiles, profile], address })
  }
  return [...groups.values()]
})

/**
 * Runs an effect once per project, with the settings of its profile. Nothing is read from the service, so profiles of the same
 * project with different keys count as several projects.
 */
export const forEach = Effect.fnUntraced(function*<A, E, R>(
  { profiles }: Selection,
  self: (profile: string) => Effect.Effect<A, E, R>
) {
  const settings = yield* Settings.Settings
  return yield* Effect.forEach(
    yield* groupsOf(profiles),
    ({ profiles: [profile] }) =>
      Effect.map(self(profile).pipe(withProfile(profile, settings)), (value) => ({ profile, value }))
  )
})

/** A project, and the addresses that show it. */
interface Merged<A> extends Project<A> {
  readonly addresses: ReadonlyArray<Address>
}

/** Whether two results are of the same project: the same key, or the same project ID, on the same host. */
const isSame = (self: Merged<unknown>, that: Merged<unknown>): boolean =>
  self.addresses.some(({ host, key }) =>
    that.addresses.some((other) =>
      other.host === host &&
      (other.key === key || (self.projectId !== undefined && self.projectId === that.projectId))
    )
  )

/** Merges the results of the same project. The worst result counts, because the policies may differ. */
const merge = <A>(all: ReadonlyArray<Merged<A>>, { rank }: RunOptions<A>): ReadonlyArray<Merged<A>> => {
  let merged: ReadonlyArray<Merged<A>> = []
  for (const project of all) {
    const same = merged.filter((other) => isSame(other, project))
    const one = same.reduceRight((that, self): Merged<A> => ({
      profile: self.profile,
      others: [...self.others, that.profile, ...that.others],
      projectId: self.projectId ?? that.projectId,
      connection: self.connection,
      result: rank(that.result) < rank(self.result) ? that.result : self.result,
      addresses: [...self.addresses, ...that.addresses]
    }), project)
    merged = same.length === 0
      ? [...merged, one]
      : merged.flatMap((other) => other === same[0] ? [one] : same.includes(other) ? [] : [other])
  }
  return merged
}

/** Describes the error of a project. Flags and variables do not set the key and host of one of several projects. */
const reportOf = (error: unknown, profile: string): ErrorReport.ErrorReport => {
  const report = DescribeError.toReport(error)
  if (typeof report.hint !== "string" || !report.hint.includes("PINECONE_")) return report
  return report.code === "NO_API_KEY"
    ? {
      ...report,
      message: report.message.replace(SettingNames.variables["api-key"], "api-key"),
      hint: CommandLine.unconnected`pcb config set api-key --profile ${profile}`
    }
    : { ...report, hint: CommandLine.make`pcb doctor` }
}

/**
 * Runs an effect for every selected project, up to 4 at the same time.
 *
 * **Details**
 *
 * The effect runs with the settings of its profile, and must build its own connection. A failure or a defect becomes
 * the result of its project and does not stop the others. Profiles that show the same project count once: those with
 * the same key and host, and those on the same host whose schedules have the same project ID.
 */
export const run = Effect.fnUntraced(function*<A, E, R>(
  { profiles }: Selection,
  self: (run: Run) => Effect.Effect<A, E, R>,
  options: RunOptions<A>
) {
  const settings = yield* Settings.Settings
  const groups = yield* groupsOf(profiles)
  const policies = yield* Cache.make({ capacity: profiles.length, lookup: PolicyFile.readUnnamed })
  const start = yield* Clock.monotonicTimeNanos
  const left = Effect.map(Clock.monotonicTimeNanos, (now) =>
    Option.map(
      options.timeout ?? Option.none(),
      (timeout) => Duration.max(Duration.zero, Duration.subtract(timeout, Duration.nanos(now - start)))
    ))
  const read = Effect.fnUntraced(function*({ address, profiles }: Group) {
    const [profile, ...others] = profiles
    const exit = yield* Effect.exit(
      Effect.flatMap(left, (left) => self({ profile, left })).pipe(
        withProfile(profile, settings),
        Effect.provideService(PolicyFile.Profiles, profiles),
        Effect.provideService(PolicyFile.ReadUnnamed, (path) => Cache.get(policies, path))
      )
    )
    if (Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)) return yield* Effect.interrupt
    const { connection, result } = yield* Effect.all({
      connection: SameConnection.flags,
      result: Exit.match(exit, {
        onSuccess: (value) => Effect.succeed(Result.succeed(value)),
        onFailure: (cause) => Effect.map(ErrorReport.printable(reportOf(Cause.squash(cause), profile)), Result.fail)
      })
    }).pipe(withProfile(profile, settings))
    const ids = Result.isSuccess(result) ? Array.dedupe(options.projectIds(result.success)) : []
    const project: Merged<A> = {
      profile,
      others,
      projectId: ids.length === 1 ? ids[0] : undefined,
      connection,
      result,
      addresses: address === undefined ? [] : [address]
    }
    return project
  })
  const projects: ReadonlyArray<Project<A>> = Array.map(
    merge(yield* Effect.forEach(groups, read, { concurrency: atOnce }), options),
    Struct.omit(["addresses"])
  )
  yield* Settings.warn("ours")
  return worstFirst(projects, ({ result }) => options.rank(result))
})

/** Sorts by rank, the worst first. Equal ranks keep their order. */
export const worstFirst = <A>(all: ReadonlyArray<A>, rank: (value: A) => number): ReadonlyArray<A> =>
  Array.sortWith(all, rank, Order.Number)

/** Returns the IDs of the project in the schedules that were read. */
export const idsOf = ({ indexes }: BackupHealth.Facts): ReadonlyArray<string> =>
  indexes.flatMap(({ schedules }) =>
    Result.isFailure(schedules)
      ? []
      : schedules.success.flatMap(({ schedule: { projectId } }) =>
        projectId == null || projectId === "" ? [] : projectId
      )
  )

/** The statuses of projects, worst first. A project that could not be read is unknown. */
const statuses: ReadonlyArray<BackupHealth.Status> = ["critical", "unknown", "warning", "ok"]

/** The rank of a status: the lowest is the worst. */
export const rankOf = (status: BackupHealth.Status): number => statuses.indexOf(status)

/** The worst status: critical, else unknown, else warning, else ok. `unknown` if there are no projects. */
export const worstOf = (all: ReadonlyArray<BackupHealth.Status>): BackupHealth.Status =>
  statuses.find((status) => all.includes(status)) ?? "unknown"

// ============================================================================
// Output
// ============================================================================

/** A number of projects: `1 project`. */
export const count = (number: number): string => `${Format.count(number)} ${number === 1 ? "project" : "projects"}`

/** Notes about profiles that are not projects of their own. Part of every page, and on standard error otherwise. */
export const notes = (
  projects: ReadonlyArray<Pick<Project<unknown>, "others" | "profile">>,
  { skipped }: Selection
): ReadonlyArray<string> => {
  const list = (names: ReadonlyArray<string>) => names.map(Format.plain).join(", ")
  return [
    ...projects.filter(({ others }) => others.length > 0).map(({ others, profile }) =>
      `same project, counted once: ${list([profile, ...others])}`
    ),
    ...(skipped.length === 0 ? [] : [`skipped, no API key of their own: ${list(skipped)}`])
  ]
}

/** The document of `-o json`. `resultOf` is the document of one project. */
export const toJson = <A>(
  projects: ReadonlyArray<Project<A>>,
  { skipped }: Selection,
  status: string,
  resultOf: (value: A, connection: SameConnection.Flags) => Schema.JsonObject
): typeof Json.Projects.Encoded => ({
  schema: "pcb.projects/v1",
  status,
  projects: projects.map(({ connection, others, profile, projectId, result }) => ({
    profile,
    ...(others.length > 0 && { other_profiles: others }),
    project_id: projectId ?? null,
    ...(Result.isSuccess(result)
      ? { result: resultOf(result.success, connection) }
      : { error: ErrorReport.toJson(result.failure) })
  })),
  skipped: skipped.map((profile) => ({ profile, reason: "no-key" }))
})
