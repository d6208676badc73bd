/** What an audit has found, in whatever form was asked for. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Effect from "effect/Effect"
import * as Output from "../../output/Output.ts"
import { Screen } from "../../terminal/Screen.ts"
import type * as FormatNames from "./FormatNames.ts"
import * as GithubFormat from "./GithubFormat.ts"
import * as MachineFormats from "./MachineFormats.ts"
import * as MarkdownFormat from "./MarkdownFormat.ts"
import * as NagiosFormat from "./NagiosFormat.ts"
import * as TextFormat from "./TextFormat.ts"

/** Loaded only when it is asked for, since no other command has metrics. */
const loadPrometheus = Effect.promise(() => import("./PrometheusFormat.ts"))

/** Prints a report in a form. `status` is what is said to be so. */
export const print = Effect.fnUntraced(function*(
  health: BackupHealth.BackupHealth,
  format: FormatNames.Name,
  status: BackupHealth.Status
) {
  const screen = yield* Screen
  switch (format) {
    case "table":
      return yield* Output.lines(TextFormat.lines(health, screen))
    case "wide":
      return yield* Output.lines(TextFormat.lines(health, { ...screen, columns: Infinity }))
    case "json": {
      const pick = yield* Output.fieldsOf
      return yield* Output.lines([yield* Output.json(pick({ ...MachineFormats.json(health) }))])
    }
    case "ndjson":
      return yield* Output.lines(MachineFormats.ndjson(health))
    case "tsv":
      return yield* Output.lines(MachineFormats.tsv(health))
    case "id":
      return yield* Output.lines(MachineFormats.names(health))
    case "nagios":
      return yield* Output.lines(NagiosFormat.lines(health, status))
    case "prometheus": {
      const { text } = yield* loadPrometheus
      return yield* Output.lines((yield* text(health)).split("\n").slice(0, -1))
    }
    case "github":
      return yield* Output.lines(GithubFormat.lines(health, status))
    case "markdown":
      return yield* Output.lines(MarkdownFormat.lines(health, status))
  }
})
