/** The parts of the page about one index: findings, facts, pictures and tables. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import type * as DateTime from "effect/DateTime"
import * as RemedyCommand from "../../../output/RemedyCommand.ts"
import * as SameConnection from "../../../output/SameConnection.ts"
import * as Format from "../../../terminal/Format.ts"
import * as Markup from "./Markup.ts"
import * as Pictures from "./Pictures.ts"
import type * as View from "./View.ts"
import * as Words from "./Words.ts"

const { html } = Markup

/** Number of cards with a table of runs. */
const mostTables = 20

/** Number of cards with pictures. The pictures of more indexes would make the page too large. */
export const mostPictures = 40

/** A name of other people. */
export const name = (text: string): Markup.Markup => html`<bdi>${Format.plain(text)}</bdi>`

/** Text in a muted color. */
export const muted = (text: string | null): Markup.Markup | null => text === null ? null : html`<small>${text}</small>`

/** The name of an index, and whether it was deleted. */
export const title = ({ health }: View.IndexView): Markup.Markup =>
  html`${name(health.indexName)}${health.isDeleted ? html` <small>index deleted</small>` : null}`

// ============================================================================
// Findings
// ============================================================================

/** Breaks a command only at its spaces, so that every flag can be copied as a whole. */
const command = (text: string): ReadonlyArray<Markup.Value> =>
  text.split(" ").flatMap((word, index) => [
    index === 0 ? "" : " ",
    /^--?[\w-]+$/.test(word) ? html`<span>${word}</span>` : word
  ])

/** The command of a finding, labeled by what it does. */
interface Fix {
  readonly label: string
  readonly command: string
}

const fixOf = (finding: BackupHealth.Finding, { connection }: View.View): Fix | null => {
  const command = RemedyCommand.fixOf(finding, SameConnection.shareable(connection))
  return finding.remedy === null || command === null ? null : { label: Words.remedy(finding.remedy), command }
}

/** Returns `true` if the page shows a command for one of these findings. */
export const hasCommand = (all: ReadonlyArray<BackupHealth.Finding>, view: View.View): boolean =>
  all.some((finding) => fixOf(finding, view) !== null)

const remedy = (fix: Fix): Markup.Markup =>
  html`<p class="remedy">${fix.label} <code translate="no">${command(fix.command)}</code></p>`

const what = (finding: BackupHealth.Finding, around: Words.Look, now: DateTime.Utc): Markup.Markup => {
  const since = Words.since(finding, now)
  const { severity } = finding
  return html`<p${severity === around ? null : html` data-s="${severity}"`}>${
    Pictures.icon(severity)
  }<span class="vh">${Words.labels[severity]}: </span>${Words.finding(finding)} <small>Check: ${finding.check}${
    since === null ? null : `, ${since}`
  }</small></p>`
}

/** Findings, those with the same remedy together. `around` is the look of the element around them. */
export const findings = (
  all: ReadonlyArray<BackupHealth.Finding>,
  around: Words.Look,
  view: View.View
): Markup.Markup => {
  const groups = new Map<string, { readonly fix: Fix | null; readonly findings: Array<BackupHealth.Finding> }>()
  for (const [index, finding] of all.entries()) {
    const fix = fixOf(finding, view)
    const key = fix?.command ?? `no remedy ${index}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { fix, findings: [finding] })
    else group.findings.push(finding)
  }
  return html`<ul class="findings">${
    [...groups.values()].map(({ findings, fix }) =>
      html`<li>${findings.map((finding) => what(finding, around, view.at))}${fix === null ? null : remedy(fix)}</li>`
    )
  }</ul>`
}

// ============================================================================
// Cards
// ============================================================================

const fact = (term: Markup.Value, text: Markup.Value, details: ReadonlyArray<Markup.Value> = []): Markup.Markup =>
  html`<div><dt>${term}</dt><dd>${text}</dd>${details.map((detail) => html`<dd>${detail}</dd>`)}</div>`

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
      [stored === null ? "Size not known" : Words.storedOf(stored, health.copies)]
    )
  ]
}

const facts = (index: View.IndexView, now: DateTime.Utc): Markup.Markup => {
  const restore = Words.lastRestore(index, now)
  const required = Words.requirements(index.required)
  return html`<dl class="facts">${newest(index, now)}${
    fact(index.restore?.kind === "drill" ? "Last restore drill" : "Last restore", restore.text, restore.details)
  }${
    index.running.map((restore) =>
      fact("Restore running", html`into ${name(restore.target)}`, [Words.progress(restore, now)])
    )
  }${
    index.schedules.map((schedule) => {
      const { next, text } = Words.schedule(schedule, now)
      return fact(html`Schedule ${name(schedule.health.name)}`, text, [
        next,
        // The backups of an index with a single source are already listed.
        ...(schedule.stored === null || schedule.stored.backups === index.stored?.backups
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
  } in figures</summary><table class="amounts"><thead><tr><th scope="col">Run</th><th scope="col">Outcome</th><th scope="col">Records</th><th scope="col">Size</th></tr></thead><tbody>${
    shown.toReversed().map(({ at, bytes, mark, records }) =>
      html`<tr><th scope="row">${Words.instant(at, now)}</th><td>${Words.marks[mark]}</td><td>${
        records === null ? "–" : Format.count(records)
      }</td><td>${bytes === null ? "–" : Words.bytes(bytes)}</td></tr>`
    )
  }</tbody></table></details>`
}

/** The card of an index with problems. */
export const make = (index: View.IndexView, position: number, view: View.View): Markup.Markup => {
  const { health, id, schedules } = index
  const now = view.at
  return html`<section class="card" id="${id}" data-s="${health.status}"><div class="head">${
    Pictures.icon(health.status)
  }<h3>${title(index)}</h3><b>${Words.labels[health.status]}</b></div><div class="body">${
    findings(health.findings, health.status, view)
  }${facts(index, now)}${
    position < mostPictures ? schedules.map((schedule) => pictures(schedule, schedules.length > 1, now)) : null
  }${
    position < mostTables && health.status !== "warning"
      ? schedules.map((schedule, number) => runTable(schedule, `${id}-r${number}`, now))
      : null
  }</div></section>`
}

/** An index without problems, in one line that unfolds. */
export const folded = (index: View.IndexView, look: Words.Look, isOpen: boolean, view: View.View): Markup.Markup => {
  const { health, id, restore, schedules } = index
  const now = view.at
  const restorable = Words.restorableTo(health, now)
  const [schedule] = schedules
  const takes = restore?.outcome === "SUCCESSFUL" && restore.seconds !== null
    ? `, in ${Words.duration(restore.seconds)}`
    : ""
  return html`<details class="good" id="${id}"${isOpen ? html` open` : null} data-s="${look}"><summary>${
    Pictures.icon(look)
  }<h3>${title(index)}</h3> <small>${
    restorable.isBad ? restorable.text : `can be restored to ${restorable.text}${takes}`
  }</small>${
    schedule?.slots == null || schedule.slots.length === 0
      ? null
      : Pictures.strip(schedule.slots, now, `Latest runs of ${Format.plain(schedule.health.name)}`)
  }</summary><div class="body">${health.findings.length === 0 ? null : findings(health.findings, look, view)}${
    facts(index, now)
  }${isOpen ? schedules.map((schedule) => pictures(schedule, schedules.length > 1, now)) : null}</div></details>`
}
