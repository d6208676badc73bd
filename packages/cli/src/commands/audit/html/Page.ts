/** The page of an audit: one self-contained HTML document. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import type * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import { createHash } from "node:crypto"
import * as Format from "../../../terminal/Format.ts"
import * as Assets from "./assets.generated.ts"
import * as Card from "./Card.ts"
import * as Markup from "./Markup.ts"
import * as Pictures from "./Pictures.ts"
import * as Tiles from "./Tiles.ts"
import * as Verdict from "./Verdict.ts"
import * as View from "./View.ts"
import * as Words from "./Words.ts"

const { html } = Markup

const { findings, folded, muted, name, title } = Card

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

const row = (index: View.IndexView, now: DateTime.Utc): Markup.Markup => {
  const { areSchedulesKnown, health, schedules } = index
  const [worst, ...others] = health.findings
  const since = worst === undefined ? null : Words.since(worst, now)
  const restorable = Words.restorableTo(health, now)
  const takes = Words.restoreTakes(index, now)
  const notes = [
    ...(since === null ? [] : [since]),
    ...(others.length === 0 ? [] : [`and ${Format.count(others.length)} more`])
  ]
  const restoring = index.running.map((restore) =>
    html`<small class="running">${Pictures.mark("running")}A restore into ${name(restore.target)} is running: ${
      Words.progress(restore, now)
    }</small>`
  )
  const [schedule] = schedules
  const marked = ({ isBad, text }: { readonly isBad: boolean; readonly text: string }) =>
    isBad ? html`<b>${text}</b>` : text
  const [to, lasts] = [marked(restorable), marked(takes)]
  return html`<tr data-s="${health.status}"><th scope="row">${Pictures.icon(health.status)}<span class="vh">${
    Words.labels[health.status]
  }: </span><a href="#${index.id}">${name(health.indexName)}</a>${
    health.isDeleted ? html` <small>index deleted</small>` : null
  }</th><td>${worst === undefined ? Words.labels[health.status] : Words.finding(worst)}${
    notes.length === 0 ? null : muted(notes.join(", "))
  }${restoring}<span class="narrow">${
    restorable.isBad ? to : html`Can be restored to ${to}${restorable.age === null ? null : `, ${restorable.age}`}`
  }<br>Restore: ${lasts}${takes.detail === null ? null : `, ${takes.detail}`}</span></td><td>${to}${
    muted(restorable.age)
  }</td><td>${
    schedule === undefined
      ? html`<small>${areSchedulesKnown ? "no schedule" : "not known"}</small>`
      : schedule.slots === null
      ? html`<small>not known</small>`
      : schedule.slots.every(({ mark }) => mark === "planned")
      ? html`<small>no run yet</small>`
      : Pictures.strip(
        schedule.slots,
        now,
        Words.runs(schedule.slots.filter(({ mark }) => mark !== "planned").slice(-Pictures.stripRuns))
      )
  }</td><td>${lasts}${muted(takes.detail)}</td></tr>`
}

const problems = (indexes: ReadonlyArray<View.IndexView>, view: View.View): Markup.Markup | null =>
  indexes.length === 0 ? null : section(
    view,
    "problems",
    "Problems, worst first",
    html`<table class="problems indexes"><caption class="vh">Indexes with problems, worst first</caption><thead><tr><th scope="col">Index</th><th scope="col">Problem</th><th scope="col">Can be restored to</th><th scope="col">Last ${Pictures.stripRuns} runs</th><th scope="col">Restore takes</th></tr></thead><tbody>${
      indexes.map((index) => row(index, view.at))
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
      ? html`<td>not known</td><td>not known</td>`
      : html`<td>${Format.count(stored.backups)}</td><td>${Words.stored(stored)}</td>`
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
  const all = Tiles.storedInAll(view)
  return section(
    view,
    "stored",
    "Stored bytes",
    html`${note}<details id="${prefix}stored-table"><summary>${
      all === null
        ? "By index and schedule"
        : `${Words.stored(all)} in ${Words.backups(all.backups)}, by index and schedule`
    }</summary><table class="amounts"><thead><tr><th scope="col">Index</th><th scope="col">Backups of</th><th scope="col">Backups</th><th scope="col">Stored</th></tr></thead><tbody>${
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
        } <small>Check: ${finding.check}, ignored until ${DateTime.formatIsoDateUtc(until)}: ${
          Format.plain(reason)
        }</small></li>`
      )
    }</ul>`
  )

/** Explains the commands of the page. */
const commandNote = (view: View.View): Markup.Markup | null => {
  const { health: { indexes, project } } = view
  const findings = [...project, ...indexes.flatMap(({ findings }) => findings)]
  return !Card.hasCommand(findings, view)
    ? null
    : html`<p class="note">The commands below start with <code>pcb</code>, the command-line program that created this page (npm package <code>@pinecone-backups/cli</code>). They need the API key of the project. If you do not have it, send them to somebody who does. Commands labeled “Remedy” change something; commands labeled “Look into it” only read.</p>`
}

const worstOf = (findings: ReadonlyArray<BackupHealth.Finding>): Words.Look => findings[0]?.severity ?? "notice"

const tile = ({ figure, isBad, label, share }: Tiles.Tile): Markup.Markup =>
  html`<li data-s="${isBad === true ? "warning" : "none"}"><b>${figure}</b><span>${label}</span>${
    share === undefined ?
      null :
      html`<svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="4" rx="1"/><rect class="full" width="${
        Math.round(share * 100)
      }" height="4" rx="1"/></svg>`
  }</li>`

/** The sections of a project. */
const sections = (view: View.View): ReadonlyArray<Markup.Value> => {
  const { health, indexes, isKnown } = view
  const isGood = ({ health }: View.IndexView) => health.status === "ok"
  const bad = indexes.filter((index) => !isGood(index)).toSorted(View.worstFirst)
  const well = indexes.filter((index) => isGood(index) && !index.health.isDeleted)
  // A deleted index is never good, even if nothing is wrong with its backups.
  const deleted = indexes.filter((index) => isGood(index) && index.health.isDeleted)
  const isOpen = bad.length === 0 && well.length <= 3
  const drawn = [...bad.slice(0, Card.mostPictures), ...well]
  return [
    problems(bad, view),
    isKnown ? commandNote(view) : null,
    health.project.length === 0 || !isKnown ? null : section(
      view,
      "project",
      "The project as a whole",
      html`<div class="card" data-s="${worstOf(health.project)}"><div class="body">${
        findings(health.project, worstOf(health.project), view)
      }</div></div>`
    ),
    drawn.every(({ schedules }) => schedules.length === 0)
      ? null
      : section(view, "legend", "Key to the pictures", legend(drawn)),
    bad.length === 0 ? null : section(
      view,
      "actions",
      "What to do, index by index",
      [
        bad.length <= Card.mostPictures
          ? null
          : html`<p class="muted">Only the worst ${Card.mostPictures} have pictures of their runs. For the others, see <code>pcb schedule history</code>.</p>`,
        ...bad.map((index, position) => Card.make(index, position, view))
      ]
    ),
    well.length === 0
      ? null
      : section(view, "good", "Indexes without problems", well.map((index) => folded(index, "ok", isOpen, view))),
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

const tiles = (all: ReadonlyArray<Tiles.Tile>): Markup.Markup | null =>
  all.length === 0 ? null : html`<ul class="tiles" aria-label="Figures">${all.map(tile)}</ul>`

/** The verdict with the only top heading. */
const verdict = ({ detail, look, title }: Verdict.Verdict, found: string | null): Markup.Markup =>
  html`<div class="verdict" data-s="${look}">${Pictures.icon(look)}<div><h1>${title}</h1>${
    detail === null ? null : html`<p>${detail}</p>`
  }${found === null ? null : html`<p class="muted">${found}</p>`}</div></div>`

const failure = ({ error, interval, isKnown }: View.View): Markup.Markup | null =>
  error === null ?
    null :
    html`<div class="banner" role="alert" data-s="unknown">${Pictures.icon("unknown")}<p><strong>${
      interval === null ? "The audit failed." : "The latest audit failed."
    }</strong> ${Words.sentence(error).replace(/\.$/, "")}.${isKnown ? " Everything below is older." : ""}</p></div>`

const old = (isOld: boolean, isServed: boolean): Markup.Markup =>
  html`<div class="banner" id="old" role="alert" data-s="unknown"${isOld ? null : html` hidden`}>${
    Pictures.icon("unknown")
  }<p><strong>This page is old.</strong> The state of the backups may have changed since. Run <code>pcb audit</code> again${
    isServed ? ", or check that its server is running" : ""
  }.</p></div>`

/** The content of a page with one project. */
const mainOfOne = (view: View.View): Markup.Markup =>
  html`<main>${failure(view)}${old(view.isOld, view.interval !== null)}${
    verdict(Verdict.make(view), view.isKnown ? Words.found(view.health.totals) : null)
  }${tiles(Tiles.make(view))}${sections(view)}</main>`

const projectRow = (view: View.View): Markup.Markup => {
  const { look, title } = Verdict.make(view)
  const { restorable, stored } = Tiles.ofOne(view)
  return html`<tr data-s="${look}"><th scope="row">${Pictures.icon(look)}<span class="vh">${
    Words.labels[look]
  }: </span><a href="#${view.prefix}top">${name(view.profile ?? "")}</a></th><td>${title}${
    muted(view.isKnown ? Words.found(view.health.totals) : null)
  }<span class="narrow">Can be restored: ${restorable}<br>Stored: ${stored}</span></td><td>${restorable}</td><td>${stored}</td></tr>`
}

/** The content of a page with several projects, worst first. */
const mainOfSeveral = (views: ReadonlyArray<View.View>, notes: ReadonlyArray<string>): Markup.Markup =>
  html`<main>${old(false, false)}${verdict(Verdict.ofSeveral(views), null)}${tiles(Tiles.ofSeveral(views))}${
    notes.map((note) => html`<p class="note">${Words.sentence(note)}</p>`)
  }${
    section(
      { prefix: "", profile: null },
      "projects",
      "Projects, worst first",
      html`<table class="problems projects"><caption class="vh">Projects, worst first</caption><thead><tr><th scope="col">Project</th><th scope="col">State</th><th scope="col">Can be restored</th><th scope="col">Stored</th></tr></thead><tbody>${
        views.map(projectRow)
      }</tbody></table>`
    )
  }${
    views.map((view) =>
      html`<section class="several" aria-labelledby="${view.prefix}top"><h2 id="${view.prefix}top">Project ${
        name(view.profile ?? "")
      }</h2>${failure(view)}<p>${Verdict.make(view).title}</p>${tiles(Tiles.make(view))}${sections(view)}</section>`
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
  readonly verdict: Verdict.Verdict
  /** Whether the data is old, or a later audit failed. Good indexes are then not green. */
  readonly isStale: boolean
}

/** The place of the version, which depends on the rest. */
const noVersion = "data-v=\"\""

const document = (frame: Frame, main: Markup.Markup): string => {
  const { at, interval, isDemo, isKnown, isStale, verdict: { look, title }, version: program } = frame
  const seconds = interval === null ? null : Math.round(Duration.toSeconds(interval))
  // The demo project has a clock of its own, so the page would always call itself old.
  const hasAge = isKnown && !isDemo
  return html`<!DOCTYPE html>
<html lang="en"${hasAge ? html` data-at="${Format.iso(at)}"` : null}${
    isStale ? html` data-old="true"` : null
  } data-v="" data-unknown="${Pictures.tabIcon("unknown")}"${
    seconds === null ? null : html` data-interval="${seconds}"`
  }>
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
export const make = (view: View.View): Page =>
  pageOf({ ...view, verdict: Verdict.make(view), isStale: view.isOld || view.error !== null }, mainOfOne(view))

/** Renders the page of several projects, worst first. `notes` are about the selection of projects. */
export const ofSeveral = (
  views: Array.NonEmptyReadonlyArray<View.View>,
  notes: ReadonlyArray<string>
): Page => {
  // The page is as old as its oldest part.
  const at = views.map(({ at }) => at).reduce(DateTime.min)
  return pageOf(
    { ...views[0], isKnown: true, at, verdict: Verdict.ofSeveral(views), isStale: false },
    mainOfSeveral(views, notes)
  )
}
