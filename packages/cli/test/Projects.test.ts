import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as InputProjects from "../src/input/Projects.ts"
import { type Options, run } from "./harness.ts"
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

/** Three projects: `good`, `bad` without backups, and `down`, whose host refuses connections. */
const world = Effect.gen(function*() {
  const planes = {
    good: yield* project({ ...good("docs"), project: { id: "project-good" } }),
    bad: yield* project({ ...unprotected("wiki"), project: { id: "project-bad" } })
  }
  const HOME = yield* Projects.homeWith({
    good: Projects.profile("good"),
    bad: Projects.profile("bad"),
    down: Projects.profile("down"),
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
        "error: Expected one --profile, got 2. These commands accept several: pcb audit, pcb status"
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
})
