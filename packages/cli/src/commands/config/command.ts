/** `pcb config` */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as SettingNames from "../../config/SettingNames.ts"
import * as Handler from "../../Handler.ts"

const show = Command.make("show").pipe(
  Command.withDescription("Show every setting and where it comes from; of the key, that there is one"),
  Command.withExamples([
    { command: "pcb config show", description: "What holds here" },
    { command: "pcb config show --profile staging", description: "What would hold with another profile" }
  ])
)

const path = Command.make("path").pipe(
  Command.withDescription("Print where the configuration file is"),
  Command.withExamples([{ command: "cat \"$(pcb config path)\"", description: "What is in it" }])
)

const names = [...SettingNames.names, "profile"] as const

const name = Argument.Literals("setting", names).pipe(Argument.withDescription(`One of ${names.join(", ")}`))

const set = Command.make("set", {
  name,
  value: Argument.String("value").pipe(
    Argument.withDescription("Its value; left out for api-key, which is asked for or read from standard input"),
    Argument.optional
  )
}).pipe(
  Command.withDescription("Write a setting into the configuration file"),
  Command.withExamples([
    { command: "pcb config set output wide", description: "For every command" },
    {
      command: "pcb config set api-key --profile staging",
      description: "Asks for the key, and keeps it for a profile"
    },
    { command: "pcb config set profile staging", description: "The profile to use from now on" }
  ])
)

const unset = Command.make("unset", { name }).pipe(
  Command.withDescription("Take a setting out of the configuration file"),
  Command.withExamples([{ command: "pcb config unset output", description: "Back to the default" }])
)

const config = Command.make("config").pipe(
  Command.withDescription("Settings that hold for every command, and where they come from"),
  Command.withExamples([
    { command: "pcb config", description: "Every setting and its source" },
    { command: "pcb config set host http://127.0.0.1:5081 --profile local", description: "A profile for the emulator" }
  ])
)

const run = Handler.from(() => import("./handler.ts"))

/** `pcb config` */
export const command = run(config, (_) => _.show).pipe(
  Command.withSubcommands([
    run(show, (_) => _.show),
    run(path, (_) => () => _.path),
    run(set, (_) => _.set),
    run(unset, (_) => _.unset)
  ])
)
