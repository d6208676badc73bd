/**
 * Checks that `packages/cli/schemas` has exactly the JSON Schemas of the JSON that the command line prints, and of the
 * policy files that it reads. `--write` updates them.
 */
import * as JsonSchema from "effect/JsonSchema"
import * as Schema from "effect/Schema"
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { kinds } from "../packages/cli/src/output/Json.ts"
import * as BackupPolicy from "../packages/core/src/health/BackupPolicy.ts"

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

/** The JSON Schema document of a kind of JSON. */
const documentOf = (
  title: string,
  description: string,
  { definitions, schema }: ReturnType<typeof Schema.toJsonSchemaDocument>
) => {
  const document = { $schema: JsonSchema.META_SCHEMA_URI_DRAFT_2020_12, title, description, ...schema }
  return Object.keys(definitions).length === 0 ? document : { ...document, $defs: definitions }
}

const fileOf = (document: unknown) => `${JSON.stringify(document, null, 2)}\n`

const expected = new Map<string, string>([
  ...Object.entries(kinds).map(([name, { description, schema }]) =>
    [`${name}.json`, fileOf(open(documentOf(name, description, Schema.toJsonSchemaDocument(schema))))] as const
  ),
  // Editors validate and complete policy files with it, so it is as strict as `BackupPolicy.decode`.
  [
    "policy.json",
    fileOf(documentOf(
      "policy",
      "A policy file",
      Schema.toJsonSchemaDocument(BackupPolicy.BackupPolicy, { onExcessProperty: "error" })
    ))
  ] as const
])

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
      `packages/cli/schemas/${file} does not match its source: run node scripts/schemas.ts --write`
    )
    process.exitCode = 1
  }
}
