/** `pcb status` */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import * as Handler from "../../Handler.ts"
import * as Documentation from "../../input/Documentation.ts"
import * as Flags from "../../input/Flags.ts"
import * as Projects from "../../input/Projects.ts"
import * as Target from "../../input/Target.ts"

const status = Command.make("status", {
  target: Target.several("index", "Name of an index; omit to show all indexes"),
  allProfiles: Projects.allProfiles,
  watch: Flags.duration("watch").pipe(
    Flag.withOptionalValue("5s"),
    Flags.isInterval,
    Flags.optional(
      "Refresh every 5s, or at this interval (--watch=30s), until Ctrl-C; -o json prints ndjson"
    )
  )
}).pipe(
  Documentation.of("Show backup status by index, and running operations", {
    "pcb status": "Show all indexes and running operations",
    "pcb status docs product-catalog --watch": "Watch two indexes",
    "pcb status --all-profiles": "Show the projects of all profiles on one page",
    "pcb status --json | jq -r '.data[] | select(.status != \"ok\").index_name'":
      "Print the names of indexes that are not ok"
  })
)

/** `pcb status` */
export const command = Handler.from(() => import("./handler.ts"))(
  status,
  (_) => _.status,
  ({ watch }) => Option.isNone(watch)
)
