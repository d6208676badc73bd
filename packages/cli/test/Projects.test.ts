import { assert, describe, it } from "@effect/vitest"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as CliOutput from "effect/cli/CliOutput"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import { join } from "node:path"
import * as FormatNames from "../src/commands/audit/FormatNames.ts"
import * as InputProjects from "../src/input/Projects.ts"
import { home, type Options, run, runFast } from "./harness.ts"
import { project } from "./project.ts"
import * as Projects from "./projects.ts"

/** A project whose only index has no backup. */
const unprotected = (name: string) => ({
  indexes: [{ id: `id-of-${name}`, name, deletionProtection: "enabled" as const }]
})

/** A project whose only index has a daily schedule and good backups. */
const good = (name: string) => ({
  ...unprotected(name),
  schedules: [{
    id: `schedule-of-${name}`,
    name: `${name}-daily`,
    indexName: name,
    runs: Array.from({ length: 10 }, (_, day) => ({
      createdAt: DateTime.subtract(DateTime.makeUnsafe("2026-11-21T06:00:00Z"), { days: day }),
      recordCount: 1_000
    }))
  }]
})

/** Characters that must not be printed. */
const moving = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u

/**
 * The projects `good` and `good2`, `bad` without backups, `down` and `down2`, whose hosts refuse connections, and `revoked`
 * with an invalid key.
 */
const world = Effect.gen(function*() {
  const planes = {
    good: yield* project({ ...good("docs"), project: { id: "project-good" } }),
    good2: yield* project({ ...good("docs"), project: { id: "project-good2" } }),
    bad: yield* project({ ...unprotected("wiki"), project: { id: "project-bad" } })
  }
  const HOME = yield* Projects.homeWith({
    good: Projects.profile("good"),
    good2: Projects.profile("good2"),
    bad: Projects.profile("bad"),
    down: Projects.profile("down"),
    down2: Projects.profile("down2"),
    revoked: { ...Projects.profile("good"), "api-key": "pcsk_revoked" },
    bare: { time: "utc" }
  })
  return { planes, options: { env: { HOME }, transport: Projects.services(planes) } satisfies Options as Options }
})

describe("several projects", { timeout: 30_000 }, () => {
  it.effect("are accepted by the commands with --all-profiles, and by no other", () =>
    Effect.gen(function*() {
      const below = (path: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>> =>
        Effect.gen(function*() {
          const page = JSON.parse((yield* run([...path, "--help", "-o", "json"])).stdout)
          const has = page.flags.some(({ name }: { readonly name: string }) => name === "all-profiles")
          const names: ReadonlyArray<string> = page.subcommands.map(({ name }: { readonly name: string }) => name)
          const deeper = yield* Effect.forEach(names, (name) => below([...path, name]))
          return [...has ? [path.join(" ")] : [], ...deeper.flat()]
        })
      assert.sameMembers([...yield* below([])], [...InputProjects.commands])
    }))

  it.effect.each([
    "schedule list",
    "backup list",
    "restore list",
    "doctor",
    "config show",
    "api GET /indexes",
    "drill list",
    "emulator"
  ])("rejects a second --profile: pcb %s", (args) =>
    Effect.gen(function*() {
      const { options, planes } = yield* world
      const { exitCode, stderr, stdout } = yield* run(`${args} --profile good --profile bad`, options)
      assert.strictEqual(
        stderr.split("\n")[0],
        "error: Expected one --profile, got 2. These commands accept several: pcb audit, pcb status, pcb policy plan"
      )
      assert.deepStrictEqual([exitCode, stdout], [2, ""])
      assert.lengthOf(yield* planes.good.requests, 0)
    }))

  it.effect.each<[args: string, env: Readonly<Record<string, string>>, message: string]>([
    ["--all-profiles --profile good", {}, "--all-profiles cannot be combined with --profile"],
    ["--all-profiles --demo", {}, "--demo cannot be combined with --all-profiles"],
    ["--profile good --profile bad --host http://x.localhost", {}, "--host cannot be combined with several profiles"],
    ["--all-profiles --api-key-file key", {}, "--api-key-file cannot be combined with --all-profiles"],
    ["--all-profiles", { PCB_DEMO: "1" }, "--demo cannot be combined with --all-profiles"],
    [
      "--all-profiles",
      { PINECONE_API_KEY: "pcsk_marker_5f3a9b" },
      "PINECONE_API_KEY is set and would apply to every project. Unset it to read --all-profiles"
    ],
    [
      "--profile good --profile bad",
      { PINECONE_API_KEY: "pcsk_marker_5f3a9b", PINECONE_CONTROLLER_HOST: "http://x.localhost" },
      "PINECONE_API_KEY and PINECONE_CONTROLLER_HOST are set and would apply to every project. Unset them to read several profiles"
    ]
  ])("rejects settings for a single project: %s", ([args, env, message]) =>
    Effect.gen(function*() {
      const { options, planes } = yield* world
      for (const [command, code] of [["audit", 3], ["status", 2]] as const) {
        const { exitCode, stderr } = yield* run(`${command} ${args}`, {
          ...options,
          env: { ...options.env, ...env }
        })
        assert.strictEqual(stderr.split("\n")[0], `error: ${message}`)
        assert.strictEqual(exitCode, code)
      }
      assert.lengthOf(yield* planes.good.requests, 0)
    }))

  it.effect("rejects --listen and --watch", () =>
    Effect.gen(function*() {
      const { options } = yield* world
      const listen = yield* run("audit --all-profiles --listen :0", options)
      assert.deepStrictEqual([listen.exitCode, listen.stdout], [3, ""])
      assert.include(listen.stderr, "error: --listen serves one project. Run one server per profile")
      const watch = yield* run("status --all-profiles --watch", options)
      assert.deepStrictEqual([watch.exitCode, watch.stdout], [2, ""])
      assert.include(watch.stderr, "error: --watch shows one project")
    }))

  it.effect.each<[args: string, exitCode: number]>([
    ["audit --profile good --profile good2", 0],
    ["audit --profile good --profile good2 --fail-on notice", 1],
    ["audit --profile good --profile down", 3],
    ["audit --profile bad --profile down", 2],
    ["audit --profile down --profile bad --profile good --fail-on critical", 2],
    ["audit --profile good --profile nope", 3],
    ["audit --all-profiles --only clock", 3],
    ["status --profile good --profile down", 0],
    ["status --profile bad --profile good", 0],
    ["status --profile down --profile revoked", 4],
    ["status --profile down --profile down2", 8]
  ])("exits with the worst result: pcb %s", ([args, exitCode]) =>
    Effect.gen(function*() {
      const { options } = yield* world
      const result = yield* runFast(args, options)
      assert.strictEqual(result.exitCode, exitCode, result.stdout + result.stderr)
    }))

  it.effect("prints a row for a project that is down, in every format", () =>
    Effect.gen(function*() {
      const { options } = yield* world
      for (const format of FormatNames.names) {
        for (const timeout of ["", " --timeout 5s"]) {
          const { stderr, stdout } = yield* runFast(`audit --all-profiles -o ${format}${timeout}`, options)
          assert.include(stdout, "down", format)
          if (format !== "id" && format !== "prometheus") {
            assert.include(stdout, timeout === "" ? "connection refused" : "No result after 5s", format)
          }
          assert.notMatch(stdout + stderr, /\bat .*\.ts|_5f3a9b/)
        }
      }
    }))

  it.effect("reads the projects of other profiles if a profile is invalid", () =>
    Effect.gen(function*() {
      const { options, planes } = yield* world
      const HOME = yield* Projects.homeWith({
        good: Projects.profile("good"),
        insecure: { host: "http://example.com", "api-key": "pcsk_other" },
        typo: { ...Projects.profile("good"), hots: "x" },
        wrong: { ...Projects.profile("good"), time: 7 },
        text: Object("prod"),
        missing: { ...Projects.profile("good"), "api-key": undefined, "api-key-file": "/missing.key" },
        folder: { ...Projects.profile("good"), "api-key": undefined, "api-key-file": "/" },
        key: { ...Projects.profile("good"), "api-key": "two words" },
        ["__proto__"]: {}
      })
      const { exitCode, stdout } = yield* runFast("audit --all-profiles -o json", { ...options, env: { HOME } })
      const { projects, skipped } = JSON.parse(stdout)
      const errors: Readonly<Record<string, string>> = Object.fromEntries(
        projects.map((
          { error, profile }: { error?: { message: string }; profile: string }
        ) => [profile, error?.message])
      )
      const file = join(HOME, ".config/pcb/config.json")
      assert.strictEqual(errors.typo, `${file}: profiles.typo.hots: is not a setting`)
      assert.strictEqual(errors.wrong, `${file}: profiles.wrong.time: must be "relative" | "local" | "utc"`)
      assert.strictEqual(errors.missing, `${file}, profile missing: api-key-file: /missing.key does not exist`)
      assert.match(errors.insecure ?? "", /profiles\.insecure\.host: must be https/)
      assert.match(errors.text ?? "", /profiles\.text: /)
      assert.strictEqual(errors.folder, "/: cannot be read: is a directory")
      assert.match(errors.key ?? "", /profiles\.key\.api-key: must be visible ASCII/)
      assert.isUndefined(errors.good)
      assert.lengthOf(Object.keys(errors), 8)
      assert.notInclude(stdout, "two words")
      assert.deepStrictEqual(skipped, [{ profile: "__proto__", reason: "no-key" }])
      assert.strictEqual(exitCode, 3)
      assert.isAbove((yield* planes.good.requests).length, 0)
    }))

  it.effect("fails as a whole if the configuration file is invalid, and sends nothing", () =>
    Effect.gen(function*() {
      const { options, planes } = yield* world
      for (const text of ["no JSON", `{"time":7,"profiles":{}}`, `{"profiles":[]}`]) {
        const HOME = yield* home({ ".config/pcb/config.json": text })
        const audit = yield* run("audit --all-profiles -o json", { ...options, env: { HOME } })
        assert.strictEqual(audit.exitCode, 3)
        assert.deepInclude(JSON.parse(audit.stdout), { schema: "pcb.projects/v1", status: "unknown", projects: [] })
        const status = yield* run("status --all-profiles", { ...options, env: { HOME } })
        assert.deepStrictEqual([status.exitCode, status.stdout], [2, ""])
      }
      const HOME = yield* Projects.homeWith({ bare: {} })
      const none = yield* run("status --all-profiles", { ...options, env: { HOME } })
      assert.include(none.stderr, "config.json has an API key\n  try         pcb config set api-key --profile NAME")
      assert.strictEqual(none.exitCode, 2)
      assert.lengthOf(yield* planes.good.requests, 0)
    }))

  it.effect("counts profiles of the same project once", () =>
    Effect.gen(function*() {
      const { planes } = yield* world
      const HOME = yield* Projects.homeWith({
        first: Projects.profile("good"),
        sameKey: { ...Projects.profile("good"), host: `${Projects.hostOf("good")}/` },
        sameId: { ...Projects.profile("good"), "api-key": `${Projects.keyOf("good")}-2` },
        otherHost: Projects.profile("twin")
      })
      const twin = yield* project({ ...good("docs"), project: { id: "project-good" } })
      const transport = Projects.services({ ...planes, twin })
      const { stdout } = yield* run("audit --all-profiles -o json", { env: { HOME }, transport })
      assert.deepStrictEqual(
        JSON.parse(stdout).projects.map(({ other_profiles, profile, project_id }: Record<string, unknown>) => [
          profile,
          other_profiles,
          project_id
        ]),
        [
          ["first", ["sameKey", "sameId"], "project-good"],
          // The same ID on another host is another service.
          ["otherHost", undefined, "project-good"]
        ]
      )
      // The same key is read once.
      assert.lengthOf((yield* planes.good.requests).filter(({ operation }) => operation === "Indexes.list"), 2)
    }))

  it.effect("keeps the worst result of the same project with different policies", () =>
    Effect.gen(function*() {
      const { options } = yield* world
      const policies = yield* home({ "lax.json": "{}", "strict.json": `{"defaults":{"minCopies":99}}` })
      const HOME = yield* Projects.homeWith({
        lax: Projects.profile("good", { policy: join(policies, "lax.json") }),
        strict: Projects.profile("good", { policy: join(policies, "strict.json") })
      })
      for (const order of [["lax", "strict"], ["strict", "lax"]]) {
        const { exitCode, stdout } = yield* run(
          ["audit", ...order.flatMap((name) => ["--profile", name]), "-o", "json"],
          { ...options, env: { HOME } }
        )
        const { projects } = JSON.parse(stdout)
        assert.deepStrictEqual([exitCode, projects.length, projects[0].result.status], [1, 1, "warning"])
        assert.deepStrictEqual([projects[0].profile, projects[0].other_profiles], [order[0], [order[1]]])
      }
    }))

  it.effect("uses --policy for all, else the policy of the profile, and the rules for the profile", () =>
    Effect.gen(function*() {
      const { options } = yield* world
      const policies = yield* home({
        "all.yaml": "rules:\n  - { index: images, profiles: [bad] }\n  - { index: videos }\n",
        "good.yaml": "defaults: { minCopies: 99 }\n"
      })
      const HOME = yield* Projects.homeWith({
        good: Projects.profile("good", { policy: join(policies, "good.yaml") }),
        good2: Projects.profile("good2"),
        bad: Projects.profile("bad")
      }, { policy: join(policies, "all.yaml") })
      const found = (args: string) =>
        Effect.map(
          run(`audit ${args} -o tsv --only absent,copies`, { ...options, env: { HOME } }),
          ({ stderr, stdout }) => ({
            stderr,
            lines: stdout.trimEnd().split("\n").map((line) => line.split("\t"))
              .map(([profile, , check, , , sentence]) => `${profile} ${check} ${sentence}`)
          })
        )
      const absent = (profile: string, index: string) =>
        `${profile} absent the policy has a rule for "${index}", but no such index exists`
      const each = yield* found("--all-profiles")
      assert.sameMembers(each.lines, [
        absent("bad", "images"),
        absent("bad", "videos"),
        absent("good2", "videos"),
        "good copies 10 usable backups; the policy requires 99"
      ])
      // Each file is read and named once.
      assert.sameMembers(each.stderr.trimEnd().split("\n"), [
        `Using policy ${join(policies, "all.yaml")}`,
        `Using policy ${join(policies, "good.yaml")}`
      ])
      const named = yield* found(`--all-profiles --policy ${join(policies, "all.yaml")}`)
      assert.deepStrictEqual(
        [named.stderr, named.lines.filter((line) => line.startsWith("good "))],
        ["", [absent("good", "videos")]]
      )
      // A single profile has the same policy.
      const single = yield* run("audit --profile good -o tsv --only copies", { ...options, env: { HOME } })
      assert.include(single.stdout, "copies")
      const ofRule = yield* run("audit --profile bad -o tsv --only absent", { ...options, env: { HOME } })
      assert.lengthOf(ofRule.stdout.trimEnd().split("\n"), 2)
    }))

  it.effect("notes rules for profiles if no profile is in use", () =>
    Effect.gen(function*() {
      const { planes } = yield* world
      const policies = yield* home({ "all.json": `{"rules":[{"index":"images","profiles":["prod"]}]}` })
      const { stderr, stdout } = yield* run(`audit --policy ${join(policies, "all.json")} --only absent -o tsv`, {
        on: planes.good
      })
      assert.strictEqual(
        stderr,
        "note: no profile is in use, so the rules of the policy for these profiles do not apply: prod\n"
      )
      assert.strictEqual(stdout, "")
    }))

  it.effect("never prints a key, even one that is part of another or that a service repeats", () =>
    Effect.gen(function*() {
      const { planes } = yield* world
      const keys = ["3fa85f64-5717-4562-b3fc-2c963f66afa6", "3fa85f64-5717-4562-b3fc-2c963f66afa6-secret-tail"]
      const HOME = yield* Projects.homeWith({
        good: Projects.profile("good"),
        echo: { host: Projects.hostOf("echo"), "api-key": keys[1] },
        other: { host: Projects.hostOf("other"), "api-key": keys[0] }
      })
      const echoing = Layer.effect(
        HttpClient.HttpClient,
        Effect.map(HttpClient.HttpClient, (client) =>
          HttpClient.make((request, url) =>
            url.host.startsWith("echo")
              ? Effect.succeed(HttpClientResponse.fromWeb(
                request,
                Response.json({ error: { code: "INVALID", message: `not ${keys.join(" or ")}` } }, { status: 400 })
              ))
              : client.execute(request)
          ))
      ).pipe(Layer.provide(Projects.services(planes)))
      for (const args of [...FormatNames.names.map((name) => `audit -o ${name}`), "status", "status -o json"]) {
        for (const debug of ["", " --debug"]) {
          const { stderr, stdout } = yield* runFast(`${args} --all-profiles${debug}`, {
            env: { HOME },
            transport: echoing
          })
          assert.notMatch(stdout + stderr, /3fa85f64|secret-tail|_5f3a9b/, args)
        }
      }
    }))

  it.effect("reads up to 4 projects at the same time, and gives all of them one time limit", () =>
    Effect.gen(function*() {
      const names = Array.from({ length: 9 }, (_, index) => `p${index}`)
      const HOME = yield* Projects.homeWith(Object.fromEntries(names.map((name) => [name, Projects.profile(name)])))
      let most = 0
      const active = new Map<string, number>()
      const change = (host: string, by: number) => {
        active.set(host, (active.get(host) ?? 0) + by)
        most = Math.max(most, [...active.values()].filter((count) => count > 0).length)
      }
      const hanging = Layer.succeed(
        HttpClient.HttpClient,
        HttpClient.make((_, url) =>
          Effect.acquireUseRelease(
            Effect.sync(() => change(url.host, 1)),
            () => Effect.never,
            () => Effect.sync(() => change(url.host, -1))
          )
        )
      )
      const { stdout } = yield* runFast("audit --all-profiles --timeout 20s -o tsv", {
        env: { HOME },
        transport: hanging
      })
      assert.strictEqual(most, 4)
      const lines = stdout.trimEnd().split("\n").map((line) => line.split("\t"))
      assert.deepStrictEqual(lines.map(([profile]) => profile), names)
      for (const [, severity, , , , sentence] of lines) {
        assert.strictEqual(severity, "unknown")
        assert.match(sentence ?? "", /^the audit failed: No result after 20s/)
      }
      assert.deepStrictEqual([...active.values()].filter((count) => count !== 0), [])
    }))

  it.effect("uses the clock of each project", () =>
    Effect.gen(function*() {
      const { planes } = yield* world
      const past = yield* ControlPlane.make({ ...good("docs"), now: "2026-11-21T06:30:00Z" })
      const HOME = yield* Projects.homeWith({ good: Projects.profile("good"), past: Projects.profile("past") })
      const { stdout } = yield* run("audit --all-profiles -o json", {
        env: { HOME },
        transport: Projects.services({ ...planes, past })
      })
      assert.sameMembers(
        JSON.parse(stdout).projects.map(({ result }: { result: { at: string } }) => result.at.slice(0, 16)),
        ["2026-11-21T20:00", "2026-11-21T06:30"]
      )
    }))

  it.effect("shows hostile profile names on narrow screens, and suggests no command with them", () =>
    Effect.gen(function*() {
      const { options } = yield* world
      const names = [
        "\u001b]0;title\u0007",
        "a\nb\tc",
        "--demo",
        "`x` | <b>@team</b> #7",
        "constructor",
        "名前".repeat(30),
        "a::b=1;2 'c'",
        "\u202eevil",
        "$(reboot)"
      ]
      const HOME = yield* Projects.homeWith(
        Object.fromEntries(names.map((name, index) => [name, {
          ...Projects.profile("bad"),
          "api-key": `${Projects.keyOf("bad")}-${index}`
        }]))
      )
      for (const columns of [40, 80]) {
        for (const args of ["audit", "status"]) {
          const { stdout } = yield* run(`${args} --all-profiles`, { ...options, env: { HOME }, columns })
          for (const line of stdout.trimEnd().split("\n")) assert.isAtMost(CliOutput.displayWidth(line), columns, line)
          assert.notMatch(stdout.replaceAll("\n", ""), moving)
        }
      }
      for (const format of FormatNames.names.filter((name) => name !== "table")) {
        const { stdout } = yield* run(`audit --all-profiles -o ${format}`, { ...options, env: { HOME } })
        assert.notMatch(stdout.replace(/[\n\t]/g, ""), moving, format)
        if (format === "nagios") assert.lengthOf(stdout.trimEnd().split("\n"), 1)
      }
      const { stdout } = yield* run("audit --all-profiles -o json", { ...options, env: { HOME } })
      const fixes = new Map<string, string | null>(
        JSON.parse(stdout).projects.map(
          ({ profile, result }: { profile: string; result: { indexes: [{ findings: [{ fix: string | null }] }] } }) => [
            profile,
            result.indexes[0].findings[0].fix
          ]
        )
      )
      assert.sameMembers([...fixes.keys()], names)
      assert.isNull(fixes.get("--demo"))
      assert.isNull(fixes.get("a\nb\tc"))
      assert.include(fixes.get("$(reboot)"), "--profile '$(reboot)'")
      assert.include(fixes.get("constructor"), "--profile constructor")
    }))
})
