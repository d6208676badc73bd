import { assert, describe, it } from "@effect/vitest"
import * as BackupMetrics from "@pinecone-backups/core/health/BackupMetrics"
import * as HealthCheck from "@pinecone-backups/core/health/HealthCheck"
import * as PineconeError from "@pinecone-backups/core/PineconeError"
import * as ControlApi from "@pinecone-backups/testing/ControlApi"
import * as Fault from "@pinecone-backups/testing/Fault"
import { readFileSync } from "node:fs"
import * as Simulation from "../src/internal/simulation.ts"

const root = new URL("../../../", import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), "utf8")

const examplesOf = (readme: string) => [...readme.matchAll(/<!-- example: (\S+) -->\n\n```ts\n([^]*?)```/g)]

describe("README", () => {
  const readme = read("README.md")

  it("shows the examples that are type-checked and run", () => {
    const examples = examplesOf(readme)
    assert.strictEqual(examples.length, 7)
    for (const [, path, code] of examples) assert.strictEqual(code, read(path ?? ""), path)
  })

  it("has a row for every check", () => {
    const section = readme.slice(readme.indexOf("## Are my backups good?"), readme.indexOf("## Observing it"))
    assert.deepStrictEqual(
      [...section.matchAll(/^\| `(.*?)` +\| (.*?) +\|$/gm)].map(([, id, means]) => [id, means]),
      Object.entries(HealthCheck.checks)
    )
    // The README counts them in words.
    assert.include(section, "and seventeen more")
    assert.strictEqual(Object.keys(BackupMetrics.metrics).length, 18)
  })

  it("has a row for every error, as the table in core has it", () => {
    const section = readme.slice(readme.indexOf("## Errors"), readme.indexOf("## The command line"))
    const rows = new Map(
      [...section.matchAll(/^\| `.*\|$/gm)].map(([row]) => {
        const [tag, ...cells] = row.split("|").slice(1, -2).map((cell) => cell.trim())
        return [tag?.replaceAll("`", ""), cells]
      })
    )
    for (const [name, { category, code, status }] of Object.entries(PineconeError.apiErrors)) {
      assert.deepStrictEqual(rows.get(`Pinecone${name}`), [
        `\`${code}\``,
        String(status),
        category,
        PineconeError.isRetryableStatus(status) ? "yes" : "no"
      ], name)
    }
    const others: ReadonlyArray<Exclude<PineconeError.ListError["_tag"], `Pinecone${PineconeError.ApiErrorName}`>> = [
      "PineconeUnrecognizedError",
      "PineconeConnectionFailed",
      "PineconeRequestTimedOut",
      "PineconeMalformedResponse",
      "PineconePaginationLoop",
      "PineconeInvalidInput",
      "PineconeHostRefused"
    ]
    for (const tag of others) assert.isTrue(rows.has(tag), tag)
    assert.strictEqual(rows.size, Object.keys(PineconeError.apiErrors).length + others.length)
  })
})

describe("README of testing", () => {
  const readme = read("packages/testing/README.md")

  /** What the first column of the rows of a section has. */
  const names = (heading: string) =>
    [...(readme.split(`\n${heading}\n`)[1]?.split("\n#")[0] ?? "").matchAll(/^\| `([A-Za-z0-9_]+)/gm)].map(([, name]) =>
      name
    )

  it("shows the examples that are type-checked and run, the first in less than 20 lines", () => {
    const examples = examplesOf(readme)
    assert.strictEqual(examples.length, 7)
    for (const [, path, code] of examples) assert.strictEqual(code, read(path ?? ""), path)
    assert.isBelow(examples[0]?.[2]?.split("\n").length ?? Infinity, 20)
  })

  it("has a row for every switch, with its default", () => {
    const { switches } = Simulation.make()
    assert.deepStrictEqual(names("## Switches"), Object.keys(switches))
    for (const [name, value] of Object.entries(switches)) {
      assert.match(readme, new RegExp(`\\| \`${name}\` .*\\| \`${JSON.stringify(value)}\` +\\|`))
    }
  })

  it("has a row for every fault", () => {
    const constructors = Object.entries(Fault)
      .filter(([name, value]) => /^[a-z]/.test(name) && value !== undefined)
      .map(([name]) => name)
    assert.sameMembers(names("## Faults"), constructors)
    assert.strictEqual(constructors.length, Object.keys(Fault.Fault.cases).length)
  })

  it("has every route of the control", () => {
    for (const { method, path } of Object.values(ControlApi.ControlApi.groups.Emulator.endpoints)) {
      assert.isTrue(
        readme.split("\n").some((line) => line.includes(path) && line.includes(method)),
        `${method} ${path}`
      )
    }
  })
})

describe("the guide to restore drills", () => {
  it("shows the examples that are type-checked", () => {
    const examples = examplesOf(read("packages/core/docs/drills.md"))
    assert.strictEqual(examples.length, 3)
    for (const [, path, code] of examples) assert.strictEqual(code, read(path ?? ""), path)
  })
})
