import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import type * as Seed from "@pinecone-backups/testing/Seed"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { run } from "./harness.ts"
import { now, project, uuid } from "./project.ts"

/** The requests that change something: method and path. */
const written = (plane: ControlPlane.Service) =>
  Effect.map(
    plane.requests,
    (requests) => requests.filter(({ method }) => method !== "GET").map(({ method, url }) => `${method} ${url}`)
  )

const daysAgo = (days: number) => DateTime.subtract(now, { days })

const backup = (first: string, more: Seed.Backup = {}): Seed.Backup => ({
  backupId: Backup.BackupId.make(uuid(first)),
  name: first,
  createdAt: daysAgo(3),
  ...more
})

describe("the last backup of an index", () => {
  const old = { id: uuid("01d00000"), name: "docs", deletedAt: daysAgo(10) }
  const one = backup("aaaa0000")
  const ofOld = { sourceIndexId: PineconeIndex.IndexId.make(old.id) }

  it.effect.each<[what: string, others: ReadonlyArray<Seed.Backup>, isLast: boolean]>([
    ["it is alone", [], true],
    ["there is another", [backup("bbbb0000")], false],
    ["the other is of a deleted index of the same name", [backup("bbbb0000", ofOld)], true],
    ["the other is of another index", [backup("bbbb0000", { indexName: "wiki" })], true],
    ["the other failed", [backup("bbbb0000", { status: "InitializationFailed" })], true],
    ["the other is not ready yet", [backup("bbbb0000", { status: "Initializing" })], true]
  ])("is the last where %s", ([, others, isLast]) =>
    Effect.gen(function*() {
      const plane = yield* project({ indexes: [{ name: "docs" }, { name: "wiki" }, old], backups: [one, ...others] })
      const { stderr } = yield* run("backup delete aaaa0000 --dry-run", { on: plane })
      assert.strictEqual(stderr.includes("Nothing will be left to restore docs from"), isLast, stderr)
      // Who is asked types the name of the index, or a yes.
      const no = yield* run("backup delete aaaa0000", { on: plane, keys: isLast ? "yes\r" : "docs\r" })
      assert.strictEqual(no.exitCode, 6)
      assert.deepStrictEqual(yield* written(plane), [])
      const yes = yield* run("backup delete aaaa0000", { on: plane, keys: isLast ? "docs\r" : "yes\r" })
      assert.strictEqual(yes.exitCode, 0)
      assert.deepStrictEqual(yield* written(plane), [`DELETE /backups/${uuid("aaaa0000")}`])
    }))
})

describe("a shorter retention", () => {
  const nightly = (runs: Seed.Schedule["runs"], more: Seed.Schedule = {}) =>
    project({ schedules: [{ id: uuid("c688ed12"), name: "nightly", indexName: "docs", runs, ...more }] })
  const patch = `PATCH /backup-schedules/${uuid("c688ed12")}`
  const at = (days: number) => ({ plannedFor: daysAgo(days) })

  it.effect.each<[keep: number, runs: ReadonlyArray<Seed.Run>, lost: number, isLast: boolean]>([
    [5, [at(1), at(2)], 0, false],
    [2, [at(1), at(2)], 1, false],
    [1, [at(1), at(2)], 2, true],
    // To the second.
    [2, [at(1), { plannedFor: DateTime.add(daysAgo(2), { seconds: 1 }) }], 0, false],
    // Overdue copies go by themselves, and are nothing to restore from.
    [2, [at(3), at(40), at(50)], 1, true],
    [2, [at(40), at(50)], 0, false],
    [2, [at(1), at(3), at(40)], 1, false]
  ])("of %i days loses what becomes due", ([keep, runs, lost, isLast]) =>
    Effect.gen(function*() {
      const plane = yield* nightly(runs)
      const { exitCode, stderr } = yield* run(`schedule update nightly --keep ${keep}`, { on: plane })
      assert.strictEqual(exitCode, lost === 0 ? 0 : 6, stderr)
      assert.deepStrictEqual(yield* written(plane), lost === 0 ? [patch] : [])
      assert.strictEqual(stderr.includes("Nothing will be left to restore docs from"), isLast)
      if (lost > 0) assert.match(stderr, new RegExp(`  ${lost} of \\d+ backups becomes? due for deletion`))
    }))

  it.effect.each<[keep: number, keys: string, isSent: boolean]>([
    [2, "y\r", true],
    [2, "\r", false],
    [2, "docs\r", false],
    [1, "docs\r", true],
    [1, "nightly\r", false],
    [1, "y\r", false],
    [1, "\r", false]
  ])("of %i days is sent after the right answer: %j", ([keep, keys, isSent]) =>
    Effect.gen(function*() {
      const plane = yield* nightly([at(1), at(2)])
      for (const command of [`update nightly --keep ${keep}`, `create docs --every daily --keep ${keep} --ensure`]) {
        if (isSent && command.startsWith("create")) continue
        const { exitCode } = yield* run(`schedule ${command}`, { on: plane, keys })
        assert.strictEqual(exitCode, isSent ? 0 : 6)
        assert.deepStrictEqual(yield* written(plane), isSent ? [patch] : [])
      }
    }))

  it.effect("is asked about where the present one is longer by a day, and not where it is the same or shorter", () =>
    Effect.gen(function*() {
      for (const [current, isAsked] of [[3, true], [2, false], [1, false]] as const) {
        const plane = yield* nightly([at(1), at(2)], { expireAfterDays: current })
        const { exitCode } = yield* run("schedule update nightly --keep 2", { on: plane })
        assert.strictEqual(exitCode, isAsked ? 6 : 0)
      }
    }))
})
