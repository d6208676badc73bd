import { assert, describe, it } from "@effect/vitest"
import * as BackupPolicy from "@pinecone-backups/core/health/BackupPolicy"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as SchedulePlan from "@pinecone-backups/core/plan/SchedulePlan"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as yaml from "yaml"
import * as Long from "../../../core/test/long.ts"
import * as PolicyEditor from "../../src/commands/policy/PolicyEditor.ts"
import * as Pull from "../../src/commands/policy/Pull.ts"
import * as PolicyFile from "../../src/shared/PolicyFile.ts"
import * as Worlds from "./worlds.ts"

/** Pulls a project into a file, as the command does. */
const pull = (file: PolicyFile.Opened, states: ReadonlyArray<Pull.State>) => {
  const pulled = Pull.pull(
    file.policy,
    states,
    {
      canChange: (position) => PolicyEditor.canChange(yaml, file.text, file.document, position),
      hasHint: (position) => PolicyEditor.hasHint(yaml, file.text, file.document, position)
    }
  )
  return { ...pulled, text: PolicyEditor.edit(yaml, file.text, file.document, pulled.edits) }
}

/** The comments of a file, without those that pull writes. */
const commentsOf = (text: string) => [...text.matchAll(/# (?:note|line) \d+/g)].map(([comment]) => comment)

/** Everything that a policy means for an index. */
const meaningOf = (policy: BackupPolicy.BackupPolicy, name: string) => ({
  requirements: BackupPolicy.requirementsOf(policy, name),
  wish: BackupPolicy.wishOf(policy, name),
  copy: BackupPolicy.wishOf(policy, name, { isCopy: true })
})

/** Indexes of the project, and others. */
const everyName = [...Worlds.names, "docs-new", "wiki-2", "nothing", "else"]

describe("policy pull", () => {
  it.effect.prop(
    "describes the project, keeps the meaning for other indexes and all comments, and repeats without changes",
    { policy: Worlds.policies, style: Worlds.styles, states: Worlds.projects },
    ({ policy, states, style }) =>
      Effect.gen(function*() {
        const text = Worlds.write(policy, style)
        const parsed = yield* Effect.result(PolicyFile.parsed("policy.yaml", text))
        // A rule of the generated file may contradict itself.
        if (Result.isFailure(parsed)) return
        const file = parsed.success
        const first = pull(file, states)
        assert.isDefined(first.text)
        const edited = yield* PolicyFile.parsed("policy.yaml", first.text ?? "")

        // Twice is once.
        const second = pull(edited, states)
        assert.lengthOf(second.edits, 0, first.text)
        assert.strictEqual(second.text, first.text)

        // A plan is empty, except for indexes whose facts the file cannot have.
        const skipped = new Set<string>(first.skipped.map(({ index }) => index))
        const plan = SchedulePlan.make(edited.policy, Worlds.factsOf(states))
        assert.deepStrictEqual(plan.steps.filter(({ indexName }) => !skipped.has(indexName)), [], first.text)
        assert.deepStrictEqual(
          plan.blocked.filter(({ _tag, indexName }) => _tag !== "NoSuchIndex" && !skipped.has(indexName)),
          [],
          first.text
        )

        // Other indexes, requirements and the rest of the file stay.
        const changed = new Set(first.edits.map(({ index }) => index))
        for (const name of everyName) {
          const [before, after] = [meaningOf(file.policy, name), meaningOf(edited.policy, name)]
          assert.deepStrictEqual(after.requirements, before.requirements, name)
          if (!changed.has(name)) assert.deepStrictEqual(after, before, name)
        }
        for (const { index, part } of first.skipped) {
          const [before, after] = [meaningOf(file.policy, index), meaningOf(edited.policy, index)]
          if (part === "index") assert.deepStrictEqual(after, before, index)
          else assert.deepStrictEqual(after.wish[part], before.wish[part], index)
        }
        for (const { index, schedules } of states) {
          if (!PineconeIndex.isReady(index)) assert.isFalse(changed.has(index.name))
          if (Result.isFailure(schedules)) {
            assert.isTrue(first.edits.every((edit) => edit.index !== index.name || edit.schedule === undefined))
          }
        }
        assert.deepStrictEqual(
          { ...edited.policy, rules: [] },
          { ...file.policy, rules: [] }
        )
        const kept = commentsOf(first.text ?? "")
        assert.deepStrictEqual(
          // A comment inside a replaced value goes with it.
          commentsOf(text).filter((comment) => kept.includes(comment)),
          kept
        )
        if (first.edits.every(({ position }) => position === undefined)) assert.deepStrictEqual(kept, commentsOf(text))
        if (first.edits.length === 0) assert.strictEqual(first.text, text)
        if (text.includes("\r\n")) assert.notMatch(first.text ?? "", /[^\r]\n/)
      }),
    { arbitrary: { runs: Long.soak(1_000, 50_000) }, timeout: Long.soak(60_000, 3_600_000) }
  )
})
