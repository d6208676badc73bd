import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { join } from "node:path"
import { rolldown } from "rolldown"

const packageDirectory = join(import.meta.dirname, "..")

/** The two documented operations that this library began with. */
const program = `
import { BackupSchedules, Pinecone, RestoreJobs } from "@pinecone-backups/core"
import { Effect, Stream } from "effect"

const main = Effect.gen(function*() {
  const schedules = yield* BackupSchedules.BackupSchedules
  const jobs = yield* RestoreJobs.RestoreJobs
  return [yield* Stream.runCollect(schedules.history("schedule")), yield* jobs.describe("job")]
})

Effect.runPromise(Effect.provide(main, Pinecone.layerFetch)).then((rows) => globalThis.rows = rows)
`

/** The modules of this package in the bundle of a program. */
const modulesOf = Effect.fnUntraced(function*(code: string) {
  const file = join(packageDirectory, "program.ts")
  const bundle = yield* Effect.promise(() =>
    rolldown({
      input: file,
      cwd: packageDirectory,
      plugins: [{
        name: "program",
        resolveId: (id) => id === file ? id : null,
        load: (id) => id === file ? code : null
      }]
    })
  )
  const { output } = yield* Effect.promise(() => bundle.generate({ format: "esm" }))
  yield* Effect.promise(() => bundle.close())
  return output.flatMap((file) => file.type === "chunk" ? file.moduleIds : [])
    .filter((id) => id.startsWith(join(packageDirectory, "src")))
    .map((id) => id.slice(packageDirectory.length + "/src/".length))
})

describe("a bundle", () => {
  it.effect("of a history and a restore job has nothing of the health checks, nor of drills", () =>
    Effect.gen(function*() {
      const modules = yield* modulesOf(program)
      assert.includeMembers(modules, ["BackupSchedules.ts", "RestoreJobs.ts", "PineconeClient.ts"])
      assert.deepStrictEqual(modules.filter((id) => /^(drill|health)\//.test(id)), [])
    }))

  it.effect("of the records of an index has them, and no routes", () =>
    Effect.gen(function*() {
      const modules = yield* modulesOf(`
        import { IndexData } from "@pinecone-backups/core/drill"
        globalThis.layer = IndexData.layer
      `)
      assert.include(modules, "drill/IndexData.ts")
      assert.notInclude(modules, "drill/IndexDataApi.ts")
    }))

  it.effect("of the health checks has them", () =>
    Effect.gen(function*() {
      const modules = yield* modulesOf(`
        import { HealthChecks } from "@pinecone-backups/core/health"
        globalThis.layer = HealthChecks.layer
      `)
      assert.include(modules, "health/HealthChecks.ts")
    }))
})
