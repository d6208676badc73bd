import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import type { ServerResponse } from "node:http"
import { isLong } from "../../core/test/long.ts"
import { type Options, run, start } from "./harness.ts"
import { pcb, serve } from "./support.ts"

const env = { PINECONE_API_KEY: "none", PINECONE_CONTROLLER_HOST: "http://memory.localhost" }

/** The times of rows: a few minutes apart, in no order. */
const timeOf = (number: number) => 1_790_000_000_000 + ((number * 7) % 1_009) * 60_000

const timestampOf = (number: number) => DateTime.formatIso(DateTime.makeUnsafe(timeOf(number)))

const backup = (number: number) => ({
  backup_id: `backup-${number}`,
  source_index_name: "docs",
  source_index_id: "index",
  name: `by-hand-${number}`,
  status: "Ready",
  cloud: "aws",
  region: "us-east-1",
  created_at: timestampOf(number),
  record_count: number
})

/** The rows of lists. */
const lists = {
  "backup list": backup,
  "restore list": (number: number) => ({
    restore_job_id: `job-${number}`,
    backup_id: `backup-${number}`,
    target_index_name: "docs",
    target_index_id: "index",
    status: "Completed",
    created_at: timestampOf(number)
  }),
  // Missed runs are known immediately only if runs arrive newest first.
  "schedule history c688ed12-6e3b-4b04-a1fd-2d8c4ab01e11 --list": (number: number) => ({
    ...backup(number),
    created_at: DateTime.formatIso(DateTime.makeUnsafe(1_790_000_000_000 - number * 60_000))
  })
}

/** The schedule of the history. */
const schedule = {
  schedule_id: "c688ed12-6e3b-4b04-a1fd-2d8c4ab01e11",
  index_id: "index",
  name: "nightly",
  frequency: "daily",
  retention_expire_after_days: 30,
  enabled: false
}

const isSchedule = (url: string): boolean => /backup-schedules\/[^/]+$/.test(new URL(url).pathname)

const commands = Object.entries(lists)

const pageSize = 100

const pageOf = (row: (number: number) => object, page: number, pages: number) => ({
  data: Array.from({ length: pageSize }, (_, index) => row(page * pageSize + index)),
  pagination: page + 1 < pages ? { next: `page-${page + 1}` } : null
})

/** The page that a request asks for. */
const pageIn = (url: string): number => Number(/paginationToken=page-(\d+)/.exec(url)?.[1] ?? 0)

/** A service with a list, which sends later pages only when told to. */
const paged = (row: (number: number) => object, pages: number, next: Effect.Effect<void> = Effect.void): Options => ({
  env,
  transport: Layer.succeed(
    HttpClient.HttpClient,
    HttpClient.make((request, url) => {
      const page = pageIn(String(url))
      const response = Effect.sync(() =>
        HttpClientResponse.fromWeb(
          request,
          Response.json(isSchedule(String(url)) ? schedule : pageOf(row, page, pages))
        )
      )
      return page === 0 ? response : Effect.andThen(next, response)
    })
  )
})

const idOf = (row: object): string => String(Object.values(row)[0])

describe("a long list", () => {
  it.effect.each(commands)(
    "is printed as it arrives with -o ndjson, in the order received: %s",
    ([command, row]) =>
      Effect.gen(function*() {
        const next = yield* Deferred.make<void>()
        const { fiber, run, stdout } = yield* start(`${command} -o ndjson`, paged(row, 3, Deferred.await(next)))
        while ((yield* stdout).split("\n").length <= pageSize && fiber.pollUnsafe() === undefined) {
          yield* Effect.yieldNow
        }
        assert.lengthOf((yield* stdout).trimEnd().split("\n"), pageSize)
        yield* Deferred.succeed(next, undefined)
        const lines = (yield* run).stdout.trimEnd().split("\n").map((line) => idOf(JSON.parse(line)))
        assert.deepStrictEqual(lines, Array.from({ length: 3 * pageSize }, (_, number) => idOf(row(number))))
      })
  )

  it.effect.each(commands.slice(0, 2))(
    "is sorted in other formats and with a limit: %s",
    ([command, row]) =>
      Effect.gen(function*() {
        const numbers = Array.from({ length: 3 * pageSize }, (_, number) => number)
        const ids = numbers.sort((self, that) => timeOf(that) - timeOf(self)).map((number) => idOf(row(number)))
        const printed = (args: string, columns?: number) =>
          Effect.map(run(`${command} ${args}`, { ...paged(row, 3), columns }), ({ stdout }) => stdout)
        assert.deepStrictEqual((yield* printed("-o id")).trimEnd().split("\n"), ids)
        const tsv = yield* printed("-o tsv")
        assert.deepStrictEqual(tsv.trimEnd().split("\n").map((line) => line.split("\t").at(-1)), ids)
        for (const columns of [undefined, 80]) {
          const text = yield* printed("-o json", columns)
          const document = JSON.parse(text)
          assert.deepStrictEqual(document.data.map(idOf), ids)
          assert.isNull(document.pagination)
          assert.strictEqual(text, `${JSON.stringify(document, null, columns && 2)}\n`)
        }
        const [, ...table] = (yield* printed("-o wide")).trimEnd().split("\n")
        assert.deepStrictEqual(table.map((line) => line.trim().split(/\s+/).at(-1)), ids)
        if (command !== "backup list") return
        assert.deepStrictEqual(
          (yield* printed("-o ndjson --limit 5")).trimEnd().split("\n").map((line) => idOf(JSON.parse(line))),
          ids.slice(0, 5)
        )
        const cut = JSON.parse(yield* printed("-o json --limit 5"))
        assert.deepStrictEqual(Object.keys(cut), ["data"])
        assert.deepStrictEqual(cut.data.map(idOf), ids.slice(0, 5))
      })
  )

  it.effect.each(commands)("is a document even without rows: %s", ([command]) =>
    Effect.gen(function*() {
      const empty: Options = {
        env,
        transport: Layer.succeed(
          HttpClient.HttpClient,
          HttpClient.make((request, url) =>
            Effect.sync(() =>
              HttpClientResponse.fromWeb(
                request,
                Response.json(isSchedule(String(url)) ? schedule : { data: [], pagination: null })
              )
            )
          )
        )
      }
      for (const columns of [undefined, 80]) {
        const { stdout } = yield* run(`${command} -o json`, { ...empty, columns })
        assert.strictEqual(stdout, `${JSON.stringify({ data: [], pagination: null }, null, columns && 2)}\n`)
      }
      assert.strictEqual((yield* run(`${command} -o ndjson`, empty)).stdout, "")
    }))
})

describe.skipIf(!isLong)("a list of 300,000 rows", () => {
  // A sorted row takes as much memory as its output.
  it.live.each<[command: keyof typeof lists, format: string, megabytes: number]>([
    ["backup list", "ndjson", 96],
    ["backup list", "tsv", 192],
    ["backup list", "json", 384]
  ])(
    "stays within the memory limit: %s -o %s, %i MB",
    ([command, format, megabytes]) =>
      Effect.gen(function*() {
        const pages = 3_000
        const { host } = yield* serve((request, response: ServerResponse) => {
          response.writeHead(200, { "content-type": "application/json" })
          response.end(JSON.stringify(pageOf(lists[command], pageIn(request.url ?? ""), pages)))
        })
        const { code, stderr, stdout } = yield* pcb([...command.split(" "), "-o", format], {
          env: {
            ...env,
            PINECONE_CONTROLLER_HOST: host,
            NODE_OPTIONS: `--max-old-space-size=${megabytes}`
          }
        })
        assert.strictEqual(stderr, "")
        assert.strictEqual(code, 0)
        const count = format === "json" ? JSON.parse(stdout).data.length : stdout.split("\n").length - 1
        assert.strictEqual(count, pages * pageSize)
      }),
    300_000
  )
})
