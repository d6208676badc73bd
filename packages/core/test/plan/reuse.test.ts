import { assert, describe, it } from "@effect/vitest"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as Reuse from "../../src/plan/internal/reuse.ts"
import { backup, docs, now } from "./retention.ts"

describe("Reuse.choose", () => {
  it("uses no backup if one that is listed for the index has no index ID", () => {
    const chosen = (sourceIndexId: string) =>
      Reuse.choose({
        index: { name: docs },
        schedules: Result.succeed([]),
        backups: Result.succeed([
          backup("21", { recordCount: 0, sourceIndexId: PineconeIndex.IndexId.make(sourceIndexId) }),
          backup("20")
        ])
      }, { now, maxAge: Duration.days(30), neededFor: Duration.days(1) })
    // The newer, empty backup may be one of the index.
    assert.deepStrictEqual(chosen(""), Result.fail("unknown"))
    assert.deepStrictEqual(chosen(backup("20").sourceIndexId), Result.fail("doubtful"))
  })
})
