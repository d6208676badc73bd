/**
 * Checks that `packages/cli/schemas` has exactly the JSON Schemas of the JSON that the command line prints. `--write`
 * updates them.
 */
import * as JsonSchema from "effect/JsonSchema"
import * as Schema from "effect/Schema"
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { kinds } from "../packages/cli/src/output/Json.ts"

const directory = join(import.meta.dirname, "../packages/cli/schemas")

/** Turns known values of a string into examples, because other values can appear. A single value stays: it is a tag. */
const open = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(open)
  if (typeof schema !== "object" || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) =>
      key === "enum" && Array.isArray(value) && value.length > 1 ? ["examples", value] : [key, open(value)]
    )
  )
}

const expected = new Map(
  Object.entries(kinds).map(([name, { description, schema }]) => {
    const { definitions, schema: body } = Schema.toJsonSchemaDocument(schema)
    const document = { $schema: JsonSchema.META_SCHEMA_URI_DRAFT_2020_12, title: name, description, ...body }
    const whole = Object.keys(definitions).length === 0 ? document : { ...document, $defs: definitions }
    return [`${name}.json`, `${JSON.stringify(open(whole), null, 2)}\n`]
  })
)

const actual = new Map(
  globSync("*", { cwd: directory }).map((file) => [file, readFileSync(join(directory, file), "utf8")])
)

if (process.argv.includes("--write")) {
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory)
  for (const [file, text] of expected) writeFileSync(join(directory, file), text)
} else {
  const wrong = [...new Set([...expected.keys(), ...actual.keys()])].filter((file) =>
    expected.get(file) !== actual.get(file)
  )
  for (const file of wrong) {
    console.error(
      `packages/cli/schemas/${file} does not match src/output/Json.ts: run node scripts/schemas.ts --write`
    )
    process.exitCode = 1
  }
}
