import { assert, describe, it } from "@effect/vitest"
import type * as Backup from "@pinecone-backups/core/Backup"
import { futureTolerance } from "@pinecone-backups/core/health/Copies"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Retention from "@pinecone-backups/core/plan/Retention"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as Long from "../long.ts"
import { element, int } from "../support.ts"
import * as Facts from "./retention.ts"

const hour = 3_600_000

const ago = (hours: number): DateTime.Utc => DateTime.subtract(Facts.now, { milliseconds: hours * hour })

/** Few hours and few days, so that times, days and weeks coincide. */
const times: Arbitrary.Arbitrary<DateTime.Utc | null> = Arbitrary.map(
  Arbitrary.all({ day: int(-3, 45), hour: element(0, 9, 9, 23), isMissing: int(0, 14) }),
  ({ day, hour, isMissing }) => isMissing === 0 ? null : ago(day * 24 + hour)
)

const rows = Arbitrary.array(
  Arbitrary.all({
    createdAt: times,
    id: int(0, 99),
    status: element(
      "Ready",
      "Ready",
      "Ready",
      "Ready",
      "Ready",
      "Failed",
      "InitializationFailed",
      "Initializing",
      "Odd"
    ),
    recordCount: element<number | null>(100, 100, 100, 100, 10, 1_000, 0, null),
    sizeBytes: element<number | null>(1_000, 1_000, 1_000, 100, null),
    origin: element("manual", "manual", "manual", "manual", "guard", "unnamed", "stamp", "history"),
    isFormer: element(false, false, false, true),
    isRestoring: element(false, false, false, false, false, true)
  }),
  { maxLength: 14 }
)

const counts = element<number | undefined>(undefined, undefined, 1, 1, 2, 3, 7)

const rules = Arbitrary.map(
  Arbitrary.all({ last: counts, daily: counts, weekly: counts, monthly: counts, days: element(0, 0, 1, 7, 30) }),
  ({ days, ...rules }): Retention.Rules => ({
    ...(Object.values(rules).every((count) => count === undefined) && days === 0 ? { last: 1 } : rules),
    ...(days > 0 && { within: Duration.days(days) })
  })
)

const options = Arbitrary.map(
  Arbitrary.all({
    orphans: element(true, false),
    name: element<string | undefined>(undefined, undefined, undefined, "guard-*"),
    evenIfShrunk: element(true, false)
  }),
  (options): Retention.PlanOptions => options
)

interface World {
  readonly own: ReadonlyArray<Backup.Backup>
  readonly shape: Facts.Shape
}

const stamp = (at: DateTime.Utc) => DateTime.formatIso(at).replace(/[-:]|\.\d+/g, "")

const world = Arbitrary.map(rows, (rows): World => {
  const all = rows.map(({ createdAt, id, isFormer, isRestoring, origin, ...row }, position) => {
    const backupId = `${id}-${position}`
    return {
      isFormer,
      isRestoring,
      origin,
      backup: Facts.backup(backupId, {
        ...row,
        createdAt,
        name: origin === "unnamed"
          ? null
          : origin === "stamp"
          ? `nightly-${stamp(createdAt ?? Facts.now)}`
          : `${origin}-${backupId}`,
        ...(isFormer && { sourceIndexId: Facts.former })
      })
    }
  })
  const backupsOf = (isWanted: (row: typeof all[number]) => boolean) => all.filter(isWanted).map(({ backup }) => backup)
  const idsOf = (isWanted: (row: typeof all[number]) => boolean) => backupsOf(isWanted).map(({ backupId }) => backupId)
  return {
    own: backupsOf(({ isFormer }) => !isFormer),
    shape: {
      former: backupsOf(({ isFormer }) => isFormer),
      scheduled: idsOf(({ isFormer, origin }) => origin === "history" && !isFormer),
      restoring: idsOf(({ isRestoring }) => isRestoring)
    }
  }
})

const factsOf = ({ own, shape }: World): Retention.Facts => Facts.facts(own, shape)

/** The world without some backups. */
const without = ({ own, shape }: World, ids: ReadonlySet<string>): World => {
  const rest = (backups: ReadonlyArray<Backup.Backup>) => backups.filter(({ backupId }) => !ids.has(backupId))
  return { own: rest(own), shape: { ...shape, former: rest(shape.former ?? []) } }
}

const doomedBy = (rules: Retention.Rules, world: World, options: Retention.PlanOptions): ReadonlySet<string> =>
  new Set(Facts.idsOf(Facts.planOf(rules, factsOf(world), options), "delete"))

const assertSubset = (part: ReadonlySet<string>, whole: ReadonlySet<string>) =>
  assert.deepStrictEqual([...part].filter((id) => !whole.has(id)), [])

/** Good by the definition of the guide, without the code under test. */
const isGood = ({ createdAt, recordCount, status }: Backup.Backup): boolean =>
  status === "Ready" && createdAt != null && (recordCount ?? 0) > 0 &&
  DateTime.toEpochMillis(createdAt) <= DateTime.toEpochMillis(Facts.now) + Duration.toMillis(futureTolerance)

const millisOf = ({ createdAt }: Backup.Backup): number => createdAt ? DateTime.toEpochMillis(createdAt) : -Infinity

const newest = (backups: ReadonlyArray<Backup.Backup>): Backup.Backup | undefined =>
  backups.toSorted((self, that) => millisOf(that) - millisOf(self) || (self.backupId < that.backupId ? 1 : -1))[0]

const isManualName = (name: string | null | undefined): boolean => name != null && !name.startsWith("nightly-")

const runs = { arbitrary: { runs: Long.soak(2_000, 50_000) }, timeout: Long.soak(60_000, 3_600_000) }

describe("Retention.plan of arbitrary backups", () => {
  it.prop("deletes nothing more when it is applied twice", { world, rules, options }, ({ options, rules, world }) => {
    const doomed = doomedBy(rules, world, options)
    assert.strictEqual(doomedBy(rules, without(world, doomed), options).size, 0)
  }, runs)

  it.prop(
    "after any part of the deletions, deletes only backups that were shown",
    { world, rules, options, part: int(0, 2 ** 14 - 1) },
    ({ options, part, rules, world }) => {
      const doomed = doomedBy(rules, world, options)
      const deleted = new Set([...doomed].filter((_, position) => (part >> position) % 2 === 1))
      assertSubset(doomedBy(rules, without(world, deleted), options), doomed)
    },
    runs
  )

  it.prop("a longer rule never deletes more", {
    world,
    rules,
    options,
    more: Arbitrary.all({ last: int(0, 3), daily: int(0, 3), weekly: int(0, 3), monthly: int(0, 3), days: int(0, 9) })
  }, ({ more: { days, ...more }, options, rules, world }) => {
    const longer = (rule: keyof typeof more) => {
      const count = rules[rule]
      return count === undefined ? undefined : count + more[rule]
    }
    const { within } = rules
    assertSubset(
      doomedBy(
        {
          last: longer("last"),
          daily: longer("daily"),
          weekly: longer("weekly"),
          monthly: longer("monthly"),
          within: within === undefined ? undefined : Duration.sum(Duration.fromInputUnsafe(within), Duration.days(days))
        },
        world,
        options
      ),
      doomedBy(rules, world, options)
    )
  }, runs)

  it.prop(
    "an additional rule never deletes more",
    { world, rules, options, more: rules },
    ({ more, options, rules, world }) => {
      const { daily, last, monthly, weekly, within } = rules
      const both = {
        last: last ?? more.last,
        daily: daily ?? more.daily,
        weekly: weekly ?? more.weekly,
        monthly: monthly ?? more.monthly,
        within: within ?? more.within
      }
      assertSubset(doomedBy(both, world, options), doomedBy(rules, world, options))
    },
    runs
  )

  it.prop("keeps the newest good copy of every index ID", { world, rules, options }, ({ options, rules, world }) => {
    const doomed = doomedBy(rules, world, options)
    const scheduled = new Set<string>(world.shape.scheduled)
    for (const all of [world.own, world.shape.former ?? []]) {
      const good = all.filter(isGood)
      // The newest good manual copy also remains, because scheduled copies expire.
      const manual = good.filter(({ backupId, name }) => isManualName(name) && !scheduled.has(backupId))
      for (const copy of [newest(good), newest(manual)]) {
        if (copy !== undefined) assert.isFalse(doomed.has(copy.backupId))
      }
    }
  }, runs)

  it.prop("depends on the time only for backups of the future", {
    world,
    rules,
    options,
    hours: int(0, 9_000)
  }, ({ hours, options, rules, world }) => {
    const settled = 4 * 24
    const at = (hours: number): World => ({ ...world, shape: { ...world.shape, at: ago(-hours) } })
    assert.deepStrictEqual(
      doomedBy(rules, at(settled), options),
      doomedBy(rules, at(settled + hours), options)
    )
  }, runs)

  it.prop("does not depend on the order of the lists", { world, rules, options }, ({ options, rules, world }) => {
    const { own, shape } = world
    const { former = [], restoring = [], scheduled = [] } = shape
    const reversed = {
      own: own.toReversed(),
      shape: {
        former: former.toReversed(),
        restoring: restoring.toReversed(),
        scheduled: scheduled.toReversed()
      }
    }
    assert.deepStrictEqual(
      Facts.planOf(rules, factsOf(reversed), options),
      Facts.planOf(rules, factsOf(world), options)
    )
  }, runs)

  it.prop(
    "does not depend on other indexes",
    { world, rules, options, other: world },
    ({ options, other, rules, world }) => {
      const name = PineconeIndex.IndexName.make("another")
      const renamed = (backups: ReadonlyArray<Backup.Backup>) =>
        backups.map((backup) => ({ ...backup, sourceIndexName: name }))
      const facts = factsOf(world)
      const another: Retention.IndexFacts = {
        ...Facts.indexFacts(renamed(other.own), { ...other.shape, former: renamed(other.shape.former ?? []) }),
        indexName: name,
        index: { name }
      }
      const both = { ...facts, indexes: Result.map(facts.indexes, (indexes) => [another, ...indexes]) }
      assert.deepStrictEqual(
        Facts.planOf(rules, both, options).groups.filter(({ indexName }) => indexName === Facts.docs),
        Facts.planOf(rules, facts, options).groups
      )
    },
    runs
  )

  it.prop("deletes only what is certainly not needed", { world, rules, options }, ({ options, rules, world }) => {
    const { orphans = false } = options
    const { former = [], restoring = [], scheduled = [] } = world.shape
    const kept = new Set<string>([
      ...restoring,
      ...scheduled,
      ...(orphans ? [] : former.map(({ backupId }) => backupId))
    ])
    const plan = Facts.planOf(rules, factsOf(world), options)
    for (const { backup, reasons } of Retention.deletions(plan)) {
      assert.isFalse(kept.has(backup.backupId))
      assert.include(["Ready", "Failed", "InitializationFailed"], backup.status)
      assert.isNotNull(backup.createdAt)
      assert.isAtMost(millisOf(backup), DateTime.toEpochMillis(Facts.now) + Duration.toMillis(futureTolerance))
      assert.isFalse(backup.status === "Ready" && backup.recordCount === null)
      assert.match(backup.name ?? "", options.name === undefined ? /^(manual|guard|history)-/ : /^guard-/)
      assert.lengthOf(reasons, 1)
      assert.isTrue(
        [...world.own, ...former].some((other) =>
          other.sourceIndexId === backup.sourceIndexId && isGood(other) && millisOf(other) >= millisOf(backup)
        )
      )
    }
  }, runs)
})
