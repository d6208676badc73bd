/** `pcb config` */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as SettingNames from "../../config/SettingNames.ts"
import * as Handler from "../../Handler.ts"
import * as Documentation from "../../input/Documentation.ts"

const show = Command.make("show").pipe(
  Documentation.of("Show every setting and its source; the API key is masked", {
    "pcb config show": "Show the settings in use",
    "pcb config show --profile staging": "Show the settings of another profile"
  })
)

const path = Command.make("path").pipe(
  Documentation.of("Print the path of the configuration file", { "cat \"$(pcb config path)\"": "Show the file" })
)

const names = [...SettingNames.names, "profile"] as const

const name = Argument.Literals("setting", names).pipe(Argument.withDescription(`One of ${names.join(", ")}`))

const set = Command.make("set", {
  name,
  value: Argument.String("value").pipe(
    Argument.withDescription(
      "Value to set; omit it for api-key, to enter the key at a prompt or on standard input"
    ),
    Argument.optional
  )
}).pipe(
  Documentation.of("Write a setting to the configuration file", {
    "pcb config set output wide": "Print wide tables by default",
    "pcb config set api-key --profile staging": "Prompt for an API key and save it in a profile",
    "pcb config set profile staging": "Set the default profile"
  })
)

const unset = Command.make("unset", { name }).pipe(
  Documentation.of("Remove a setting from the configuration file", {
    "pcb config unset output": "Restore the default output format"
  })
)

const config = Command.make("config").pipe(
  Documentation.of("Show and change settings for all commands", {
    "pcb config": "Show every setting and its source",
    "pcb config set host http://127.0.0.1:5081 --profile local": "Create a profile for the emulator"
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
