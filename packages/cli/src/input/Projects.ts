/** Flags and commands for several projects. A separate module, so that flag definitions load nothing else. */
import * as Effect from "effect/Effect"
import * as Argv from "./Argv.ts"
import * as Flags from "./Flags.ts"
import * as Globals from "./Globals.ts"

/** The commands that read several projects: they accept `--profile` more than once, and have `--all-profiles`. */
export const commands: ReadonlyArray<string> = ["audit", "status", "policy plan"]

/** `--all-profiles` */
export const allProfiles = Flags.toggle(
  "all-profiles",
  "Read the projects of all profiles that have an API key (or repeat --profile to choose)"
)

/** Returns `true` if several projects were typed, as far as the raw arguments show. */
export const areTyped = (args: ReadonlyArray<string>): boolean =>
  Argv.has(args, "--all-profiles") || Argv.valuesOf(args, "--profile").length > 1

/** Returns `true` if the command line selects several projects. */
export const areSelected = ({ allProfiles }: { readonly allProfiles: boolean }) =>
  Effect.map(Globals.Profiles, (profiles) => allProfiles || profiles.length > 1)
