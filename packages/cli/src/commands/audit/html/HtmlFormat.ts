/** Formats an audit as a self-contained HTML page. Loaded on demand. */
import type * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Array from "effect/Array"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Connection from "../../../Connection.ts"
import * as SameConnection from "../../../output/SameConnection.ts"
import * as Program from "../../../shared/Program.ts"
import * as Format from "../../../terminal/Format.ts"
import type { ProjectReport } from "../ProjectReport.ts"
import * as Page from "./Page.ts"
import * as View from "./View.ts"

/** The origin of a page: this program. `interval` is the audit interval of a server. */
export const origin = Effect.fnUntraced(function*(interval: Duration.Duration | null) {
  const { version } = yield* Program.Program
  // An invalid setting has failed the connection before.
  return {
    version,
    interval,
    isDemo: yield* Effect.orElseSucceed(Connection.isDemo, () => false),
    connection: yield* SameConnection.flags
  }
})

/** The page of a report. */
export const text = Effect.fnUntraced(function*(looked: View.Looked) {
  return Page.make(View.make(looked, yield* origin(null))).text
})

/** The page of a failed audit. */
export const failed = Effect.fnUntraced(function*(health: BackupHealth.BackupHealth, why: string) {
  const { version } = yield* Program.Program
  const origin = { version, interval: null, isDemo: false, connection: yield* SameConnection.flags }
  return Page.make(View.unknown(health, Format.withoutKeys(why), origin)).text
})

/** The page of several projects. */
export const several = Effect.fnUntraced(function*(
  reports: Array.NonEmptyReadonlyArray<ProjectReport>,
  notes: ReadonlyArray<string>
) {
  const { version } = yield* Program.Program
  const views = Array.map(reports, ({ connection, error, health, looked, profile }) => {
    const origin = { version, interval: null, isDemo: false, connection, profile }
    return looked === undefined
      ? View.unknown(health, Format.withoutKeys(error?.message ?? "no result"), origin)
      : View.make(looked, origin)
  })
  return Page.ofSeveral(views, notes).text
})
