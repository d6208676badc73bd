import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import { afterEach, vi } from "vitest"
import * as Format from "../src/terminal/Format.ts"

afterEach(() => {
  vi.unstubAllEnvs()
})

describe("Format.local", () => {
  it.each<[zone: string, instant: string, text: string]>([
    // The repeated hour when clocks are set back.
    ["Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25 02:30 +02:00"],
    ["Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25 02:30 +01:00"],
    ["Asia/Kathmandu", "2026-04-24T06:00:00Z", "2026-04-24 11:45 +05:45"],
    ["America/St_Johns", "2026-01-01T01:00:00Z", "2025-12-31 21:30 -03:30"],
    ["UTC", "2026-04-24T06:00:59.999Z", "2026-04-24 06:00 +00:00"]
  ])("%s: %s", (zone, instant, text) => {
    vi.stubEnv("TZ", zone)
    assert.strictEqual(Format.local(DateTime.makeUnsafe(instant)), text)
  })
})
