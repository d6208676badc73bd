/** The figures at the top of the page. */
import * as DateTime from "effect/DateTime"
import * as Format from "../../../terminal/Format.ts"
import * as View from "./View.ts"
import * as Words from "./Words.ts"

/** A figure at the top of the page. */
export interface Tile {
  readonly figure: string
  readonly label: string
  /** A share from 0 to 1, drawn as a bar. */
  readonly share?: number | undefined
  readonly isBad?: boolean | undefined
}

/** Days within which a drill or a restore counts as recent. */
const recentDays = 90

/** Returns `true` if a restore succeeded recently. */
const isProven = ({ restore }: View.IndexView, now: DateTime.Utc): boolean =>
  restore?.lastSuccessAt != null &&
  DateTime.toEpochMillis(now) - DateTime.toEpochMillis(restore.lastSuccessAt) <= recentDays * Format.dayMillis

const restorable = (existing: ReadonlyArray<View.IndexView>): Tile => {
  const unknown = existing.filter(({ health }) => health.copies === null).length
  const number = existing.filter(({ health }) => (health.copies ?? 0) > 0).length
  return unknown === existing.length
    ? { figure: "not known", label: "how many indexes can be restored" }
    : {
      figure: `${Format.count(number)} of ${Format.count(existing.length)}`,
      label: `can be restored${unknown === 0 ? "" : `; ${Format.count(unknown)} not known`}`
    }
}

const tested = (existing: ReadonlyArray<View.IndexView>, { at }: View.View): Tile => {
  const label = `proven by a restore in ${recentDays} days`
  const unknown = existing.filter(({ restore }) => restore === undefined).length
  const number = existing.filter((index) => isProven(index, at)).length
  return unknown === existing.length
    ? { figure: "not known", label: `how many ${label}` }
    : {
      figure: `${Format.count(number)} of ${Format.count(existing.length)}`,
      label: `${label}${unknown === 0 ? "" : `; ${Format.count(unknown)} not known`}`
    }
}

const quota = ({ at, health: { project, quota: { limit, used } }, unready }: View.View): Tile => {
  const problem = project.find(({ check }) => check === "quota")
  const full = problem?.evidence.times.find(({ what }) => what === "full")
  // Failed backups and those in progress have no size, so the next tile does not count them.
  const others = unready === null || unready === 0 ? "" : `, ${Format.count(unready)} of them failed or in progress`
  return used === null
    ? { figure: "not known", label: "how many backups the project has" }
    : limit === null
    ? { figure: Format.count(used), label: `backups in the project${others}; its quota is not known` }
    : {
      figure: `${Format.count(used)} of ${Format.count(limit)}`,
      label: `backups of the quota used${others}${
        full === undefined ? "" : `; full on ${Words.day(full.at, at)} at this rate`
      }`,
      share: limit > 0 ? Math.min(1, used / limit) : 1,
      isBad: problem !== undefined
    }
}

/** The sum of amounts; `null` if one of them is unknown. */
const sum = (all: ReadonlyArray<View.Stored | null>): View.Stored | null =>
  all.reduce<View.Stored | null>((sum, stored) =>
    sum === null || stored === null ? null : {
      bytes: sum.bytes + stored.bytes,
      backups: sum.backups + stored.backups,
      isComplete: sum.isComplete && stored.isComplete
    }, { bytes: 0, backups: 0, isComplete: true })

const readyBackups = (count: number): string => Words.plural(count, "ready backup", "ready backups")

/** The bytes of all backups; `null` if those of an index are unknown. */
export const storedInAll = ({ indexes, isKnown }: View.View): View.Stored | null =>
  isKnown ? sum(indexes.map(({ stored }) => stored)) : null

const size = (view: View.View): Tile => {
  const all = storedInAll(view)
  return all === null
    ? { figure: "not known", label: "size of all backups" }
    : { figure: Words.stored(all), label: `stored in ${readyBackups(all.backups)}` }
}

/** The figures at the top of the page. */
export const make = (view: View.View): ReadonlyArray<Tile> => {
  if (!view.isKnown) return []
  const existing = View.existing(view)
  const ofIndexes = existing.length === 0 ? [] : [restorable(existing), tested(existing, view)]
  return [...ofIndexes, quota(view), size(view)]
}

/** The figures of one of several projects: how many indexes can be restored, and the stored bytes. */
export const ofOne = (view: View.View): { readonly restorable: string; readonly stored: string } => {
  const existing = View.existing(view)
  const all = storedInAll(view)
  return {
    restorable: !view.isKnown ? "not known" : existing.length === 0 ? "no indexes" : restorable(existing).figure,
    stored: all === null ? "not known" : Words.stored(all)
  }
}

/** The figures of several projects. */
export const ofSeveral = (views: ReadonlyArray<View.View>): ReadonlyArray<Tile> => {
  const known = views.filter(({ isKnown }) => isKnown)
  const existing = known.flatMap(View.existing)
  const sized = views.map(storedInAll).filter((stored) => stored !== null)
  const all = sum(sized)
  const but = (number: number) => number === views.length ? "" : `; ${Words.projects(views.length - number)} not known`
  const size: Tile = all === null || sized.length === 0
    ? { figure: "not known", label: "size of all backups" }
    : {
      figure: Words.stored({ ...all, isComplete: all.isComplete && sized.length === views.length }),
      label: `stored in ${readyBackups(all.backups)}${but(sized.length)}`
    }
  if (existing.length === 0) return [size]
  const indexes = restorable(existing)
  return [{ ...indexes, label: `${indexes.label}${but(known.length)}` }, size]
}
