import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Listen from "../src/input/Listen.ts"

describe("Listen.addressOf", () => {
  it.each<[text: string, host: string | undefined, port?: number]>([
    ["5081", "127.0.0.1", 5081],
    [":0", "127.0.0.1", 0],
    ["0.0.0.0:5081", "0.0.0.0", 5081],
    ["[::]:5081", "::", 5081],
    ["[FE80:0::1]:80", "fe80::1", 80],
    ["localhost:65535", "localhost", 65_535],
    ["Pinecone.Example:80", "pinecone.example", 80],
    ["", undefined],
    ["localhost", undefined],
    ["localhost:", undefined],
    [":65536", undefined],
    [":-1", undefined],
    [":http", undefined],
    ["::1:5081", undefined],
    ["[::1]", undefined],
    ["[:::]:80", undefined],
    ["[localhost]:80", undefined],
    ["999.0.0.1:80", undefined],
    ["http://localhost:80", undefined],
    ["a b:80", undefined]
  ])("%j: %s, %s", (text, host, port = 0) => {
    assert.deepStrictEqual(Option.getOrUndefined(Listen.addressOf(text)), host && { host, port })
  })

  const octet = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
  const port = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65_535 }))

  it.prop("parses the address of a URL", [octet, octet, Schema.Boolean, port], ([a, b, isV6, port]) => {
    const host = isV6
      ? new URL(`http://[fe80::${a.toString(16)}:${b.toString(16)}]`).hostname.slice(1, -1)
      : `10.0.${a}.${b}`
    const url = Listen.urlOf({ host, port })
    assert.deepStrictEqual(Option.getOrUndefined(Listen.addressOf(url.slice("http://".length))), { host, port })
  })
})
