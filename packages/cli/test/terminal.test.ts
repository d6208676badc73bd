import { assert, describe, it } from "@effect/vitest"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { spawn, spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { emulate } from "./emulator.ts"
import { now, seeds, uuid } from "./project.ts"
import { pcb } from "./support.ts"

const env = { PINECONE_API_KEY: "any" }

const bin = fileURLToPath(new URL("../src/bin.ts", import.meta.url))

/** Something to do, once a text was seen: send what is typed. */
type Step = readonly [on: string, type: string]

interface Session {
  readonly code: number | null
  /** Everything the terminal was sent. */
  readonly seen: string
  /** How long it took to end after the last thing that was typed. */
  readonly millis: number
}

/** What `script` of util-linux makes is a terminal to the program: what is typed arrives as keys, Ctrl-C as a signal. */
const script = "script"
const { error, stdout } = spawnSync(script, ["--version"], { encoding: "utf8" })
const hasScript = error === undefined && stdout.includes("util-linux")

/** Runs the command line on a pseudo-terminal. `into` is where the shell sends its standard output. */
const onTerminal = (args: ReadonlyArray<string>, steps: ReadonlyArray<Step>, into?: string): Effect.Effect<Session> =>
  Effect.callback((resume) => {
    const command = [process.execPath, bin, ...args].map((word) => `'${word}'`).join(" ")
    const child = spawn(script, [
      "-qec",
      `stty cols 100; ${command}${into === undefined ? "" : ` > ${into}`}`,
      "/dev/null"
    ], {
      // The tests may run where CI is set: a terminal there is a terminal here.
      env: { PATH: process.env.PATH, LANG: "C.UTF-8", TERM: "xterm", SHELL: "/bin/sh", ...env },
      stdio: ["pipe", "pipe", "inherit"]
    })
    let seen = ""
    let typedAt = 0
    const left = [...steps]
    child.stdout.on("data", (chunk) => {
      seen += chunk
      const [next] = left
      if (next !== undefined && seen.includes(next[0])) {
        left.shift()
        typedAt = performance.now()
        child.stdin.write(next[1])
      }
    })
    child.on("close", (code) => resume(Effect.succeed({ code, seen, millis: performance.now() - typedAt })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

/** The project with time that passes, and restores and backups that take very long. */
const slow = emulate({
  ...seeds,
  now,
  speed: 1,
  project: { restoreDuration: Duration.hours(1), backupDuration: Duration.hours(1) }
})

describe("pcb as a process that waits", { concurrent: true, timeout: 30_000 }, () => {
  it.live("goes on after a failure of the service that passes, and ends well", () =>
    Effect.gen(function*() {
      const { host, plane } = yield* emulate({ ...seeds, project: { backupDuration: Duration.seconds(1) } })
      yield* plane.fault("Backups.describe", Fault.html(), { times: 1 })
      const run = yield* pcb(["backup", "create", "wiki", "--name", "x1", "--wait", "-o", "json", "--host", host], {
        env
      })
      assert.strictEqual(run.code, 0)
      assert.strictEqual(JSON.parse(run.stdout).status, "Ready")
      assert.match(
        run.stderr,
        /^Started backup backup-9 of wiki\nx1 {2}Initializing · [0-3]s\n✓ x1 is ready in \d+s: 1,204/
      )
      assert.notInclude(run.stderr, "\u001b")
    }))

  it.live.each([["SIGINT", 130], ["SIGTERM", 143]] as const)(
    "leaves what it waits for running at %s, says how to resume, and exits with %i",
    ([signal, code]) =>
      Effect.gen(function*() {
        const { host, plane } = yield* slow
        const run = yield* pcb(["restore", "start", "docs@latest", "--name", "new", "--wait", "--host", host], {
          env,
          signal: { on: "Pending", signal }
        })
        assert.strictEqual(run.code, code)
        assert.strictEqual(run.stdout, "")
        assert.strictEqual(
          run.stderr.trimEnd().split("\n").at(-1),
          `Stopped waiting; the restore goes on. Resume: pcb restore wait job-4 --host ${host}`
        )
        assert.include([...(yield* plane.state).restores.keys()], "job-4")
      })
  )

  it.live("says that it is not known what was done, if it is stopped before the answer", () =>
    Effect.gen(function*() {
      const { host, plane } = yield* slow
      yield* plane.fault("Backups.create", Fault.hang)
      const run = yield* pcb(["backup", "create", "docs", "--wait", "--debug", "--host", host], {
        env,
        signal: { on: "> POST", signal: "SIGINT" }
      })
      assert.strictEqual(run.code, 130)
      assert.include(
        run.stderr,
        "Stopped before there was an answer; the backup may have been started. Look: pcb backup list --index docs"
      )
    }))

  it.live("exits with 124 when the time is over, and says how to go on", () =>
    Effect.gen(function*() {
      const { host } = yield* slow
      const run = yield* pcb(["restore", "wait", uuid("3e9b5512"), "--timeout", "1s", "-o", "json", "--host", host], {
        env
      })
      assert.deepStrictEqual([run.code, run.stdout], [124, ""])
      const { error } = JSON.parse(run.stderr.trimEnd().split("\n").at(-1) ?? "")
      assert.deepStrictEqual([error.code, error.exit_code, error.hint], [
        "WAIT_TIMED_OUT",
        124,
        `pcb restore wait ${uuid("3e9b5512")} --host ${host}`
      ])
    }))

  it.live("exits with 5 when it ended badly", () =>
    Effect.gen(function*() {
      const { host } = yield* slow
      const run = yield* pcb(["backup", "wait", uuid("853602dc"), "--host", host], { env })
      assert.deepStrictEqual([run.code, run.stdout], [5, ""])
      assert.include(run.stderr, `error: Backup ${uuid("853602dc")} of index docs ended as Failed`)
    }))
})

describe.skipIf(!hasScript)("pcb on a terminal (needs `script` of util-linux)", { timeout: 30_000 }, () => {
  // Time is real here, and the machine may be busy.
  it.live(
    "draws one line, and leaves the terminal as it was at Ctrl-C, within 200 ms",
    () =>
      Effect.gen(function*() {
        const { host } = yield* slow
        const { code, millis, seen } = yield* onTerminal(
          ["restore", "start", "docs@latest", "--name", "new", "--wait", "--host", host],
          [["Pending · ░", "\u0003"]]
        )
        assert.strictEqual(code, 130)
        assert.isBelow(millis, 200)
        assert.include(seen, "\r\u001b[2K\u001b[?7l⠋ new  waiting")
        assert.strictEqual(seen.lastIndexOf("\u001b[?25l") < seen.lastIndexOf("\u001b[?25h"), true)
        // Wrapping is as it was, too, and the last that was drawn is gone.
        assert.isBelow(seen.lastIndexOf("\u001b[?7l"), seen.lastIndexOf("\u001b[?7h"))
        const after = seen.slice(seen.lastIndexOf("\u001b[2K"))
        assert.include(after, `Stopped waiting; the restore goes on. Resume: pcb restore wait job-4 --host ${host}`)
        assert.notInclude(after, "Pending")
      }),
    { retry: 3 }
  )

  it.live("asks on standard error, and sends nothing after a no", () =>
    Effect.gen(function*() {
      const { host, plane } = yield* slow
      const { code, seen } = yield* onTerminal(
        ["backup", "delete", "before-reindex", "--json", "--quiet", "--host", host],
        [["(y/N)", "n"]],
        "/dev/null"
      )
      assert.strictEqual(code, 6)
      assert.include(seen, "before-reindex of docs (5d0c71aa, 98,214 records")
      assert.include(seen, "Delete backup before-reindex?")
      assert.include(seen, "not confirmed: nothing was sent")
      assert.isTrue((yield* plane.requests).every(({ method }) => method === "GET"))
    }))

  it.live("asks nothing where that is not wanted", () =>
    Effect.gen(function*() {
      const { host, plane } = yield* slow
      const { code, seen } = yield* onTerminal(["backup", "delete", "before-reindex", "--no-input", "--host", host], [])
      assert.strictEqual(code, 6)
      assert.include(seen, "error: refusing to delete before-reindex without --yes")
      assert.lengthOf(yield* plane.requests, 0)
    }))

  it.live("deletes after a yes", () =>
    Effect.gen(function*() {
      const { host, plane } = yield* slow
      const { code, seen } = yield* onTerminal(["backup", "delete", "before-reindex", "--host", host], [["(y/N)", "y"]])
      assert.strictEqual(code, 0, seen)
      assert.include(seen, "✓ before-reindex is deleted")
      assert.isTrue((yield* plane.requests).some(({ method }) => method === "DELETE"))
    }))

  it.live.each<[typed: string, code: number]>([["y\r", 6], ["wiki\r", 0]])(
    "has the name of the index typed before its last backup goes: %j exits with %i",
    ([typed, code]) =>
      Effect.gen(function*() {
        const { host, plane } = yield* slow
        const session = yield* onTerminal(
          ["backup", "delete", "wiki-import", "--host", host],
          [["Type wiki to delete", typed]]
        )
        assert.strictEqual(session.code, code, session.seen)
        assert.include(session.seen, "Nothing will be left to restore wiki from")
        assert.strictEqual((yield* plane.requests).some(({ method }) => method === "DELETE"), code === 0)
      })
  )

  it.live("ends at Ctrl-C in a question, with nothing sent and the cursor there", () =>
    Effect.gen(function*() {
      const { host, plane } = yield* slow
      const { code, seen } = yield* onTerminal(
        ["backup", "delete", "before-reindex", "--host", host],
        [["(y/N)", "\u0003"]]
      )
      assert.strictEqual(code, 130, seen)
      assert.include(seen, "Nothing was sent.")
      assert.isAtLeast(seen.lastIndexOf("\u001b[?25h"), seen.lastIndexOf("\u001b[?25l"))
      assert.isTrue((yield* plane.requests).every(({ method }) => method === "GET"))
    }))
})
