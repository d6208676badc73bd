import { assert, describe, it } from "@effect/vitest"
import * as IndexRules from "@pinecone-backups/core/IndexRules"
import * as PineconeIndex from "@pinecone-backups/core/PineconeIndex"

const most = "a".repeat(PineconeIndex.maxNameLength)

describe("IndexRules.wrongName", () => {
  it.each(["a", "docs-2", "0", most])("accepts %s", (name) => assert.isUndefined(IndexRules.wrongName(name)))

  it.each(["", "Docs", "docs_2", "-docs", "docs-", "döcs", `${most}a`])(
    "rejects %s",
    (name) => assert.match(IndexRules.wrongName(name) ?? "", /^must be 1 to 45 lower-case letters/)
  )
})

describe("IndexRules.wrongTags", () => {
  const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`key-${n}`, ""]))

  it("accepts up to 20 tags", () => {
    assert.isUndefined(IndexRules.wrongTags(tags(IndexRules.maxTags)))
    assert.strictEqual(IndexRules.wrongTags(tags(IndexRules.maxTags + 1)), "must have at most 20 tags")
  })

  it("counts the tags that the index will have", () => {
    assert.isUndefined(IndexRules.wrongTags(tags(30), 0))
    assert.isDefined(IndexRules.wrongTags({}, 21))
  })

  it.each([{ "a b": "" }, { "": "" }, { a: "ä" }, { a: "x".repeat(121) }, { ["k".repeat(81)]: "" }])(
    "rejects %j",
    (tags) => assert.match(IndexRules.wrongTags(tags) ?? "", /^must have keys/)
  )
})
