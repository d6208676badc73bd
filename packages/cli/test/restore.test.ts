import { assert, describe, it } from "@effect/vitest"
import * as Indexes from "@pinecone-backups/core/Indexes"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Effect from "effect/Effect"
import { run } from "./harness.ts"
import { project, seeds, services, uuid } from "./project.ts"

describe("pcb restore describe", () => {
  it.effect.each(["docs-restored", "9857", "--id 9857add2"])("finds %s", (selector) =>
    Effect.gen(function*() {
      const { stdout } = yield* run(`restore show ${selector} -o id`, { on: yield* project(seeds) })
      assert.strictEqual(stdout, `${uuid("9857add2")}\n`)
    }))
})

describe("pcb restore start", () => {
  it.effect("says which backup a selector was, and how to wait", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const result = yield* run(
        "restore start docs@latest --name docs-new --tag team=search --tag env=dev --deletion-protection",
        { on: plane, columns: 80 }
      )
      assert.deepStrictEqual([result.exitCode, result.stdout], [0, ""])
      assert.strictEqual(
        result.stderr,
        [
          "docs@latest = docs-daily-20261121T060000Z (8c85e612, 98,214 records, taken 14h ago)",
          "Started restore job job-4 into docs-new",
          "  next  pcb restore wait job-4",
          ""
        ].join("\n")
      )
      const index = yield* Effect.flatMap(Indexes.Indexes, (indexes) =>
        indexes.describe(PineconeIndex.IndexName.make("docs-new"))).pipe(Effect.provide(services(plane)))
      assert.deepStrictEqual(index.tags, { team: "search", env: "dev" })
      assert.strictEqual(index.deletionProtection, "enabled")
    }))

  it.effect("uses an id as it is, without a look-up", () =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const result = yield* run(`restore start ${uuid("8c85e612")} --name docs-new -o json`, { on: plane })
      assert.deepStrictEqual(JSON.parse(result.stdout), { restore_job_id: "job-4", index_id: "index-6" })
      assert.lengthOf(yield* plane.requests, 1)
    }))

  it.effect.each<[args: string, exitCode: number, message: string]>([
    ["docs@latest --name docs-new", 0, "Would restore it into a new index, docs-new"],
    ["docs@latest --name wiki", 7, "it would be refused: there is an index wiki already"],
    [`${uuid("0b77aa01")} --name new`, 7, "it would be refused: the backup is Initializing, not Ready"]
  ])("only looks with --dry-run: %s", ([args, exitCode, message]) =>
    Effect.gen(function*() {
      const plane = yield* project(seeds)
      const result = yield* run(`restore start ${args} --dry-run`, { on: plane })
      assert.deepStrictEqual([result.exitCode, result.stdout], [exitCode, ""])
      assert.include(result.stderr, message)
      assert.isTrue((yield* plane.requests).every(({ method }) => method === "GET"))
    }))
})
