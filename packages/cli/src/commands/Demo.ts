/**
 * `pcb demo`
 *
 * @since 0.1.0
 */
import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Restore from "./Restore.ts"
import * as Schedule from "./Schedule.ts"

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
    const Demo = yield* Effect.promise(() => import("../Demo.ts"))
    yield* Effect.gen(function*() {
      yield* Console.error("A demo project in this process: no account, no key, no network.\n")
      yield* Console.error(`$ pcb --demo schedule history ${Demo.scheduleId} --limit 12`)
      yield* Schedule.showHistory(Demo.scheduleId, Option.some(12))
      yield* Console.error(`\n$ pcb --demo restore describe ${Demo.restoreJobId}`)
      yield* Restore.showJob(Demo.restoreJobId)
      yield* Console.error("\nOn your own project: export PINECONE_API_KEY=…, and leave --demo out.")
    }).pipe(Effect.provide(Demo.layer({})))
  })
).pipe(Command.withDescription("Show what this program does, on a made-up project"))
