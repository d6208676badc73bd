/** `pcb doctor` */
import * as Command from "effect/cli/Command"
import * as Handler from "../../Handler.ts"
import * as Documentation from "../../input/Documentation.ts"

const doctor = Command.make("doctor").pipe(
  Documentation.of("Check the setup: API key, network, service, terminal", {
    "pcb doctor": "Check the setup and print fixes",
    "pcb doctor --profile staging": "Check another profile",
    "pcb doctor -o json": "Print the checks as JSON"
  })
)

/** `pcb doctor` */
export const command = Handler.from(() => import("./handler.ts"))(doctor, (_) => _.doctor)
