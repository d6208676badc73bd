import { assert, describe, it } from "@effect/vitest"
import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Long from "../../../core/test/long.ts"
import * as PlanMarkdown from "../../src/commands/policy/PlanMarkdown.ts"
import * as PlanSummary from "../../src/commands/policy/PlanSummary.ts"
import * as PlanText from "../../src/commands/policy/PlanText.ts"
import * as PlanView from "../../src/commands/policy/PlanView.ts"
import * as Text from "../../src/terminal/Text.ts"
import * as Health from "../health.ts"
import { plainScreen } from "../screens.ts"
import * as Worlds from "./worlds.ts"

describe("policy plan", () => {
  it.effect.prop(
    "prints what the exit code says, in every format and at every width",
    {
      policy: Worlds.policies,
      states: Worlds.projects,
      columns: Arbitrary.schema(Schema.Literals([30, 40, 80, 120])),
      deleteExtra: Arbitrary.schema(Schema.Boolean)
    },
    ({ columns, deleteExtra, policy, states }) =>
      Effect.gen(function*() {
        const wanted = yield* Effect.result(BackupPolicy.decode(policy))
        if (Result.isFailure(wanted)) return
        const plan = SchedulePlan.make(wanted.success, Worlds.factsOf(states), { deleteExtra })
        const summary = PlanSummary.of(plan)
        const exitCode = PlanSummary.exitCodes[summary.verdict]
        const lines = PlanText.lines(plan, summary, plainScreen(columns), { connection: Health.connection })
        // The summary is the only text that starts in the first column, apart from names.
        const text = PlanText.summary(summary, plainScreen(columns)).join(" ").replaceAll(/ +/g, " ")
        const markdown = PlanMarkdown.lines(plan, summary, plan.at, Health.connection).join("\n")
        assert.strictEqual(exitCode === 0, text.includes("no changes"))
        assert.strictEqual(exitCode === 0, markdown.startsWith("### Backup policy: no changes\n"))
        assert.strictEqual(exitCode === 2, markdown.startsWith("### Backup policy: changes\n"))
        assert.strictEqual(exitCode === 2, /^▲ .*(changes? to|blocked)/.test(text))
        assert.strictEqual(exitCode === 3, /^\? \d+ facts? unknown/.test(text))
        assert.strictEqual(
          exitCode === 0,
          PlanView.tsv(plan).every((row) => row.split("\t")[1] === "extra") && PlanView.names(plan).length === 0
        )
        for (const line of lines) assert.isAtMost(Text.width(line), columns, line)
        // Nothing is left out at any width.
        const printed = lines.join(" ").replaceAll(/\s+/g, "")
        for (const { indexName } of [...plan.steps, ...plan.blocked]) assert.include(printed, indexName)
      }),
    { arbitrary: { runs: Long.soak(1_000, 50_000) }, timeout: Long.soak(60_000, 3_600_000) }
  )
})
