import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { assert, describe, it } from "@effect/vitest"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { createServer } from "node:http"
import { iso, sendTo, stateOf } from "./support.ts"

/** A temporary file. */
const withFile = <A, E>(
  test: (file: {
    readonly path: string
    /** Stops the service that owns the file, if any, and starts another. */
    readonly start: (
      options?: ControlPlane.Options
    ) => Effect.Effect<
      ControlPlane.Service,
      Effect.Error<ReturnType<typeof ControlPlane.makeFile>>,
      FileSystem.FileSystem
    >
    readonly read: Effect.Effect<string>
    readonly write: (text: string) => Effect.Effect<void>
    /** Stops the service and returns the remaining files. */
    readonly files: Effect.Effect<ReadonlyArray<string>>
  }) => Effect.Effect<A, E, FileSystem.FileSystem>
) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const directory = yield* fs.makeTempDirectoryScoped()
    const path = `${directory}/state.json`
    let running = yield* Scope.make()
    yield* Effect.addFinalizer((exit) => Scope.close(running, exit))
    const stop = Effect.suspend(() => Scope.close(running, Exit.void))
    return yield* test({
      path,
      start: Effect.fnUntraced(function*(options = {}) {
        yield* stop
        running = yield* Scope.make()
        return yield* Scope.provide(ControlPlane.makeFile({ ...options, path }), running)
      }),
      read: Effect.orDie(fs.readFileString(path)),
      write: (text) => Effect.orDie(fs.writeFileString(path, text)),
      files: Effect.andThen(stop, Effect.orDie(fs.readDirectory(directory)))
    })
  }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))

const create = (plane: ControlPlane.Service) => sendTo(plane, "POST", "/indexes/docs/backups", {})

describe("ControlPlane.makeFile", () => {
  it.effect("loads the saved state and ignores seeds", () =>
    withFile(({ files, start }) =>
      Effect.gen(function*() {
        const first = yield* start({ indexes: [{ name: "docs" }], project: { backupQuota: 3 } })
        const { backup_id: id } = JSON.parse((yield* create(first)).text)
        yield* first.fault("*", { _tag: "Hang" })
        yield* TestClock.adjust("10 minutes")

        const second = yield* start({ indexes: [{ name: "docs" }, { name: "wiki" }] })
        assert.deepStrictEqual(yield* second.dump, yield* first.dump)
        assert.strictEqual(JSON.parse((yield* sendTo(second, "GET", `/backups/${id}`)).text).status, "Ready")
        assert.strictEqual((yield* stateOf(second)).project.backupQuota, 3)
        assert.deepStrictEqual(yield* second.faults, [])
        assert.strictEqual((yield* stateOf(yield* start({ project: { backupQuota: 9 } }))).project.backupQuota, 9)
        assert.deepStrictEqual(yield* files, ["state.json"])
      })
    ))

  it.effect("keeps a saved time in the future, and catches up with a saved time in the past", () =>
    withFile(({ start }) =>
      Effect.gen(function*() {
        const first = yield* start({ schedules: [{ id: "nightly" }] })
        yield* first.advance("10 days")
        yield* stateOf(first)
        assert.strictEqual(iso(yield* (yield* start()).now), "1970-01-11T00:00:00Z")
        yield* TestClock.adjust("20 days")
        const second = yield* start()
        assert.strictEqual(iso(yield* second.now), "1970-01-21T00:00:00Z")
        assert.strictEqual((yield* stateOf(second)).records.size, 21)
      })
    ))

  it.effect("saves a moved time without other changes", () =>
    withFile(({ start }) =>
      Effect.gen(function*() {
        yield* (yield* start()).advance("10 days")
        const plane = yield* start({ now: yield* DateTime.now })
        assert.strictEqual(iso(yield* plane.now), "1970-01-11T00:00:00Z")
        yield* plane.load({ ...Object(yield* plane.dump), now: "1970-01-05T00:00:00Z" })
        assert.strictEqual(iso(yield* (yield* start()).now), "1970-01-05T00:00:00Z")
      })
    ))

  it.effect("writes nothing if seeds are contradictory", () =>
    withFile(({ files, start }) =>
      Effect.gen(function*() {
        const contradicting = yield* Effect.exit(start({ schedules: [{ id: "nightly" }, { id: "nightly" }] }))
        assert.strictEqual(contradicting._tag, "Failure")
        assert.deepStrictEqual(yield* files, [])
        assert.strictEqual((yield* stateOf(yield* start({ schedules: [{ id: "nightly" }] }))).schedules.size, 1)
      })
    ))

  it.effect("rejects a file with unknown keys", () =>
    withFile(({ read, start, write }) =>
      Effect.gen(function*() {
        yield* create(yield* start({ indexes: [{ name: "docs" }] }))
        const text = (yield* read).replace(`"project":`, `"later":1,"project":`)
        yield* write(text)
        const error = yield* Effect.flip(start())
        assert.strictEqual(error._tag, "DamagedStateFile")
        assert.include(error.message, "changed: state.later: Unknown key. Expected project, switches, indexes, ")
        assert.strictEqual(yield* read, text)
      })
    ))

  it.effect("writes nothing if the server fails to listen", () =>
    withFile(({ files, path, read, start }) =>
      Effect.gen(function*() {
        const taken = yield* HttpServer.HttpServer.pipe(
          Effect.provide(yield* Layer.build(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })))
        )
        const port = "port" in taken.address ? taken.address.port : 0
        // Each service can acquire the file, because the previous service has released it.
        const failing = Effect.fnUntraced(function*(options: ControlPlane.Options) {
          yield* files
          return yield* Emulator.layerServer.pipe(
            Layer.provide(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port })),
            Layer.provide(ControlPlane.layerFile({ ...options, path })),
            Layer.build,
            Effect.scoped,
            Effect.flip
          )
        })
        assert.strictEqual((yield* failing({ indexes: [{ name: "docs" }] }))._tag, "ServeError")
        assert.deepStrictEqual(yield* files, [])

        yield* create(yield* start({ indexes: [{ name: "docs" }] }))
        const before = yield* read
        assert.strictEqual(
          (yield* failing({ project: { backupQuota: 1 }, now: yield* DateTime.now }))._tag,
          "ServeError"
        )
        assert.strictEqual(yield* read, before)
        // A running server has applied the setting, and writes it with the first change.
        const plane = yield* start({ project: { backupQuota: 7 } })
        assert.strictEqual(yield* read, before)
        yield* create(plane)
        assert.strictEqual(JSON.parse(yield* read).state.project.backupQuota, 7)
      }).pipe(Effect.scoped)
    ))

  it.effect("writes a change before the response, also for concurrent requests", () =>
    withFile(({ read, start }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        let writes = 0
        const rename: typeof fs.rename = (from, to) => {
          writes++
          return fs.rename(from, to)
        }
        const plane = yield* Effect.provideService(
          start({ indexes: [{ name: "docs" }] }),
          FileSystem.FileSystem,
          { ...fs, rename }
        )
        yield* Effect.forEach(Array.from({ length: 50 }), () => create(plane), { concurrency: "unbounded" })
        assert.lengthOf(JSON.parse(yield* read).state.records, 50)
        // One write serves all waiting changes.
        assert.isBelow(writes, 25)
        yield* plane.load({ ...Object(yield* plane.dump), now: "2026-04-23T16:36:51Z" })
        assert.strictEqual(JSON.parse(yield* read).now, "2026-04-23T16:36:51.000Z")
      })
    ))

  it.effect.each(["", "{", "null", "[]", `{"version":1}`, `{"version":2,"now":"1970-01-01T00:00:00Z","state":{}}`])(
    "rejects a damaged file without changing it: %s",
    (text) =>
      withFile(({ files, path, read, start, write }) =>
        Effect.gen(function*() {
          yield* write(text)
          const error = yield* Effect.flip(start())
          assert.strictEqual(error._tag, "DamagedStateFile")
          assert.include(error.message, `${path} is not a valid state file of an emulator, and was not changed: `)
          assert.strictEqual(yield* read, text)
          assert.deepStrictEqual(yield* files, ["state.json"])
        })
      )
  )

  it.effect("does not write for reads, which succeed even if the file is not writable", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const path = `${directory}/state.json`
      const plane = yield* ControlPlane.makeFile({ path, indexes: [{ name: "docs" }] })
      const client = yield* HttpClient.HttpClient.pipe(
        Effect.provide(Emulator.layerMemory),
        Effect.provideService(ControlPlane.ControlPlane, plane)
      )
      const list = client.get("http://localhost/backups", { headers: { "api-key": "any" } })
      assert.strictEqual((yield* list).status, 200)
      assert.isFalse(yield* fs.exists(path))
      // Blocks the path of the new file.
      yield* fs.makeDirectory(path)
      assert.strictEqual((yield* create(plane)).status, 500)
      assert.strictEqual((yield* list).status, 200)
      assert.property(yield* plane.dump, "state")
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)))

  it.effect("keeps the file intact if a write fails, and fails immediately for an unwritable file", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const path = `${directory}/state.json`
      const error = yield* Effect.flip(ControlPlane.makeFile({ path: `${directory}/no/state.json` }))
      assert.strictEqual(error._tag, "PlatformError")

      const plane = yield* ControlPlane.makeFile({ path, indexes: [{ name: "docs" }] })
      yield* create(plane)
      const before = yield* fs.readFileString(path)
      yield* fs.chmod(path, 0o400)
      assert.strictEqual((yield* create(plane)).status, 500)
      assert.strictEqual(yield* fs.readFileString(path), before)
      yield* fs.chmod(path, 0o600)
      yield* create(plane)
      assert.lengthOf(JSON.parse(yield* fs.readFileString(path)).state.records, 3)
    }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer)))
})
