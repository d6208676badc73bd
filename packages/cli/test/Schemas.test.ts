import { assert, describe, it } from "@effect/vitest"
import { Ajv2020 } from "ajv/dist/2020.js"
import { readFileSync } from "node:fs"
import { kinds } from "../src/output/Json.ts"
import * as Golden from "./golden.ts"

const published = (name: string) =>
  JSON.parse(readFileSync(new URL(`../schemas/${name}.json`, import.meta.url), "utf8"))

const ajv = new Ajv2020({ strict: true, allErrors: true })
const validators = Object.keys(kinds).map((name) => ({ name, isValid: ajv.compile(published(name)) }))

/** JSON in a golden file, with its possible kinds. */
interface Document {
  readonly line: string
  readonly json: Record<string, unknown>
  readonly candidates: typeof validators
}

const aliases: Readonly<Record<string, string>> = { ls: "list", show: "describe", rm: "delete" }

/** The command of a line, without global flags and by its main name. */
const commandOf = (line: string): string =>
  line.replace(/^.*?pcb (--demo |-o[ =]\w+ )*/, "").replace(
    /^(\S+) (ls|show|rm)\b/,
    (_, group: string, alias: string) => `${group} ${aliases[alias]}`
  )

/** One document on several lines, or one per line. */
const parse = (lines: ReadonlyArray<string>): ReadonlyArray<Record<string, unknown>> =>
  lines[0] === "{"
    ? [JSON.parse(lines.slice(0, lines.indexOf("}") + 1).join("\n"))]
    : lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line))

/**
 * Output that golden files cannot have: about drills, whose times depend on the threads of Node; reports of guards, which
 * go to files; and plans, because the host of the demo project depends on the order of the tests.
 */
const fixtures = ["drills", "guard", "plan"].flatMap((name) =>
  Golden.stepsOf(readFileSync(new URL(`./fixtures/${name}.txt`, import.meta.url), "utf8"))
)

const documents = [
  ...Golden.files.flatMap(Golden.sectionsOf).flatMap((section) => Golden.parse(section).steps),
  ...fixtures
]
  .flatMap(({ line, output }): ReadonlyArray<Document> => {
    const command = commandOf(line)
    const may = (isError: boolean) =>
      validators.filter(({ name }) =>
        (name === "error") === isError && kinds[name]?.printedBy.some((start) => command.startsWith(start))
      )
    const isStderr = (text: string) => text.startsWith("2> ")
    const errors = parse(output.filter((text) => text.startsWith(`2> {"error"`)).map((text) => text.slice(3)))
    // Skip output with selected fields, and responses of the service.
    const results = (command.startsWith("api ") && !command.includes("--dry-run")) || /--json=/.test(command)
      ? []
      : parse(output.filter((text) => !isStderr(text)))
    return [
      ...errors.map((json) => ({ line, json, candidates: may(true) })),
      ...results.map((json) => ({ line, json, candidates: may(false) }))
    ]
  })

const kindOf = ({ candidates, json }: Document) => candidates.find(({ isValid }) => isValid(json))?.name

/** The required keys of a document in any form of its kind. */
const requiredKeys = (name: string, json: object): ReadonlyArray<string> => {
  const { anyOf = [], required = [] } = published(name)
  return [...required, ...anyOf.flatMap((form: { readonly required: ReadonlyArray<string> }) => form.required)]
    .filter((key) => key in json)
}

const without = (json: Record<string, unknown>, key: string) =>
  Object.fromEntries(Object.entries(json).filter(([name]) => name !== key))

describe("schemas", () => {
  it("accept all JSON in the golden files", () => {
    assert.isAtLeast(documents.length, 150)
    for (const document of documents) {
      const { candidates, json, line } = document
      assert.isDefined(
        kindOf(document),
        `${line}\n${JSON.stringify(json)}\nis none of ${candidates.map(({ name }) => name).join(", ")}`
      )
    }
  })

  it.each(Object.keys(kinds))("reject %s without a required key", (name) => {
    const own = documents.filter((document) => kindOf(document) === name)
    assert.isNotEmpty(own, "no golden file has one")
    for (const { candidates, json } of own) {
      const keys = requiredKeys(name, json)
      assert.isNotEmpty(keys)
      for (const key of keys) {
        assert.isUndefined(kindOf({ line: "", candidates, json: without(json, key) }), `${name} without ${key}`)
      }
    }
  })

  it.each(Object.keys(kinds))("accept %s with additional keys and values", (name) => {
    for (const { candidates, json } of documents.filter((document) => kindOf(document) === name)) {
      const later = {
        ...json,
        added: { later: true },
        ...("status" in json && { status: "Archiving" }),
        ...("outcome" in json && { outcome: "replaced" })
      }
      assert.strictEqual(kindOf({ line: "", candidates, json: later }), name)
    }
  })

  it("reject invalid rows and types", () => {
    const broken: ReadonlyArray<readonly [name: string, json: unknown]> = [
      ["backup-list", { data: [{ source_index_id: "a", source_index_name: "b" }], pagination: null }],
      ["backup-list", { data: {}, pagination: null }],
      ["schedule", { schedule_id: 7, index_id: "a" }],
      ["error", { error: { code: "NOT_FOUND", message: "no", exit_code: "3" } }],
      ["result", { type: "progress", backup_id: "a", name: "b", status: "c", elapsed_ms: 1, outcome: "ready" }],
      ["progress", { type: "progress", backup_id: "a", name: "b", status: "c", elapsed_ms: 1.5 }]
    ]
    for (const [name, json] of broken) {
      assert.isFalse(validators.find((validator) => validator.name === name)?.isValid(json), name)
    }
  })

  it("are all in the guide", () => {
    const guide = readFileSync(new URL("../docs/output.md", import.meta.url), "utf8")
    for (const name of Object.keys(kinds)) assert.include(guide, `\`${name}.json\``)
  })
})
