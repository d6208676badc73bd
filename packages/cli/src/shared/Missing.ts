/** Advice about resources that do not exist: similar names, and remaining backups of deleted indexes. */
import * as Backup from "@pinecone-backups/core/Backup"
import * as Backups from "@pinecone-backups/core/Backups"
import * as Indexes from "@pinecone-backups/core/Indexes"
import type * as PineconeError from "@pinecone-backups/core/PineconeError"
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
  readonly hint: string
}

/** Advice about an index that does not exist, if any. `alsoKnown` are other names that may have been meant. */
export const advice = (name: string, alsoKnown: ReadonlyArray<string> = []) =>
  Effect.gen(
    function*(): Effect.fn.Return<Advice | undefined, PineconeError.ListError, Backups.Backups | Indexes.Indexes> {
      const backups = yield* Backups.Backups
      const indexes = (yield* (yield* Indexes.Indexes).list).map((index) => String(index.name))
      const left = yield* backups.list().pipe(
        Stream.filter((backup) => backup.sourceIndexName === name),
        Stream.runCollect
      )
      const count = left.filter(Backup.isReady).length
      const list = CommandLine.make`pcb backup list --index ${name} --include-deleted`
      // The service may not find an index that exists.
      if (count > 0 && list !== undefined && !indexes.includes(name)) {
        const best = CopyView.best(CopyView.judge(left, yield* Time.now))
        // Suggest only a restore that needs no confirmation.
        const isGood = best !== undefined && CopyView.flawOf(best) === undefined
        const restore = CommandLine.make`pcb restore start ${`${name}@latest`} --name ${name}`
        const [what, doubt] = count === 1
          ? ["1 backup of it is left", "which is not known to be good"]
          : [`${Format.count(count)} backups of it are left`, "none of which is known to be good"]
        return {
          details: [`Index ${Format.plain(name)} does not exist, but ${what}${isGood ? "" : `, ${doubt}`}`],
          hint: [list, ...(isGood ? [restore] : [])].filter(Predicate.isNotUndefined).join(", or ")
        }
      }
      const all = [...indexes, ...alsoKnown].filter((known) => known !== name)
      const meant = Help.nearest(name, all).slice(0, mostProposed)
      return meant.length === 0 ? undefined : { hint: `did you mean ${meant.map(Format.plain).join(" or ")}?` }
      // The original error is reported even if this lookup fails.
    }
  ).pipe(Effect.option, Effect.map(Option.getOrUndefined))

const isNotFound = Predicate.isTagged("PineconeNotFound")

/** Adds advice to the error if an index does not exist. */
export const explained = (index: string) =>
<A, E, R>(
  self: Effect.Effect<A, E, R>
): Effect.Effect<A, E | CliFailure, R | Backups.Backups | Indexes.Indexes> =>
  Effect.catch(self, (error) =>
    isNotFound(error)
      ? Effect.flatMap(
        advice(index),
        (advice): Effect.Effect<never, E | CliFailure> =>
          Effect.fail(
            advice === undefined ? error : new CliFailure({ ...DescribeError.toReport(error), ...advice })
          )
      )
      : Effect.fail(error))
