import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { readdirSync, readFileSync } from "node:fs"
import { isLong, soak as scaled } from "../../core/test/long.ts"
import { home } from "./harness.ts"
import * as Postgres from "./postgres.ts"
import * as Soak from "./soak.ts"
import { pcb } from "./support.ts"

/** Number of drills: 5 in `.ci/run`, 25 in `pnpm soak`. */
const drills = scaled(5, 25)
const kills = scaled(5, 40)

/** Limit for a test. Tests end earlier if there is no progress. */
const timeout = scaled(600_000, 3_600_000)
const concurrency = scaled(5, 6)

/** Maximum uptime of a runner on Postgres in milliseconds. It needs up to two seconds to receive its drills. */
const uptime = 4_000

const run = ["drill", "run", "--due", "--within", "365d", "--concurrency", String(concurrency), ...Soak.quick]

describe.skipIf(!isLong)("drills in a file, with processes killed at random", { timeout }, () => {
  it.live.each<NodeJS.Signals>(["SIGKILL", "SIGTERM"])(
    "restore each backup once, report each drill once and leave no index behind, two processes, %s",
    (signal) =>
      Effect.gen(function*() {
        const XDG_STATE_HOME = yield* home()
        const service = yield* Soak.service(drills)
        const env = { XDG_STATE_HOME }
        const { slowest, starts } = yield* Soak.soak(service, {
          drills,
          kills,
          commands: [run, run],
          env,
          signal,
          uptime: 1_200
        })
        yield* Soak.assertSound(service, drills, env)
        // Less than half a second on an idle machine.
        if (signal === "SIGTERM") assert.isBelow(slowest, Math.max(3_000, 15 * starts))
        const files = readdirSync(`${XDG_STATE_HOME}/pcb`)
        assert.include(files, "drills.db")
        for (const file of files) {
          assert.notInclude(readFileSync(`${XDG_STATE_HOME}/pcb/${file}`, "latin1"), Soak.key)
        }
      })
  )
})

describe.skipIf(!isLong)("a round of many drills in a file, while its process is killed", { timeout }, () => {
  it.live("has 20 temporary indexes at most, and takes less than 90 seconds", () =>
    Effect.gen(function*() {
      const XDG_STATE_HOME = yield* home()
      const drills = scaled(40, 300)
      const service = yield* Soak.service(drills, Soak.fast)
      const env = { XDG_STATE_HOME }
      const quick = ["--recount-after", "0", "--max-size", "none", "--index-quota", "none"]
      const command = ["drill", "run", "--due", "--within", "365d", "--concurrency", "20", ...quick]
      const elapsed = yield* Soak.interrupted(command, { ...service.env, ...env }, {
        kills: scaled(2, 10),
        uptime: scaled(2_000, 4_000)
      })
      yield* Soak.assertSound(service, drills, env)
      assert.isAtMost(Soak.peakOf(service.requests()), 20)
      // A machine that starts the program twice as slowly as an idle machine is busy.
      assert.isBelow(elapsed, 90_000 * Math.max(1, (yield* Soak.startUp) / 200))
    }))

  it.live("leaves nothing behind when another process cancels the round", () =>
    Effect.gen(function*() {
      const XDG_STATE_HOME = yield* home()
      const drills = scaled(120, 300)
      const service = yield* Soak.service(drills, Soak.fast)
      const env = { ...service.env, XDG_STATE_HOME }
      const quick = ["--recount-after", "0", "--max-size", "none", "--index-quota", "none"]
      const round = yield* Soak.start(
        ["drill", "run", "--due", "--within", "365d", "--concurrency", "20", ...quick],
        env
      )
      const restores = () => service.requests().filter((line) => line.endsWith("/create-index 202")).length
      while (restores() < 25) {
        assert.isNull(round.child.exitCode, round.stderr())
        yield* Effect.sleep("20 millis")
      }
      // The last drill is queued, so its whole round is canceled.
      const canceled = yield* pcb(["drill", "cancel", `source-${drills - 1}`], { env })
      assert.strictEqual(canceled.code, 0, canceled.stderr)
      const atCancel = restores()
      yield* round.closed
      assert.strictEqual(round.child.exitCode, 130, round.stderr())
      assert.strictEqual(restores(), atCancel)
      assert.isBelow(atCancel, drills)
      assert.deepStrictEqual((yield* service.indexes).filter((name) => name.startsWith("drill-")), [])
    }))
})

describe.skipIf(!isLong || !Postgres.isThere)(
  `drills on Postgres, with processes killed at random${Postgres.note}`,
  { timeout },
  () => {
    it.live("restore each backup once, report each drill once and leave no index behind, one runner", () =>
      Effect.gen(function*() {
        const PCB_STORE = yield* Postgres.database
        const service = yield* Soak.service(drills)
        const env = { PCB_STORE }
        yield* Soak.soak(service, { drills, kills, commands: [run], env, signal: "SIGKILL", uptime })
        yield* Soak.assertSound(service, drills, env)
        const { tables, text } = yield* Postgres.dump(PCB_STORE)
        assert.includeMembers(tables, ["pcb_rounds", "pcb_store", "pinecone_backups_drills", "cluster_messages"])
        assert.notInclude(text, Soak.key)
      }))

    it.live("restore each backup once, report each drill once and leave no index behind, two runners", () =>
      Effect.gen(function*() {
        const PCB_STORE = yield* Postgres.database
        const service = yield* Soak.service(drills)
        const env = { PCB_STORE }
        const serve = ["drill", "serve"]
        const first = yield* Soak.start(serve, { ...service.env, ...env })
        // The server is ready when it accepts a request.
        while ((yield* pcb([...run, "--detach"], { env: { ...service.env, ...env } })).code !== 0) {
          assert.isNull(first.child.exitCode, first.stderr())
        }
        first.child.kill("SIGKILL")
        yield* Soak.soak(service, { drills, kills, commands: [serve, serve], env, signal: "SIGKILL", uptime })
        yield* Soak.assertSound(service, drills, env)
      }))

    // A frozen process keeps its locks for 6 seconds. Only `pnpm soak` runs these.
    const ends: ReadonlyArray<readonly [NodeJS.Signals, limit: number, speed: string]> = [
      ["SIGKILL", 10_000, "30x"],
      ["SIGTERM", 3_000, "30x"],
      ["SIGSTOP", 11_000, "20x"]
    ]
    it.live.each(ends.slice(0, scaled(0, 3)))(
      "continue on another runner after %s within %d ms",
      ([signal, limit, speed]) =>
        Effect.gen(function*() {
          const PCB_STORE = yield* Postgres.database
          const drills = 10
          const service = yield* Soak.service(drills, { speed, latency: "10ms" })
          const env = { PCB_STORE }
          const runners = yield* Effect.forEach([0, 1], () =>
            Effect.gen(function*() {
              const { env: observedEnv, jobs } = yield* Soak.observed(service)
              return { jobs, process: yield* Soak.start(["drill", "serve"], { ...observedEnv, ...env }) }
            }))
          for (const { process } of runners) {
            while (!process.stderr().includes("Running the drills")) {
              assert.isNull(process.child.exitCode, process.stderr())
              yield* Effect.sleep("50 millis")
            }
          }
          // One after the other, so that some drill is looked at every moment.
          yield* Effect.forEach(
            Array.from({ length: drills }, (_, number) => `source-${number}`),
            (name) => pcb(["drill", "run", name, "--detach", ...Soak.quick], { env: { ...service.env, ...env } }),
            { concurrency: 3 }
          )
          const [survivor, victim] = runners.toSorted((self, that) => self.jobs().size - that.jobs().size)
          if (survivor === undefined || victim === undefined) return
          const before = survivor.jobs()
          const own = [...victim.jobs()].filter((job) => !before.has(job))
          assert.isNotEmpty(own)
          const endedAt = yield* Clock.currentTimeMillis
          victim.process.child.kill(signal)
          const elapsed = Effect.map(Clock.currentTimeMillis, (now) => now - endedAt)
          while (!own.some((job) => survivor.jobs().has(job)) && (yield* elapsed) < 2 * limit) {
            yield* Effect.sleep("20 millis")
          }
          const failover = yield* elapsed
          assert.isBelow(failover, limit)
          victim.process.child.kill("SIGCONT")
          yield* Soak.untilDone({ ...service.env, ...env }, drills)
          yield* Soak.assertSound(service, drills, env)
        })
    )
  }
)
