/** The page of an audit: one self-contained HTML document. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import type * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import { createHash } from "node:crypto"
import * as RemedyCommand from "../../../output/RemedyCommand.ts"
import * as Format from "../../../terminal/Format.ts"
import * as Assets from "./assets.generated.ts"
import * as Markup from "./Markup.ts"
import * as Pictures from "./Pictures.ts"
import type * as View from "./View.ts"
import * as Words from "./Words.ts"

const { html } = Markup

/** Number of cards with pictures. The pictures of more indexes would make the page too large. */
const mostPictures = 40

/** Number of cards with a table of runs. */
const mostTables = 20

const name = (text: string): Markup.Markup => html`<bdi>${Format.plain(text)}</bdi>`

const muted = (text: string | null): Markup.Markup | null =>
  text === null ? null : html`<span class="muted">${text}</span>`

const title = ({ health }: View.IndexView): Markup.Markup =>
  html`${name(health.indexName)}${health.isDeleted ? html` <span class="muted">index deleted</span>` : null}`

// ============================================================================
// Findings
// ============================================================================

/** Breaks a command only at its spaces, so that every flag can be copied as a whole. */
const command = (text: string): ReadonlyArray<Markup.Value> =>
  text.split(" ").flatMap((word, index) => [
    index === 0 ? "" : " ",
    /^--?[\w-]+$/.test(word) ? html`<span class="nowrap">${word}</span>` : word
  ])

const remedy = (fix: string): Markup.Markup =>
  html`<div class="remedy"><span class="muted">Remedy</span> <code translate="no">${
    command(fix)
  }</code><button type="button" hidden>Copy</button></div>`

const what = (finding: BackupHealth.Finding, now: DateTime.Utc): Markup.Markup => {
  const start = Words.since([finding])
  return html`<p class="what" data-s="${finding.severity}">${Pictures.icon(finding.severity)}<span><span class="vh">${
    Words.labels[finding.severity]
  }: </span>${Words.finding(finding)} <span class="muted">${finding.check}${
    start === undefined ? null : `, since ${Words.instant(start, now)}`
  }</span></span></p>`
}

/** Findings, those with the same remedy together. */
const findings = (all: ReadonlyArray<BackupHealth.Finding>, { at, profile }: View.View): Markup.Markup => {
  const groups = new Map<string, Array<BackupHealth.Finding>>()
  for (const [index, finding] of all.entries()) {
    const fix = RemedyCommand.fixOf(finding, profile ?? undefined)
    const key = fix ?? `no remedy ${index}`
    groups.set(key, [...groups.get(key) ?? [], finding])
  }
  return html`<ul class="findings">${
    [...groups.values()].map((group) => {
      const fix = group[0] === undefined ? null : RemedyCommand.fixOf(group[0], profile ?? undefined)
      return html`<li>${group.map((finding) => what(finding, at))}${fix === null ? null : remedy(fix)}</li>`
    })
  }</ul>`
}

// ============================================================================
// Cards
// ============================================================================

const fact = (term: Markup.Value, text: Markup.Value, details: ReadonlyArray<Markup.Value> = []): Markup.Markup =>
  html`<div><dt>${term}</dt><dd>${text}</dd>${details.map((detail) => html`<dd class="muted">${detail}</dd>`)}</div>`

const newest = ({ health, newest, stored }: View.IndexView, now: DateTime.Utc): ReadonlyArray<Markup.Markup> => {
  const restorable = Words.restorableTo(health, now)
  const contents = newest === null ? [] : [
    ...(newest.records === null ? [] : [Words.records(newest.records)]),
    ...(newest.bytes === null ? [] : [Words.bytes(newest.bytes)])
  ]
  return [
    fact("Can be restored to", restorable.text, [
      ...(restorable.age === null ? [] : [restorable.age]),
      ...(contents.length === 0 ? [] : [`Newest good copy: ${contents.join(", ")}`])
    ]),
    fact(
      "Usable backups",
      health.copies === null ? "not known" : Format.count(health.copies),
      [stored === null ? "Size not known" : `${Words.stored(stored)} stored`]
    )
  ]
}

const facts = (index: View.IndexView, hasDrills: boolean, now: DateTime.Utc): Markup.Markup => {
  const restore = Words.lastRestore(index, hasDrills, now)
  const required = Words.requirements(index.required)
  return html`<dl class="facts">${newest(index, now)}${
    fact(hasDrills ? "Last restore drill" : "Last restore", restore.text, restore.details)
  }${
    index.schedules.map((schedule) => {
      const { next, text } = Words.schedule(schedule, now)
      return fact(html`Schedule ${name(schedule.health.name)}`, text, [
        next,
        ...(schedule.stored === null
          ? []
          : [`${Words.stored(schedule.stored)} stored in ${Words.backups(schedule.stored.backups)}`])
      ])
    })
  }${
    index.schedules.length > 0 || index.health.isDeleted
      ? null
      : fact("Schedule", index.areSchedulesKnown ? "no schedule" : "not known")
  }${required.length === 0 ? null : fact("The policy requires", required[0], required.slice(1))}</dl>`
}

/** The known amounts of the runs that are over. */
const amounts = (slots: ReadonlyArray<View.Slot>): ReadonlyArray<View.Slot> =>
  slots.filter(({ mark }) => mark !== "planned" && mark !== "running")

const figure = (slots: ReadonlyArray<View.Slot>, now: DateTime.Utc): Markup.Markup | null => {
  const over = amounts(slots)
  const sized = over.filter(({ records }) => records !== null)
  const [first, last] = [sized[0], sized.at(-1)]
  if (first === undefined || last === undefined || first === last || first.records === null || last.records === null) {
    return null
  }
  const bytes = over.map((slot) => slot.bytes)
  const records = over.map((slot) => slot.records)
  const hasBytes = bytes.filter((value) => value !== null).length > 1
  const size = first.bytes === null || last.bytes === null
    ? ""
    : `, size ${Words.bytes(last.bytes)}${Words.change(first.bytes, last.bytes)}`
  const ofOver = [over[0], over.at(-1)].map((slot) => slot === undefined ? "" : Words.day(slot.at, now))
  return html`<figure><figcaption>Records ${Format.count(last.records)}${
    Words.change(first.records, last.records)
  }${size} since ${Words.day(first.at, now)}</figcaption><p class="scale">${
    Words.records(Pictures.topOf(records))
  }</p>${Pictures.curve(records)}${
    hasBytes ? html`<p class="scale">${Words.bytes(Pictures.topOf(bytes))}</p>${Pictures.curve(bytes)}` : null
  }<p class="scale"><span>${ofOver[0]}</span><span>${ofOver[1]}</span></p></figure>`
}

const isDaily = ({ health }: View.ScheduleView): boolean => health.frequency === "daily"

const pictures = (schedule: View.ScheduleView, hasSeveral: boolean, now: DateTime.Utc): Markup.Markup => {
  const { health, slots } = schedule
  const heading = hasSeveral ? html`<h4>Schedule ${name(health.name)}</h4>` : null
  const plain = Format.plain(health.name)
  if (slots === null) {
    return html`<div class="pictures"><div>${heading}<p>The runs of ${
      name(health.name)
    } could not be read.</p></div></div>`
  }
  const due = slots.filter(({ mark }) => mark !== "planned")
  if (due.length === 0) return html`<div class="pictures"><div>${heading}<p>No run yet.</p></div></div>`
  const summary = Words.runs(slots)
  const picture = isDaily(schedule)
    ? Pictures.calendar(slots, now, `Calendar of ${plain}, ${summary}`)
    : Pictures.strip(slots, now, `Runs of ${plain}, ${Words.runs(due.slice(-Pictures.stripRuns))}`)
  const shown = due.slice(-Pictures.stripRuns)
  const [first, last] = [shown[0], shown.at(-1)]
  const dates = isDaily(schedule) || first === undefined || last === undefined
    ? null
    : html`<p class="muted">${Words.day(first.at, now)} to ${Words.day(last.at, now)}</p>`
  return html`<div class="pictures"><div>${heading}${picture}${dates}<p class="muted">${summary}</p></div>${
    figure(slots, now)
  }</div>`
}

const runTable = (schedule: View.ScheduleView, id: string, now: DateTime.Utc): Markup.Markup | null => {
  const shown = (schedule.slots ?? []).filter(({ mark }) => mark !== "planned").slice(-Pictures.stripRuns)
  if (shown.length === 0) return null
  return html`<details id="${id}"><summary>Last ${shown.length} runs of ${
    name(schedule.health.name)
  } in figures</summary><table><thead><tr><th scope="col">Run</th><th scope="col">Outcome</th><th scope="col" class="num">Records</th><th scope="col" class="num">Size</th></tr></thead><tbody>${
    shown.toReversed().map(({ at, bytes, mark, records }) =>
      html`<tr><th scope="row">${Words.instant(at, now)}</th><td>${Words.marks[mark]}</td><td class="num">${
        records === null ? "–" : Format.count(records)
      }</td><td class="num">${bytes === null ? "–" : Words.bytes(bytes)}</td></tr>`
    )
  }</tbody></table></details>`
}

const card = (index: View.IndexView, position: number, view: View.View): Markup.Markup => {
  const { health, id, schedules } = index
  const now = view.at
  const hasPictures = position < mostPictures
  return html`<section class="card" id="${id}" aria-labelledby="${id}-h" data-s="${health.status}"><div class="head">${
    Pictures.icon(health.status)
  }<h3 id="${id}-h" tabindex="-1">${title(index)}</h3><b>${Words.labels[health.status]}</b></div><div class="body">${
    findings(health.findings, view)
  }${facts(index, view.hasDrills, now)}${
    hasPictures
      ? schedules.map((schedule) => pictures(schedule, schedules.length > 1, now))
      : schedules.length === 0
      ? null
      : html`<p class="muted">Pictures of more than ${mostPictures} indexes are omitted. See <code>pcb schedule history</code>.</p>`
  }${
    position < mostTables && health.status !== "warning"
      ? schedules.map((schedule, number) => runTable(schedule, `${id}-r${number}`, now))
      : null
  }</div></section>`
}

/** An index without problems, in one line that unfolds. */
const folded = (index: View.IndexView, look: Words.Look, isOpen: boolean, view: View.View): Markup.Markup => {
  const { health, id, restore, schedules } = index
  const now = view.at
  const restorable = Words.restorableTo(health, now)
  const [schedule] = schedules
  const takes = restore?.outcome === "SUCCESSFUL" && restore.seconds !== null
    ? `, in ${Words.duration(restore.seconds)}`
    : ""
  return html`<details class="good" id="${id}"${isOpen ? html` open` : null} data-s="${look}"><summary>${
    Pictures.icon(look)
  }<h3>${title(index)}</h3> <span class="muted">${
    restorable.isBad ? restorable.text : `can be restored to ${restorable.text}${takes}`
  }</span>${
    schedule?.slots == null || schedule.slots.length === 0
      ? null
      : Pictures.strip(schedule.slots, now, `Latest runs of ${Format.plain(schedule.health.name)}`)
  }</summary><div class="body">${health.findings.length === 0 ? null : findings(health.findings, view)}${
    facts(index, view.hasDrills, now)
  }${isOpen ? schedules.map((schedule) => pictures(schedule, schedules.length > 1, now)) : null}</div></details>`
}

// ============================================================================
// Sections
// ============================================================================

/** A section of a project. The names of sections are unique, because a page can have several projects. */
const section = (
  { prefix, profile }: Pick<View.View, "prefix" | "profile">,
  key: string,
  heading: string,
  content: Markup.Value
): Markup.Markup => {
  const id = `${prefix}${key}`
  const of = profile === null ? null : html`<span class="vh"> of ${name(profile)}</span>`
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${heading}${of}</h2>${content}</section>`
}

const row = (index: View.IndexView, hasDrills: boolean, now: DateTime.Utc): Markup.Markup => {
  const { areSchedulesKnown, health, schedules } = index
  const [worst, ...others] = health.findings
  const start = Words.since(health.findings)
  const restorable = Words.restorableTo(health, now)
  const takes = Words.restoreTakes(index, hasDrills, now)
  const notes = [
    ...(start === undefined ? [] : [`since ${Words.instant(start, now)}`]),
    ...(others.length === 0 ? [] : [`and ${Format.count(others.length)} more`])
  ]
  const [schedule] = schedules
  const to = html`<span class="${restorable.isBad ? "bad" : ""}">${restorable.text}</span>`
  const lasts = html`<span class="${takes.isBad ? "bad" : ""}">${takes.text}</span>`
  return html`<tr data-s="${health.status}"><th scope="row"><span class="who">${
    Pictures.icon(health.status)
  }<span><span class="vh">${Words.labels[health.status]}: </span><a href="#${index.id}">${name(health.indexName)}</a>${
    health.isDeleted ? html` <span class="muted">index deleted</span>` : null
  }</span></span></th><td>${worst === undefined ? Words.labels[health.status] : Words.finding(worst)}${
    notes.length === 0 ? null : muted(notes.join(", "))
  }<span class="muted narrow">${
    restorable.isBad ? to : html`Can be restored to ${to}${restorable.age === null ? null : `, ${restorable.age}`}`
  }</span><span class="muted narrow">Restore: ${lasts}${
    takes.detail === null ? null : `, ${takes.detail}`
  }</span></td><td class="when">${to}${muted(restorable.age)}</td><td class="runs">${
    schedule === undefined
      ? html`<span class="muted">${areSchedulesKnown ? "no schedule" : "not known"}</span>`
      : schedule.slots === null
      ? html`<span class="muted">not known</span>`
      : schedule.slots.every(({ mark }) => mark === "planned")
      ? html`<span class="muted">no run yet</span>`
      : Pictures.strip(
        schedule.slots,
        now,
        Words.runs(schedule.slots.filter(({ mark }) => mark !== "planned").slice(-Pictures.stripRuns))
      )
  }</td><td class="takes">${lasts}${muted(takes.detail)}</td></tr>`
}

const problems = (indexes: ReadonlyArray<View.IndexView>, view: View.View): Markup.Markup | null =>
  indexes.length === 0 ? null : section(
    view,
    "problems",
    "Problems, worst first",
    html`<table class="problems"><caption class="vh">Indexes with problems, worst first</caption><thead><tr><th scope="col">Index</th><th scope="col">Problem</th><th scope="col" class="when">Can be restored to</th><th scope="col" class="runs">Last ${Pictures.stripRuns} runs</th><th scope="col" class="takes">Restore takes</th></tr></thead><tbody>${
      indexes.map((index) => row(index, view.hasDrills, view.at))
    }</tbody></table>`
  )

const legend = (shown: ReadonlyArray<View.IndexView>): Markup.Markup => {
  const present = new Set(
    shown.flatMap(({ schedules }) => schedules.flatMap(({ slots }) => slots ?? [])).map(({ mark }) => mark)
  )
  const marks = (["kept", "deleted", "unsure", "empty", "failed", "missed", "late", "running", "planned"] as const)
    .filter((mark) => present.has(mark))
  return html`<ul class="legend" aria-label="Marks of runs">${
    marks.map((mark) => html`<li>${Pictures.mark(mark)}${Words.marks[mark]}</li>`)
  }</ul>`
}

const bytesRow = (index: View.IndexView): ReadonlyArray<Markup.Markup> => {
  const { schedules, stored } = index
  const known = schedules.flatMap(({ stored }) => stored ?? [])
  const rest = stored === null || known.length < schedules.length ? null : {
    bytes: stored.bytes - known.reduce((sum, { bytes }) => sum + bytes, 0),
    backups: stored.backups - known.reduce((sum, { backups }) => sum + backups, 0),
    isComplete: stored.isComplete
  }
  const cells = (stored: View.Stored | null) =>
    stored === null
      ? html`<td class="num">not known</td><td class="num">not known</td>`
      : html`<td class="num">${Format.count(stored.backups)}</td><td class="num">${Words.stored(stored)}</td>`
  const others = rest !== null && rest.backups > 0 && schedules.length > 0
  const [only] = schedules
  // One schedule with all backups needs no row of its own.
  if (only !== undefined && schedules.length === 1 && rest !== null && !others) {
    return [
      html`<tr><th scope="row">${title(index)}</th><td>schedule ${name(only.health.name)}</td>${cells(stored)}</tr>`
    ]
  }
  return [
    html`<tr><th scope="row">${title(index)}</th><td>all backups</td>${cells(stored)}</tr>`,
    ...schedules.map((schedule) =>
      html`<tr><td></td><td>schedule ${name(schedule.health.name)}</td>${cells(schedule.stored)}</tr>`
    ),
    ...(others ? [html`<tr><td></td><td>other backups</td>${cells(rest)}</tr>`] : [])
  ]
}

const storedBytes = (view: View.View): Markup.Markup | null => {
  const { indexes, prefix } = view
  if (indexes.length === 0) return null
  const byBytes = indexes.toSorted((self, that) => (that.stored?.bytes ?? Infinity) - (self.stored?.bytes ?? Infinity))
  const orphans = indexes.filter(({ health }) => health.isDeleted).map(({ stored }) => stored)
  const note = orphans.length === 0 || orphans.includes(null)
    ? null
    : html`<p>Backups of deleted indexes: ${
      Words.stored({
        bytes: orphans.reduce((sum, one) => sum + (one?.bytes ?? 0), 0),
        backups: 0,
        isComplete: orphans.every((one) => one?.isComplete)
      })
    }.</p>`
  const all = Words.storedInAll(view)
  return section(
    view,
    "stored",
    "Stored bytes",
    html`${note}<details id="${prefix}stored-table"><summary>${
      all === null
        ? "By index and schedule"
        : `${Words.stored(all)} in ${Words.backups(all.backups)}, by index and schedule`
    }</summary><table><thead><tr><th scope="col">Index</th><th scope="col">Backups of</th><th scope="col" class="num">Backups</th><th scope="col" class="num">Stored</th></tr></thead><tbody>${
      byBytes.map(bytesRow)
    }</tbody></table></details>`
  )
}

const ignored = (view: View.View): Markup.Markup | null =>
  view.health.ignored.length === 0 ? null : section(
    view,
    "ignored",
    "Ignored by the policy",
    html`<ul class="plain">${
      view.health.ignored.map(({ finding, reason, until }) =>
        html`<li>${finding.indexName === null ? "Project" : name(finding.indexName)}: ${
          Format.plain(finding.sentence)
        } <span class="muted">${finding.check}, until ${DateTime.formatIsoDateUtc(until)}: ${
          Format.plain(reason)
        }</span></li>`
      )
    }</ul>`
  )

const worstOf = (findings: ReadonlyArray<BackupHealth.Finding>): Words.Look => findings[0]?.severity ?? "notice"

const tile = ({ figure, isBad, label, share }: Words.Tile): Markup.Markup =>
  html`<li data-s="${isBad === true ? "warning" : "none"}"><b>${figure}</b><span>${label}</span>${
    share === undefined ?
      null :
      html`<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect width="100" height="4" rx="1"/><rect class="full" width="${
        Math.round(share * 100)
      }" height="4" rx="1"/></svg>`
  }</li>`

/** The sections of a project. */
const sections = (view: View.View): ReadonlyArray<Markup.Value> => {
  const { health, indexes, isKnown } = view
  const isGood = ({ health }: View.IndexView) => health.status === "ok"
  const bad = indexes.filter((index) => !isGood(index))
  const well = indexes.filter((index) => isGood(index) && !index.health.isDeleted)
  // A deleted index is never good, even if nothing is wrong with its backups.
  const deleted = indexes.filter((index) => isGood(index) && index.health.isDeleted)
  const isOpen = bad.length === 0 && well.length <= 3
  const drawn = [...bad.slice(0, mostPictures), ...well]
  return [
    problems(bad, view),
    health.project.length === 0 || !isKnown ? null : section(
      view,
      "project",
      "The project as a whole",
      html`<div class="card" data-s="${worstOf(health.project)}"><div class="body">${
        findings(health.project, view)
      }</div></div>`
    ),
    drawn.every(({ schedules }) => schedules.length === 0)
      ? null
      : section(view, "legend", "Key to the pictures", legend(drawn)),
    bad.length === 0 ? null : section(
      view,
      "actions",
      "What to do, index by index",
      bad.map((index, position) => card(index, position, view))
    ),
    well.length === 0
      ? null
      : section(view, "good", "Good indexes", well.map((index) => folded(index, "ok", isOpen, view))),
    deleted.length === 0 ? null : section(
      view,
      "deleted",
      "Deleted indexes with backups",
      deleted.map((index) => folded(index, "notice", false, view))
    ),
    storedBytes(view),
    ignored(view)
  ]
}

const tiles = (view: View.View): Markup.Markup | null => {
  const all = Words.tiles(view)
  return all.length === 0 ? null : html`<ul class="tiles" aria-label="Figures">${all.map(tile)}</ul>`
}

/** The verdict with the only top heading. */
const verdict = ({ detail, look, title }: Words.Verdict, found: string | null): Markup.Markup =>
  html`<div class="verdict" data-s="${look}">${Pictures.icon(look)}<div><h1>${title}</h1>${
    detail === null ? null : html`<p>${detail}</p>`
  }${found === null ? null : html`<p class="muted">${found}</p>`}</div></div>`

const failure = ({ error, isKnown }: View.View): Markup.Markup | null =>
  error === null ?
    null :
    html`<div class="banner" role="alert" data-s="unknown">${
      Pictures.icon("unknown")
    }<p><strong>The latest audit failed.</strong> ${Words.sentence(error).replace(/\.$/, "")}.${
      isKnown ? " Everything below is older." : ""
    }</p></div>`

const old = (isOld: boolean, isServed: boolean): Markup.Markup =>
  html`<div class="banner" id="old" role="alert" data-s="unknown"${isOld ? null : html` hidden`}>${
    Pictures.icon("unknown")
  }<p><strong>This page is old.</strong> The state of the backups may have changed since. Run <code>pcb audit</code> again${
    isServed ? ", or check that its server is running" : ""
  }.</p></div>`

/** The content of a page with one project. */
const mainOfOne = (view: View.View): Markup.Markup =>
  html`<main>${failure(view)}${old(view.isOld, view.interval !== null)}${
    verdict(Words.verdict(view), view.isKnown ? Words.found(view.health.totals) : null)
  }${tiles(view)}${sections(view)}</main>`

const projectRow = (view: View.View): Markup.Markup => {
  const { look, title } = Words.verdict(view)
  return html`<tr data-s="${look}"><th scope="row"><span class="who">${Pictures.icon(look)}<span><span class="vh">${
    Words.labels[look]
  }: </span><a href="#${view.prefix}top">${name(view.profile ?? "")}</a></span></span></th><td>${title}${
    muted(view.isKnown ? Words.found(view.health.totals) : null)
  }</td></tr>`
}

/** The content of a page with several projects, worst first. */
const mainOfSeveral = (views: ReadonlyArray<View.View>, notes: ReadonlyArray<string>): Markup.Markup =>
  html`<main>${old(false, false)}${verdict(Words.verdictOfSeveral(views), null)}${
    notes.map((note) => html`<p class="note">${Words.sentence(note)}</p>`)
  }${
    section(
      { prefix: "", profile: null },
      "projects",
      "Projects, worst first",
      html`<table class="problems"><caption class="vh">Projects, worst first</caption><thead><tr><th scope="col">Project</th><th scope="col">State</th></tr></thead><tbody>${
        views.map(projectRow)
      }</tbody></table>`
    )
  }${
    views.map((view) =>
      html`<section class="several" aria-labelledby="${view.prefix}top"><h2 id="${view.prefix}top">Project ${
        name(view.profile ?? "")
      }</h2>${failure(view)}<p>${Words.verdict(view).title}</p>${tiles(view)}${sections(view)}</section>`
    )
  }</main>`

// ============================================================================
// Document
// ============================================================================

const policyOf = (isServed: boolean): string =>
  [
    "default-src 'none'",
    `style-src '${Assets.styleHash}'`,
    `script-src '${Assets.scriptHash}'`,
    "img-src data:",
    ...(isServed ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'"
  ].join("; ")

/** The HTTP headers of the page. */
export const headers: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  // Names of indexes are confidential. The version makes refreshes cheap without the cache of the browser.
  "cache-control": "no-store",
  "content-security-policy": `${policyOf(true)}; frame-ancestors 'none'`,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin"
}

/** A page and its version, which is a hash of its content. */
export interface Page {
  readonly text: string
  readonly version: string
}

/** What a document needs besides its content. */
interface Frame extends Pick<View.View, "at" | "interval" | "isDemo" | "isKnown" | "version"> {
  readonly verdict: Words.Verdict
}

/** The place of the version, which depends on the rest. */
const noVersion = "data-v=\"\""

const document = (frame: Frame, main: Markup.Markup): string => {
  const { at, interval, isDemo, isKnown, verdict: { look, title }, version: program } = frame
  const seconds = interval === null ? null : Math.round(Duration.toSeconds(interval))
  // The demo project has a clock of its own, so the page would always call itself old.
  const hasAge = isKnown && !isDemo
  return html`<!DOCTYPE html>
<html lang="en"${hasAge ? html` data-at="${Format.iso(at)}"` : null} data-v="" data-unknown="${
    Pictures.tabIcon("unknown")
  }"${seconds === null ? null : html` data-interval="${seconds}"`}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="content-security-policy" content="${policyOf(interval !== null)}">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="${Pictures.tabIcon(look)}">
${
    seconds === null ? null : html`<noscript><meta http-equiv="refresh" content="${Math.max(60, seconds)}"></noscript>
`
  }<style>${Markup.trusted(Assets.style)}</style>
</head>
<body>
${Pictures.definitions(at)}
<header><p class="name">Pinecone backups${isDemo ? " of the demo project" : ""}</p><p>${
    isKnown ? "As of " : ""
  }<time datetime="${Format.iso(at)}">${Words.fullInstant(at)}</time> <span id="age"></span></p>${
    seconds === null
      ? null
      : html`<button type="button" id="pause" class="pause" aria-pressed="false" hidden>Pause updates</button>`
  }</header>
${main}
<footer><p>Created by pcb ${program}. All times are UTC. Ages are as of ${
    Words.fullInstant(at)
  }. A backup does not have the writes of the last 15${Words.nbsp}minutes before it was taken. This page loads nothing from other servers. It has the names of your indexes, so share it with care.</p><p id="status" role="status"></p></footer>
<script>${Markup.trusted(Assets.script)}</script>
</body>
</html>
`.toString()
}

const pageOf = (frame: Frame, main: Markup.Markup): Page => {
  const text = document(frame, main)
  const version = createHash("sha256").update(text).digest("base64url").slice(0, 22)
  return { version, text: text.replace(noVersion, `data-v="${version}"`) }
}

/** Renders the page of one project. */
export const make = (view: View.View): Page => pageOf({ ...view, verdict: Words.verdict(view) }, mainOfOne(view))

/** Renders the page of several projects, worst first. `notes` are about the selection of projects. */
export const ofSeveral = (
  views: Array.NonEmptyReadonlyArray<View.View>,
  notes: ReadonlyArray<string>
): Page => {
  // The page is as old as its oldest part.
  const at = views.map(({ at }) => at).reduce(DateTime.min)
  return pageOf({ ...views[0], isKnown: true, at, verdict: Words.verdictOfSeveral(views) }, mainOfSeveral(views, notes))
}
