/** `pcb doctor` */
import * as Command from "effect/cli/Command"
import * as Handler from "../../Handler.ts"

const doctor = Command.make("doctor").pipe(
  Command.withDescription("Look at this set-up: key, network, service, terminal"),
  Command.withExamples([
    { command: "pcb doctor", description: "What is wrong here, and what to try" },
    { command: "pcb doctor --profile staging", description: "Whether another profile works" },
    { command: "pcb doctor -o json", description: "For a report, or a pipeline" }
  ])
)

/** `pcb doctor` */
export const command = Handler.from(() => import("./handler.ts"))(doctor, (_) => _.doctor)
