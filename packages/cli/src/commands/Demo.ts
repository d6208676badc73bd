/**
 * `pcb demo`
 *
 * @since 0.1.0
 */
import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Globals from "../Globals.ts"
import * as Restore from "./Restore.ts"
import * as Schedule from "./Schedule.ts"

/** Loaded only when it is asked for. */
const loadDemo = Effect.promise(() => import("../Demo.ts"))

/** The tour is for people, wherever they read it. */
const asTable = <A, E, R>(tour: Effect.Effect<A, E, R>) =>
  Effect.flatMap(
    Globals.Output,
    (chosen) => Effect.provideService(tour, Globals.Output, Option.orElseSome(chosen, () => "table" as const))
  )

/**
 * `pcb demo`
 *
 * @category commands
 * @since 0.1.0
 */
export const command = Command.make(
  "demo",
  {},
  Effect.fnUntraced(function*() {
    const { restoreJobId, scheduleId } = yield* loadDemo
    yield* Console.error("A demo project in this process: no account, no key, no network.\n")
    yield* Console.error(`$ pcb --demo schedule history ${scheduleId} --limit 12`)
    yield* Schedule.showHistory(scheduleId, Option.some(12))
    yield* Console.error(`\n$ pcb --demo restore describe ${restoreJobId}`)
    yield* Restore.showJob(restoreJobId)
    yield* Console.error("\nOn your own project: export PINECONE_API_KEY=…, and leave --demo out.")
  }, asTable)
).pipe(
  Command.withDescription("Show what this program does, on a made-up project"),
  Command.provide(Layer.unwrap(Effect.map(loadDemo, (Demo) => Demo.layer({}))))
)
