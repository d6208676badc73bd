import { assert, describe, it } from "@effect/vitest"
import * as LiveId from "@pinecone-backups/core/health/LiveId"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import { IndexId, IndexName } from "@pinecone-backups/core/PineconeIndex"
import * as DateTime from "effect/DateTime"
import * as Result from "effect/Result"

const failure = new PineconeError.ConnectionFailed({ operation: "Backups.list", message: "refused", attempts: 4 })

const deletedAt = DateTime.makeUnsafe("2026-11-01T00:00:00Z")

/** Evidence in short: IDs, `undefined` for not requested, and `"unreadable"`. */
interface Short {
  readonly id?: string | null
  readonly schedules?: ReadonlyArray<string> | "unreadable"
  /** IDs of source indexes, also of deleted ones, and names if they differ. */
  readonly backups?: ReadonlyArray<string | { readonly deleted: string } | { readonly of: string }> | "unreadable"
}

const asked = <A, B>(given: ReadonlyArray<A> | "unreadable" | undefined, toRow: (a: A) => B): LiveId.Asked<B> =>
  given === "unreadable" ? Result.fail(failure) : given && Result.succeed(given.map(toRow))

const liveId = ({ backups, id, schedules }: Short): LiveId.LiveId =>
  LiveId.of({
    index: { name: IndexName.make("docs"), ...(id !== undefined && { id: id === null ? null : IndexId.make(id) }) },
    schedules: asked(schedules, (indexId) => ({ indexId: IndexId.make(indexId) })),
    backups: asked(backups, (backup) => ({
      sourceIndexName: IndexName.make(typeof backup === "object" && "of" in backup ? backup.of : "docs"),
      sourceIndexId: IndexId.make(
        typeof backup === "string" ? backup : "deleted" in backup ? backup.deleted : "a"
      ),
      ...(typeof backup === "object" && "deleted" in backup && { sourceIndexDeletedAt: deletedAt })
    }))
  })

const shown = (live: LiveId.LiveId): string =>
  live._tag === "Known"
    ? live.indexId
    : live._tag === "Contradictory"
    ? `contradictory: ${live.indexIds.join(" ")}`
    : live._tag === "Unread"
    ? live.error === undefined ? "not requested" : "unreadable"
    : "no evidence"

describe("LiveId.of", () => {
  it.each<[expected: string, what: string, Short]>([
    ["a", "the service sends it", { id: "a" }],
    ["a", "only a schedule names it", { schedules: ["a"], backups: [] }],
    ["a", "only backups name it", { schedules: [], backups: ["a", "a"] }],
    ["a", "everything names it", { id: "a", schedules: ["a", "a"], backups: ["a"] }],
    ["a", "in different case", { schedules: ["a"], backups: ["A"] }],
    ["a", "a schedule names it, and backups were not requested", { schedules: ["a"] }],
    ["a", "a schedule names it, and backups are unreadable", { schedules: ["a"], backups: "unreadable" }],
    ["a", "backups name it, and schedules are unreadable", { schedules: "unreadable", backups: ["a"] }],
    ["a", "the service sends it, and nothing is readable", { id: "a", schedules: "unreadable", backups: "unreadable" }],
    ["b", "a backup of a deleted index does not count", { schedules: ["b"], backups: [{ deleted: "a" }, "b"] }],
    ["no evidence", "there is nothing", { schedules: [], backups: [] }],
    ["no evidence", "the ID is null", { id: null, schedules: [], backups: [] }],
    ["no evidence", "the ID is empty", { id: "", schedules: [], backups: [] }],
    ["no evidence", "all backups are of a deleted index", { schedules: [], backups: [{ deleted: "a" }] }],
    ["contradictory: a b", "two schedules", { schedules: ["a", "b"], backups: [] }],
    ["contradictory: a b", "two backups", { schedules: [], backups: ["a", "b"] }],
    ["contradictory: a b", "a schedule and a backup", { schedules: ["a"], backups: ["b"] }],
    ["contradictory: a b", "the sent ID and a schedule", { id: "a", schedules: ["b"] }],
    ["contradictory: a b", "the sent ID and a backup", { id: "a", schedules: "unreadable", backups: ["b"] }],
    ["contradictory: a", "a backup with another name", { schedules: ["a"], backups: [{ of: "wiki" }] }],
    ["a", "empty and blank IDs are no evidence", { id: " ", schedules: ["", "a"], backups: ["", " "] }],
    ["not requested", "only a schedule, with an empty ID", { schedules: [""], backups: [] }],
    ["not requested", "only a backup, with a blank ID", { schedules: [], backups: [" "] }],
    ["unreadable", "a schedule with an empty ID, and backups are unreadable", {
      schedules: [""],
      backups: "unreadable"
    }],
    ["unreadable", "nothing is readable", { schedules: "unreadable", backups: "unreadable" }],
    ["unreadable", "no schedules, unreadable backups", { schedules: [], backups: "unreadable" }],
    ["unreadable", "unreadable schedules, no backups", { schedules: "unreadable", backups: [] }],
    ["unreadable", "unreadable schedules, only backups of a deleted index", {
      schedules: "unreadable",
      backups: [{ deleted: "a" }]
    }],
    ["unreadable", "unreadable schedules, and backups were not requested", { schedules: "unreadable" }],
    ["not requested", "no schedules, and backups were not requested", { schedules: [] }],
    ["not requested", "nothing was requested", {}]
  ])("%s: %s", (expected, _, evidence) => {
    assert.strictEqual(shown(liveId(evidence)), expected)
  })

  it("does not depend on the order of the rows", () => {
    const rows = ["a", "b", { deleted: "c" }] as const
    const tag = (backups: Short["backups"]) => liveId({ schedules: [], ...(backups && { backups }) })._tag
    assert.strictEqual(tag(rows), "Contradictory")
    assert.strictEqual(tag(rows.toReversed()), "Contradictory")
  })
})
