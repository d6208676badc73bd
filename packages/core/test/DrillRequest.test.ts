import { assert, describe, it } from "@effect/vitest"
import * as DrillRequest from "@pinecone-backups/core/drill/DrillRequest"
import * as DrillRound from "@pinecone-backups/core/drill/DrillRound"
import { IndexName } from "@pinecone-backups/core/PineconeIndex"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

const docs = IndexName.make("docs")

// An engine resumes what it stored, which may be older than a setting.
describe("stored payloads", () => {
  const request = DrillRequest.DrillRequest.make({ drillId: "a", index: docs })
  const round = DrillRound.RoundRequest.make({ roundId: "r", indexes: [docs] })
  const ofRequest = Schema.toCodecJson(DrillRequest.DrillRequest)
  const ofRound = Schema.toCodecJson(DrillRound.RoundRequest)

  it.effect("of drills have the defaults of the settings that they lack", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Schema.decodeUnknownEffect(ofRequest)({ drillId: "a", index: "docs" }), request)
      const fields = Object.entries(Object(yield* Schema.encodeEffect(ofRequest)(request)))
      for (const [setting] of fields.filter(([key]) => key !== "drillId" && key !== "index")) {
        const older = Object.fromEntries(fields.filter(([key]) => key !== setting))
        assert.deepStrictEqual(yield* Schema.decodeUnknownEffect(ofRequest)(older), request, setting)
      }
    }))

  it.effect("of rounds have the defaults of the settings that they lack", () =>
    Effect.gen(function*() {
      const older = { roundId: "r", indexes: ["docs"] }
      assert.deepStrictEqual(yield* Schema.decodeUnknownEffect(ofRound)(older), round)
      assert.deepStrictEqual(yield* Schema.decodeUnknownEffect(ofRound)({ ...older, settings: {} }), round)
    }))

  it.effect("keep every setting", () =>
    Effect.gen(function*() {
      const other = DrillRequest.DrillRequest.make({
        drillId: "a",
        index: docs,
        pick: DrillRequest.random("3 days"),
        verify: DrillRequest.count,
        probe: true,
        tolerance: 0.5,
        grace: Duration.minutes(1),
        maxBytes: null,
        indexQuota: null
      })
      const json = JSON.parse(JSON.stringify(yield* Schema.encodeEffect(ofRequest)(other)))
      assert.deepStrictEqual(yield* Schema.decodeUnknownEffect(ofRequest)(json), other)
    }))
})
