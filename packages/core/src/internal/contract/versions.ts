/** Versions of the API, and the header that selects one. */
import * as Schema from "effect/Schema"

export const ApiVersion = Schema.Literals(["2026-04", "2026-07"])

export const isUnstable = (group: string): boolean => group === "BackupSchedules"

export const versionHeader = (version: typeof ApiVersion.Type, group: string): string =>
  version === "2026-04" && isUnstable(group) ? "unstable" : version
