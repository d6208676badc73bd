/** Whether an audit has said how things are. What ends it before has to say that nothing is known, once. */
import * as Context from "effect/Context"

/** What one run of the program keeps of it. `Cli.run` provides a new one. */
export const Verdict = Context.Reference<{ isSaid: boolean }>("@pinecone-backups/cli/shared/Verdict", {
  defaultValue: () => ({ isSaid: false })
})
