/** Advice about resources that do not exist: similar names, and remaining backups of deleted indexes. */
import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import * as Copies from "@pinecone-backups/core/health/Copies"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { CliFailure } from "../output/CliFailure.ts"
import * as CommandLine from "../output/CommandLine.ts"
import * as DescribeError from "../output/DescribeError.ts"
import * as Help from "../output/Help.ts"
import * as Time from "../output/Time.ts"
import * as Format from "../terminal/Format.ts"
import * as CopyView from "./CopyView.ts"

/** Maximum number of suggested names. */
const mostProposed = 3

/** Advice for an error report. */
interface Advice {
  readonly details?: ReadonlyArray<string>
  readonly hint: CommandLine.Hint
}

/** The command that restores a deleted index. It asks before it restores, or refuses, if no backup is known to be good. */
const recovery = (name: string) => CommandLine.make`pcb recover ${name}`

/**
 * Advice about an index that does not exist, if any. `alsoKnown` are other names that may have been meant. Names
 * `pcb recover` unless it is certain that the index has no backups.
 */
export const advice = (name: string, alsoKnown: ReadonlyArray<string> = []) =>
  Effect.gen(function*() {
    const backups = yield* Backups.Backups
    // The original error is reported even if these lookups fail.
    const indexes = yield* (yield* Indexes.Indexes).list.pipe(
      Effect.map((all) => all.map((index) => String(index.name))),
      Effect.option
    )
    // The service may not find an index that exists.
    if (Option.exists(indexes, (all) => all.includes(name))) return undefined
    const names = new Set([...Option.getOrElse(indexes, () => []), ...alsoKnown])
    const left = yield* backups.list().pipe(
      Stream.filter(({ sourceIndexName }) => {
        // A deleted index may be meant.
        if (sourceIndexName) names.add(sourceIndexName)
        return sourceIndexName === name
      }),
      Stream.runCollect,
      Effect.option
    )
    const recover = recovery(name)
    if (Option.isSome(left) && left.value.some((backup) => !Backup.isFailed(backup)) && recover !== undefined) {
      const copies = yield* CopyView.judge(left.value, yield* Time.now)
      const advice: Advice = {
        details: [`Index ${Format.plain(name)} does not exist, but ${Copies.remainingText(Copies.remaining(copies))}`],
        hint: recover
      }
      return advice
    }
    names.delete(name)
    const meant = Help.nearest(name, [...names]).slice(0, mostProposed)
    const similar = meant.length === 0 ? undefined : `did you mean ${meant.map(Format.plain).join(" or ")}?`
    const hint = Option.isSome(left) ? similar : CommandLine.within(recover, {
      before: `${similar === undefined ? "" : `${similar} `}if the index was deleted: `,
      otherwise: similar
    })
    if (hint === undefined) return undefined
    const advice: Advice = { hint }
    return advice
  })

const isNotFound = Predicate.isTagged("PineconeNotFound")

/** Adds advice to the error if an index does not exist. */
export const explained = (index: string) => explainedAny([index])

/** Adds advice to the error if one of several indexes does not exist. */
export const explainedAny = (names: ReadonlyArray<string>) => <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.catch(
    self,
    Effect.fnUntraced(function*(error) {
      const name = isNotFound(error) ? yield* missingOf(names) : undefined
      const found = name === undefined ? undefined : yield* advice(name)
      return yield* Effect.fail(
        found === undefined ? error : new CliFailure({ ...DescribeError.toReport(error), ...found })
      )
    })
  )

/** The first name without an index, if the indexes can be listed, or the only name. */
const missingOf = Effect.fnUntraced(function*(names: ReadonlyArray<string>) {
  if (names.length <= 1) return names[0]
  const all = yield* Effect.option((yield* Indexes.Indexes).list)
  return names.find((name) => Option.exists(all, (indexes) => indexes.every((index) => index.name !== name)))
})
