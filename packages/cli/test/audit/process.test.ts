import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { home } from "../harness.ts"
import { pcb, serve, shell, start } from "../support.ts"

const env = { PINECONE_API_KEY: "pcsk_test_do-not-tell-anybody" }

/** A project with one index and backups with long IDs. */
const project = (backups: number) =>
  serve((request, response) => {
    const path = request.url?.replace(/\?.*/, "")
    const answers: Readonly<Record<string, unknown>> = {
      "/indexes": {
        indexes: [{ name: "docs", id: "index-1", host: "docs.example", status: { ready: true, state: "Ready" } }]
      },
      "/indexes/docs/backup-schedules": { data: [] },
      "/restore-jobs": { data: [] },
      "/backups": {
        data: Array.from({ length: backups }, (_, index) => ({
          backup_id: `${index}-${"x".repeat(1_000)}`,
          source_index_name: "docs",
          source_index_id: "index-1",
          status: "Ready",
          record_count: 1,
          created_at: "2026-11-21T06:00:00Z"
        }))
      }
    }
    const answer = answers[path ?? ""]
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" })
    response.end(JSON.stringify(answer ?? { error: { code: "NOT_FOUND", message: path } }))
  })

describe("pcb audit as a process", { timeout: 30_000 }, () => {
  it.live("delivers 5 MB to a slow reader before it exits with its status", () =>
    Effect.gen(function*() {
      const { host } = yield* project(5_500)
      const { code, stderr, stdout } = yield* pcb(["audit", "-o", "json", "--host", host], {
        env,
        readAfter: 1_000
      })
      assert.deepStrictEqual([code, stderr], [1, ""])
      assert.isAbove(stdout.length, 5_000_000)
      const report = JSON.parse(stdout)
      assert.deepStrictEqual([report.schema, report.status], ["pcb.audit/v1", "warning"])
      assert.lengthOf(report.indexes[0].findings[0].evidence.backup_ids, 5_500)
    }))

  it.live.each<[args: string, code: number]>([
    ["audit --demo", 2],
    ["check --demo docs --only missed", 0],
    ["audit --demo support-tickets --only retention-gap", 1],
    ["audit", 3],
    ["audit --unknown", 3],
    ["audit --demo nope", 3],
    ["audit --demo --policy /", 3],
    ["--time soon audit --demo", 3]
  ])("exits like a monitoring plugin: pcb %s", ([args, code]) =>
    Effect.gen(function*() {
      const result = yield* pcb(args.split(" "))
      assert.strictEqual(result.code, code, result.stderr)
      if (code === 3) assert.match(result.stderr, /^error: /)
    }))

  it.live.each<[line: string, code: number]>([
    ["pcb audit --demo product-catalog -o json | true", 2],
    ["pcb audit --demo support-tickets -o json --skip stale | true", 1],
    ["pcb audit --demo product-catalog > /dev/full", 3],
    ["pcb audit --demo nope -o nagios > /dev/full", 3],
    ["pcb audit --demo --listen :0 > /dev/full", 3]
  ])(
    "exits with its status if the output is not read: %s",
    ([line, code]) =>
      Effect.gen(function*() {
        const result = yield* shell(`${line}; exit "\${PIPESTATUS[0]}"`)
        assert.strictEqual(result.code, code, result.stderr)
      })
  )

  it.live("uses the policy in the working directory and prints its name", () =>
    Effect.gen(function*() {
      const { host } = yield* project(3)
      const cwd = yield* home({ "pinecone-backups.policy.json": `{"defaults":{"minCopies":4}}` })
      const args = ["audit", "--only", "copies", "--host", host]
      const found = yield* pcb(args, { cwd, env })
      assert.deepStrictEqual([found.code, found.stderr], [1, "Using policy pinecone-backups.policy.json\n"])
      const quiet = yield* pcb([...args, "--quiet"], { cwd, env })
      assert.deepStrictEqual([quiet.code, quiet.stderr], [1, ""])
      const other = yield* pcb([...args, "--policy", "nope.json"], { cwd, env })
      assert.deepStrictEqual([other.code, other.stdout.split("\t")[1]], [3, "unreadable"])
      const demo = yield* pcb(["audit", "docs", "--demo"], { cwd })
      assert.notInclude(demo.stderr + demo.stdout, "copies")
    }))

  it.live.each<[format: string, signal: NodeJS.Signals, code: number, said: RegExp]>([
    ["nagios", "SIGTERM", 3, /^PINECONE_BACKUP UNKNOWN - [^\n]+\n$/],
    ["nagios", "SIGINT", 3, /^PINECONE_BACKUP UNKNOWN - [^\n]+\n$/],
    ["prometheus", "SIGTERM", 3, /\npinecone_backup_status 3\n/],
    ["json", "SIGTERM", 143, /^\{"schema":"pcb.audit\/v1",.*"status":"unknown".*\}\n$/],
    ["tsv", "SIGINT", 130, /^unknown\tunreadable\t[^\n]+\n$/],
    ["markdown", "SIGTERM", 143, /unknown/i],
    ["github", "SIGTERM", 143, /^::/]
  ])(
    "prints an unknown status if it is ended before the response: -o %s, %s",
    ([format, signal, code, said]) =>
      Effect.gen(function*() {
        const { host } = yield* serve(() => {})
        const result = yield* pcb(["audit", "-o", format, "--debug", "--host", host], {
          env,
          signal: { on: "> GET", signal }
        })
        assert.strictEqual(result.code, code, result.stderr)
        assert.match(result.stdout, said)
      })
  )

  /**
   * Makes the program signal itself when it registers its n-th listener for the signal: a real signal arrives at the
   * next event loop turn, an emitted one immediately.
   */
  const signalOn = (nth: number, signal: NodeJS.Signals, isReal: boolean) => {
    const send = isReal
      ? `process.nextTick(()=>process.kill(process.pid,"${signal}"))`
      // Before any import is loaded.
      : `queueMicrotask(()=>process.emit("${signal}","${signal}"))`
    const code = `let left=${nth};process.on("newListener",(name)=>{if(name==="${signal}"&&--left===0)${send}})`
    return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` }
  }

  it.live.each<[args: string, nth: number, signal: NodeJS.Signals, code: number, said: RegExp]>([
    ["audit -o nagios", 1, "SIGTERM", 3, /^PINECONE_BACKUP UNKNOWN - [^\n]+interrupted by a signal \| [^\n]+\n$/],
    ["audit -o nagios", 2, "SIGTERM", 3, /^PINECONE_BACKUP UNKNOWN - [^\n]+interrupted by a signal \| [^\n]+\n$/],
    ["-q check -o=nagios", 1, "SIGINT", 3, /^PINECONE_BACKUP UNKNOWN - [^\n]+\n$/],
    ["audit -o prometheus", 1, "SIGTERM", 3, /\npinecone_backup_status 3\n/],
    ["audit -o json", 1, "SIGTERM", 143, /"status":"unknown"/],
    ["audit -o ndjson", 2, "SIGINT", 130, /"check":"unreadable"/],
    ["audit --help", 2, "SIGTERM", 143, /^(?!PINECONE)/],
    ["schedule describe audit", 1, "SIGTERM", 143, /^$/]
  ])(
    "prints an unknown status if it is ended during loading: pcb %s, %i, %s",
    ([args, nth, signal, code, said]) =>
      Effect.gen(function*() {
        const { host } = yield* serve(() => {})
        for (const isReal of args.startsWith("schedule") ? [true] : [true, false]) {
          const result = yield* pcb([...args.split(" "), "--host", host], {
            env: { ...env, ...signalOn(nth, signal, isReal) }
          })
          assert.strictEqual(result.code, code, result.stderr)
          assert.match(result.stdout, said)
        }
      })
  )

  it.live("exits within the time limit if the service is silent", () =>
    Effect.gen(function*() {
      const { host } = yield* serve(() => {})
      const { code, stdout } = yield* pcb(["audit", "-o", "nagios", "--timeout", "200ms", "--host", host], { env })
      assert.strictEqual(code, 3)
      assert.match(stdout, /^PINECONE_BACKUP UNKNOWN - [^\n]+ No result after 200ms \| [^\n]+\n$/)
    }))

  it.live("serves until Ctrl-C, then exits immediately with 130 despite open connections", () =>
    Effect.gen(function*() {
      const { end, stdout } = yield* start(["--demo", "audit", "--listen", ":0"])
      const [page = "", url = ""] = stdout().trim().split("\n")
      assert.match(page, /^http:\/\/127\.0\.0\.1:\d+\/$/)
      assert.strictEqual(url, `${page}metrics`)
      const metrics = yield* Effect.promise(() => fetch(url)).pipe(
        Effect.repeat({ until: ({ status }) => status === 200 })
      )
      assert.include(yield* Effect.promise(() => metrics.text()), "pinecone_backup_health{index=\"docs\"}")
      const { code, millis } = yield* end("SIGINT")
      assert.strictEqual(code, 130)
      assert.isBelow(millis, 2_000)
    }))
})
