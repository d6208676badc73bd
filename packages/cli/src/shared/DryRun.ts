/** Prints the result of `--dry-run`: requests, losses and missing confirmations. */
import type * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as Globals from "../input/Globals.ts"
import type * as Json from "../output/Json.ts"
import * as Note from "../output/Note.ts"
import * as Output from "../output/Output.ts"
import * as Format from "../terminal/Format.ts"
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

/** The planned change. */
export interface Plan {
  /** The requests in order. Empty if nothing would change. */
  readonly requests: ReadonlyArray<PineconeClient.Request>
  readonly lost?: Partial<Lost>
  /** The confirmations that are still required with the given flags. */
  readonly questions?: ReadonlyArray<Confirmation.Subject>
}

const toJson = ({ lost = {}, questions = [], requests }: Plan): typeof Json.DryRun.Encoded => ({
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
  questions: questions.map(({ action, flags, typed }) => ({ action, typed: typed ?? null, flags: flags ?? "--yes" }))
})

/** The flags that give all confirmations. */
const flagsOf = ({ questions = [] }: Plan): string =>
  Array.dedupe(questions.flatMap(({ flags = "--yes" }) => flags.split(" "))).join(" ")

/**
 * Prints the plan if the output is JSON, always with all fields. Otherwise, notes have described it. Also notes which
 * flags are still needed, and that nothing was changed.
 */
export const print = Effect.fnUntraced(function*(plan: Plan) {
  const flags = flagsOf(plan)
  yield* Note.info(`${flags === "" ? "" : `Requires ${flags} or confirmation at a prompt. `}Nothing was changed.`)
  const format = yield* Output.chosenFormat
  if (!Globals.isJson(format)) return
  const document = toJson(plan)
  yield* Output.lines([format === "ndjson" ? Format.json(document) : yield* Output.json(document)])
})
