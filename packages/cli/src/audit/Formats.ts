/** What an audit has found, in whatever form was asked for. */
import type * as BackupHealth from "@pinecone-backups/core/BackupHealth"
import * as Effect from "effect/Effect"
import type { formats } from "../commands/Audit.ts"
import * as Output from "../Output.ts"
import { Screen } from "../Screen.ts"
import * as Data from "./Data.ts"
import * as Github from "./Github.ts"
import * as Markdown from "./Markdown.ts"
import * as Nagios from "./Nagios.ts"
import * as Page from "./Page.ts"
import * as Sarif from "./Sarif.ts"

/** A form. */
export type Format = (typeof formats)[number]

/** Loaded only when it is asked for, since no other command has metrics. */
const loadPrometheus = Effect.promise(() => import("./Prometheus.ts"))

/** Prints a report in a form. `status` is what is said to be so. */
export const print = Effect.fnUntraced(function*(
  health: BackupHealth.BackupHealth,
  format: Format,
  status: BackupHealth.Status
) {
  const screen = yield* Screen
  switch (format) {
    case "table":
      return yield* Output.lines(Page.lines(health, screen))
    case "wide":
      return yield* Output.lines(Page.lines(health, { ...screen, columns: Infinity }))
    case "json": {
      const pick = yield* Output.fieldsOf
      return yield* Output.lines([yield* Output.json(pick({ ...Data.json(health) }))])
    }
    case "ndjson":
      return yield* Output.lines(Data.ndjson(health))
    case "tsv":
      return yield* Output.lines(Data.tsv(health))
    case "id":
      return yield* Output.lines(Data.names(health))
    case "nagios":
      return yield* Output.lines(Nagios.lines(health, status))
    case "prometheus": {
      const { text } = yield* loadPrometheus
      return yield* Output.lines((yield* text(health)).split("\n").slice(0, -1))
    }
    case "github":
      return yield* Output.lines(Github.lines(health, status))
    case "markdown":
      return yield* Output.lines(Markdown.lines(health, status))
    case "sarif":
      return yield* Output.lines([yield* Output.json(Sarif.log(health))])
  }
})
