/** `pcb config` */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as SettingNames from "../../config/SettingNames.ts"
import * as Handler from "../../Handler.ts"
import * as Documentation from "../../input/Documentation.ts"

const show = Command.make("show").pipe(
  Documentation.of("Show every setting and where it comes from; of the key, that there is one", {
    "pcb config show": "What holds here",
    "pcb config show --profile staging": "What would hold with another profile"
  })
)

const path = Command.make("path").pipe(
  Documentation.of("Print where the configuration file is", { "cat \"$(pcb config path)\"": "What is in it" })
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
  Documentation.of("Write a setting into the configuration file", {
    "pcb config set output wide": "For every command",
    "pcb config set api-key --profile staging": "Asks for the key, and keeps it for a profile",
    "pcb config set profile staging": "The profile to use from now on"
  })
)

const unset = Command.make("unset", { name }).pipe(
  Documentation.of("Take a setting out of the configuration file", { "pcb config unset output": "Back to the default" })
)

const config = Command.make("config").pipe(
  Documentation.of("Settings that hold for every command, and where they come from", {
    "pcb config": "Every setting and its source",
    "pcb config set host http://127.0.0.1:5081 --profile local": "A profile for the emulator"
  })
)

const run = Handler.from(() => import("./handler.ts"), "config")

/** `pcb config` */
export const command = run(config, (_) => _.show).pipe(
  Command.withSubcommands([
    run(show, (_) => _.show),
    run(path, (_) => () => _.path),
    run(set, (_) => _.set),
    run(unset, (_) => _.unset)
  ])
)
