/** Which fault happens to a request. */
import * as Array from "effect/Array"
import * as DateTime from "effect/DateTime"
import type * as Fault from "../Fault.ts"

/** The rules that are not over at a time. */
export const remaining = (rules: ReadonlyArray<Fault.Rule>, now: DateTime.Utc): ReadonlyArray<Fault.Rule> =>
  rules.filter(({ until }) => until === undefined || DateTime.isGreaterThan(until, now))

/**
 * The fault that happens to a request at a time, and the rules for those after it. The first rule with something left to
 * do takes the request; a rule that is still to skip requests lets it go on to the next.
 */
export const take = (
  rules: ReadonlyArray<Fault.Rule>,
  operation: Fault.Operation | undefined,
  now: DateTime.Utc
): readonly [Fault.Fault | undefined, ReadonlyArray<Fault.Rule>] => {
  let fault: Fault.Fault | undefined
  const others = Array.flatMap(remaining(rules, now), (rule): ReadonlyArray<Fault.Rule> => {
    const { skip = 0, until } = rule
    const times = rule.times ?? (until === undefined ? 1 : "always")
    if (fault !== undefined || (rule.operation !== "*" && rule.operation !== operation)) return [rule]
    if (skip > 0) return [{ ...rule, skip: skip - 1 }]
    fault = rule.fault
    return times === "always" ? [rule] : times === 1 ? [] : [{ ...rule, times: times - 1 }]
  })
  return [fault, others]
}
