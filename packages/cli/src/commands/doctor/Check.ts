/** What a doctor looks at, and what it makes of what it sees. Values in, checks out. */
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as ConnectionHints from "../../output/ConnectionHints.ts"
import type { ErrorReport } from "../../output/ErrorReport.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Format from "../../terminal/Format.ts"
import type * as Screen from "../../terminal/Screen.ts"

/** What is looked at, in the order in which commands need it. */
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

/** The name of a check. */
export type Id = (typeof ids)[number]

/** What was found. */
export interface Check {
  readonly id: Id
  readonly status: "ok" | "warning" | "failed" | "skipped"
  readonly found: string
  /** What to do about it. */
  readonly hint?: string | undefined
  /** What a command would end with, if it failed. */
  readonly exitCode?: number | undefined
}

/** All is well. */
export const ok = (id: Id, found: string): Check => ({ id, status: "ok", found })

/** It works, and not as well as it could. */
export const warning = (id: Id, found: string, hint?: string): Check => ({ id, status: "warning", found, hint })

/** It does not work. */
const failed = (id: Id, found: string, exitCode: number, hint?: string): Check => ({
  id,
  status: "failed",
  found,
  hint,
  exitCode
})

/** There was nothing to look at. */
export const skipped = (id: Id, why: string): Check => ({ id, status: "skipped", found: why })

/** There was nothing to look at in several places, for the same reason. */
export const allSkipped = (ids: ReadonlyArray<Id>, why: string): ReadonlyArray<Check> =>
  ids.map((id) => skipped(id, why))

/** A failure in the words that commands report it with. */
export const ofReport = (id: Id, { exitCode, hint, message, requestId, status }: ErrorReport): Check => {
  const details = [
    ...(status === undefined ? [] : [`HTTP ${status}`]),
    ...(requestId === undefined ? [] : [`request id ${requestId}`])
  ]
  const found = details.length === 0 ? message : `${message.replace(/\.$/, "")} (${details.join(", ")})`
  return failed(id, found, exitCode, hint)
}

/** Whether a text looks like a key of Pinecone. What is shown does not tell anything of it. */
export const looksLikeKey = (key: string): boolean =>
  /^pcsk_\w{20,}$/.test(key) || /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(key)

/** Whether there is a proxy, and whether requests to the host go through it. */
export const proxy = (
  variables: ReadonlyArray<string>,
  { isLoopback, isUsed }: {
    readonly isLoopback: boolean
    /** Whether the variables, `NO_PROXY` among them, lead to a proxy for the host. */
    readonly isUsed: boolean
  }
): Check => {
  const names = variables.join(" and ")
  return variables.length === 0
    ? ok("proxy", "none is set")
    : isLoopback
    ? ok("proxy", `${names} set; the host is on this machine and needs none`)
    : isUsed
    ? ok("proxy", `${names} set and used`)
    : ok("proxy", `${names} set, and not for this host`)
}

/** What kept the way to the host from being open. */
export const unreachable = (id: "dns" | "tcp" | "tls", host: string, code: string, hasProxy: boolean): Check => {
  const words = {
    dns: "has no address",
    tcp: "cannot be connected to",
    tls: Object.hasOwn(ConnectionHints.certificates, code)
      ? "does not prove who it is"
      : "makes no encrypted connection"
  }
  return failed(
    id,
    `${host} ${words[id]} (${code})`,
    ExitCode.unreachable,
    ConnectionHints.certificates[code] ?? (hasProxy
      ? "a proxy is set, and not for this host: see above"
      : ConnectionHints.usual)
  )
}

/** From how far on a clock is wrong. */
const maxSkewSeconds = 60

/** How far the clock of this machine is from that of the service, by the `Date` of an answer. */
export const clock = (date = "", now: DateTime.Utc): Check => {
  const then = DateTime.make(date)
  if (Option.isNone(then)) return skipped("clock", "the answer has no date")
  const skew = DateTime.distance(then.value, now)
  const seconds = Math.abs(Duration.toSeconds(skew))
  return seconds <= maxSkewSeconds
    ? ok("clock", `${Math.round(seconds)}s from that of the service`)
    : warning(
      "clock",
      `${Format.elapsed(Duration.abs(skew))} ${Duration.isNegative(skew) ? "behind" : "ahead of"} that of the service`,
      "set the clock of this machine: ages, and what is late, go by it"
    )
}

/** What can be shown. */
export const terminal = (
  { columns, isErrorTerminal, isTerminal, isUnicode, style }: Screen.Service,
  isCi: boolean
): Check => {
  const found = [
    isTerminal ? `${columns} columns` : "standard output is none",
    ...(isErrorTerminal === isTerminal ? [] : [`standard error is ${isErrorTerminal ? "one" : "none"}`]),
    isUnicode ? "Unicode" : "ASCII alone",
    style("bold", "") === "" && style("bold", "x") === "x" ? "no colours" : "colours",
    ...(isCi ? ["in CI, so that nothing is asked or drawn"] : [])
  ].join(", ")
  return isTerminal && !isUnicode ? warning("terminal", found, "export LANG=C.UTF-8") : ok("terminal", found)
}
