/** What `--dry-run` tells a program: what would be sent, what would be lost by it, and what would be asked first. */
import type * as PineconeClient from "@pinecone-backups/core/PineconeClient"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as Globals from "../input/Globals.ts"
import type * as Json from "../output/Json.ts"
import * as Note from "../output/Note.ts"
import * as Output from "../output/Output.ts"
import * as Format from "../terminal/Format.ts"
import type * as Confirmation from "./Confirmation.ts"

/** What would be lost. */
export interface Lost {
  /** Whether all of it is known. */
  readonly isKnown: boolean
  /** The names of indexes that go with their data. */
  readonly indexes: ReadonlyArray<string>
  /** The ids of schedules. */
  readonly schedules: ReadonlyArray<string>
  /** The ids of backups. */
  readonly backups: ReadonlyArray<string>
  /** The names of the indexes that would be left without a good backup. */
  readonly leftWithoutBackup: ReadonlyArray<string>
}

/** What would be done. */
export interface Plan {
  /** What would be sent, in this order. Nothing, if nothing would be changed. */
  readonly requests: ReadonlyArray<PineconeClient.Request>
  readonly lost?: Partial<Lost>
  /** The questions that the flags of the command line leave open. */
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

/** The flags that answer all questions. */
const flagsOf = ({ questions = [] }: Plan): string =>
  Array.dedupe(questions.flatMap(({ flags = "--yes" }) => flags.split(" "))).join(" ")

/**
 * Prints what would be done where the result is to be JSON: the whole document, whatever fields were asked for. For
 * people, notes have said it; this adds the flags that it needs, and that nothing was changed.
 */
export const print = Effect.fnUntraced(function*(plan: Plan) {
  const flags = flagsOf(plan)
  yield* Note.info(`${flags === "" ? "" : `This needs ${flags}, or a terminal to ask on. `}Nothing was changed.`)
  const format = yield* Output.chosenFormat
  if (!Globals.isJson(format)) return
  const document = toJson(plan)
  yield* Output.lines([format === "ndjson" ? Format.json(document) : yield* Output.json(document)])
})
