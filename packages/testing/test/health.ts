/** Helpers for tests of health checks: the facts about a `World`, and every moment at which a check could be wrong. */
import { assert } from "@effect/vitest"
import * as BackupHealth from "@pinecone-backups/core/health/BackupHealth"
import * as Cadence from "@pinecone-backups/core/health/Cadence"
import type * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as HealthChecks from "@pinecone-backups/core/health/HealthChecks"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as RequestRules from "../src/internal/request-rules.ts"
import * as Simulation from "../src/internal/simulation.ts"
import { iso, type World } from "./support.ts"

/** API version of the responses, and 2026-07 with rows of older versions, which omit planned runs. */
export type Shape = RequestRules.Version | "2026-07, old rows"

export const shapes: ReadonlyArray<Shape> = ["2026-04", "2026-07", "2026-07, old rows"]

/** Sets the shape of the responses. */
const setShape = (world: World, shape: Shape): RequestRules.Version => {
  const oldRows = shape === "2026-07, old rows"
  world.state = Simulation.configure(world.state, { switches: { oldRows } })
  return shape === "2026-07, old rows" ? "2026-07" : shape
}

const allOf = <A>(
  world: World,
  version: RequestRules.Version,
  list: (request: RequestRules.PageRequest) => RequestRules.Operation<RequestRules.Envelope<A>>
): ReadonlyArray<A> => {
  const rows: Array<A> = []
  for (let paginationToken: string | undefined, isLast = false; !isLast;) {
    const { data, pagination } = world.ask(list({ limit: 100, paginationToken }), version)
    rows.push(...data)
    paginationToken = pagination?.next
    isLast = paginationToken === undefined
  }
  return rows
}

/** The facts that `HealthChecks.gather` would read. */
export const factsOf = (world: World, shape: Shape = "2026-07"): BackupHealth.Facts => {
  const version = setShape(world, shape)
  const { indexes } = world
  return {
    all: indexes,
    indexes: indexes.map((index) => ({
      index,
      // `gather` reads them only if nothing else identifies the index.
      backups: Result.succeed(
        allOf(world, version, (request) => RequestRules.listBackupsByIndex({ indexName: index.name, ...request }))
      ),
      schedules: Result.succeed(
        allOf(
          world,
          version,
          (request) => RequestRules.listSchedules({ indexName: index.name, ...request })
        ).map((schedule) => ({
          schedule,
          runs: Result.succeed(
            allOf(
              world,
              version,
              (request) => RequestRules.history({ scheduleId: schedule.scheduleId, ...request })
            )
          )
        }))
      )
    })),
    backups: Result.succeed(allOf(world, version, RequestRules.listBackups)),
    restoreJobs: Result.succeed(allOf(world, version, RequestRules.listRestoreJobs))
  }
}

export interface LookOptions extends Omit<BackupHealth.AssessOptions, "now"> {
  readonly shape?: Shape
}

/** The current findings, without `untested`. */
export const look = (
  world: World,
  { shape, ...options }: LookOptions = {}
): ReadonlyArray<BackupHealth.Finding> =>
  BackupHealth.findings(
    HealthChecks.assess(factsOf(world, shape), {
      skip: ["untested", "no-copy-yet", "no-deletion-protection"],
      ...options,
      now: world.now
    })
  )

/** The current findings as check, severity and sentence. */
export const found = (
  ...args: Parameters<typeof look>
): ReadonlyArray<readonly [HealthCheck.HealthCheck, HealthCheck.Severity, sentence: string]> =>
  look(...args).map(({ check, sentence, severity }) => [check, severity, sentence])

/** Asserts that nothing is found. The message has the time and the runs. */
export const assertQuiet = (world: World, options: LookOptions = {}): void => {
  const findings = found(world, options)
  if (findings.length === 0) return
  const runs = [...world.state.records.values()].map(({ name, startAt }) => `${name ?? "manual"} ${iso(startAt)}`)
  assert.deepStrictEqual(findings, [], `at ${iso(world.now)}, ${options.shape}, after ${runs.join(", ")}`)
}

const minute = 60_000

/**
 * Advances the time to `end` and stops at every moment that matters: shortly before and after each run, its end and the
 * end of its slack, and a few times in between.
 */
export const passUntil = (world: World, end: DateTime.Utc, stop: () => void): void => {
  const last = DateTime.toEpochMillis(end)
  const pauses = Math.max(6 * 60 * minute, Math.ceil((last - DateTime.toEpochMillis(world.now)) / 40))
  const duration = Duration.toMillis(world.state.project.backupDuration)
  for (;;) {
    const now = DateTime.toEpochMillis(world.now)
    const moments = [now + pauses]
    for (const { frequency, nextRun } of world.state.schedules.values()) {
      const slack = Cadence.cadences[frequency].slackHours * 60 * minute
      const ran = [...world.state.records.values()].map(({ startAt }) => DateTime.toEpochMillis(startAt))
        .findLast((at) => at <= now)
      for (const at of [nextRun && DateTime.toEpochMillis(nextRun), ran]) {
        if (at === undefined) continue
        for (const moment of [0, slack - 15 * minute, slack, duration, 6 * 60 * minute]) {
          moments.push(at + moment - minute, at + moment + minute)
        }
      }
    }
    const next = Math.min(...moments.filter((moment) => moment > now))
    if (next > last) break
    world.goTo(DateTime.makeUnsafe(next))
    stop()
  }
  world.goTo(end)
  stop()
}

/** Removes a run and its backup, as if the run had been missed. */
export const lose = (world: World, startAt: DateTime.Utc): void => {
  const before = world.state.records.size
  world.state = {
    ...world.state,
    records: Simulation.filterEntries(
      world.state.records,
      (record) => record.scheduleId === undefined || !DateTime.Equivalence(record.startAt, startAt)
    )
  }
  assert.strictEqual(world.state.records.size, before - 1, `a run starts at ${iso(startAt)}`)
}
