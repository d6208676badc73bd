/** Handler of `pcb demo`. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Connection from "../../Connection.ts"
import * as Globals from "../../input/Globals.ts"
import type * as Target from "../../input/Target.ts"
import type { Reported } from "../../output/CliFailure.ts"
import * as ExitCode from "../../output/ExitCode.ts"
import * as Note from "../../output/Note.ts"
import * as Screen from "../../terminal/Screen.ts"
import * as Audit from "../audit/handler.ts"
import * as Drill from "../drill/run-handler.ts"
import * as Policy from "../policy/plan-handler.ts"
import * as Recover from "../recover/handler.ts"
import * as History from "../schedule/history-handler.ts"
import * as Status from "../status/handler.ts"

const none = Option.none()

/** Runs the tour on the demo project. Defaults the output format to a table, because the tour is for people. */
const onDemo = <A, E, R>(tour: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Globals.Output, (chosen) =>
    tour.pipe(
      Effect.provideService(Globals.Demo, Option.some(true)),
      Effect.provideService(Globals.Output, Option.orElseSome(chosen, () => "table" as const)),
      // The findings of the demo project are no failure of the tour.
      Effect.provideService(ExitCode.Decided, () => Effect.void)
    ))

const named = (...argument: ReadonlyArray<string>): Target.Several => ({ argument, flag: [] })

/** A command and its output. */
const step = <E, R>(title: string, args: string, shows: Effect.Effect<void, E | Reported, R>) =>
  Effect.gen(function*() {
    const { errorStyle } = yield* Screen.Screen
    yield* Console.error(`\n${errorStyle("bold", `# ${title}`)}\n$ pcb ${args} --demo`)
    yield* Effect.catchTag(shows, "Reported", () => Effect.void)
  })

const status = Status.status({ target: named(), allProfiles: false, watch: none })

const audit = Audit.audit({
  target: named("product-catalog", "docs"),
  output: none,
  policy: none,
  maxAge: none,
  minCopies: none,
  maxShrink: none,
  quota: none,
  since: none,
  only: [],
  skip: [],
  failOn: none,
  allowEmpty: false,
  allProfiles: false,
  timeout: none,
  ping: none,
  listen: none,
  allowHosts: [],
  interval: none
})

const recovery = Recover.run({
  target: { argument: Option.some("blog-2024"), flag: none },
  at: none,
  backup: none,
  to: none,
  replace: none,
  indexId: none,
  every: none,
  keep: none,
  scheduleName: none,
  noSchedule: false,
  protect: none,
  policy: none,
  verify: none,
  recountAfter: none,
  noBackup: false,
  timeout: none,
  yes: false,
  dryRun: true
})

const drill = Drill.run({
  target: named("docs"),
  all: false,
  due: false,
  within: none,
  policy: none,
  pick: none,
  verify: none,
  sample: none,
  tolerance: none,
  grace: none,
  recountAfter: none,
  timeout: none,
  maxSize: none,
  indexQuota: none,
  concurrency: none,
  probe: false,
  detach: false,
  dryRun: true
})

const plan = Policy.plan({
  target: named(),
  policy: none,
  output: none,
  out: none,
  validFor: none,
  deleteExtra: false,
  allProfiles: false
})

/** `pcb demo` */
export const demo = Effect.fnUntraced(
  function*() {
    yield* Note.always("A demo project in this process: no account, no key, no network.")
    yield* step("Is everything backed up?", "status", status)
    yield* step("What is wrong, and which command fixes it?", "audit product-catalog docs", audit)
    yield* step(
      "90 days of one index at a glance",
      "schedule history docs",
      Connection.connected(History.showPicture("docs", {}))
    )
    yield* step(
      "An index was deleted: what would bring it back?",
      "recover blog-2024 --dry-run",
      Connection.connected(recovery)
    )
    yield* step("Can a backup be restored? A drill tries it", "drill run docs --dry-run", Connection.connected(drill))
    yield* step("Does the project match its policy?", "policy plan", plan)
    yield* Note.always(
      "",
      "Every command works with --demo, without changing anything real:",
      "  pcb recover blog-2024 --demo   (restores the deleted index in seconds)",
      "  pcb drill run docs --demo      (restores a backup, checks it and removes it)",
      "For your own project, start with:",
      "  export PINECONE_API_KEY=…",
      "  pcb doctor                     (checks the key and the connection)",
      "  pcb status",
      "  pcb audit"
    )
  },
  onDemo
)
