/** `pcb demo` */
import * as Command from "effect/cli/Command"
import * as Handler from "../../Handler.ts"

/** `pcb demo` */
export const command = Handler.unconnected(() => import("./handler.ts"))(
  Command.make("demo").pipe(Command.withDescription("Show what pcb does, using a demo project")),
  (_) => _.demo
)
