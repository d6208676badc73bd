import { assert, describe, it } from "@effect/vitest"
import * as Backups from "@pinecone-backups/core/Backups"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import { Ajv2020 } from "ajv/dist/2020.js"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { spawn, spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { inject } from "vitest"
import { emulate } from "./emulator.ts"
import { home } from "./harness.ts"
import { now, seeds, services } from "./project.ts"
import { pcb, serve, shell } from "./support.ts"

const key = "pcsk_marker_guard"
const env = { PINECONE_API_KEY: key }

/** Runs a Node.js script as the guarded command, with a backup that the demo project already has. */
const script = (code: string) => ["guard", "docs", "--demo", "--max-age", "24h", "--", process.execPath, "-e", code]

/** Counts signals for a moment after the first, and exits with 10 and the number. */
const counter = (signal: NodeJS.Signals) =>
  `let count = 0; process.on("${signal}", () => { if (count++ === 0) setTimeout(() => process.exit(10 + count), 500) });
  setInterval(() => {}, 1000); console.error("counting")`

const docs = PineconeIndex.IndexName.make("docs")

describe("pcb guard as a process", { concurrent: true, timeout: 30_000 }, () => {
  it.live.each([0, 1, 7, 125])("exits with the code of the command: %i", (code) =>
    Effect.gen(function*() {
      const result = yield* pcb(script(`process.exit(${code})`))
      assert.deepStrictEqual([result.code, result.stdout], [code, ""])
      assert.strictEqual(/error: node exited with/.test(result.stderr), code !== 0)
    }))

  it.live("suggests how to restore the backup after a failure, and names only the program", () =>
    Effect.gen(function*() {
      const result = yield* pcb([...script("process.exit(1)"), "a-secret"])
      assert.match(
        result.stderr,
        new RegExp(
          "^✓ using docs-daily-20261121T060000Z \\(b7f1895a, 97,603 records, taken 14h ago\\)\n" +
            " {2}writes after 2026-11-21 05:45 UTC are not in it\n" +
            "error: node exited with 1\n" +
            " {2}why {9}backup b7f1895a has the data of docs until 2026-11-21 05:45 UTC\n" +
            " {2}try {9}pcb recover docs --backup b7f1895a-[-\\w]+ --to docs-from-b7f1895a --demo\n$"
        )
      )
      assert.notInclude(result.stderr, "a-secret")
    }))

  it.live("exits with 128 and the number of the signal that ended the command", () =>
    Effect.gen(function*() {
      const result = yield* pcb(script("process.kill(process.pid, 'SIGKILL')"))
      assert.strictEqual(result.code, 137)
      assert.include(result.stderr, "error: node was ended by SIGKILL")
    }))

  it.live("gives the command standard input, standard output, standard error and the environment", () =>
    Effect.gen(function*() {
      const code = `const { PCB_GUARD_BACKUP_ID, PCB_GUARD_INDEX, PINECONE_API_KEY } = process.env
        console.error("to standard error")
        process.stdout.write(JSON.stringify([PCB_GUARD_BACKUP_ID, PCB_GUARD_INDEX, PINECONE_API_KEY, process.argv[1]]))
        process.stdin.pipe(process.stdout)`
      const result = yield* pcb([...script(code), "$HOME;"], { env, stdin: "typed\n" })
      assert.strictEqual(
        result.stdout,
        `["b7f1895a-0e47-4fdd-a299-f1caa0a0f7b4","docs","${key}","$HOME;"]typed\n`
      )
      assert.include(result.stderr, "to standard error\n")
      assert.strictEqual(result.code, 0)
    }))

  it.live("runs in a pipe, and prints nothing to it", () =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* shell(
        "printf 'one\\ntwo\\n' | pcb guard docs --demo --max-age 24h --quiet -- cat | tr a-z A-Z; echo ${PIPESTATUS[@]}"
      )
      assert.deepStrictEqual([stdout, stderr], ["ONE\nTWO\n0 0 0\n", ""])
    }))

  it.live("leaves standard output blocking, so that a slow reader loses nothing", () =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* shell(
        "pcb guard docs --demo --max-age 24h --quiet -- seq 300000 | { sleep 1; wc -l; }; echo ${PIPESTATUS[@]}"
      )
      assert.deepStrictEqual([stdout.trim(), stderr], ["300000\n0 0", ""])
    }))

  it.live("creates a backup and runs the command when it is ready", () =>
    Effect.gen(function*() {
      const { host, plane } = yield* emulate({ ...seeds, now, project: { backupDuration: "1 second" } })
      const result = yield* pcb(["guard", "wiki", "--host", host, "--", "sh", "-c", "echo $PCB_GUARD_BACKUP_ID"], {
        env
      })
      assert.strictEqual(result.code, 0, result.stderr)
      const backups = yield* Effect.flatMap(
        Backups.Backups,
        (backups) => Stream.runCollect(backups.listByIndex(PineconeIndex.IndexName.make("wiki")))
      ).pipe(Effect.provide(services(plane)))
      const made = backups.find(({ backupId }) => backupId === result.stdout.trim())
      assert.deepInclude(made, { status: "Ready", description: "sh" })
      assert.match(made?.name ?? "", /^guard-\d{8}t\d{6}z$/)
    }))

  describe("exits with 125 and does not run the command", () => {
    it.live.each<readonly [why: string, args: ReadonlyArray<string>, message: string]>([
      ["without --", ["guard", "docs", "touch"], "The command must follow --"],
      ["without a command", ["guard", "docs", "--"], "Expected a command after --"],
      ["with an empty command", ["guard", "docs", "--", ""], "got an empty string"],
      ["without an index", ["guard", "--", "touch"], "index"],
      ["with an unknown flag", ["guard", "docs", "--max", "6h", "--", "touch"], "--max"],
      [
        "with a --max-age under 15m",
        ["guard", "docs", "--max-age", "5m", "--", "touch"],
        "Expected a duration of 15m or more"
      ],
      ["without an API key", ["guard", "docs", "--", "touch"], "PINECONE_API_KEY"],
      ["with an invalid setting", ["guard", "docs", "--host", "ftp://x", "--", "touch"], "--host"],
      ["with an unknown profile", ["guard", "docs", "--profile", "nope", "--", "touch"], "nope"],
      ["if the index does not exist", ["guard", "nope", "--demo", "--", "touch"], "touch was not run"],
      [
        "if it cannot write the report",
        ["guard", "docs", "--demo", "--report", "/nowhere/r.json", "--", "touch"],
        "--report"
      ],
      ["with a key from standard input", ["guard", "docs", "--api-key-file", "-", "--", "touch"], "standard input"]
    ])("%s", ([, args, message]) =>
      Effect.gen(function*() {
        const cwd = yield* home()
        const result = yield* pcb([...args, ...(args.at(-1) === "touch" ? ["ran"] : [])], { cwd, stdin: key })
        assert.deepStrictEqual([result.code, result.stdout], [125, ""], result.stderr)
        assert.include(result.stderr, message)
        assert.isFalse(existsSync(join(cwd, "ran")))
      }))

    it.live("in JSON errors, too", () =>
      Effect.gen(function*() {
        for (
          const args of [["guard", "docs", "--json", "--", "true"], ["guard", "nope", "--demo", "--json", "--", "true"]]
        ) {
          const result = yield* pcb(args)
          assert.strictEqual(result.code, 125)
          assert.strictEqual(JSON.parse(result.stderr.trim().split("\n").at(-1) ?? "").error.exit_code, 125)
        }
      }))

    it.live("if the API cannot be reached", () =>
      Effect.gen(function*() {
        // A port that was just free.
        const { host } = yield* Effect.scoped(serve(() => {}))
        const result = yield* pcb(["guard", "docs", "--host", host, "--", "echo", "ran"], { env })
        assert.deepStrictEqual([result.code, result.stdout], [125, ""])
        assert.include(result.stderr, "ECONNREFUSED")
        assert.include(result.stderr, "echo was not run")
      }))

    it.live.each(["SIGINT", "SIGTERM"] as const)(
      "if %s ends the wait; the backup continues",
      (signal) =>
        Effect.gen(function*() {
          const { host, plane } = yield* emulate({ ...seeds, now, speed: 1, project: { backupDuration: "1 hour" } })
          const cwd = yield* home()
          const result = yield* pcb(["guard", "wiki", "--host", host, "--report", "r.json", "--", "echo", "ran"], {
            cwd,
            env,
            signal: { on: "Initializing", signal }
          })
          assert.deepStrictEqual([result.code, result.stdout], [125, ""])
          assert.match(
            result.stderr,
            /Interrupted; echo was not run\. Backup guard-\S+ \(\S+\) was started and is kept\./
          )
          const report = JSON.parse(readFileSync(join(cwd, "r.json"), "utf8"))
          assert.deepInclude(report, { outcome: "not_run", exit_code: 125 })
          yield* plane.advance("2 hours")
          const backup = yield* Effect.flatMap(Backups.Backups, (backups) => backups.describe(report.backup_id)).pipe(
            Effect.provide(services(plane))
          )
          assert.strictEqual(backup.status, "Ready")
        })
    )
  })

  it.live.each(["SIGINT", "SIGTERM"] as const)(
    "exits with 125 after a second %s at the latest",
    (signal) =>
      Effect.gen(function*() {
        const { host } = yield* serve(() => {})
        const result = yield* pcb(["guard", "docs", "--host", host, "--debug", "--", "echo", "ran"], {
          env,
          signal: { on: "> GET", signal, isTwice: true }
        })
        assert.deepStrictEqual([result.code, result.stdout], [125, ""])
      })
  )

  it.live("exits with 127 or 126 before anything is sent if the command cannot be started", () =>
    Effect.gen(function*() {
      const { host, requests } = yield* serve((_, response) => response.end())
      const cwd = yield* home()
      writeFileSync(join(cwd, "script.sh"), "#!/bin/sh\n")
      chmodSync(join(cwd, "script.sh"), 0o644)
      mkdirSync(join(cwd, "folder"))
      const codes = yield* Effect.forEach(
        ["no-such-program", "./no-such-script", "./script.sh", "./folder"],
        (program) => Effect.map(pcb(["guard", "docs", "--host", host, "--", program], { cwd, env }), ({ code }) => code)
      )
      assert.deepStrictEqual(codes, [127, 127, 126, 126])
      assert.strictEqual(yield* Queue.size(requests), 0)
    }))

  it.live("exits with 127 if the interpreter of a script does not exist", () =>
    Effect.gen(function*() {
      const cwd = yield* home()
      writeFileSync(join(cwd, "script"), "#!/no/such/interpreter\n")
      chmodSync(join(cwd, "script"), 0o755)
      const result = yield* pcb(["guard", "docs", "--demo", "--max-age", "24h", "--", "./script"], { cwd })
      assert.strictEqual(result.code, 127)
      assert.include(result.stderr, "error: script was not found")
    }))

  describe("signals", () => {
    it.live.each(["SIGINT", "SIGTERM"] as const)(
      "passes %s on once, and waits for the command",
      (signal) =>
        Effect.gen(function*() {
          const result = yield* pcb(script(counter(signal)), { signal: { on: "counting", signal } })
          assert.strictEqual(result.code, 11)
          assert.include(result.stderr, "error: node exited with 11")
        })
    )

    it.live("exits with 128 and the number of a signal that ends the command", () =>
      Effect.gen(function*() {
        const sleeper = "setInterval(() => {}, 1000); console.error(\"counting\")"
        const result = yield* pcb(script(sleeper), { signal: { on: "counting", signal: "SIGTERM" } })
        assert.strictEqual(result.code, 143)
      }))

    // `script` of util-linux provides a pseudo-terminal.
    const terminal = "script"
    const { error, stdout } = spawnSync(terminal, ["--version"], { encoding: "utf8" })
    const hasScript = error === undefined && stdout.includes("util-linux")

    it.live.skipIf(!hasScript)(
      "does not repeat the Ctrl-C of a terminal, which the command receives itself",
      () =>
        Effect.gen(function*() {
          // Two signals at almost the same time can arrive as one. So pcb is stopped until the command has handled the first.
          const words = [
            process.execPath,
            inject("pcb"),
            ...script(`process.once("SIGINT", () => setTimeout(() =>
          process.kill(process.ppid, "SIGCONT"), 100)); process.kill(process.ppid, "SIGSTOP"); ${counter("SIGINT")}`)
          ]
          // The shell waits for pcb, and does not notice that it is stopped.
          const command = `trap : INT; ${words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ")}; exit $?`
          const code = yield* Effect.callback<number | null>((resume) => {
            const child = spawn(terminal, ["-qec", command, "/dev/null"], {
              env: { PATH: process.env.PATH, LANG: "C.UTF-8", TERM: "xterm", SHELL: "/bin/sh" },
              stdio: ["pipe", "pipe", "inherit"]
            })
            let seen = ""
            child.stdout.on("data", (chunk) => {
              const isFirst = !seen.includes("counting")
              seen += chunk
              if (isFirst && seen.includes("counting")) child.stdin.write("\u0003")
            })
            child.on("close", (code) => resume(Effect.succeed(code)))
            return Effect.sync(() => child.kill("SIGKILL"))
          })
          assert.strictEqual(code, 11)
        })
    )
  })

  describe("--report", () => {
    const isValid = new Ajv2020({ strict: true }).compile(
      JSON.parse(readFileSync(new URL("../schemas/guard.json", import.meta.url), "utf8"))
    )

    it.live.each<readonly [outcome: string, code: number, args: ReadonlyArray<string>]>([
      ["succeeded", 0, ["docs", "--max-age", "24h", "--", "true"]],
      ["failed", 1, ["docs", "--max-age", "24h", "--", "false"]],
      ["signaled", 143, ["docs", "--max-age", "24h", "--", "sh", "-c", "kill -TERM $$"]],
      ["not_started", 127, ["docs", "--", "no-such-program"]],
      ["not_run", 125, ["nope", "--", "true"]],
      ["not_run", 125, ["product-catalog", "--timeout", "1ms", "--", "true"]]
    ])("writes a report that matches the schema: %s, %i", ([outcome, code, args]) =>
      Effect.gen(function*() {
        const cwd = yield* home()
        const result = yield* pcb(["guard", "--demo", "--report", "r.json", ...args], { cwd })
        assert.strictEqual(result.code, code, result.stderr)
        const report = JSON.parse(readFileSync(join(cwd, "r.json"), "utf8"))
        assert.isTrue(isValid(report), JSON.stringify(isValid.errors))
        assert.deepInclude(report, { schema: "pcb.guard/v1", outcome, exit_code: code })
        assert.strictEqual(report.net !== null, ["succeeded", "failed", "signaled"].includes(outcome))
        assert.strictEqual(report.error !== null, outcome.startsWith("not_"))
        assert.strictEqual(report.next !== null, ["failed", "signaled"].includes(outcome))
      }))

    // `Schemas.test.ts` checks the schema with the reports in this file.
    const fixture = new URL("./fixtures/guard.txt", import.meta.url)

    it.live("writes the reports of the fixture", () =>
      Effect.gen(function*() {
        const lines = [
          "pcb guard --demo docs --max-age 24h --report r.json -- true",
          "pcb guard --demo docs --max-age 24h --report r.json -- false",
          "pcb guard --demo nope --report r.json -- true"
        ]
        const reports = yield* Effect.forEach(lines, (line) =>
          Effect.gen(function*() {
            const cwd = yield* home()
            yield* pcb(line.split(" ").slice(1), { cwd })
            return `$ ${line}\n${readFileSync(join(cwd, "r.json"), "utf8")}`
          }))
        if (process.env.UPDATE_GOLDEN !== undefined) writeFileSync(fixture, reports.join(""))
        assert.strictEqual(reports.join(""), readFileSync(fixture, "utf8"))
      }))
  })

  it.live("creates a new backup of the demo project", () =>
    Effect.gen(function*() {
      const result = yield* pcb(["guard", "docs", "--demo", "--", "echo", "migrated"])
      assert.deepStrictEqual([result.code, result.stdout], [0, "migrated\n"])
      assert.match(result.stderr, /guard-20261121t200\d{3}z is ready in \d+s: 98,214 records/)
    }))

  it.live("--dry-run runs nothing and creates nothing", () =>
    Effect.gen(function*() {
      const { host, plane } = yield* emulate({ ...seeds, now })
      const cwd = yield* home()
      const dry = (...args: ReadonlyArray<string>) =>
        pcb(["guard", "docs", "--dry-run", "--host", host, ...args, "--", "touch", "ran"], { cwd, env })
      const reused = yield* dry("--max-age", "24h", "-o", "json")
      assert.deepInclude(JSON.parse(reused.stdout), { schema: "pcb.dry-run/v1", requests: [] })
      assert.include(reused.stderr, "Would use backup docs-daily-20261121T060000Z")
      const created = yield* dry("-o", "json")
      const [request] = JSON.parse(created.stdout).requests
      assert.deepInclude(request, { method: "POST", path: "/indexes/docs/backups" })
      assert.strictEqual(request.body.description, "touch")
      assert.deepStrictEqual([reused.code, created.code], [0, 0])
      assert.isFalse(existsSync(join(cwd, "ran")))
      assert.isTrue((yield* plane.requests).every(({ method }) => method === "GET"))
      const backups = yield* Effect.flatMap(Backups.Backups, (backups) => Stream.runCollect(backups.listByIndex(docs)))
        .pipe(Effect.provide(services(plane)))
      assert.isFalse(backups.some(({ name }) => name?.startsWith("guard-")))
    }))
})
