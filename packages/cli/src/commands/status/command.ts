/** `pcb status` */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Handler from "../../Handler.ts"
import * as Documentation from "../../input/Documentation.ts"
import * as Flags from "../../input/Flags.ts"
import * as Target from "../../input/Target.ts"

const status = Command.make("status", {
  target: Target.several("index", "Name of the index; all, if none is named"),
  watch: Flags.duration("watch").pipe(
    Flag.withOptionalValue("5s"),
    Flags.isInterval,
    Flags.optional(
      "Look again and again, every 5s or as often as said (--watch=30s), until Ctrl-C; -o json prints ndjson"
    )
  )
}).pipe(
  Documentation.of("Show how the backups of each index are, and what is under way", {
    "pcb status": "Every index of the project, and what runs now",
    "pcb status docs product-catalog --watch": "Two of them, as they change",
    "pcb status --json | jq -r '.data[] | select(.status != \"ok\").index_name'": "What is not well"
  })
)

/** `pcb status` */
export const command = Handler.connected(() => import("./handler.ts"))(status, (_) => _.status)
