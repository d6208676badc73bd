import { assert, describe, it } from "@effect/vitest"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import { spawnSync } from "node:child_process"
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { hostname } from "node:os"
import { dirname, join } from "node:path"
import * as OfficialCli from "../src/config/OfficialCli.ts"
import { home, run } from "./harness.ts"
import { pcb, serve } from "./support.ts"

const ours = ".config/pcb/config.json"
const secrets = ".config/pinecone/secrets.yaml"
const state = ".config/pinecone/state.yaml"
const key = "pcsk_marker_5f3a9b"

const show = (HOME: string, env: Readonly<Record<string, string>> = {}, ...flags: ReadonlyArray<string>) =>
  Effect.map(run(["config", ...flags], { env: { HOME, ...env } }), (result) => ({
    ...result,
    rows: Object.fromEntries(
      result.stdout.trimEnd().split("\n").map((line) => line.split("\t")).map(([name, ...rest]) => [name, rest])
    )
  }))

describe("pcb config", () => {
  it.effect("keeps the URL of a database with a password out of arguments, and does not show the password", () =>
    Effect.gen(function*() {
      const HOME = yield* home()
      const url = "postgres://user:secret@db.example/drills"
      const refused = yield* run(["config", "set", "store", url], { env: { HOME } })
      assert.strictEqual(refused.exitCode, 2)
      assert.include(refused.stderr, "pcb config set store - < FILE")
      assert.notInclude(refused.stderr, "secret")
      const set = yield* run(["config", "set", "store", "-"], { env: { HOME }, stdin: `${url}\n` })
      assert.strictEqual(set.exitCode, 0, set.stderr)
      assert.deepStrictEqual((yield* show(HOME)).rows["store"], ["postgres://…@db.example/drills", join(HOME, ours)])
      // The environment takes precedence, and a path or a URL without a password may be an argument.
      assert.deepStrictEqual((yield* show(HOME, { PCB_STORE: "/tmp/d.db" })).rows["store"], ["/tmp/d.db", "PCB_STORE"])
      const plain = yield* run(["config", "set", "store", "postgres://db.example/drills"], { env: { HOME } })
      assert.strictEqual(plain.exitCode, 0, plain.stderr)
    }))

  it.effect("prefers flags, then the environment, a profile and the file, and never prints a key", () =>
    Effect.gen(function*() {
      const HOME = yield* home({
        [ours]: JSON.stringify({
          "host": "https://file.example",
          "api-version": "2026-07",
          "time": "utc",
          "api-key": `${key}_file`,
          "profiles": { work: { host: "https://work.example", "api-key": `${key}_work` }, bare: {} }
        })
      })
      const file = join(HOME, ours)
      const plain = yield* show(HOME)
      assert.deepStrictEqual(plain.rows["host"], ["https://file.example", file])
      assert.deepStrictEqual(plain.rows["api-version"], ["2026-07", file])
      assert.deepStrictEqual(plain.rows["api-key"], ["(set)", file])

      const work = yield* show(HOME, { PCB_PROFILE: "work", PCB_TIME: "local" })
      assert.deepStrictEqual(work.rows["profile"], ["work", "PCB_PROFILE"])
      assert.deepStrictEqual(work.rows["host"], ["https://work.example", `${file}, profile work`])
      assert.deepStrictEqual(work.rows["api-key"], ["(set)", `${file}, profile work`])
      assert.deepStrictEqual(work.rows["api-version"], ["2026-07", file])
      assert.deepStrictEqual(work.rows["time"], ["local", "PCB_TIME"])

      const flags = yield* show(
        HOME,
        { PCB_PROFILE: "work", PINECONE_CONTROLLER_HOST: "https://env.example", PINECONE_API_KEY: key },
        "--profile=bare",
        "--host",
        "https://user:secret@flag.example"
      )
      assert.deepStrictEqual(flags.rows["profile"], ["bare", "--profile"])
      assert.deepStrictEqual(flags.rows["host"], ["https://…@flag.example", "--host"])
      assert.deepStrictEqual(flags.rows["api-key"], ["(set)", "PINECONE_API_KEY"])

      const json = yield* run(["config", "-o", "json", "--profile", "work"], { env: { HOME } })
      assert.deepInclude(JSON.parse(json.stdout).data, {
        setting: "api-key",
        value: "(set)",
        source: `${file}, profile work`
      })
      for (const { stderr, stdout } of [plain, work, flags, json]) assert.notInclude(stdout + stderr, key)
    }))

  it.effect("finds the key of the official Pinecone CLI: the manually set key, else the key of the target project", () =>
    Effect.gen(function*() {
      const managed = `project_api_keys: '{"p1":{"name":"ci","value":"${key}_p1"},"p2":{"value":"${key}_p2"}}'\n`
      const target = "target_project: '{\"name\":\"prod\",\"id\":\"p2\"}'\n"
      const byHand = yield* home({ [secrets]: `api_key: ${key}_hand\n${managed}`, [state]: target })
      const ofProject = yield* home({ [secrets]: `api_key: ""\n${managed}`, [state]: target })
      const asMaps = yield* home({
        [secrets]: `project_api_keys:\n  p2:\n    value: ${key}_p2\n`,
        [state]: "target_project:\n  id: p2\n"
      })
      const elsewhere = yield* home({ [secrets]: managed, [state]: "target_project: '{\"id\":\"p9\"}'\n" })
      const broken = yield* home({ [secrets]: "api_key: [", [state]: "" })

      const { host, requests } = yield* serve((_, response) => {
        response.writeHead(200, { "content-type": "application/json" }).end(`{"indexes":[]}`)
      })
      for (const [HOME, expected] of [[byHand, `${key}_hand`], [ofProject, `${key}_p2`], [asMaps, `${key}_p2`]]) {
        if (HOME === undefined) continue
        const { rows } = yield* show(HOME)
        assert.deepStrictEqual(rows["api-key"], ["(set)", `${join(HOME, secrets)}, of the official Pinecone CLI`])
        const [texts, states] = [secrets, state].map((path) => readFileSync(join(HOME, path), "utf8"))
        assert.strictEqual(OfficialCli.keyOf(texts ?? "", states ?? ""), expected)
        // The key applies only to Pinecone's own host.
        const elsewhere = yield* run(["api", "GET", "/indexes", "--host", host], { env: { HOME } })
        assert.strictEqual(elsewhere.exitCode, 4)
        const local = yield* run(["config", "set", "host", host, "--profile", "local"], { env: { HOME } })
        assert.strictEqual(local.exitCode, 0)
        const ofProfile = yield* run(["api", "GET", "/indexes", "--profile", "local"], { env: { HOME } })
        assert.strictEqual(ofProfile.exitCode, 4)
      }
      assert.strictEqual(yield* Queue.size(requests), 0)
      for (const HOME of [elsewhere, broken]) {
        assert.strictEqual((yield* run(["restore", "describe", "x"], { env: { HOME } })).exitCode, 4)
      }
    }))

  it.effect("does not read files if a flag or variable sets the value", () =>
    Effect.gen(function*() {
      const HOME = yield* home({ [ours]: "not JSON" })
      const env = { HOME, PCB_OUTPUT: "json", PCB_DEMO: "1" }
      const { stderr, stdout } = yield* run(["api", "GET", "/indexes"], { env })
      assert.strictEqual(stderr, "")
      assert.lengthOf(JSON.parse(stdout).indexes, 9)
    }))

  it.effect("uses the output settings of the file", () =>
    Effect.gen(function*() {
      const HOME = yield* home({ [ours]: `{"output":"json"}` })
      const { stdout } = yield* run(["--demo", "restore", "describe", "9857add2-99d4-4399-870e-aa7f15d8d326"], {
        env: { HOME }
      })
      assert.strictEqual(JSON.parse(stdout).status, "Completed")
      const mistake = yield* run(["schedule", "histroy"], { env: { HOME } })
      assert.strictEqual(JSON.parse(mistake.stderr).error.code, "USAGE")
    }))

  it.effect.each([`{"time":7}`, `{"api-key":"${key} and more"}`, `{"host":"http://api.pinecone.io"}`, "[]"])(
    "an invalid profile only affects its own project: %s",
    (bad) =>
      Effect.gen(function*() {
        const HOME = yield* home({ [ours]: `{"profile":"good","profiles":{"good":{"time":"utc"},"bad":${bad}}}` })
        for (const args of [["config", "-o", "tsv"], ["config", "-o", "tsv", "--profile", "good"]]) {
          const { exitCode, stderr, stdout } = yield* run(args, { env: { HOME } })
          assert.strictEqual(exitCode, 0, stderr)
          assert.include(stdout, "time\tutc\t")
        }
        const { exitCode, stderr } = yield* run(["config", "--profile", "bad"], { env: { HOME } })
        assert.strictEqual(exitCode, 2)
        assert.include(stderr, "profiles.bad")
        assert.notInclude(stderr, key)
      })
  )

  it.effect.each<readonly [file: string, message: string]>([
    ["{", "is not JSON"],
    ["[]", "must be object"],
    [`{"outptu":"json"}`, "outptu: is not a setting"],
    [`{"output":"xml"}`, "output: must be \"table\" | \"wide\""],
    [`{"profiles":{"work":{"time":7}}}`, "profiles.work.time: must be \"relative\" | \"local\" | \"utc\""],
    [`{"profiles":{"work":{"host":"http://api.pinecone.io"}}}`, "profiles.work.host: must be https"],
    [`{"insecure-http":true,"profiles":{"work":{"host":"http://x"}}}`, "expose the API key; insecure-http allows it"],
    [`{"insecure-http":"true"}`, "insecure-http: must be boolean"],
    [`{"api-key":["${key}"]}`, "api-key: must be a string"],
    [`{"profiles":{"work":{"api-key":"${key} and more"}}}`, "profiles.work.api-key: must be visible ASCII"],
    [`{"api-key-file":"/nowhere/${"x"}"}`, "api-key-file: /nowhere/x does not exist"]
  ])("reports errors in the file without printing a key: %s", ([file, message]) =>
    Effect.gen(function*() {
      const HOME = yield* home({ [ours]: file })
      for (const args of [["config"], ["restore", "describe", "x"], ["api", "GET", "/indexes"]]) {
        const { exitCode, stderr, stdout } = yield* run(args, { env: { HOME } })
        assert.strictEqual(stdout, "")
        assert.include(stderr, message)
        assert.include(stderr, join(HOME, ours))
        assert.notInclude(stderr, key)
        assert.strictEqual(exitCode, 2)
      }
    }))

  it.effect("lists existing profiles", () =>
    Effect.gen(function*() {
      const HOME = yield* home({ [ours]: `{"profiles":{"work":{},"play":{}}}` })
      const { exitCode, stderr } = yield* run(["restore", "describe", "x", "--profile", "wrok"], { env: { HOME } })
      assert.strictEqual(
        stderr,
        "error: Profile \"wrok\" does not exist (from --profile)\n  try         use one of these profiles: work, play\n"
      )
      assert.strictEqual(exitCode, 2)
    }))

  it.effect("sends a key only to the host set next to it", () =>
    Effect.gen(function*() {
      const { host, requests } = yield* serve((_, response) => response.end(`{"indexes":[]}`))
      const HOME = yield* home({
        [ours]: JSON.stringify({
          "api-key": key,
          "profiles": { work: { "api-key": `${key}_work` }, local: { host, "api-key": `${key}_local` } }
        })
      })
      const file = join(HOME, "key.txt")
      writeFileSync(file, key)
      const keyFile = yield* home({ [ours]: JSON.stringify({ "api-key-file": file }) })
      const elsewhere = { PINECONE_CONTROLLER_HOST: host }
      for (
        const [args, env] of [
          [["--host", host], { HOME }],
          [[`--host=${host}`, "--profile", "work"], { HOME }],
          [[], { HOME, ...elsewhere }],
          [["--profile", "work"], { HOME, ...elsewhere }],
          [[], { HOME: keyFile, ...elsewhere }],
          [["--profile", "local", "--host", "http://127.0.0.1:9"], { HOME }]
        ] as const
      ) {
        const { exitCode } = yield* run(["api", "GET", "/indexes", ...args], { env })
        assert.strictEqual(exitCode, 4, args.join(" "))
      }
      assert.strictEqual(yield* Queue.size(requests), 0)

      const local = yield* run(["api", "GET", "/indexes", "--profile", "local", "--host", `${host}/`], {
        env: { HOME }
      })
      assert.strictEqual(local.exitCode, 0, local.stderr)
      assert.strictEqual((yield* Queue.take(requests)).headers["api-key"], `${key}_local`)
    }))

  it.effect("sends a key unencrypted only to the host set next to the permission", () =>
    Effect.gen(function*() {
      const on = yield* ControlPlane.make({ indexes: [{ name: "docs" }] })
      const HOME = yield* home()
      const config = (args: string) => run(`config ${args} --profile local`, { env: { HOME } })
      const early = yield* config("set host http://pinecone:5081")
      assert.include(
        early.stderr.replace(/\n\s+/g, " "),
        "an unencrypted connection would expose the API key; insecure-http allows it"
      )
      assert.include(early.stderr, "  try         pcb config set insecure-http true --profile local\n")
      assert.include(
        (yield* run("config set host http://pinecone:5081", { env: { HOME } })).stderr,
        "  try         pcb config set insecure-http true\n"
      )
      assert.strictEqual((yield* config("set insecure-http perhaps")).exitCode, 2)
      for (
        const [word, isOn] of [["yes", true], ["off", false], ["on", true], ["no", false], ["true", true]] as const
      ) {
        yield* config(`set insecure-http ${word}`)
        assert.deepStrictEqual(JSON.parse(readFileSync(join(HOME, ours), "utf8")).profiles, {
          local: { "insecure-http": isOn }
        })
      }
      yield* config("set host http://pinecone:5081")
      const { profiles } = JSON.parse(readFileSync(join(HOME, ours), "utf8"))
      assert.deepStrictEqual(profiles, { local: { "insecure-http": true, host: "http://pinecone:5081" } })

      const list = (args: string) =>
        run(`api GET /indexes ${args}`, { on, env: { HOME, PINECONE_CONTROLLER_HOST: "" } })
      const allowed = yield* list("--profile local")
      assert.deepStrictEqual(
        [allowed.exitCode, allowed.stderr],
        [0, "warning: the API key is sent unencrypted to pinecone:5081\n"]
      )
      const shown = yield* run("config -o tsv --profile local", { env: { HOME } })
      assert.include(shown.stdout, `insecure-http\ttrue\t${join(HOME, ours)}, profile local\n`)
      assert.strictEqual((yield* list("--profile local --host http://other:5081")).exitCode, 2)
      assert.strictEqual((yield* list("--host http://pinecone:5081")).exitCode, 2)

      const still = yield* config("unset insecure-http")
      assert.include(still.stderr, "host: must be https")
    }))

  it.effect("rejects profiles that are not in the file", () =>
    Effect.gen(function*() {
      const HOME = yield* home({ [ours]: `{"profiles":{"work":{}}}` })
      for (const name of ["constructor", "toString", "__proto__"]) {
        const { exitCode, stderr } = yield* run(["config", "--profile", name], { env: { HOME } })
        assert.include(stderr, `error: Profile "${name}" does not exist (from --profile)`)
        assert.strictEqual(exitCode, 2)
      }
    }))

  it.effect("writes and removes settings, in a file for its owner only", () =>
    Effect.gen(function*() {
      const HOME = yield* home()
      const env = { HOME }
      const file = join(HOME, ours)
      assert.strictEqual((yield* run(["config", "path"], { env })).stdout, `${file}\n`)
      const set = yield* run(["config", "set", "output", "wide"], { env })
      assert.deepStrictEqual([set.exitCode, set.stdout, set.stderr], [0, "", `output set in ${file}\n`])
      chmodSync(file, 0o644)
      yield* run(["config", "set", "api-key", "--profile", "work"], { env, stdin: `${key}\n` })
      yield* run(["config", "set", "profile", "work"], { env })
      assert.deepStrictEqual(JSON.parse(readFileSync(file, "utf8")), {
        output: "wide",
        profiles: { work: { "api-key": key } },
        profile: "work"
      })
      assert.strictEqual(statSync(file).mode & 0o777, 0o600)
      yield* run(["config", "unset", "profile"], { env })
      yield* run(["config", "unset", "api-key", "--profile", "work"], { env })
      assert.deepStrictEqual(JSON.parse(readFileSync(file, "utf8")), { output: "wide", profiles: { work: {} } })
    }))

  it.effect("writes through a symbolic link", () =>
    Effect.gen(function*() {
      const HOME = yield* home({ "dotfiles/pcb.json": `{"time":"utc"}`, [`${ours}.old`]: "" })
      const file = join(HOME, ours)
      symlinkSync(join(HOME, "dotfiles/pcb.json"), file)
      assert.strictEqual((yield* run(["config", "set", "output", "wide"], { env: { HOME } })).exitCode, 0)
      assert.isTrue(lstatSync(file).isSymbolicLink())
      const written = JSON.parse(readFileSync(join(HOME, "dotfiles/pcb.json"), "utf8"))
      assert.deepStrictEqual(written, { time: "utc", output: "wide" })
    }))

  it.live(
    "keeps all concurrent changes, even after a crash",
    () =>
      Effect.gen(function*() {
        const crashed = {
          host: hostname(),
          pidNamespace: process.platform === "linux" ? readlinkSync("/proc/self/ns/pid") : null,
          pid: spawnSync(process.execPath, ["--version"]).pid,
          started: "1",
          token: "00000000-0000-4000-8000-000000000000"
        }
        const HOME = yield* home({ [ours]: "{}", [`${ours}.lock`]: JSON.stringify(crashed) })
        const profiles = Array.from({ length: 10 }, (_, index) => `p${index}`)
        const runs = yield* Effect.forEach(
          profiles,
          (profile) => pcb(["config", "set", "output", "wide", "--profile", profile], { env: { HOME } }),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(runs.map(({ code }) => code), profiles.map(() => 0))
        const written = JSON.parse(readFileSync(join(HOME, ours), "utf8"))
        assert.deepStrictEqual(written.profiles, Object.fromEntries(profiles.map((name) => [name, { output: "wide" }])))
        assert.deepStrictEqual(readdirSync(dirname(join(HOME, ours))), ["config.json"])
      }),
    30_000
  )

  it.effect("rejects a read-only file and a path that is not a file", () =>
    Effect.gen(function*() {
      const HOME = yield* home({ [ours]: "{}" }, 0o400)
      const fixed = yield* run(["config", "set", "output", "wide"], { env: { HOME } })
      assert.include(fixed.stderr, "config.json: cannot be written: it is read-only")
      assert.strictEqual(fixed.exitCode, 2)
      assert.strictEqual(readFileSync(join(HOME, ours), "utf8"), "{}")
      rmSync(join(HOME, ours))
      mkdirSync(join(HOME, ours))
      const directory = yield* run(["config", "set", "output", "wide"], { env: { HOME } })
      assert.include(directory.stderr, "config.json: is a directory, not a file")
      assert.strictEqual(directory.exitCode, 2)
    }))

  it.effect("says why a file cannot be read, and advises to fix it only if it exists", () =>
    Effect.gen(function*() {
      const HOME = yield* home({ file: "", key: "" })
      mkdirSync(join(HOME, ours), { recursive: true })
      const through = join(HOME, "file")
      const outputs = yield* Effect.forEach([
        run("config show", { env: { HOME } }),
        run("status", { env: { HOME: through } }),
        run(["config", "set", "output", "wide"], { env: { HOME: through } }),
        run(["policy", "plan", "--demo", "--policy", join(through, "policy.yaml")]),
        run(["status", "--api-key-file", HOME], { env: {} }),
        run(["status", "--api-key-file", join(through, "key")], { env: {} })
      ], (running) => Effect.map(running, ({ exitCode, stderr }) => [exitCode, stderr.replaceAll(HOME, "~")]))
      const isNoFolder = "a part of the path is not a directory\n"
      assert.deepStrictEqual(outputs, [
        [2, `error: ~/${ours}: cannot be read: is a directory\n`],
        [2, `error: ~/file/${ours}: cannot be read: ${isNoFolder}`],
        [2, `error: ~/file/${ours}: cannot be written: ${isNoFolder}`],
        [3, `error: ~/file/policy.yaml cannot be read: ${isNoFolder}`],
        [4, "error: --api-key-file: cannot read ~: is a directory\n"],
        [4, `error: --api-key-file: cannot read ~/file/key: ${isNoFolder}`]
      ])
    }))

  it.effect("rejects invalid values and a key as an argument", () =>
    Effect.gen(function*() {
      const HOME = yield* home({ [ours]: "{}" })
      for (
        const [args, message] of [
          [["set", "host", "ftp://x"], "error: host: must be a URL"],
          [["set", "output", "xml"], "error: output: must be \"table\""],
          [["set", "api-key", `${key}`], "error: Do not pass the API key as an argument"],
          [["set", "host"], "error: Missing required argument: value"],
          [["set", "api-key"], "error: api-key: must be"]
        ] as const
      ) {
        const { exitCode, stderr, stdout } = yield* run(["config", ...args], { env: { HOME } })
        assert.include(stderr, message)
        assert.notInclude(stderr, key)
        assert.strictEqual(stdout, "")
        assert.strictEqual(exitCode, 2)
        assert.strictEqual(readFileSync(join(HOME, ours), "utf8"), "{}")
      }
    }))

  it.effect("warns about a key that others can read", () =>
    Effect.gen(function*() {
      const HOME = yield* home({ [ours]: JSON.stringify({ "api-key": key }), [secrets]: `api_key: ${key}` }, 0o644)
      const note = `note: the API key is readable by other users of this machine: chmod 600 ${join(HOME, ours)}\n`
      assert.strictEqual((yield* show(HOME)).stderr, note)
      assert.strictEqual((yield* show(HOME, {}, "-q")).stderr, "")
      const used = yield* run(["api", "GET", "/indexes", "--dry-run"], { env: { HOME } })
      assert.strictEqual(used.stderr, `${note}GET https://api.pinecone.io/indexes\nNothing was changed.\n`)
      // Files of the official Pinecone CLI are not reported each time.
      writeFileSync(join(HOME, ours), "{}")
      assert.include((yield* show(HOME)).stderr, secrets)
      assert.notInclude((yield* run(["api", "GET", "/", "--dry-run"], { env: { HOME } })).stderr, secrets)
    }))

  it.effect("reports an error if the file has no location", () =>
    Effect.gen(function*() {
      const { exitCode, stderr } = yield* run(["config", "path"])
      assert.include(stderr, "neither HOME nor XDG_CONFIG_HOME is set")
      assert.strictEqual(exitCode, 2)
      const HOME = yield* home()
      const { stdout } = yield* run(["config", "path"], { env: { HOME, XDG_CONFIG_HOME: join(HOME, "xdg") } })
      assert.strictEqual(stdout, `${join(HOME, "xdg/pcb/config.json")}\n`)
    }))
})

describe("--api-key-file", () => {
  it.live("reads the key from a file or standard input without printing it", () =>
    Effect.gen(function*() {
      const HOME = yield* home({ "key.txt": `${key}_file\n`, "empty.txt": "\n" })
      const { host, requests } = yield* serve((_, response) => response.writeHead(404).end(`Not for ${key}_file`))
      const command = ["api", "GET", "/indexes", "--host", host, "--debug"]
      const file = yield* pcb([...command, "--api-key-file", join(HOME, "key.txt")], {
        env: { PINECONE_API_KEY: "other" }
      })
      assert.strictEqual((yield* Queue.take(requests)).headers["api-key"], `${key}_file`)
      assert.include(file.stderr, "> api-key: <redacted>")
      const stdin = yield* pcb([...command, "--api-key-file", "-"], { stdin: `${key}_stdin` })
      assert.strictEqual((yield* Queue.take(requests)).headers["api-key"], `${key}_stdin`)
      const empty = yield* pcb([...command, "--api-key-file", join(HOME, "empty.txt")])
      assert.include(empty.stderr, "is empty")
      const missing = yield* pcb([...command, "--api-key-file", join(HOME, "missing.txt")])
      assert.include(missing.stderr, "cannot read")
      for (const { stderr, stdout } of [file, stdin, empty, missing]) {
        assert.strictEqual(stdout, "")
        assert.notInclude(stderr, key)
      }
      assert.deepStrictEqual([file, stdin, empty, missing].map(({ code }) => code), [3, 3, 4, 4])
    }), 30_000)
})

describe("--color", () => {
  it.live.each<readonly [args: string, env: Record<string, string>, isColored: boolean]>([
    ["--color always", {}, true],
    ["--color=always", { TERM: "dumb" }, true],
    ["--color always", { NO_COLOR: "1" }, false],
    ["--color never", { FORCE_COLOR: "1" }, false],
    ["--color auto", { FORCE_COLOR: "1" }, true],
    ["", {}, false]
  ])("is combined with NO_COLOR and FORCE_COLOR: %s %j", ([args, env, isColored]) =>
    Effect.gen(function*() {
      const { stdout } = yield* pcb([...args.split(" ").filter((arg) => arg !== ""), "help", "api"], { env })
      assert.strictEqual(stdout.includes("\u001b["), isColored)
    }))
})
