/** Signal from a drill to its round when the drill has ended. */
import * as DurableDeferred from "effect/workflow/DurableDeferred"
import * as DrillReport from "../DrillReport.ts"

/**
 * The signal of one drill. A round does not wait for the result of the workflow: the engine does not wake a workflow whose
 * child was interrupted while it slept.
 */
export const of = (name: string) => DurableDeferred.make(`ended/${name}`, { success: DrillReport.Outcome })

/** Signals that a drill has ended. Idempotent. */
export const signal = (token: DurableDeferred.Token, outcome: DrillReport.Outcome) =>
  // The token includes the name of the signal.
  DurableDeferred.succeed(of(""), { token, value: outcome })
