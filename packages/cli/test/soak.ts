/**
 * Soak tests of drills: repeatedly kill the processes that run drills, at random times, until every drill has a report. The
 * service is an emulator in a separate process that is not killed.
 */
import { assert } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type ChildProcess, spawn } from "node:child_process"
import { createServer, request } from "node:http"
import { inject } from "vitest"
import { home } from "./harness.ts"
import { pcb } from "./support.ts"

const bin = inject("pcb")

/** API key, which must not appear in any store. */
export const key = "pcsk_marker_soak"

/** A service with one backup per index, and the requests that it answered. */
export interface Service {
  readonly env: Readonly<Record<string, string>>
  /** Answered requests, such as `POST /backups/b-1/create-index 202`. */
  readonly requests: () => ReadonlyArray<string>
  /** Names of the indexes that exist. */
  readonly indexes: Effect.Effect<ReadonlyArray<string>>
}

/** Speed of the clock of the service, and delay before every response. */
interface Pace {
  readonly speed: string
  readonly latency: string
}

/** One minute per second: a restore takes 10 seconds. */
const usual: Pace = { speed: "60x", latency: "60ms" }

/** A restore takes half a second. */
export const fast: Pace = { speed: "1200x", latency: "1ms" }

/** Starts the service. */
export const service = (
  drills: number,
  { latency, speed } = usual
): Effect.Effect<Service, never, Scope.Scope> =>
  Effect.gen(function*() {
    const names = Array.from({ length: drills }, (_, number) => `source-${number}`)
    const seed = JSON.stringify({
      indexes: names.map((name) => ({ name, dimension: 4, recordCount: 100 })),
      backups: names.map((indexName) => ({ indexName, backupId: `backup-of-${indexName}`, recordCount: 100 }))
    })
    const directory = yield* home({ "seed.json": seed })
    const settings = ["--speed", speed, "--latency", latency, "--index-quota", "1000", "--listen", ":0"]
    const args = ["emulator", "--seed", `${directory}/seed.json`, ...settings]
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => spawn(process.execPath, [bin, ...args], { stdio: ["ignore", "pipe", "pipe"] })),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    let stderr = ""
    child.stderr.on("data", (chunk) => stderr += chunk)
    const host = yield* Effect.callback<string>((resume) => {
      child.stdout.on("data", (chunk) => {
        const [host] = /http:\S+/.exec(String(chunk)) ?? []
        if (host !== undefined) resume(Effect.succeed(host))
      })
      child.on("close", () => resume(Effect.die(new Error(stderr))))
    })
    return {
      env: { PINECONE_CONTROLLER_HOST: host, PINECONE_API_KEY: key, PCB_NO_INPUT: "1" },
      requests: () => stderr.split("\n").map((line) => line.replace(/ \d+ ms$/, "")),
      indexes: Effect.promise(() =>
        fetch(`${host}/indexes`, { headers: { "api-key": key } })
          .then((response) => response.json())
          .then(({ indexes }: { readonly indexes: ReadonlyArray<{ readonly name: string }> }) =>
            indexes.map(({ name }) => name)
          )
      )
    }
  })

/** A proxy in front of the service that records which restore jobs were read through it. */
interface Observed {
  readonly env: Readonly<Record<string, string>>
  readonly jobs: () => ReadonlySet<string>
}

/** Starts a proxy in front of the service, to tell the requests of one process from those of others. */
export const observed = (service: Service): Effect.Effect<Observed, never, Scope.Scope> =>
  Effect.gen(function*() {
    const host = String(service.env["PINECONE_CONTROLLER_HOST"])
    const jobs = new Set<string>()
    const server = yield* Effect.acquireRelease(
      Effect.sync(() =>
        createServer((incoming, response) => {
          const [, job] = /^\/restore-jobs\/([^?]+)$/.exec(incoming.url ?? "") ?? []
          if (job !== undefined) jobs.add(job)
          const options = { method: incoming.method ?? "GET", headers: incoming.headers }
          const outgoing = request(new URL(incoming.url ?? "/", host), options, (answer) => {
            response.writeHead(answer.statusCode ?? 502, answer.headers)
            answer.pipe(response)
          })
          outgoing.on("error", () => response.destroy())
          incoming.pipe(outgoing)
        })
      ),
      (server) =>
        Effect.sync(() => {
          server.close()
          server.closeAllConnections()
        })
    )
    const port = yield* Effect.callback<number>((resume) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
      })
    })
    return { env: { ...service.env, PINECONE_CONTROLLER_HOST: `http://127.0.0.1:${port}` }, jobs: () => new Set(jobs) }
  })

/** Options that make drills as fast as possible, for every command that starts drills. */
export const quick = ["--recount-after", "1s", "--max-size", "none", "--index-quota", "none"]

/** A drill as `pcb drill list -o json` prints it. */
interface Listed {
  readonly index_name: string
  readonly state: string
  readonly report: { readonly outcome: string } | null
}

/** Lists the drills of a store. */
const listed = (env: Readonly<Record<string, string>>) =>
  Effect.map(pcb(["drill", "list", "-o", "json"], { env }), ({ code, stderr, stdout }) => {
    assert.strictEqual(code, 0, stderr)
    const { data }: { readonly data: ReadonlyArray<Listed> } = JSON.parse(stdout)
    return data
  })

/** Number of drills of a store that have a report. */
const countDone = (env: Readonly<Record<string, string>>) =>
  Effect.map(listed(env), (found) => found.filter(({ report }) => report !== null).length)

/** Maximum time without a new report, in milliseconds. Not a limit for the whole test, because a busy machine is slow. */
const maxStall = 180_000

/** Waits until the given number of drills have a report, as long as there is progress. Runs `meanwhile` before each check. */
export const untilDone = Effect.fnUntraced(function*(
  env: Readonly<Record<string, string>>,
  drills: number,
  meanwhile: Effect.Effect<void, never, Scope.Scope> = Effect.void
) {
  let done = -1
  let since = yield* Clock.currentTimeMillis
  while (done < drills) {
    yield* meanwhile
    const before = done
    done = yield* countDone(env)
    const now = yield* Clock.currentTimeMillis
    if (done > before) since = now
    assert.isBelow(now - since, maxStall, `${done} of ${drills} drills have ended`)
    if (done < drills) yield* Effect.sleep("2 seconds")
  }
})

/** A process that runs drills, and its output on standard error. */
interface Running {
  readonly child: ChildProcess
  readonly stderr: () => string
  readonly closed: Effect.Effect<void>
}

/** Starts a process that runs drills. Kills it when the scope closes. */
export const start = (
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>>
): Effect.Effect<Running, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, [bin, ...args], {
          env: { PATH: process.env.PATH, LANG: "C.UTF-8", ...env },
          stdio: ["ignore", "ignore", "pipe"]
        })
      ),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    ),
    (child) => {
      let stderr = ""
      child.stderr.on("data", (chunk) => stderr += chunk)
      let isClosed = false
      child.on("close", () => {
        isClosed = true
      })
      const closed = Effect.callback<void>((resume) => {
        if (isClosed) return resume(Effect.void)
        child.on("close", () => resume(Effect.void))
      })
      return { child, stderr: () => stderr, closed }
    }
  )

/** Waits until a process reports that it runs drills or waits to take over. A busy machine takes long. */
const untilReady = Effect.fnUntraced(function*({ child, stderr }: Running) {
  for (let waits = 0; stderr() === "" && child.exitCode === null && waits < 600; waits++) {
    yield* Effect.sleep("50 millis")
  }
})

/**
 * Kills and restarts a process a number of times, then waits for it to end. Returns the time from the first
 * start to the end, in milliseconds.
 */
export const interrupted = Effect.fnUntraced(function*(
  command: ReadonlyArray<string>,
  env: Readonly<Record<string, string>>,
  { kills, uptime }: Pick<Soak, "kills" | "uptime">
) {
  const startedAt = yield* Clock.currentTimeMillis
  for (let kill = 0; kill < kills; kill++) {
    const process = yield* start(command, env)
    yield* untilReady(process)
    yield* Effect.sleep((0.25 + 0.75 * Math.random()) * uptime)
    assert.isNull(process.child.exitCode, process.stderr())
    process.child.kill("SIGKILL")
    yield* process.closed
  }
  const last = yield* start(command, env)
  yield* last.closed
  assert.strictEqual(last.child.exitCode, 0, last.stderr())
  return (yield* Clock.currentTimeMillis) - startedAt
})

/**
 * The largest number of temporary indexes that existed at the same time, by the requests that the service answered: an index
 * exists from the acceptance of its restore until it is not found.
 */
export const peakOf = (requests: ReadonlyArray<string>): number => {
  let live = 0
  let peak = 0
  const removed = new Set<string>()
  for (const request of requests) {
    if (request.endsWith("/create-index 202")) peak = Math.max(peak, ++live)
    const [, method, name = "", status] = /^(GET|DELETE) \/indexes\/(drill-\w+) (\d+)$/.exec(request) ?? []
    if (method === "DELETE" && status === "202") removed.add(name)
    if (status === "404" && removed.delete(name)) live--
  }
  assert.strictEqual(live, 0)
  return peak
}

/** The longest time of three starts of the program, in milliseconds: 0.1 seconds on an idle machine. */
export const startUp = Effect.map(
  Effect.forEach([1, 2, 3], () =>
    Effect.gen(function*() {
      const before = yield* Clock.currentTimeMillis
      yield* pcb(["--version"])
      return (yield* Clock.currentTimeMillis) - before
    })),
  (times) => Math.max(...times)
)

export interface Soak {
  /** Number of drills, one per index. */
  readonly drills: number
  /** Number of kills. Afterwards the processes run to completion. */
  readonly kills: number
  /** Arguments of each process. */
  readonly commands: ReadonlyArray<ReadonlyArray<string>>
  readonly env: Readonly<Record<string, string>>
  readonly signal: NodeJS.Signals
  /** Maximum time for which a process runs drills before it is killed, in milliseconds. */
  readonly uptime: number
}

/**
 * Kills and restarts one process at a time, then waits until all drills have a report. Returns the number of drills that had a
 * report after the last kill, the longest time that a process took to exit, and `startUp` meanwhile, which depends on what else
 * the machine does. Times are in milliseconds.
 */
export const soak = Effect.fnUntraced(
  function*(service: Service, { commands, drills, env, kills, signal, uptime }: Soak) {
    const all = { ...service.env, ...env }
    const running: Array<Running> = []
    for (const command of commands) running.push(yield* start(command, all))
    let ended = 0
    let slowest = 0
    let done = 0
    for (let round = 0; ended < kills; round++) {
      if (round % 5 === 4) done = yield* countDone(all)
      assert.isBelow(done, drills, `all drills ended after ${ended} of ${kills} kills`)
      const victim = Math.floor(Math.random() * commands.length)
      const process = running[victim]
      const command = commands[victim]
      if (process === undefined || command === undefined) continue
      yield* untilReady(process)
      yield* Effect.sleep((0.25 + 0.75 * Math.random()) * uptime)
      const before = yield* Clock.currentTimeMillis
      const wasRunning = process.child.exitCode === null
      process.child.kill(signal)
      yield* process.closed
      if (wasRunning) {
        ended++
        slowest = Math.max(slowest, (yield* Clock.currentTimeMillis) - before)
      }
      running[victim] = yield* start(command, all)
    }
    done = yield* countDone(all)
    const starts = yield* startUp
    // A process that ended early, for example because the other one held the store, is started again.
    const restart = Effect.gen(function*() {
      for (const [place, process] of running.entries()) {
        const command = commands[place]
        if (process.child.exitCode !== null && command !== undefined) running[place] = yield* start(command, all)
      }
    })
    yield* untilDone(all, drills, restart)
    return { done, slowest, starts }
  }
)

/** Asserts that every drill was successful, restored its backup once, and left no index behind. */
export const assertSound = Effect.fnUntraced(function*(
  service: Service,
  drills: number,
  env: Readonly<Record<string, string>>
) {
  const found = yield* listed({ ...service.env, ...env })
  assert.deepStrictEqual(
    found.map(({ index_name, report }) => `${index_name} ${report?.outcome}`).sort(),
    Array.from({ length: drills }, (_, number) => `source-${number} SUCCESSFUL`).sort()
  )
  const restores = service.requests().filter((line) => line.endsWith("/create-index 202"))
  assert.deepStrictEqual(
    restores.sort(),
    Array.from({ length: drills }, (_, number) => `POST /backups/backup-of-source-${number}/create-index 202`).sort()
  )
  assert.deepStrictEqual((yield* service.indexes).filter((name) => name.startsWith("drill-")), [])
})
