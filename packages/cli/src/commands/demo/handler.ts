/** Handler of `pcb demo`. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as DemoProject from "../../demo/DemoProject.ts"
import * as Globals from "../../input/Globals.ts"
import * as Note from "../../output/Note.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Restore from "../restore/handler.ts"
import * as History from "../schedule/history-handler.ts"
import * as Read from "../schedule/read-handler.ts"

/** Defaults the output format to a table, because the tour is for people. */
const asTable = <A, E, R>(tour: Effect.Effect<A, E, R>) =>
  Effect.flatMap(
    Globals.Output,
    (chosen) => Effect.provideService(tour, Globals.Output, Option.orElseSome(chosen, () => "table" as const))
  )

const step = <E, R>(title: string, args: string, shows: Effect.Effect<void, E, R>) =>
  Effect.gen(function*() {
    const { errorStyle } = yield* Screen.Screen
    yield* Console.error(`\n${errorStyle("bold", `# ${title}`)}\n$ pcb --demo ${args}`)
    yield* shows
  })

/** `pcb demo` */
export const demo = Effect.fnUntraced(
  function*() {
    yield* Note.always("A demo project in this process: no account, no key, no network.")
    yield* step("Is everything backed up?", "schedule list", Read.showList([], false))
    yield* step("90 days of one index at a glance", "schedule history docs", History.showPicture("docs", {}))
    yield* step(
      "What went wrong?",
      "schedule history product-catalog --limit 3",
      History.showRows("product-catalog", { limit: 3 })
    )
    yield* step(
      "How did the restore go?",
      `restore describe ${DemoProject.restoreJobId}`,
      Restore.showJob(DemoProject.restoreJobId)
    )
    yield* Note.always(
      "",
      "Every command works with --demo, without changing anything real:",
      "  pcb --demo schedule update docs --keep 7",
      "For your own project, export PINECONE_API_KEY=… and omit --demo."
    )
  },
  asTable
)
