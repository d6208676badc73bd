/** The verdict of the page. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Format from "../../../terminal/Format.ts"
import * as View from "./View.ts"
import * as Words from "./Words.ts"

/** The verdict of a page. */
export interface Verdict {
  readonly look: Words.Look
  readonly title: string
  readonly detail: string | null
}

const verb = (count: number, one: string, many: string): string => count === 1 ? one : many

const of = (count: number, all: number, what: "indexes" | "projects" = "indexes"): string =>
  all === 1
    ? `The only ${what === "indexes" ? "index" : "project"}`
    : `${Format.count(count)} of ${Format.count(all)}${Words.nbsp}${what}`

/** Numbers of indexes by status. */
const countsOf = (view: Pick<View.View, "health" | "indexes">) => {
  const existing = View.existing(view)
  const number = (status: BackupHealth.Status) => existing.filter(({ health }) => health.status === status).length
  return {
    all: existing.length,
    critical: number("critical"),
    warning: number("warning"),
    unknown: number("unknown"),
    ok: number("ok")
  }
}

const rest = (counts: ReadonlyArray<readonly [count: number, one: string, many: string]>): string | null => {
  const parts = counts.filter(([count]) => count > 0)
    .map(([count, one, many]) => `${Format.count(count)} ${verb(count, one, many)}`)
  if (parts.length === 0) return null
  const last = parts.pop() ?? ""
  return `Of the others, ${parts.length === 0 ? "" : `${parts.join(", ")} and `}${last}.`
}

/** The verdict on data that is recent. */
const current = (view: Pick<View.View, "health" | "indexes">): Verdict => {
  const { all, critical, ok, unknown, warning } = countsOf(view)
  const { status } = view.health
  const good = [ok, "is good", "are good"] as const
  const unsure = [unknown, "is not known", "are not known"] as const
  const warned = [warning, "needs attention", "need attention"] as const
  switch (status) {
    case "critical":
      return critical > 0
        ? {
          look: status,
          title: `${of(critical, all)} ${verb(critical, "is", "are")} in danger`,
          detail: rest([unsure, warned, good])
        }
        : { look: status, title: "There is a critical problem", detail: "It is not about one of the existing indexes." }
    case "unknown":
      // For people, an index in danger matters more than one that could not be read.
      return critical > 0
        ? {
          look: "critical",
          title: `${of(critical, all)} ${verb(critical, "is", "are")} in danger, and not everything could be checked`,
          detail: rest([unsure, warned, good])
        }
        : unknown > 0
        ? {
          look: status,
          title: `${of(unknown, all)} could not be checked`,
          detail: rest([warned, good])
        }
        : { look: status, title: "It is not known whether the backups are good", detail: null }
    case "warning":
      return warning > 0
        ? {
          look: status,
          title: `${of(warning, all)} ${verb(warning, "needs", "need")} attention`,
          detail: rest([good])
        }
        : {
          look: status,
          title: "Something needs attention",
          detail: all === 0
            ? null
            : `The backups of the ${Words.plural(all, "existing index is", "existing indexes are")} good.`
        }
    case "ok":
      return all === 0
        ? { look: "none", title: "There is nothing to back up", detail: "The project has no indexes." }
        : {
          look: status,
          title: all === 1
            ? "The backups of the only index are good"
            : `The backups of all ${Words.indexes(all)} are good`,
          detail: null
        }
  }
}

/** The verdict of a page. Data that is old, or that a later audit could not confirm, is never good. */
export const make = (view: View.View): Verdict => {
  if (!view.isKnown) {
    return {
      look: "unknown",
      title: "It is not known whether the backups are good",
      detail: view.error === null
        ? "The first audit has not finished yet."
        : view.interval === null
        ? null
        : "No audit has succeeded yet."
    }
  }
  const { detail, look, title } = current(view)
  if (view.error === null && !view.isOld) return { look, title, detail }
  return {
    look: look === "ok" || look === "none" ? "unknown" : look,
    title: `Last seen ${Words.instant(view.at, view.at)}: ${title.charAt(0).toLowerCase()}${title.slice(1)}`,
    detail
  }
}

/** The verdict of a page with several projects. */
export const ofSeveral = (views: ReadonlyArray<View.View>): Verdict => {
  const looks = views.map((view) => make(view).look)
  const number = (...some: ReadonlyArray<Words.Look>) => looks.filter((look) => some.includes(look)).length
  const [critical, unknown, warning] = [number("critical"), number("unknown"), number("warning")]
  const all = views.length
  const good = [number("ok"), "is good", "are good"] as const
  const empty = [number("none"), "has no indexes", "have no indexes"] as const
  const warned = [warning, "needs attention", "need attention"] as const
  if (critical > 0) {
    return {
      look: "critical",
      title: `${of(critical, all, "projects")} ${verb(critical, "is", "are")} in danger`,
      detail: rest([[unknown, "is not known", "are not known"], warned, good, empty])
    }
  }
  if (unknown > 0) {
    return {
      look: "unknown",
      title: `${of(unknown, all, "projects")} could not be checked`,
      detail: rest([warned, good, empty])
    }
  }
  if (warning > 0) {
    return {
      look: "warning",
      title: `${of(warning, all, "projects")} ${verb(warning, "needs", "need")} attention`,
      detail: rest([good, empty])
    }
  }
  return looks.every((look) => look === "ok")
    ? { look: "ok", title: `The backups of all ${Format.count(all)} projects are good`, detail: null }
    : { look: "none", title: "Some projects have no indexes", detail: rest([good]) }
}
