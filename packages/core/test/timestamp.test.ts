import { assert, describe, it, vi } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Timestamps from "../src/internal/codec/timestamp.ts"
import * as Long from "./long.ts"
import { element, instants, int, oneOf } from "./support.ts"

const { parse, Timestamp } = Timestamps

const millisOf = (text: string): number | undefined => {
  const instant = parse(text)
  return instant === undefined ? undefined : DateTime.toEpochMillis(instant)
}

const isoOf = (text: string): string | undefined => {
  const instant = parse(text)
  return instant === undefined ? undefined : DateTime.formatIso(instant)
}

describe("Timestamp.parse", () => {
  describe("reads every spelling of the contract", () => {
    it.each([
      ["6 digits, Z", "2026-04-24T06:00:00.244035Z", "2026-04-24T06:00:00.244Z"],
      ["no digits, +00:00", "2026-04-24T06:00:00+00:00", "2026-04-24T06:00:00.000Z"],
      ["6 digits, +00:00", "2026-04-23T16:36:51.267528+00:00", "2026-04-23T16:36:51.267Z"],
      ["9 digits, Z", "2025-05-15T00:52:10.809305882Z", "2025-05-15T00:52:10.809Z"],
      ["no digits, Z", "2024-03-15T10:30:00Z", "2024-03-15T10:30:00.000Z"],
      ["3 digits, Z", "2024-03-15T10:30:00.000Z", "2024-03-15T10:30:00.000Z"],
      ["a space instead of T", "2024-03-15 10:30:00+00:00", "2024-03-15T10:30:00.000Z"],
      ["no zone", "2024-03-15T10:30:00", "2024-03-15T10:30:00.000Z"],
      ["no zone, with digits", "2024-03-15T10:30:00.123456", "2024-03-15T10:30:00.123Z"],
      ["+0000", "2024-03-15T10:30:00+0000", "2024-03-15T10:30:00.000Z"],
      ["one digit", "2024-03-15T10:30:00.1Z", "2024-03-15T10:30:00.100Z"],
      ["two digits", "2024-03-15T10:30:00.12Z", "2024-03-15T10:30:00.120Z"],
      ["leading zeros in the fraction", "2024-03-15T10:30:00.009Z", "2024-03-15T10:30:00.009Z"],
      ["a fraction that is cut, not rounded", "2024-03-15T10:30:00.999999999Z", "2024-03-15T10:30:00.999Z"],
      ["lower case", "2024-03-15t10:30:00z", "2024-03-15T10:30:00.000Z"],
      ["a leap day", "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
      ["a leap day of a century", "2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"],
      ["a leap second", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"],
      ["before 1970", "1969-12-31T23:59:59.001Z", "1969-12-31T23:59:59.001Z"],
      ["the first year", "0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"],
      ["the last year", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"]
    ])("%s: %s", (_, text, expected) => {
      assert.strictEqual(isoOf(text), expected)
    })
  })

  it.each([[1900, 28], [2000, 29], [2023, 28], [2024, 29], [2100, 28]])(
    "accepts the days of the months of %s",
    (year, february) => {
      const lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      for (const [month, days] of lengths.entries()) {
        const text = (day: number) => `${year}-${String(month + 1).padStart(2, "0")}-${day}T00:00:00Z`
        assert.strictEqual(millisOf(text(days)), Date.UTC(year, month, days))
        assert.isUndefined(millisOf(text(days + 1)), text(days + 1))
      }
    }
  )

  it.effect("rejects day 0, also as the first day read", () =>
    Effect.gen(function*() {
      const fresh = yield* Effect.promise(() => {
        vi.resetModules()
        return import("../src/internal/codec/timestamp.ts")
      })
      for (const { parse } of [fresh, Timestamps]) {
        assert.isUndefined(parse("0000-00-00T12:00:00Z"))
        assert.isDefined(parse("2026-08-03T06:00:00Z"))
        assert.isUndefined(parse("0000-00-00T12:00:00Z"))
      }
    }))

  describe("applies the offset", () => {
    it.each([
      ["2024-03-15T10:30:00+02:00", "2024-03-15T08:30:00.000Z"],
      ["2024-03-15T10:30:00-02:00", "2024-03-15T12:30:00.000Z"],
      ["2024-03-15T10:30:00+0530", "2024-03-15T05:00:00.000Z"],
      ["2024-03-15T10:30:00-0330", "2024-03-15T14:00:00.000Z"],
      ["2024-03-15T10:30:00.5+00:01", "2024-03-15T10:29:00.500Z"],
      ["2024-01-01T00:30:00+01:00", "2023-12-31T23:30:00.000Z"],
      ["2023-12-31T23:30:00-01:00", "2024-01-01T00:30:00.000Z"],
      ["2024-03-15T10:30:00-00:00", "2024-03-15T10:30:00.000Z"],
      ["2024-03-15T10:30:00+23:59", "2024-03-14T10:31:00.000Z"]
    ])("%s", (text, expected) => {
      assert.strictEqual(isoOf(text), expected)
    })
  })

  describe("rejects", () => {
    it.each([
      ["an empty string", ""],
      ["a word", "yesterday"],
      ["only a date", "2024-03-15"],
      ["no seconds", "2024-03-15T10:30Z"],
      ["month 13", "2024-13-01T00:00:00Z"],
      ["month 0", "2024-00-01T00:00:00Z"],
      ["day 0", "2024-01-00T00:00:00Z"],
      ["February 30", "2024-02-30T00:00:00Z"],
      ["February 29 of a common year", "2023-02-29T00:00:00Z"],
      ["February 29 of a common century", "1900-02-29T00:00:00Z"],
      ["April 31", "2024-04-31T00:00:00Z"],
      ["January 32", "2024-01-32T00:00:00Z"],
      ["25:61", "2024-03-15T25:61:00Z"],
      ["hour 24", "2024-03-15T24:00:00Z"],
      ["minute 60", "2024-03-15T10:60:00Z"],
      ["second 61", "2024-03-15T10:30:61Z"],
      ["trailing junk", "2024-03-15T10:30:00Zjunk"],
      ["a trailing line break", "2024-03-15T10:30:00Z\n"],
      ["junk instead of a zone", "2024-03-15T10:30:00 UTC"],
      ["a leading space", " 2024-03-15T10:30:00Z"],
      ["a point without digits", "2024-03-15T10:30:00.Z"],
      ["a comma before the digits", "2024-03-15T10:30:00,5Z"],
      ["10 digits", "2024-03-15T10:30:00.1234567890Z"],
      ["an offset without minutes", "2024-03-15T10:30:00+00"],
      ["an offset of one digit", "2024-03-15T10:30:00+0:00"],
      ["an offset of 24 hours", "2024-03-15T10:30:00+24:00"],
      ["an offset of 60 minutes", "2024-03-15T10:30:00+00:60"],
      ["an offset with letters", "2024-03-15T10:30:00+aa:bb"],
      ["junk after the offset", "2024-03-15T10:30:00+00:00Z"],
      ["a different separator", "2024-03-15_10:30:00Z"],
      ["slashes", "2024/03/15T10:30:00Z"],
      ["a year of two digits", "24-03-15T10:30:00Z"],
      ["a year of six digits", "+002024-03-15T10:30:00Z"],
      ["a sign inside a number", "2024-03-15T-1:30:00Z"],
      ["digits of another script", "２０２４-03-15T10:30:00Z"],
      ["seconds since 1970", "1710498600"]
    ])("%s: %j", (_, text) => {
      assert.strictEqual(parse(text), undefined)
    })
  })

  const offsets = Arbitrary.map(
    Arbitrary.all({ sign: element("+", "-"), hours: int(0, 23), minutes: int(0, 59), colon: element(":", "") }),
    ({ sign, hours, minutes, colon }) =>
      `${sign}${String(hours).padStart(2, "0")}${colon}${String(minutes).padStart(2, "0")}`
  )

  const spelled = Arbitrary.map(
    Arbitrary.all({
      instant: instants,
      separator: element("T", " ", "t"),
      digits: int(0, 9),
      finer: int(0, 999_999),
      zone: oneOf(element<string>("Z", "z", "+00:00", "+0000", "-00:00", ""), offsets)
    }),
    ({ instant, separator, digits, finer, zone }) => {
      const iso = DateTime.formatIso(instant)
      const fraction = (iso.slice(20, 23) + String(finer).padStart(6, "0")).slice(0, digits)
      const clock = `${iso.slice(0, 10)}${separator}${iso.slice(11, 19)}`
      // The same instant in the form that every engine parses in the same way.
      const plainZone = zone === "" || zone === "z" ? "Z" : zone.replace(/^([+-]\d\d)(\d\d)$/, "$1:$2")
      return {
        text: `${clock}${fraction === "" ? "" : `.${fraction}`}${zone}`,
        plain: `${iso.slice(0, 10)}T${iso.slice(11, 19)}.${fraction.slice(0, 3).padEnd(3, "0")}${plainZone}`
      }
    }
  )

  it.prop("agrees with Date.parse in every spelling", [spelled], ([{ text, plain }]) => {
    assert.strictEqual(millisOf(text), Date.parse(plain), text)
  }, { arbitrary: { runs: Long.runs(2_000) } })

  const grammar = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:?\d\d)?$/

  it.prop("never throws, and accepts only its grammar", [Schema.String], ([text]) => {
    assert.isTrue(parse(text) === undefined || grammar.test(text))
  }, { arbitrary: { runs: Long.runs(1_000), size: 40 } })

  const damaged = Arbitrary.map(
    Arbitrary.all({
      spelled,
      at: int(0, 34),
      length: int(0, 3),
      insert: oneOf(
        element<string>("", "0", "9", "-", ":", ".", "+", "Z", " ", "\0", "é", "\ud800"),
        Arbitrary.schema(Schema.String)
      )
    }),
    ({ spelled, at, length, insert }) => spelled.text.slice(0, at) + insert + spelled.text.slice(at + length)
  )

  it.prop("accepts only its grammar in damaged timestamps", [damaged], ([text]) => {
    assert.isTrue(parse(text) === undefined || grammar.test(text), text)
  }, { arbitrary: { runs: Long.runs(3_000) } })
})

describe("the timestamp codec", () => {
  const decode = Schema.decodeUnknownSync(Timestamp)
  const encode = Schema.encodeSync(Timestamp)

  it("decodes null to null", () => {
    assert.strictEqual(decode(null), null)
  })

  it("decodes an unreadable string to null", () => {
    assert.strictEqual(decode("soon"), null)
  })

  it("decodes a string to an instant", () => {
    assert.deepStrictEqual(decode("2026-04-24T06:00:00.244035Z"), DateTime.makeUnsafe("2026-04-24T06:00:00.244Z"))
  })

  it.each([1_710_498_600, 0, true, {}, [], ["2026-04-24T06:00:00Z"]])("decodes other values to null: %j", (json) => {
    assert.strictEqual(decode(json), null)
  })

  it("encodes with six digits and Z, like the service", () => {
    assert.strictEqual(encode(DateTime.makeUnsafe("2026-04-24T06:00:00.244Z")), "2026-04-24T06:00:00.244000Z")
    assert.strictEqual(encode(null), null)
  })

  it.prop("preserves every instant to the millisecond", [instants], ([instant]) => {
    assert.deepStrictEqual(decode(encode(instant)), instant)
  }, { arbitrary: { runs: Long.runs(500) } })
})
