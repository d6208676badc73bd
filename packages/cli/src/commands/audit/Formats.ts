/** Prints the result of an audit in the chosen format. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Output from "../../output/Output.ts"
import * as SameConnection from "../../output/SameConnection.ts"
import { CurrentSize, Screen } from "../../terminal/Screen.ts"
import type * as FormatNames from "./FormatNames.ts"
import * as GithubFormat from "./GithubFormat.ts"
import type { Limits } from "./Limits.ts"
import * as MachineFormats from "./MachineFormats.ts"
import * as MarkdownFormat from "./MarkdownFormat.ts"
import * as NagiosFormat from "./NagiosFormat.ts"
import * as TextFormat from "./TextFormat.ts"
import * as Unmade from "./Unmade.ts"

/** Loaded on demand, because no other format needs metrics. */
const loadPrometheus = Effect.promise(() => import("./PrometheusFormat.ts"))

/** Loaded on demand, because no other format needs markup. */
const loadHtml = Effect.promise(() => import("./html/HtmlFormat.ts"))

/** The lines of a string that ends with a line break. */
const linesOf = (text: string): ReadonlyArray<string> => text.split("\n").slice(0, -1)

/**
 * Prints a report in a format. `status` is the status to print. `facts` are what the report is based on. A terminal folds
 * notices if `foldNotices`.
 */
export const print = Effect.fnUntraced(function*(
  health: BackupHealth.BackupHealth,
  format: FormatNames.Name,
  status: BackupHealth.Status,
  limits: Limits,
  facts: BackupHealth.Facts,
  foldNotices: boolean
) {
  const screen = yield* Screen
  const size = yield* yield* CurrentSize
  const connection = yield* SameConnection.flags
  switch (format) {
    case "table":
      return yield* Output.lines(
        TextFormat.lines(health, screen, connection, { size, foldNotices: foldNotices && screen.isTerminal })
      )
    case "wide":
      return yield* Output.lines(TextFormat.lines(health, { ...screen, columns: Infinity }, connection, { size }))
    case "json": {
      const pick = yield* Output.fieldsOf
      return yield* Output.lines([yield* Output.json(pick({ ...MachineFormats.json(health, connection) }))])
    }
    case "ndjson":
      return yield* Output.lines(MachineFormats.ndjson(health, connection))
    case "tsv":
      return yield* Output.lines(MachineFormats.tsv(health, connection))
    case "id":
      return yield* Output.lines(MachineFormats.names(health))
    case "nagios":
      return yield* Output.lines(NagiosFormat.lines(health, status, connection, limits))
    case "prometheus": {
      const { text } = yield* loadPrometheus
      return yield* Output.lines(linesOf(yield* text(health)))
    }
    case "github":
      return yield* Output.lines(GithubFormat.lines(health, status, connection))
    case "markdown":
      return yield* Output.lines(MarkdownFormat.lines(health, status, connection))
    case "html": {
      const { text } = yield* loadHtml
      return yield* Output.lines(linesOf(yield* text({ facts, health, policy: limits.policy })))
    }
  }
})

/**
 * The lines that report why an audit failed: programs that read only standard output must not mistake an outage for a
 * good result. Empty on a terminal, where the message is on standard error, and for `-o id`, because no index names are
 * known.
 */
export const failed = Effect.fnUntraced(function*(
  why: string,
  format: FormatNames.Name,
  pick: (json: Schema.JsonObject) => Schema.JsonObject,
  areSeveral = false
) {
  const screen = yield* Screen
  const connection = yield* SameConnection.flags
  const health = Unmade.report(why, yield* DateTime.now)
  switch (format) {
    case "table":
    case "wide":
      return screen.isTerminal ? [] : TextFormat.failed(health, screen)
    case "json":
      return [
        yield* Output.json(
          areSeveral ? MachineFormats.severalFailed(health) : pick({ ...MachineFormats.json(health, connection) })
        )
      ]
    case "ndjson":
      return MachineFormats.ndjson(health, connection)
    case "tsv":
      return MachineFormats.tsv(health, connection, areSeveral ? "" : undefined)
    case "id":
      return []
    case "nagios":
      return NagiosFormat.failed(health)
    case "prometheus": {
      const { failed } = yield* loadPrometheus
      return linesOf(yield* failed(health))
    }
    case "github":
      return GithubFormat.failed(health, connection)
    case "markdown":
      return MarkdownFormat.failed(health)
    case "html": {
      const { failed } = yield* loadHtml
      return linesOf(yield* failed(health, why))
    }
  }
})
