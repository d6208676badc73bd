import { assert, describe, it } from "@effect/vitest"
import * as BackupSchedules from "@pinecone-backups/core/BackupSchedules"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { join } from "node:path"
import { emulate } from "../emulator.ts"
import { home } from "../harness.ts"
import { now, services } from "../project.ts"
import * as Soak from "../soak.ts"
import { pcb } from "../support.ts"

/** Three steps: pause the schedule of `wiki`, create another one, and shorten the retention of `docs`. */
const policy = `rules:
  - index: docs
    schedule: { every: daily, keep: 7 }
  - index: wiki
    schedule: { name: wiki-daily, every: daily, keep: 30 }
`

const seeds: ControlPlane.Options = {
  now,
  indexes: [{ name: "docs" }, { name: "wiki" }],
  schedules: [
    { id: "docs-1", name: "docs-daily", indexName: "docs", expireAfterDays: 30, runs: 10 },
    { id: "wiki-1", name: "wiki-weekly", indexName: "wiki", frequency: "weekly", expireAfterDays: 60 }
  ]
}

/** The changes that were carried out, in the order of the plan. */
const changes = (plane: ControlPlane.Service) =>
  Effect.gen(function*() {
    const schedules = yield* BackupSchedules.BackupSchedules
    const list = (name: string) => Stream.runCollect(schedules.list(PineconeIndex.IndexName.make(name)))
    const wiki = yield* list("wiki")
    return {
      paused: wiki.filter(({ enabled, name }) => name === "wiki-weekly" && enabled === false).length,
      created: wiki.filter(({ name }) => name === "wiki-daily").length,
      shortened: (yield* list("docs")).filter(({ retentionExpireAfterDays: days }) => days === 7).length
    }
  }).pipe(Effect.provide(services(plane)))

/** The requests that change something. */
const writes = (plane: ControlPlane.Service) =>
  Effect.map(plane.requests, (all) => all.filter(({ method }) => method !== "GET").map(({ method }) => method))

describe("pcb policy apply as a process", { concurrent: true, timeout: 120_000 }, () => {
  it.live.each<readonly [when: string, fault: Fault.Fault, created: number]>([
    ["before the change is made", Fault.hang, 0],
    ["after the change was made", Fault.afterCommit(Fault.hang), 1]
  ])(
    "names the change in progress after Ctrl-C %s, and makes each change once",
    ([, fault, created]) =>
      Effect.gen(function*() {
        const { host, plane } = yield* emulate(seeds)
        const directory = yield* home({ "policy.yaml": policy }, 0o644)
        const path = join(directory, "policy.yaml")
        const env = { HOME: directory, PINECONE_API_KEY: "pcsk_marker_apply" }
        const args = ["policy", "apply", "--policy", path, "--host", host, "--yes"]
        yield* plane.fault("BackupSchedules.create", fault, { times: 1 })

        const run = yield* Soak.start(args, env)
        // The process is real, so the emulator is polled until it has received the second change.
        while ((yield* writes(plane)).length < 2) {
          assert.isNull(run.child.exitCode, run.stderr())
          yield* Effect.sleep("20 millis")
        }
        run.child.kill("SIGINT")
        yield* run.closed
        assert.strictEqual(run.child.exitCode, 130, run.stderr())
        assert.include(
          run.stderr(),
          "Interrupted after 1 of 3 changes. This change may have been made: " +
            "wiki: create wiki-daily: daily, kept 30 days. " +
            `To continue, run pcb policy apply --policy ${path} --host ${host}`
        )
        assert.deepStrictEqual(yield* changes(plane), { paused: 1, created, shortened: 0 })

        const again = yield* pcb(args, { env })
        assert.strictEqual(again.code, 0, again.stderr)
        assert.deepStrictEqual(yield* changes(plane), { paused: 1, created: 1, shortened: 1 })
        assert.deepStrictEqual(yield* writes(plane), ["PATCH", "POST", ...(created === 0 ? ["POST"] : []), "PATCH"])

        const third = yield* pcb(args, { env })
        assert.strictEqual(third.code, 0, third.stderr)
        assert.lengthOf(yield* writes(plane), created === 0 ? 4 : 3)
      })
  )
})
