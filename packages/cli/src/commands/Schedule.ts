/**
 * `pcb schedule`
 *
 * @since 0.1.0
 */
import * as Command from "effect/cli/Command"
import * as History from "./schedule/History.ts"
import * as Read from "./schedule/Read.ts"
import * as Write from "./schedule/Write.ts"

const [create, ...others] = Write.commands

/**
 * `pcb schedule`
 *
 * @category commands
 * @since 0.1.0
 */
export const command = Command.make("schedule").pipe(
  Command.withDescription("Backup schedules and their runs"),
  Command.withSubcommands([create, Read.list, Read.describe, ...others, History.history])
)
