/** Handler of `pcb drill clean`. */
import * as DrillLeftovers from "@pinecone-backups/core/drill/DrillLeftovers"
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as DrillTarget from "@pinecone-backups/core/drill/DrillTarget"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Connection from "../../Connection.ts"
import * as DrillEngine from "../../engine/DrillEngine.ts"
import * as Provided from "../../engine/Provided.ts"
import type * as Json from "../../output/Json.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as PartialFailure from "../../output/PartialFailure.ts"
import * as Time from "../../output/Time.ts"
import * as Columns from "../../shared/Columns.ts"
import * as Confirmation from "../../shared/Confirmation.ts"
import * as Deletion from "../../shared/Deletion.ts"
import * as DryRun from "../../shared/DryRun.ts"
import * as Format from "../../terminal/Format.ts"
import * as DrillSession from "./DrillSession.ts"

interface Input {
  readonly unknown: boolean
  readonly yes: boolean
  readonly dryRun: boolean
}

/** A temporary index, and the entry of its drill in the log of this store. */
interface Found {
  readonly leftover: DrillLeftovers.Leftover
  readonly entry: DrillLog.DrillEntry | undefined
}

const find = Effect.gen(function*() {
  const log = yield* DrillLog.DrillLog
  const leftovers = yield* DrillLeftovers.list
  const entries = yield* log.getMany(leftovers.map(({ temporary }) => temporary.executionId))
  return leftovers.map((leftover): Found => ({ leftover, entry: entries.get(leftover.temporary.executionId) }))
})

const nameOf = ({ leftover }: Found): string => leftover.temporary.name

const view = Effect.map(Columns.make, ({ id, instant, text }): Output.View<Found> => ({
  toJson: ({ leftover: { since, state, temporary } }): typeof Json.DrillLeftover.Encoded => ({
    name: temporary.name,
    execution_id: temporary.executionId,
    state,
    since: Format.isoOrNull(since)
  }),
  id: nameOf,
  columns: [
    text("INDEX", nameOf),
    text("STATE", ({ leftover }) => leftover.state),
    instant("SINCE", ({ leftover }) => leftover.since),
    id("DRILL", ({ leftover }) => leftover.temporary.executionId, { dropAt: 1 })
  ]
}))

/** Returns the reason why a temporary index is kept. */
const reasonToKeep = ({ entry, leftover: { state } }: Found): string =>
  entry !== undefined
    ? entry.problem === null
      ? "its drill has not ended"
      : "its drill is unreadable in the log, and may be running"
    : state === "unknown"
    ? "its drill is not in this store, and its age is unknown; use --include-unknown to delete it"
    : "it is recent, and its drill may be in another store; use --include-unknown to delete it"

const log = Effect.gen(function*() {
  if (yield* Connection.isDemo) return DrillLog.layerMemory
  return DrillEngine.layerStore(yield* DrillSession.store)
})

/** `pcb drill clean` */
export const clean = Effect.fnUntraced(function*(input: Input) {
  const { dryRun, unknown, yes } = input
  const services = Layer.merge(yield* log, DrillSession.onConnection(DrillTarget.layer))
  yield* Provided.by(services)(
    Effect.gen(function*() {
      const found = yield* find
      const isDeleted = ({ entry, leftover: { state } }: Found) =>
        state === "leftover" || (unknown && entry === undefined)
      const going = found.filter(isDeleted)
      for (const index of found.filter((index) => !isDeleted(index))) {
        yield* Note.info(`Keeping ${nameOf(index)}: ${reasonToKeep(index)}`)
      }
      if (going.length === 0) {
        yield* Note.info("No temporary indexes to delete")
        if (dryRun) yield* DryRun.print({ requests: [] })
        return
      }
      const now = yield* Time.now
      const consequences = [
        Deletion.heading(dryRun),
        ...going.map(({ leftover: { since, temporary } }) =>
          `  ${temporary.name}${since === null ? "" : `, from ${Format.relative(since, now)}`}`
        )
      ]
      const action = going.length === 1 ? "delete 1 temporary index" : `delete ${going.length} temporary indexes`
      if (dryRun) {
        yield* Note.info(...consequences)
        return yield* DryRun.print({
          requests: going.map((index) => ({ method: "DELETE", path: `/indexes/${nameOf(index)}` })),
          lost: { indexes: going.map(nameOf) },
          questions: yes ? [] : [{ action }]
        })
      }
      yield* Confirmation.ask({ consequences, action }, yes)
      const { deleted, failures } = yield* Deletion.each(
        going,
        nameOf,
        ({ leftover }) => DrillLeftovers.remove(leftover.temporary)
      )
      yield* PartialFailure.finish(failures, Output.made(yield* view, deleted, true))
    })
  )
})
