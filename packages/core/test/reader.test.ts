import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Decoder from "../src/internal/codec/decoder.ts"
import * as Contract from "../src/internal/transport/contract.ts"
import * as Long from "./long.ts"
import { element, index, mutations, oneOf } from "./support.ts"

/** What answers are decoded with, by operation. */
const schemas = Object.entries(Contract.groups).flatMap(([group, endpoints]) =>
  Object.entries<Contract.Endpoint>(endpoints).flatMap(([name, { success }]) =>
    // The contract keeps them as schemas of anything.
    success === undefined ? [] : [{ name: `${group}.${name}`, schema: success as Schema.Codec<unknown> }]
  )
)

const folder = new URL("fixtures/", import.meta.url)

const recorded: ReadonlyArray<Schema.Json> = Fs.readdirSync(folder).flatMap((file) => {
  const { body } = JSON.parse(Fs.readFileSync(new URL(file, folder), "utf8")).response
  return body === undefined ? [] : [body]
})

/** Lists of indexes are not recorded. */
const bodies: ReadonlyArray<Schema.Json> = [...recorded, { indexes: [index] }]

/** What a field may turn out to be. */
const values = oneOf<Schema.Json | undefined>(
  Arbitrary.schema(Schema.Json),
  element<Schema.Json | undefined>(
    undefined,
    null,
    "",
    "\ud800",
    "next Tuesday",
    "2026-02-29T00:00:00Z",
    "2026-08-03 06:00:00.9+0000",
    -0,
    Infinity
  ),
  element([], {}, [null], [[]], { data: [] }, JSON.parse(`{"__proto__":{"a":1}}`), JSON.parse(`{"__proto__":"a"}`)),
  element<Schema.Json>(
    { filterable: true },
    { type: "dense_vector", dimension: "768" },
    { type: "semantic_text", write_parameters: { deep: [Infinity] } },
    { type: "string", full_text_search: { ngram: { min_gram: 2, max_gram: null } } },
    { fields: { constructor: { type: "float", filterable: null }, toString: { type: "legacy" } } }
  )
)

for (const { name, schema } of schemas) {
  describe(`the reader of ${name}`, () => {
    const read = Decoder.of(schema.ast)
    const decode = Schema.decodeUnknownExit(schema)

    /** It takes what the schema takes, and makes the same of it. */
    const assertAgrees = (json: Schema.Json) => {
      const exit = decode(json)
      assert.deepStrictEqual(read(json), Exit.isSuccess(exit) ? exit.value : undefined)
    }

    it("agrees with the schema on every answer there is an example of", () => {
      for (const body of bodies) assertAgrees(body)
      assert.isTrue(bodies.some((body) => read(body) !== undefined))
    })

    it.prop(
      "agrees with the schema on every other answer",
      [
        Arbitrary.flatMap(element(...bodies), (body) => mutations(body, values))
      ],
      ([json]) => assertAgrees(json),
      { arbitrary: { runs: Long.runs(1_000) } }
    )
  })
}
