/** Handlers of `pcb drill list` and `pcb drill show`, which only read the store. */
import * as DrillLog from "@pinecone-backups/core/drill/DrillLog"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Connection from "../../Connection.ts"
import * as Attachment from "../../engine/Attachment.ts"
import * as DrillEngine from "../../engine/DrillEngine.ts"
import * as Provided from "../../engine/Provided.ts"
import * as Rounds from "../../engine/Rounds.ts"
import * as Store from "../../engine/Store.ts"
import * as Flags from "../../input/Flags.ts"
import * as Target from "../../input/Target.ts"
import * as CommandLine from "../../output/CommandLine.ts"
import * as Note from "../../output/Note.ts"
import * as Output from "../../output/Output.ts"
import * as Drills from "./Drills.ts"
import * as DrillView from "./DrillView.ts"

/** The configured store, if it exists. The demo project has no store. Does not create a store. */
const existing = Effect.gen(function*() {
  if (yield* Connection.isDemo) return undefined
  yield* Store.resolve
  return yield* Store.existing
})

/** The drill log of a project without a store: empty, or with the drills of the demo project. */
const logInMemory = Effect.gen(function*() {
  if (!(yield* Connection.isDemo)) return DrillLog.layerMemory
  return (yield* Effect.promise(() => import("./DemoLog.ts"))).layer
})

const withStore = Effect.fnUntraced(function*<A, E, R>(
  self: (store: Store.Store | undefined) => Effect.Effect<A, E, R>
) {
  const store = yield* existing
  return yield* Provided.by(
    store === undefined ? Layer.merge(yield* logInMemory, Rounds.layerMemory) : DrillEngine.layerStore(store)
  )(self(store))
})

/** Prints a note if drills have not ended and the store has no runner. */
const noteIdle = Effect.fnUntraced(function*(store: Store.Store | undefined, drills: ReadonlyArray<Drills.Drill>) {
  const waiting = drills.filter(Drills.isOpen)
  const [first] = waiting
  if (store === undefined || first === undefined || (yield* Attachment.hasRunner(store))) return
  yield* Note.info(
    `${waiting.length === 1 ? "1 drill has" : `${waiting.length} drills have`} not ended, and no process runs ${
      waiting.length === 1 ? "it" : "them"
    }`
  )
  yield* Note.nextStep(
    waiting.length === 1 ? CommandLine.make`pcb drill run ${first.indexName}` : CommandLine.make`pcb drill run INDEX…`
  )
})

interface ListInput {
  readonly index: Option.Option<string>
  readonly limit: Option.Option<number>
}

/** `pcb drill list` */
export const list = ({ index, limit }: ListInput) =>
  withStore(Effect.fnUntraced(function*(store) {
    const log = yield* DrillLog.DrillLog
    const format = yield* Output.chosenFormat
    const isTable = format === "table" || format === "wide"
    const most = Option.orElse(limit, () => isTable ? Option.some(Flags.rowsInTable) : Option.none())
    const name = Option.getOrUndefined(Option.map(index, (name) => PineconeIndex.IndexName.make(name)))
    const entries = yield* log.list({
      ...(name !== undefined && { index: name }),
      ...(Option.isSome(most) && { limit: most.value + 1 })
    })
    const queued = (yield* Drills.queued).filter(({ indexName }) => name === undefined || indexName === name)
    const drills = [...queued, ...entries.map(Drills.ofEntry)]
    yield* Output.list(yield* DrillView.list, Stream.fromIterable(drills), { limit: most, empty: "No drills" })
    yield* noteIdle(store, drills)
  }))

/** `pcb drill show` */
export const show = ({ target }: { readonly target: Target.One }) =>
  withStore(Effect.fnUntraced(function*(store) {
    const drill = yield* Target.all(target).length === 0 ? Drills.newest : Drills.find(Target.of(target))
    yield* Output.one(yield* DrillView.detail, drill)
    yield* noteIdle(store, [drill])
  }))
