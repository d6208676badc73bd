/** Whether an audit has printed its status. If it ends before that, an unknown status is printed, once. */
import * as Context from "effect/Context"

/** The state of one run of the program. `Cli.run` provides a new one. */
export const Verdict = Context.Reference<{ isSaid: boolean }>("@pinecone-backups/cli/shared/Verdict", {
  defaultValue: () => ({ isSaid: false })
})
