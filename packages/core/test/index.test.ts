import { assert, describe, it } from "@effect/vitest"
import * as Fs from "node:fs"
import * as barrel from "../src/index.ts"

const src = new URL("../src/", import.meta.url)

const modules = Fs.readdirSync(src)
  .filter((file) => file.endsWith(".ts") && file !== "index.ts")
  .map((file) => file.slice(0, -".ts".length))
  .sort()

describe("index", () => {
  it("exports every module of src as a namespace, and nothing else", () => {
    assert.isAbove(modules.length, 0)
    assert.deepStrictEqual(Object.keys(barrel).sort(), modules)
    assert.strictEqual(
      Fs.readFileSync(new URL("index.ts", src), "utf8"),
      modules.map((name) => `export * as ${name} from "./${name}.ts"\n`).join("")
    )
  })
})
