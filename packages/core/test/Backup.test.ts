import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"

describe("idempotencyKey", () => {
  it.each<[description: string | null | undefined, key: string | undefined]>([
    ["nightly [key deploy-42]", "deploy-42"],
    ["[key a.b_c:D-1]", "a.b_c:D-1"],
    ["one [key first] [key second]", "second"],
    ["two lines\nand more [key k]", "k"],
    ["nightly[key k]", undefined],
    ["nightly [key k] ", undefined],
    ["nightly [key k] of docs", undefined],
    ["nightly [key ]", undefined],
    ["nightly [key a b]", undefined],
    [`nightly [key ${"a".repeat(65)}]`, undefined],
    ["", undefined],
    [null, undefined],
    [undefined, undefined]
  ])("returns the key at the end of a description: %j", (description, key) => {
    assert.strictEqual(Backup.idempotencyKey(description === undefined ? {} : { description }), key)
  })
})
