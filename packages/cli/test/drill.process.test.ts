import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { spawnSync } from "node:child_process"
import { existsSync, statSync } from "node:fs"
import { join } from "node:path"
import { inject } from "vitest"
import * as NodeVersion from "../src/engine/NodeVersion.ts"
import { home } from "./harness.ts"
import * as Soak from "./soak.ts"
import { pcb } from "./support.ts"

describe("pcb drill", () => {
  it.live("fails with one sentence and a hint on an unsupported Node version", () =>
    Effect.gen(function*() {
      const directory = yield* home()
      const versions = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "22.18.0" } })`
      const { status, stderr, stdout } = spawnSync(
        process.execPath,
        ["--import", `data:text/javascript,${versions}`, inject("pcb"), "drill", "list"],
        { encoding: "utf8", env: { XDG_STATE_HOME: directory, LANG: "C.UTF-8" } }
      )
      assert.deepStrictEqual({ status, stdout, stderr }, {
        status: 2,
        stdout: "",
        stderr: "error: A file store requires Node 22.19 or newer; this is Node 22.18.0\n" +
          "  try         update Node, or set PCB_STORE to the URL of a Postgres database\n"
      })
      assert.isFalse(existsSync(join(directory, "pcb")))
    }))

  it.each([["20.20.2", false], ["22.18.9", false], ["22.19.0", true], ["24.0.0", true], ["26.10.0", true]] as const)(
    "detects whether Node %s supports the file store",
    (version, isSupported) => assert.strictEqual(NodeVersion.isSupported(version), isSupported)
  )

  it.live(
    "prints no Node warnings, ignores PORT and HOST, and makes the store accessible only to its owner",
    () =>
      Effect.gen(function*() {
        if (!NodeVersion.isSupported(process.versions.node)) return
        const XDG_STATE_HOME = yield* home()
        const service = yield* Soak.service(1)
        const env = { ...service.env, XDG_STATE_HOME, PORT: "abc", HOST: "nowhere", SHARDS_PER_GROUP: "x" }
        const run = yield* Soak.start(["drill", "run", "source-0", ...Soak.quick], env)
        while (!run.stderr().includes("restoring")) {
          assert.isNull(run.child.exitCode, run.stderr())
          yield* Effect.sleep("50 millis")
        }
        run.child.kill("SIGINT")
        yield* run.closed
        assert.strictEqual(run.child.exitCode, 130)
        assert.notMatch(run.stderr(), /warning/i)
        assert.include(run.stderr(), "Resume: pcb drill run source-0\n")
        assert.strictEqual(statSync(join(XDG_STATE_HOME, "pcb")).mode & 0o077, 0)

        const canceled = yield* pcb(["drill", "cancel", "source-0"], { env })
        assert.strictEqual(canceled.code, 0, canceled.stderr)
        assert.deepStrictEqual((yield* service.indexes).filter((name) => name.startsWith("drill-")), [])
      }),
    60_000
  )

  it.live("takes over within seconds when the runner is killed", () =>
    Effect.gen(function*() {
      if (!NodeVersion.isSupported(process.versions.node)) return
      const XDG_STATE_HOME = yield* home()
      const service = yield* Soak.service(1)
      const env = { ...service.env, XDG_STATE_HOME }
      const owner = yield* Soak.start(["drill", "serve"], env)
      while (!owner.stderr().includes("Running the drills")) yield* Effect.sleep("50 millis")
      const detached = yield* pcb(["drill", "run", "source-0", "--detach", ...Soak.quick, "-o", "json"], { env })
      assert.strictEqual(detached.code, 0, detached.stderr)
      const foreign = yield* pcb(["drill", "run", "source-0", "--probe", "--", "true"], { env })
      assert.strictEqual(foreign.code, 7, foreign.stderr)
      const follower = yield* Soak.start(["drill", "run", "source-0"], env)
      while (!follower.stderr().includes("running in another process")) yield* Effect.sleep("50 millis")
      owner.child.kill("SIGKILL")
      const killed = performance.now()
      while (!/starting|restoring|counting/.test(follower.stderr())) {
        assert.isNull(follower.child.exitCode, follower.stderr())
        assert.isBelow(performance.now() - killed, 20_000)
        yield* Effect.sleep("50 millis")
      }
      yield* follower.closed
      assert.strictEqual(follower.child.exitCode, 0, follower.stderr())
      assert.include(follower.stderr(), "source-0 was restored")
      yield* Soak.assertSound(service, 1, env)
    }), 90_000)
})
