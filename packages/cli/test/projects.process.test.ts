import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { emulate } from "./emulator.ts"
import { homeWith } from "./projects.ts"
import { pcb, serve } from "./support.ts"

/** A project whose only index has no backup. */
const unprotected = {
  project: { id: "project-up" },
  indexes: [{ id: "id-of-docs", name: "docs", deletionProtection: "enabled" as const }],
  now: DateTime.makeUnsafe("2026-11-21T20:00:00Z")
}

/** Profiles of two emulators, one of which has stopped. */
const world = Effect.gen(function*() {
  const up = yield* emulate(unprotected)
  const down = yield* Effect.scoped(emulate({}))
  const HOME = yield* homeWith({
    up: { host: up.host, "api-key": "pcsk_up_secret" },
    down: { host: down.host, "api-key": "pcsk_down_secret" },
    bare: {}
  })
  return { env: { HOME }, down: down.host }
})

describe("several projects as a process", { timeout: 60_000 }, () => {
  it.live("audits two emulators, one of which is down", () =>
    Effect.gen(function*() {
      const { down, env } = yield* world
      const args = ["audit", "--all-profiles", "--timeout", "3s"]
      const json = yield* pcb([...args, "-o", "json"], { env })
      assert.strictEqual(json.code, 2, json.stderr)
      const { projects, ...rest } = JSON.parse(json.stdout)
      assert.deepStrictEqual(rest, {
        schema: "pcb.projects/v1",
        status: "critical",
        skipped: [{ profile: "bare", reason: "no-key" }]
      })
      const [first, second] = projects
      assert.deepStrictEqual([first.profile, first.result.status, second.profile], ["up", "critical", "down"])
      assert.include(second.error.message, `No result after 3s: Could not reach ${new URL(down).host}`)
      assert.strictEqual(second.error.exit_code, 3)
      const only = yield* pcb(["audit", "--profile", "down", "--profile", "nope", "--timeout", "1s", "-o", "nagios"], {
        env
      })
      assert.strictEqual(only.code, 3)
      assert.match(only.stdout, /^PINECONE_BACKUP UNKNOWN - down: .*; nope: .*\n$/)
      for (const text of [json.stdout, json.stderr, only.stdout, only.stderr]) assert.notMatch(text, /_secret|\.js:\d/)
    }))

  it.live("shows the status of two emulators, one of which is down", () =>
    Effect.gen(function*() {
      const { env } = yield* world
      const { code, stdout } = yield* pcb(["status", "--profile", "down", "--profile", "up"], { env })
      const rows = stdout.trimEnd().split("\n").map((line) => line.split("\t"))
      assert.deepStrictEqual(rows.map(([profile, status, index]) => [profile, status, index]), [
        ["up", "critical", "docs"],
        ["down", "unknown", ""]
      ])
      assert.match(rows[1]?.at(-1) ?? "", /^unreadable: Could not reach 127\.0\.0\.1/)
      assert.strictEqual(code, 0)
    }))

  it.live("prints an unknown status if a signal ends the audit", () =>
    Effect.gen(function*() {
      const { host } = yield* serve(() => {})
      const HOME = yield* homeWith({ a: { host, "api-key": "a" }, b: { host, "api-key": "b" } })
      const { code, stdout } = yield* pcb(["audit", "--all-profiles", "-o", "json", "--debug"], {
        env: { HOME },
        signal: { on: "> GET", signal: "SIGTERM" }
      })
      assert.deepInclude(JSON.parse(stdout), { schema: "pcb.projects/v1", status: "unknown", projects: [] })
      assert.strictEqual(code, 143)
    }))
})
