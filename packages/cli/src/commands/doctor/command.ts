/** `pcb doctor` */
import * as Command from "effect/cli/Command"
import * as Handler from "../../Handler.ts"
import * as Documentation from "../../input/Documentation.ts"

const doctor = Command.make("doctor").pipe(
  Documentation.of("Look at this set-up: key, network, service, terminal", {
    "pcb doctor": "What is wrong here, and what to try",
    "pcb doctor --profile staging": "Whether another profile works",
    "pcb doctor -o json": "For a report, or a pipeline"
  })
)

/** `pcb doctor` */
export const command = Handler.from(() => import("./handler.ts"))(doctor, (_) => _.doctor)
