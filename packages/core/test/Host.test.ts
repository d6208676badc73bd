import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Host from "../src/Host.ts"

describe("Host.isLoopback", () => {
  it.each<[host: string, isLoopback: boolean]>([
    ["localhost", true],
    ["LOCALHOST", true],
    ["pinecone.localhost", true],
    ["127.0.0.1", true],
    ["127.8.9.10", true],
    ["::1", true],
    ["[::1]", true],
    ["::ffff:127.0.0.1", true],
    ["[::ffff:7f00:1]", true],
    ["", false],
    ["localhost.", false],
    ["mylocalhost", false],
    ["localhost.example", false],
    // A name that DNS may resolve to 127.0.0.1.
    ["localtest.me", false],
    ["127.0.0.1.example", false],
    ["127.0.0.256", false],
    ["127.1", false],
    ["128.0.0.1", false],
    ["0.0.0.0", false],
    ["::", false],
    ["::2", false],
    ["::ffff:8f00:1", false],
    ["localhost:80", false],
    ["a@localhost", false],
    ["evil/.localhost", false],
    ["[::1", false]
  ])("returns for %j: %s", (host, isLoopback) => {
    assert.strictEqual(Host.isLoopback(host), isLoopback)
  })

  const octet = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))

  it.prop(
    "depends only on the first octet of an IPv4 address, in any spelling",
    [Schema.Union([octet, Schema.Literal(127)]), octet, octet, octet],
    (octets) => {
      const address = octets.join(".")
      for (const host of [address, `::ffff:${address}`, new URL(`http://[::ffff:${address}]`).hostname]) {
        assert.strictEqual(Host.isLoopback(host), octets[0] === 127, host)
      }
    }
  )

  it.prop(
    "rejects names in other domains",
    [Schema.String.check(Schema.isPattern(/^[a-z]{1,8}\.[a-z]{2,4}$/))],
    ([domain]) => {
      for (const host of [domain, `localhost.${domain}`, `127.0.0.1.${domain}`]) assert.isFalse(Host.isLoopback(host))
      assert.isTrue(Host.isLoopback(`${domain}.localhost`))
    }
  )
})

describe("Host.isInsecure", () => {
  it.each<[url: string, isInsecure: boolean]>([
    ["https://api.pinecone.io", false],
    ["http://127.0.0.1:5081", false],
    ["http://pinecone:5081", true],
    ["http://localhost@pinecone", true],
    ["http://0.0.0.0:5081", true]
  ])("returns for %s: %s", (url, isInsecure) => {
    assert.strictEqual(Host.isInsecure(new URL(url)), isInsecure)
  })
})
