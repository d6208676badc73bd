/** Prints the result of `--dry-run`: requests, losses and missing confirmations. */
import type * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import type * as Globals from "../input/Globals.ts"
import type * as Json from "../output/Json.ts"
import * as Note from "../output/Note.ts"
import * as Output from "../output/Output.ts"
import * as Format from "../terminal/Format.ts"
import * as Screen from "../terminal/Screen.ts"
import type * as Confirmation from "./Confirmation.ts"

/** The losses. */
export interface Lost {
  /** Whether all losses are known. */
  readonly isKnown: boolean
  /** The names of deleted indexes. */
  readonly indexes: ReadonlyArray<string>
  /** The IDs of deleted schedules. */
  readonly schedules: ReadonlyArray<string>
  /** The IDs of deleted backups. */
  readonly backups: ReadonlyArray<string>
  /** The names of indexes left without a good backup. */
  readonly leftWithoutBackup: ReadonlyArray<string>
}

/** The decisions that lead to the requests, in the formats other than JSON. */
interface Page {
  /** Lines for people, on a screen. */
  readonly lines: (screen: Screen.Service) => Effect.Effect<ReadonlyArray<string>>
  /** Tab-separated values. */
  readonly tsv: ReadonlyArray<string>
  readonly ids: ReadonlyArray<string>
}

/** The planned change. */
export interface Plan {
  /** The requests in order. Empty if nothing would change. */
  readonly requests: ReadonlyArray<PineconeClient.Request>
  readonly lost?: Partial<Lost>
  /** The confirmations that are still required with the given flags. */
  readonly questions?: ReadonlyArray<Confirmation.Subject>
  /** The decisions that lead to the requests, for JSON. */
  readonly plan?: typeof Json.DryRun.Encoded["plan"]
  readonly page?: Page
}

const toJson = ({ lost = {}, plan, questions = [], requests }: Plan): typeof Json.DryRun.Encoded => ({
  schema: "pcb.dry-run/v1",
  requests: requests.map(({ body, method, path }) => ({
    method,
    path,
    body: body === undefined ? null : JSON.parse(body)
  })),
  lost: {
    is_known: lost.isKnown ?? true,
    indexes: lost.indexes ?? [],
    schedules: lost.schedules ?? [],
    backups: lost.backups ?? [],
    left_without_backup: lost.leftWithoutBackup ?? []
  },
  questions: questions.map(({ action, flags, typed }) => ({ action, typed: typed ?? null, flags: flags ?? "--yes" })),
  ...(plan !== undefined && { plan })
})

/** The flags that give all confirmations. */
const flagsOf = ({ questions = [] }: Plan): string =>
  Array.dedupe(questions.flatMap(({ flags = "--yes" }) => flags.split(" "))).join(" ")

const linesOf = Effect.fnUntraced(function*(plan: Plan, format: typeof Globals.formats[number]) {
  switch (format) {
    case "json":
      return [yield* Output.json(toJson(plan))]
    case "ndjson":
      return [Format.json(toJson(plan))]
    case "tsv":
      return plan.page?.tsv ?? []
    case "id":
      return plan.page?.ids ?? []
    case "table":
    case "wide": {
      const screen = yield* Screen.Screen
      return yield* plan.page?.lines(format === "wide" ? { ...screen, columns: Infinity } : screen) ??
        Effect.succeed([])
    }
  }
})

/**
 * Prints the plan: JSON always with all fields, and its page in other formats. Without a page, notes have described it.
 * Then notes which flags are still needed, and that nothing was changed.
 */
export const print = Effect.fnUntraced(function*(plan: Plan) {
  yield* Output.lines(yield* linesOf(plan, yield* Output.chosenFormat))
  const flags = flagsOf(plan)
  yield* Note.info(`${flags === "" ? "" : `Requires ${flags} or confirmation at a prompt. `}Nothing was changed.`)
})
