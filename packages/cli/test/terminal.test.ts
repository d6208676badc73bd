import { assert, describe, it } from "@effect/vitest"
import * as RestoreJobs from "@pinecone-backups/core/RestoreJobs"
import * as Fault from "@pinecone-backups/testing/Fault"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { spawn, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { inject } from "vitest"
import { emulate } from "./emulator.ts"
import { home } from "./harness.ts"
import { now, seeds, services, uuid } from "./project.ts"
import { pcb } from "./support.ts"
import * as Vt from "./vt.ts"

const env = { PINECONE_API_KEY: "any" }

const bin = inject("pcb")

/** Keys to type after a text appears. */
type Step = readonly [on: string | RegExp, type: string]

interface Session {
  readonly code: number | null
  /** All output to the terminal. */
  readonly seen: string
  /** The time to exit after the last key. */
  readonly millis: number
}

/** `script` of util-linux provides a pseudo-terminal: typed text arrives as keys, Ctrl-C as a signal. */
const script = "script"
const { error, stdout } = spawnSync(script, ["--version"], { encoding: "utf8" })
const hasScript = error === undefined && stdout.includes("util-linux")

interface TerminalOptions {
  /** The shell's redirection of standard output. */
  readonly into?: string
  /** The width of the terminal. 0 if it is unknown. */
  readonly columns?: number
  /** The height of the terminal. Unknown by default. */
  readonly rows?: number
  readonly env?: Readonly<Record<string, string>>
}

/** Runs the command line on a pseudo-terminal. */
const onTerminal = (
  args: ReadonlyArray<string>,
  steps: ReadonlyArray<Step>,
  { columns = 100, env: more, into, rows = 0 }: TerminalOptions = {}
): Effect.Effect<Session> =>
  Effect.callback((resume) => {
    // Without `exec`, the shell would exit with 130 after Ctrl-C, whatever the exit code of the command.
    const command = [process.execPath, bin, ...args].map((word) => `'${word}'`).join(" ")
    const child = spawn(script, [
      "-qec",
      `stty cols ${columns} rows ${rows}; exec ${command}${into === undefined ? "" : ` > ${into}`}`,
      "/dev/null"
    ], {
      // The tests may run with CI set, but a terminal must behave like one.
      env: {
        PATH: process.env.PATH,
        LANG: "C.UTF-8",
        TERM: "xterm",
        SHELL: "/bin/sh",
        PCB_PAGER: "cat",
        ...env,
        ...more
      },
      stdio: ["pipe", "pipe", "inherit"]
    })
    let seen = ""
    let typedAt = 0
    const left = [...steps]
    child.stdout.on("data", (chunk) => {
      seen += chunk
      const [next] = left
      if (next !== undefined && (next[0] instanceof RegExp ? next[0].test(seen) : seen.includes(next[0]))) {
        left.shift()
        typedAt = performance.now()
        child.stdin.write(next[1])
      }
    })
    child.on("close", (code) => resume(Effect.succeed({ code, seen, millis: performance.now() - typedAt })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

/** The project with a running clock, and very slow restores and backups. */
const slow = emulate({
  ...seeds,
  now,
  speed: 1,
  project: { restoreDuration: Duration.hours(1), backupDuration: Duration.hours(1) }
})

describe("pcb as a process that waits", { concurrent: true, timeout: 30_000 }, () => {
  it.live("continues after a transient failure and succeeds", () =>
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
    "leaves the operation running after %s, prints how to resume, and exits with %i",
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
          `Stopped waiting; the restore is still running. Resume: pcb restore wait job-4 --host ${host}`
        )
        const jobs = yield* Effect.flatMap(RestoreJobs.RestoreJobs, (jobs) => jobs.listPage()).pipe(
          Effect.provide(services(plane))
        )
        assert.include(jobs.data.map(({ restoreJobId }) => String(restoreJobId)), "job-4")
      })
  )

  it.live("reports an unknown outcome if it is stopped before the response", () =>
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
        "Interrupted before the response arrived; the backup may have started. To check, run pcb backup list --index docs"
      )
    }))

  it.live("exits with 124 after a timeout, and prints how to resume", () =>
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

  it.live("exits with 5 after a failure", () =>
    Effect.gen(function*() {
      const { host } = yield* slow
      const run = yield* pcb(["backup", "wait", uuid("853602dc"), "--host", host], { env })
      assert.deepStrictEqual([run.code, run.stdout], [5, ""])
      assert.include(run.stderr, `error: Backup ${uuid("853602dc")} of index "docs" finished with status Failed`)
    }))
})

describe.skipIf(!hasScript)("pcb on a terminal (needs `script` of util-linux)", { timeout: 30_000 }, () => {
  // Real time: the machine may be busy.
  it.live(
    "draws one line, and restores the terminal within 200 ms of Ctrl-C",
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
        // Line wrapping is restored, too, and the last line is erased.
        assert.isBelow(seen.lastIndexOf("\u001b[?7l"), seen.lastIndexOf("\u001b[?7h"))
        const after = seen.slice(seen.lastIndexOf("\u001b[2K"))
        assert.include(
          after,
          `Stopped waiting; the restore is still running. Resume: pcb restore wait job-4 --host ${host}`
        )
        assert.notInclude(after, "Pending")
      }),
    { retry: 3 }
  )

  it.live(
    "redraws a page in place, and leaves it with the cursor below within 200 ms of Ctrl-C",
    () =>
      Effect.gen(function*() {
        const { host } = yield* slow
        const { code, millis, seen } = yield* onTerminal(
          ["status", "--watch=1s", "--host", host],
          // The cursor moves up for the second drawing.
          [[/\[\d+A/, "\u0003"]]
        )
        assert.strictEqual(code, 130)
        assert.isBelow(millis, 200)
        const { isCursorVisible, isWrapping, lines, row } = Vt.show(seen, 100)
        assert.isTrue(isCursorVisible && isWrapping)
        assert.lengthOf(lines.filter((line) => line.includes("LAST 14 RUNS")), 1)
        assert.match(lines.at(-1) ?? "", /^\d{4}-\d\d-\d\d \d\d:\d\d UTC · every 1s · Ctrl-C to stop\^C$/)
        assert.strictEqual(row, lines.length)
      }),
    { retry: 3 }
  )

  it.live("prompts on standard error, and sends nothing if declined", () =>
    Effect.gen(function*() {
      const { host, plane } = yield* slow
      const { code, seen } = yield* onTerminal(
        ["backup", "delete", "before-reindex", "--json", "--quiet", "--host", host],
        [["(y/N)", "n\r"]],
        { into: "/dev/null" }
      )
      assert.strictEqual(code, 6)
      assert.include(seen, "before-reindex of docs (5d0c71aa, 98,214 records")
      assert.include(seen, "Delete backup before-reindex?")
      assert.include(seen, "Not confirmed; nothing was sent")
      assert.isTrue((yield* plane.requests).every(({ method }) => method === "GET"))
    }))

  it.live("does not prompt with --no-input", () =>
    Effect.gen(function*() {
      const { host, plane } = yield* slow
      const { code, seen } = yield* onTerminal(["backup", "delete", "before-reindex", "--no-input", "--host", host], [])
      assert.strictEqual(code, 6)
      assert.include(stripVTControlCharacters(seen), "error: Refusing to delete backup before-reindex without --yes")
      assert.isTrue((yield* plane.requests).every(({ method }) => method === "GET"))
    }))

  it.live("deletes after confirmation", () =>
    Effect.gen(function*() {
      const { host, plane } = yield* slow
      const { code, seen } = yield* onTerminal(["backup", "delete", "before-reindex", "--host", host], [[
        "(y/N)",
        "y\r"
      ]])
      assert.strictEqual(code, 0, seen)
      assert.include(stripVTControlCharacters(seen), "✓ before-reindex deleted")
      assert.isTrue((yield* plane.requests).some(({ method }) => method === "DELETE"))
    }))

  it.live.each<[typed: string, code: number]>([["y\r", 6], ["wiki\r", 0]])(
    "requires the index name to delete its last backup: %j exits with %i",
    ([typed, code]) =>
      Effect.gen(function*() {
        const { host, plane } = yield* slow
        const session = yield* onTerminal(
          ["backup", "delete", "wiki-import", "--host", host],
          [["Type wiki to delete", typed]]
        )
        assert.strictEqual(session.code, code, session.seen)
        assert.include(session.seen, "No backup will be left to restore wiki from")
        assert.strictEqual((yield* plane.requests).some(({ method }) => method === "DELETE"), code === 0)
      })
  )

  it.live(
    "exits within 200 ms of Ctrl-C at a prompt, with nothing sent and the cursor restored",
    () =>
      Effect.gen(function*() {
        const { host, plane } = yield* slow
        const { code, millis, seen } = yield* onTerminal(
          ["backup", "delete", "before-reindex", "--host", host],
          [["(y/N)", "\u0003"]]
        )
        assert.strictEqual(code, 130, seen)
        assert.isBelow(millis, 200)
        assert.include(seen, "\r\nNothing was sent.")
        assert.isAtLeast(seen.lastIndexOf("\u001b[?25h"), seen.lastIndexOf("\u001b[?25l"))
        assert.isTrue((yield* plane.requests).every(({ method }) => method === "GET"))
      }),
    { retry: 3 }
  )

  it.live.each<readonly [command: string, on: string]>([
    ["schedule history docs --follow", "Following docs-daily"],
    ["emulator --port 0", "export PINECONE"]
  ])("exits within 200 ms of Ctrl-C, and handles a second Ctrl-C: pcb %s", ([command, on]) =>
    Effect.gen(function*() {
      for (const keys of ["\u0003", "\u0003\u0003"]) {
        const { code, millis, seen } = yield* onTerminal(["--demo", ...command.split(" ")], [[on, keys]])
        assert.strictEqual(code, 130, seen)
        assert.isBelow(millis, 200)
        assert.isAtLeast(seen.lastIndexOf("\u001b[?25h"), seen.lastIndexOf("\u001b[?25l"))
      }
    }), { retry: 3 })

  it.live.each<readonly [columns: number, env: Record<string, string>, fits: number, header: string]>([
    [40, {}, 40, "INDEX          KEEP  STATE   LAST BACKUP"],
    [60, {}, 60, "INDEX           EVERY    KEEP  STATE   LAST BACKUP  NEXT RUN"],
    [80, {}, 80, "INDEX              EVERY    KEEP  STATE   LAST BACKUP  NEXT RUN  LAST 14 RUNS"],
    [
      100,
      {},
      100,
      "INDEX              SCHEDULE             EVERY    KEEP  STATE   LAST BACKUP  NEXT RUN  LAST 14 RUNS"
    ],
    [
      120,
      {},
      120,
      "INDEX              SCHEDULE                         EVERY    KEEP  STATE   LAST BACKUP  NEXT RUN  LAST 14 RUNS"
    ],
    [
      200,
      {},
      200,
      "INDEX              SCHEDULE                         EVERY    KEEP  STATE   LAST BACKUP  NEXT RUN  LAST 14 RUNS    ID"
    ],
    [0, {}, 80, "INDEX              EVERY    KEEP  STATE   LAST BACKUP  NEXT RUN  LAST 14 RUNS"],
    [0, { COLUMNS: "60" }, 60, "INDEX           EVERY    KEEP  STATE   LAST BACKUP  NEXT RUN"]
  ])("fits a terminal of %i columns, %j", ([columns, env, fits, header]) =>
    Effect.gen(function*() {
      const { code, seen } = yield* onTerminal(["--demo", "schedule", "list"], [], { columns, env })
      const lines = stripVTControlCharacters(seen).split("\r\n").filter((line) => !line.startsWith("(hidden"))
      assert.strictEqual(code, 0)
      assert.strictEqual(lines[0], header)
      for (const line of lines) assert.isAtMost(line.length, fits)
    }))

  it.live.each<readonly [args: string, env: Record<string, string>, isColored: boolean]>([
    ["", {}, true],
    ["", { NO_COLOR: "1" }, false],
    ["", { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
    ["--color always", { NO_COLOR: "1" }, false],
    ["", { TERM: "dumb" }, false],
    ["", { TERM: "dumb", FORCE_COLOR: "1" }, true],
    ["--color never", { FORCE_COLOR: "1" }, false]
  ])("uses color according to flags and environment: %s %j", ([args, env, isColored]) =>
    Effect.gen(function*() {
      const command = ["--demo", ...args.split(" ").filter((arg) => arg !== ""), "schedule", "list"]
      const { seen } = yield* onTerminal(command, [], { env })
      assert.strictEqual(seen.includes("\u001b["), isColored)
    }))

  it.live("writes no escape codes or prompts to a file, even beside a terminal", () =>
    Effect.gen(function*() {
      const { host } = yield* slow
      const into = join(yield* home(), "stdout")
      const commands: ReadonlyArray<readonly [args: string, steps: ReadonlyArray<Step>, file: RegExp]> = [
        ["schedule list -o table", [], /^INDEX +SCHEDULE [^]*$/],
        ["backup describe before-reindex", [], /^docs\tbefore-reindex\t[^]*$/],
        ["backup list --limt 3", [], /^$/],
        ["backup delete before-reindex", [["(y/N)", "n\r"]], /^$/],
        ["restore wait docs-restored -o json", [], /^\{"restore_job_id":[^\n]*\}\n$/],
        ["restore wait docs-trial", [["Ctrl-C leaves", "\u0003"]], /^$/]
      ]
      for (const [args, steps, file] of commands) {
        const { seen } = yield* onTerminal([...args.split(" "), "--host", host], steps, { into })
        const written = readFileSync(into, "utf8")
        assert.match(written, file, `${args}: ${seen}`)
        assert.notInclude(written, "\u001b", args)
      }
    }))

  it.live("does not prompt or draw in CI, with or without a terminal", () =>
    Effect.gen(function*() {
      const { host, plane } = yield* slow
      const options = { env: { CI: "1" } }
      const refused = yield* onTerminal(["backup", "delete", "before-reindex", "--host", host], [], options)
      assert.strictEqual(refused.code, 6)
      assert.include(refused.seen, "Refusing to delete backup before-reindex without --yes")
      assert.isTrue((yield* plane.requests).every(({ method }) => method === "GET"))
      const wait = yield* onTerminal(
        ["restore", "wait", "docs-trial", "--host", host],
        [["Pending", "\u0003"]],
        options
      )
      assert.strictEqual(wait.code, 130)
      assert.notInclude(wait.seen, "\u001b[?25l")
    }))

  it.live("prints only ASCII in the C locale", () =>
    Effect.gen(function*() {
      const { seen } = yield* onTerminal(["--demo", "schedule", "history", "docs"], [], { env: { LANG: "C" } })
      assert.match(stripVTControlCharacters(seen), /^[\x20-\x7e\r\n]*$/)
      const args = ["--demo", "schedule", "update", "docs", "--keep", "7"]
      const asked = yield* onTerminal(args, [["(y/N)", "n\r"]], { env: { LANG: "C" } })
      assert.match(stripVTControlCharacters(asked.seen), /^[\x20-\x7e\r\n]*$/)
    }))

  it.live("uses no color if disabled, including prompts and errors", () =>
    Effect.gen(function*() {
      const args = ["--demo", "schedule", "update", "docs", "--keep", "7"]
      const [bold, red] = ["\u001b[1m", "\u001b[31m"]
      const { seen } = yield* onTerminal(args, [["(y/N)", "n\r"]])
      assert.include(seen, `${bold}${red}error:`)
      assert.include(seen, `${bold}Let`)
      for (
        const plain of [
          yield* onTerminal([...args, "--color", "never"], [["(y/N)", "n\r"]]),
          yield* onTerminal(args, [["(y/N)", "n\r"]], { env: { NO_COLOR: "1" } })
        ]
      ) {
        assert.include(plain.seen, "error: Not confirmed")
        assert.notInclude(plain.seen, bold)
        assert.notInclude(plain.seen, red)
      }
    }))

  /** A pager that shows how it was started, and the first line. It then quits. */
  const marked = "sh -c 'echo \"paged with $LESS $LV\"; head -n 1'"
  const paging = (own: string | undefined, more: Readonly<Record<string, string>> = {}) => ({
    env: { ...own === undefined ? {} : { PCB_PAGER: own }, ...more }
  })

  it.live("pages a report, and keeps its exit code when the pager quits early", () =>
    Effect.gen(function*() {
      const { code, seen } = yield* onTerminal(["--demo", "audit"], [], paging(marked))
      const [first, second, ...rest] = stripVTControlCharacters(seen).split("\r\n")
      assert.strictEqual(code, 2)
      // After the progress, which is erased.
      assert.match(first ?? "", /paged with FRX -c$/)
      assert.match(second ?? "", /critical/)
      assert.deepStrictEqual(rest, [""])
      assert.include(seen, "\u001b[31m")
    }))

  it.live("keeps the user's own options of less", () =>
    Effect.gen(function*() {
      const { seen } = yield* onTerminal(["--demo", "backup", "list"], [], paging(marked, { LESS: "-S", LV: "" }))
      assert.include(seen, "paged with -S \r\n")
    }))

  it.live("prefers PCB_PAGER to PAGER", () =>
    Effect.gen(function*() {
      const { seen } = yield* onTerminal(["--demo", "status"], [], paging(marked, { PAGER: "cat" }))
      assert.include(seen, "paged with")
    }))

  it.live.each<[string, ReadonlyArray<string>, Readonly<Record<string, string>>]>([
    ["an empty PCB_PAGER", [], { PCB_PAGER: "", PAGER: marked }],
    ["cat", [], { PCB_PAGER: "cat", PAGER: marked }],
    ["a pager that does not exist", [], { PCB_PAGER: "/no/such/pager -R", PAGER: marked }],
    ["--no-pager", ["--no-pager"], { PCB_PAGER: marked }],
    ["a CI job", [], { PCB_PAGER: marked, CI: "true" }],
    ["TERM=dumb", [], { PCB_PAGER: marked, TERM: "dumb" }],
    ["-o tsv", ["-o", "tsv"], { PCB_PAGER: marked }],
    ["--json", ["--json"], { PCB_PAGER: marked }],
    ["PCB_OUTPUT=ndjson", [], { PCB_PAGER: marked, PCB_OUTPUT: "ndjson" }]
  ])("prints everything directly with %s", ([, args, env]) =>
    Effect.gen(function*() {
      const { code, seen } = yield* onTerminal(["--demo", "backup", "list", ...args], [], { env })
      assert.strictEqual(code, 0)
      assert.notInclude(seen, "paged with")
      assert.notInclude(seen, "pager")
      assert.include(seen, "carts-daily-20261121T060000Z")
      assert.include(seen, "docs-daily-20261115T060000Z")
    }))

  it.live("has no pager in a pipe, and none for a format of audit alone", () =>
    Effect.gen(function*() {
      const piped = yield* onTerminal(["--demo", "audit"], [], { ...paging(marked), into: "/dev/stdout | cat" })
      assert.notInclude(piped.seen, "paged with")
      const html = yield* onTerminal(["--demo", "audit", "-o", "html"], [], paging(marked))
      assert.notInclude(html.seen, "paged with")
      assert.include(html.seen, "</html>")
    }))

  /** A pager that reads everything, reports Ctrl-C, and ends only when `q` is typed. */
  const stubborn = `'${process.execPath}' -e '${
    [
      `process.on("SIGINT", () => console.log("interrupted"))`,
      `process.stdin.on("end", () => console.log("all read")).resume()`,
      `process.stdin.once("data", () => console.log("paged"))`,
      `const keys = new (require("node:tty").ReadStream)(require("node:fs").openSync("/dev/tty", "r"))`,
      `keys.on("data", (typed) => String(typed).includes("q") && (console.log("bye"), process.exit()))`
    ].join("; ")
  }'`

  it.live("leaves Ctrl-C to the pager once everything is written", () =>
    Effect.gen(function*() {
      const { code, seen } = yield* onTerminal(
        ["--demo", "audit"],
        [["all read", "\u0003"], ["interrupted", "\u0003"], [/interrupted[^]*interrupted/, "q\n"]],
        paging(stubborn)
      )
      assert.match(seen, /bye\r\n$/)
      assert.strictEqual(code, 2)
    }))

  const hasLess = spawnSync("less", ["--version"]).error === undefined

  it.live.skipIf(!hasLess)(
    "stays until less is quit after Ctrl-\\, so that less restores the terminal",
    () =>
      Effect.gen(function*() {
        const { code, seen } = yield* onTerminal(
          ["--demo", "audit"],
          [
            // Ctrl-C is typed to a simpler pager above: less may drop keys that are typed soon after it. `G` shows the end.
            ["\n:\u001b[K", "\u001cG"],
            ["(END)", "q"]
          ],
          { rows: 10, env: { PCB_PAGER: "less" } }
        )
        assert.strictEqual(code, 2)
        // The sequence with which less leaves the terminal.
        assert.strictEqual(seen.slice(-7), "\u001b[?1l\u001b>")
      })
  )

  it.live("prints the same in a pager as without: for the width of the terminal, and with colors", () =>
    Effect.gen(function*() {
      for (const columns of [60, 200]) {
        const args = ["--demo", "backup", "list"]
        const into = { columns, env: { PCB_PAGER: "sh -c 'echo paged; cat'" } }
        const inPager = yield* onTerminal(args, [], into)
        const direct = yield* onTerminal([...args, "--no-pager"], [], into)
        assert.strictEqual(inPager.seen, `paged\r\n${direct.seen}`)
        assert.include(inPager.seen, "\u001b[32m")
      }
    }))

  const long = emulate({
    ...seeds,
    schedules: [{ id: "c688ed12-5a39-4254-9518-bd394b7f4886", name: "docs-daily", indexName: "docs", runs: 3_000 }]
  })
  const history = (host: string) => ["schedule", "history", "docs", "-o", "wide", "--host", host]

  it.live("stops reading on Ctrl-C, and waits until the pager is quit", () =>
    Effect.gen(function*() {
      const { host, plane } = yield* long
      yield* plane.fault("BackupSchedules.history", Fault.hang, { skip: 1 })
      const { code, seen } = yield* onTerminal(
        history(host),
        [["paged", "\u0003"], [/interrupted[^]*all read|all read[^]*interrupted/, "q\n"]],
        paging(stubborn)
      )
      assert.match(seen, /bye\r\n$/)
      assert.strictEqual(code, 130)
    }))

  it.live("stops the requests when the pager is quit", () =>
    Effect.gen(function*() {
      const { host, plane } = yield* long
      const { code } = yield* onTerminal(history(host), [], paging("head -n 1"))
      assert.strictEqual(code, 0)
      const pages = (yield* plane.requests).filter(({ url }) => url.includes("/history"))
      assert.isBelow(pages.length, 10)
    }))
})
