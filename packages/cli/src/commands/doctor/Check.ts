/** The doctor's checks, and pure functions that evaluate what was found. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type * as CommandLine from "../../output/CommandLine.ts"
import * as ConnectionHints from "../../output/ConnectionHints.ts"
import type { ErrorReport } from "../../output/ErrorReport.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Format from "../../terminal/Format.ts"
import type * as Screen from "../../terminal/Screen.ts"

/** The checks, in the order in which commands depend on them. */
export const ids = [
  "node",
  "platform",
  "version",
  "config",
  "profile",
  "api-key",
  "host",
  "api-version",
  "proxy",
  "dns",
  "tcp",
  "tls",
  "api",
  "backups",
  "schedules",
  "clock",
  "retries",
  "terminal",
  "completion"
] as const

/** The ID of a check. */
export type Id = (typeof ids)[number]

/** The result of a check. */
export interface Check {
  readonly id: Id
  readonly status: "ok" | "warning" | "failed" | "skipped"
  readonly found: string
  /** The suggested fix. */
  readonly hint?: CommandLine.Hint | undefined
  /** The exit code of a command that fails for this reason. */
  readonly exitCode?: number | undefined
}

/** A check that passed. */
export const ok = (id: Id, found: string): Check => ({ id, status: "ok", found })

/** A check that passed with a warning. */
export const warning = (id: Id, found: string, hint?: string): Check => ({ id, status: "warning", found, hint })

/** A check that failed. */
const failed = (id: Id, found: string, exitCode: number, hint?: CommandLine.Hint): Check => ({
  id,
  status: "failed",
  found,
  hint,
  exitCode
})

/** A check that was skipped. */
export const skipped = (id: Id, why: string): Check => ({ id, status: "skipped", found: why })

/** Several checks that were skipped for the same reason. */
export const allSkipped = (ids: ReadonlyArray<Id>, why: string): ReadonlyArray<Check> =>
  ids.map((id) => skipped(id, why))

/** A failed check from an error report, with the same message as in other commands. */
export const ofReport = (id: Id, { exitCode, hint, message, requestId, status }: ErrorReport): Check => {
  const details = [
    ...(status === undefined ? [] : [`HTTP ${status}`]),
    ...(requestId === undefined ? [] : [`request ID ${requestId}`])
  ]
  const found = details.length === 0 ? message : `${message.replace(/\.$/, "")} (${details.join(", ")})`
  return failed(id, found, exitCode, hint)
}

/** Returns `true` if a string looks like a Pinecone API key. */
export const looksLikeKey = (key: string): boolean =>
  /^pcsk_\w{20,}$/.test(key) || /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(key)

/** Checks whether a proxy is set and used for the host. */
export const proxy = (
  variables: ReadonlyArray<string>,
  { isLoopback, isUsed }: {
    readonly isLoopback: boolean
    /** Whether the variables, including `NO_PROXY`, select a proxy for the host. */
    readonly isUsed: boolean
  }
): Check => {
  const names = variables.join(" and ")
  return variables.length === 0
    ? ok("proxy", "not set")
    : isLoopback
    ? ok("proxy", `${names} set; not used for a host on this machine`)
    : isUsed
    ? ok("proxy", `${names} set and used`)
    : ok("proxy", `${names} set, but not used for this host`)
}

/** A failed network step on the way to the host. */
export const unreachable = (id: "dns" | "tcp" | "tls", host: string, code: string, hasProxy: boolean): Check => {
  const words = {
    dns: "could not be resolved",
    tcp: "could not be reached",
    tls: Object.hasOwn(ConnectionHints.certificates, code)
      ? "has an invalid certificate"
      : "failed the TLS handshake"
  }
  return failed(
    id,
    `${host} ${words[id]} (${code})`,
    ExitCode.unreachable,
    ConnectionHints.certificates[code] ?? (hasProxy
      ? "a proxy is set, but not used for this host: see above"
      : ConnectionHints.usual)
  )
}

/** Clock skew above this is a warning. */
const maxSkewSeconds = 60

/** Compares the clock of this machine with the `Date` header of a response. */
export const clock = (date = "", now: DateTime.Utc): Check => {
  const then = DateTime.make(date)
  if (Option.isNone(then)) return skipped("clock", "the response has no Date header")
  const skew = DateTime.distance(then.value, now)
  const seconds = Math.abs(Duration.toSeconds(skew))
  return seconds <= maxSkewSeconds
    ? ok("clock", `${Math.round(seconds)}s from the service's clock`)
    : warning(
      "clock",
      `${Format.elapsed(Duration.abs(skew))} ${Duration.isNegative(skew) ? "behind" : "ahead of"} the service's clock`,
      "set the clock of this machine: backup ages and missed runs depend on it"
    )
}

/** Describes the terminal. */
export const terminal = (
  { columns, isErrorTerminal, isTerminal, isUnicode, style }: Screen.Service,
  isCi: boolean
): Check => {
  const found = [
    isTerminal ? `${columns} columns` : "standard output is not a terminal",
    ...(isErrorTerminal === isTerminal
      ? []
      : [`standard error is ${isErrorTerminal ? "a terminal" : "not a terminal"}`]),
    isUnicode ? "Unicode" : "ASCII only",
    style("bold", "") === "" && style("bold", "x") === "x" ? "no color" : "color",
    ...(isCi ? ["no prompts or live output in CI"] : [])
  ].join(", ")
  return isTerminal && !isUnicode ? warning("terminal", found, "export LANG=C.UTF-8") : ok("terminal", found)
}
