import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as OwnedFile from "@pinecone-backups/testing/OwnedFile"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { execFileSync, spawnSync } from "node:child_process"
import { readlinkSync } from "node:fs"
import { hostname } from "node:os"

/** A temporary folder. */
const inFolder = <A, E>(
  test: (folder: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, FileSystem.FileSystem | Scope.Scope>
) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    return yield* test(yield* fs.realPath(yield* fs.makeTempDirectoryScoped()), fs)
  }).pipe(Effect.scoped, Effect.provide(NodeFileSystem.layer))

/** A process that has ended. */
const endedPid = () => spawnSync(process.execPath, ["--version"]).pid

const token = "00000000-0000-4000-8000-00000000000"

const pidNamespace = process.platform === "linux" ? readlinkSync("/proc/self/ns/pid") : null

/** Content of a lock. */
const lockOf = (owner: object, last = 0) =>
  JSON.stringify({ host: hostname(), pidNamespace, pid: endedPid(), started: "1", token: `${token}${last}`, ...owner })

describe("OwnedFile.open", () => {
  it.effect("replaces the file atomically with mode 0600, without leftovers", () =>
    inFolder((folder, fs) =>
      Effect.gen(function*() {
        const path = `${folder}/a`
        yield* fs.writeFileString(path, "old", { mode: 0o644 })
        yield* Effect.scoped(Effect.gen(function*() {
          const file = yield* OwnedFile.open(path)
          assert.strictEqual(yield* file.read, "old")
          yield* file.replace("new")
          assert.strictEqual(yield* file.read, "new")
          assert.deepStrictEqual(yield* fs.readDirectory(folder), ["a", "a.lock"])
        }))
        assert.deepStrictEqual(yield* fs.readDirectory(folder), ["a"])
        assert.strictEqual((yield* fs.stat(path)).mode & 0o777, 0o600)
      })
    ))

  it.effect("gives the file to one owner at a time, by any path", () =>
    inFolder((folder, fs) =>
      Effect.gen(function*() {
        yield* fs.makeDirectory(`${folder}/real`)
        yield* fs.symlink("real", `${folder}/linked`)
        yield* fs.symlink("real/a", `${folder}/link`)
        yield* Effect.scoped(Effect.gen(function*() {
          yield* OwnedFile.open(`${folder}/real/a`)
          for (const name of ["real/a", "real/../real/a", "linked/a", "link"]) {
            const error = yield* Effect.flip(Effect.scoped(OwnedFile.open(`${folder}/${name}`)))
            assert.strictEqual(error.message, `${folder}/${name} is in use by this process`)
          }
          yield* Effect.scoped(OwnedFile.open(`${folder}/real/b`))
        }))
        yield* Effect.scoped(OwnedFile.open(`${folder}/link`))
      })
    ))

  it.effect.each<[what: string, owner: object]>([
    ["has ended", {}],
    ["has the reused ID of another process", { pid: process.pid }]
  ])("takes over the lock of a process that %s", ([, owner]) =>
    inFolder((folder, fs) =>
      Effect.gen(function*() {
        yield* fs.writeFileString(`${folder}/a.lock`, lockOf(owner))
        const file = yield* OwnedFile.open(`${folder}/a`)
        yield* file.replace("mine")
        assert.deepStrictEqual(yield* fs.readDirectory(folder), ["a", "a.lock"])
      })
    ))

  it.effect("takes over a lock whose takeover was interrupted", () =>
    inFolder((folder, fs) =>
      Effect.gen(function*() {
        yield* fs.writeFileString(`${folder}/a.lock`, lockOf({}, 1))
        yield* fs.writeFileString(`${folder}/a.lock.${token}1`, lockOf({}, 2))
        yield* fs.writeFileString(`${folder}/a.lock.${token}1.${token}2`, lockOf({}, 3))
        yield* Effect.scoped(Effect.andThen(OwnedFile.open(`${folder}/a`), ({ replace }) => replace("mine")))
        assert.deepStrictEqual(yield* fs.readDirectory(folder), ["a"])
      })
    ))

  it.effect.each<[text: string, owner: string]>([
    ["", "an unknown process"],
    ["{", "an unknown process"],
    [lockOf({ token: "../../etc/passwd" }), "an unknown process"],
    [lockOf({ host: "elsewhere", pid: 4 }), "process 4 of elsewhere"],
    [lockOf({ pidNamespace: "pid:[1]", pid: 4 }), `process 4 of another container on ${hostname()}`],
    [
      lockOf({ pidNamespace: pidNamespace === null ? "pid:[1]" : null, pid: 4 }),
      `process 4 of another container on ${hostname()}`
    ],
    [lockOf({ pid: process.ppid, started: null }), `process ${process.ppid}`]
  ])(
    "does not take over a lock whose owner may be running: %s",
    ([text, owner]) =>
      inFolder((folder, fs) =>
        Effect.gen(function*() {
          yield* fs.writeFileString(`${folder}/a.lock`, text)
          const error = yield* Effect.flip(OwnedFile.open(`${folder}/a`))
          assert.deepInclude({ ...error }, { _tag: "FileInUse", lock: `${folder}/a.lock`, owner })
          assert.strictEqual(yield* fs.readFileString(`${folder}/a.lock`), text)
        })
      )
  )

  it.effect("lets exactly one of many concurrent takeovers succeed", () =>
    inFolder((folder, fs) =>
      Effect.forEach(Array.from({ length: 20 }), () =>
        Effect.gen(function*() {
          yield* fs.writeFileString(`${folder}/a.lock`, lockOf({}))
          yield* Effect.scoped(Effect.gen(function*() {
            const results = yield* Effect.forEach(
              Array.from({ length: 20 }),
              () => Effect.result(OwnedFile.open(`${folder}/a`)),
              { concurrency: "unbounded" }
            )
            assert.lengthOf(results.filter(Result.isSuccess), 1)
            for (const result of results.filter(Result.isFailure)) {
              assert.strictEqual(result.failure._tag, "FileInUse")
            }
          }))
          assert.deepStrictEqual(yield* fs.readDirectory(folder), [])
        }))
    ))

  it.effect("fails to replace a file whose lock was lost", () =>
    inFolder((folder, fs) =>
      Effect.gen(function*() {
        const path = `${folder}/a`
        const first = yield* OwnedFile.open(path)
        yield* first.replace("first")
        yield* fs.remove(`${path}.lock`)
        const lost = yield* Effect.flip(first.replace("again"))
        assert.strictEqual(lost.message, `${path} is in use by an unknown process`)
        const second = yield* OwnedFile.open(path)
        yield* second.replace("second")
        assert.strictEqual((yield* Effect.flip(first.replace("again"))).message, `${path} is in use by this process`)
        assert.strictEqual(yield* second.read, "second")
      })
    ))

  it.effect("follows and keeps a link, even to a missing file", () =>
    inFolder((folder, fs) =>
      Effect.gen(function*() {
        yield* fs.makeDirectory(`${folder}/there`)
        yield* fs.symlink("there/a", `${folder}/second`)
        yield* fs.symlink(`${folder}/second`, `${folder}/first`)
        for (const text of ["created", "replaced"]) {
          yield* Effect.scoped(Effect.andThen(OwnedFile.open(`${folder}/first`), ({ replace }) => replace(text)))
          assert.strictEqual(yield* fs.readFileString(`${folder}/there/a`), text)
        }
        assert.strictEqual(yield* fs.readLink(`${folder}/first`), `${folder}/second`)
        assert.strictEqual(yield* fs.readLink(`${folder}/second`), "there/a")
        assert.deepStrictEqual(yield* fs.readDirectory(folder), ["first", "second", "there"])
      })
    ))

  it.effect("rejects directories, pipes, devices and read-only files", () =>
    inFolder((folder, fs) =>
      Effect.gen(function*() {
        yield* fs.makeDirectory(`${folder}/directory`)
        execFileSync("sh", ["-c", "mkfifo \"$0\"", `${folder}/pipe`])
        yield* fs.writeFileString(`${folder}/fixed`, "text", { mode: 0o444 })
        yield* fs.symlink("loop", `${folder}/loop`)
        for (
          const [name, reason] of [
            ["directory", "is a directory, not a file"],
            ["directory/", "names no file"],
            ["pipe", "is a pipe, not a file"],
            ["fixed", "cannot be written: it is read-only"],
            ["loop", "is a symbolic link that cannot be resolved"]
          ] as const
        ) {
          const error = yield* Effect.flip(OwnedFile.open(`${folder}/${name}`))
          assert.strictEqual(error._tag, "UnusableFile")
          assert.strictEqual(error.message, `${folder}/${name} ${reason}`)
        }
        assert.strictEqual(
          (yield* Effect.flip(OwnedFile.open("/dev/null"))).message,
          "/dev/null is a device, not a file"
        )
        assert.strictEqual((yield* Effect.flip(OwnedFile.open(`${folder}/no/a`)))._tag, "PlatformError")
        assert.deepStrictEqual(yield* fs.readDirectory(folder), ["directory", "fixed", "loop", "pipe"])
      })
    ))
})
