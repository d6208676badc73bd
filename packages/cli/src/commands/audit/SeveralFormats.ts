/** Prints the reports of several projects in the chosen format. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as Projects from "../../shared/Projects.ts"
import { CurrentSize, Screen } from "../../terminal/Screen.ts"
import type * as FormatNames from "./FormatNames.ts"
import * as GithubFormat from "./GithubFormat.ts"
import * as MachineFormats from "./MachineFormats.ts"
import * as MarkdownFormat from "./MarkdownFormat.ts"
import * as NagiosFormat from "./NagiosFormat.ts"
import type * as ProjectReport from "./ProjectReport.ts"
import * as TextFormat from "./TextFormat.ts"

/** Loaded on demand, because no other format needs metrics. */
const loadPrometheus = Effect.promise(() => import("./PrometheusFormat.ts"))

/** Loaded on demand, because no other format needs markup. */
const loadHtml = Effect.promise(() => import("./html/HtmlFormat.ts"))

/** The formats without a place for notes, which are printed on standard error instead. */
const withoutNotes: ReadonlyArray<FormatNames.Name> = ["ndjson", "tsv", "id", "prometheus"]

/** Prints reports, worst first. `status` is the status to print; a terminal folds notices if `foldNotices`. */
export const print = Effect.fnUntraced(function*(
  reports: ReadonlyArray<ProjectReport.ProjectReport>,
  selection: Projects.Selection,
  format: FormatNames.Name,
  status: BackupHealth.Status,
  foldNotices: boolean
) {
  const screen = yield* Screen
  const size = yield* yield* CurrentSize
  const notes = Projects.notes(reports, selection)
  if (withoutNotes.includes(format) && notes.length > 0) yield* Note.info(...notes.map((note) => `note: ${note}`))
  switch (format) {
    case "table":
      return yield* Output.lines(
        TextFormat.several(reports, notes, screen, { size, foldNotices: foldNotices && screen.isTerminal })
      )
    case "wide":
      return yield* Output.lines(
        TextFormat.several(reports, notes, { ...screen, columns: Infinity }, { size })
      )
    case "json": {
      const pick = yield* Output.fieldsOf
      const projects = reports.map(({ error, health, limits: _, looked: __, ...project }) => ({
        ...project,
        result: error === undefined ? Result.succeed(health) : Result.fail(error)
      }))
      const worst = Projects.worstOf(reports.map(({ health }) => health.status))
      return yield* Output.lines([
        yield* Output.json(
          Projects.toJson(
            projects,
            selection,
            worst,
            (health, connection) => pick({ ...MachineFormats.json(health, connection) })
          )
        )
      ])
    }
    case "ndjson":
      return yield* Output.lines(
        reports.flatMap(({ connection, health, profile }) => MachineFormats.ndjson(health, connection, profile))
      )
    case "tsv":
      return yield* Output.lines(
        reports.flatMap(({ connection, health, profile }) => MachineFormats.tsv(health, connection, profile))
      )
    case "id":
      return yield* Output.lines(reports.flatMap(MachineFormats.severalNames))
    case "nagios":
      return yield* Output.lines(NagiosFormat.several(reports, notes, status))
    case "prometheus": {
      const { several } = yield* loadPrometheus
      return yield* Output.lines((yield* several(reports)).split("\n").slice(0, -1))
    }
    case "github":
      return yield* Output.lines(GithubFormat.several(reports, notes, status))
    case "markdown":
      return yield* Output.lines(MarkdownFormat.several(reports, notes, status))
    case "html": {
      const { several } = yield* loadHtml
      if (!Array.isReadonlyArrayNonEmpty(reports)) return
      return yield* Output.lines((yield* several(reports, notes)).split("\n").slice(0, -1))
    }
  }
})
