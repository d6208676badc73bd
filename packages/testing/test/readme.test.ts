import { assert, describe, it } from "@effect/vitest"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import { readFileSync } from "node:fs"

const root = new URL("../../../", import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), "utf8")

describe("README", () => {
  const readme = read("README.md")

  it("shows the examples that are type-checked and run", () => {
    const examples = [...readme.matchAll(/<!-- example: (\S+) -->\n\n```ts\n([^]*?)```/g)]
    assert.strictEqual(examples.length, 5)
    for (const [, path, code] of examples) assert.strictEqual(code, read(path ?? ""), path)
  })

  it("has a row for every error, as the table in core has it", () => {
    const section = readme.slice(readme.indexOf("## Errors"), readme.indexOf("## The command line"))
    const rows = new Map(
      [...section.matchAll(/^\| `.*\|$/gm)].map(([row]) => {
        const [tag, ...cells] = row.split("|").slice(1, -2).map((cell) => cell.trim())
        return [tag?.replaceAll("`", ""), cells]
      })
    )
    for (const [tag, { category, code, status }] of Object.entries(PineconeError.apiErrors)) {
      assert.deepStrictEqual(rows.get(tag), [
        `\`${code}\``,
        String(status),
        category,
        PineconeError.isRetryableStatus(status) ? "yes" : "no"
      ], tag)
    }
    const others: ReadonlyArray<Exclude<PineconeError.PineconeError["_tag"], PineconeError.ApiErrorTag>> = [
      "UnrecognizedError",
      "ConnectionFailed",
      "RequestTimedOut",
      "MalformedResponse",
      "PaginationLoop",
      "InvalidInput"
    ]
    for (const tag of others) assert.isTrue(rows.has(tag), tag)
    assert.strictEqual(rows.size, Object.keys(PineconeError.apiErrors).length + others.length)
  })
})
