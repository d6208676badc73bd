import { assert, describe, it } from "@effect/vitest"
import * as HostGuard from "@pinecone-backups/testing/HostGuard"
import * as Schema from "effect/Schema"

describe("HostGuard.make", () => {
  it.each<[host: string | undefined, listensOn: string | undefined, isAnswered: boolean]>([
    ["localhost", "0.0.0.0", true],
    ["localhost.:5081", "0.0.0.0", true],
    ["10.0.0.7:5081", "0.0.0.0", true],
    ["[fe80::1]:5081", "::", true],
    ["emulator:5081", "0.0.0.0", false],
    ["evil.example", "0.0.0.0", false],
    ["10.0.0.7.evil.example", "0.0.0.0", false],
    ["evil.example.", "::", false],
    ["10.0.0.7", "10.0.0.7", true],
    ["10.0.0.8", "10.0.0.7", false],
    ["127.0.0.1", "10.0.0.7", true],
    ["[FE80:0::1]", "fe80::1", true],
    ["[fe80::2]", "fe80::1", false],
    ["127.9.9.9", "127.9.9.9", true],
    ["10.0.0.7", "127.0.0.1", false],
    ["localhost", undefined, true],
    ["emulator", undefined, false],
    [undefined, "0.0.0.0", false],
    ["", "0.0.0.0", false],
    ["evil.example@localhost", "0.0.0.0", false],
    ["localhost/evil.example", "0.0.0.0", false],
    ["localhost:99999", "0.0.0.0", false],
    ["[::1", "0.0.0.0", false]
  ])("%s at %s: %s", (host, listensOn, isAnswered) => {
    assert.strictEqual(HostGuard.make({ listensOn })(host), isAnswered)
  })

  it("accepts allowed names in any spelling", () => {
    const isForUs = HostGuard.make({ listensOn: "127.0.0.1", allowHosts: ["Pinecone", "db.example.", "fe80::1", "*"] })
    for (const host of ["pinecone", "PINECONE:5081", "pinecone.:80", "db.example", "[fe80::1]:5081", "localhost"]) {
      assert.isTrue(isForUs(host), host)
    }
    for (const host of ["pinecone.example", "x.db.example", "example", "fe80::2", "evil.example", undefined]) {
      assert.isFalse(isForUs(host), host)
    }
  })

  it.prop(
    "rejects other names",
    [Schema.String.check(Schema.isPattern(/^[a-z]{1,8}(\.[a-z]{2,4})?$/)), Schema.Boolean],
    ([name, isAllowed]) => {
      for (const listensOn of ["127.0.0.1", "10.0.0.7", "0.0.0.0", "::", undefined]) {
        const isForUs = HostGuard.make({ listensOn, allowHosts: isAllowed ? [name] : [] })
        assert.strictEqual(isForUs(`${name}:5081`), isAllowed || name === "localhost")
      }
    }
  )
})

describe("HostGuard.nameOfOption", () => {
  it.each<[text: string, name: string | undefined]>([
    ["pinecone", "pinecone"],
    ["Pinecone.Example.", "pinecone.example"],
    ["my_service", "my_service"],
    ["10.0.0.7", "10.0.0.7"],
    ["fe80::1", "fe80::1"],
    ["[FE80::1]", "fe80::1"],
    ["", undefined],
    ["*", undefined],
    ["*.example", undefined],
    ["pinecone:5081", undefined],
    ["[::1]:5081", undefined],
    ["http://pinecone", undefined],
    ["pinecone/path", undefined],
    ["two words", undefined],
    ["me@pinecone", undefined]
  ])("%j: %s", (text, name) => {
    assert.strictEqual(HostGuard.nameOfOption(text), name)
  })
})

describe("HostGuard.originOf", () => {
  it.each<[text: string, origin: string | undefined]>([
    ["https://app.example", "https://app.example"],
    ["https://App.Example:443/", "https://app.example"],
    ["http://localhost:5173", "http://localhost:5173"],
    ["*", undefined],
    ["null", undefined],
    ["", undefined],
    ["app.example", undefined],
    ["https://app.example/path", undefined],
    ["https://app.example?", undefined],
    ["https://me@app.example", undefined],
    ["file:///index.html", undefined]
  ])("%j: %s", (text, origin) => {
    assert.strictEqual(HostGuard.originOf(text), origin)
  })
})

describe("HostGuard.refusalOf", () => {
  it("names the option or flag that would allow the name", () => {
    const told = "This emulator does not accept the host pinecone: use an address that it listens on, or start it with "
    assert.strictEqual(HostGuard.refusalOf("emulator", "Pinecone:5081"), `${told}allowHosts: ["pinecone"].`)
    assert.strictEqual(HostGuard.refusalOf("emulator", "Pinecone:5081", "flags"), `${told}--allow-host pinecone.`)
    for (const host of [undefined, "", "a b"]) {
      assert.strictEqual(
        HostGuard.refusalOf("emulator", host),
        "The request has no valid Host header: use an address that the server listens on, such as localhost."
      )
    }
  })
})
