import { assert, describe, it } from "@effect/vitest"
import * as Backup from "@pinecone-backups/core/Backup"
import type * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import { run } from "./harness.ts"
import { now, project, seeds, uuid } from "./project.ts"

interface Sent {
  readonly method: string
  readonly path: string
  readonly body: unknown
}

/** Records every request that changes something. */
const recorder = Effect.gen(function*() {
  const sent = yield* Ref.make<ReadonlyArray<Sent>>([])
  const through = (service: Layer.Layer<HttpClient.HttpClient>) =>
    Layer.effect(
      HttpClient.HttpClient,
      Effect.map(
        HttpClient.HttpClient,
        HttpClient.tapRequest(({ body, method, url }) =>
          method === "GET" ? Effect.void : Ref.update(sent, (all) => [...all, {
            method,
            path: new URL(url).pathname,
            body: body._tag === "Uint8Array" ? JSON.parse(new TextDecoder().decode(body.body)) : null
          }])
        )
      )
    ).pipe(Layer.provide(service))
  return { sent: Ref.get(sent), through }
})

/** A request without generated names, which differ each time. */
const withoutName = ({ body, ...request }: Sent) => ({
  ...request,
  body: JSON.parse(JSON.stringify(body).replace(/"backup-[a-z0-9]{16}"/, "\"backup-\""))
})

/** The output of a dry run. Fails if anything was sent. */
const dryRun = Effect.fnUntraced(function*(args: string, on: ControlPlane.Service) {
  const { sent, through } = yield* recorder
  const { exitCode, stderr, stdout } = yield* run(`${args} --dry-run -o json`, { on, through })
  assert.strictEqual(exitCode, 0, stderr)
  assert.deepStrictEqual(yield* sent, [])
  return JSON.parse(stdout)
})

const nothingLost = { is_known: true, indexes: [], schedules: [], backups: [], left_without_backup: [] }

const yes = (action: string) => ({ action, typed: null, flags: "--yes" })

const last = (action: string, typed: string) => ({ action, typed, flags: "--yes --allow-last-copy" })

const schedule = uuid("c688ed12")

describe("--dry-run -o json", { timeout: 60_000 }, () => {
  it.effect.each<[args: string, lost: object, questions: ReadonlyArray<object>]>([
    ["backup create docs --name another --description why", {}, []],
    ["backup create docs", {}, []],
    ["backup delete before-reindex", { backups: [uuid("5d0c71aa")] }, [yes("delete backup before-reindex")]],
    [
      "backup delete before-reindex 818e",
      { backups: [uuid("5d0c71aa"), uuid("818e1141")] },
      [yes("delete 2 backups")]
    ],
    // The same backup, selected in two ways.
    ["backup delete before-reindex 5d0c", { backups: [uuid("5d0c71aa")] }, [yes("delete backup before-reindex")]],
    [
      "backup delete wiki-import",
      { backups: [uuid("0b0e8e8a")], left_without_backup: ["wiki"] },
      [last("delete the last good backup of wiki", "wiki")]
    ],
    ["restore start docs@latest --name copy --tag a=b --deletion-protection", {}, []],
    ["schedule create wiki --every weekly --keep 30", {}, []],
    ["schedule create docs --every weekly --keep 30 --ensure", {}, []],
    ["schedule create docs --every daily --keep 30 --ensure", {}, []],
    ["schedule update docs --every weekly", {}, []],
    ["schedule update docs --keep 60", {}, []],
    ["schedule update docs --keep 60 --every monthly", {}, []],
    ["schedule update docs --keep 30", {}, []],
    ["schedule pause docs", {}, []],
    ["schedule pause docs docs-daily", {}, []],
    ["schedule resume docs", {}, []],
    ["schedule delete docs", { schedules: [schedule] }, [yes("delete schedule docs-daily")]],
    ["api POST /indexes/docs/backups --field name=another", {}, []],
    [`api PATCH /backup-schedules/${schedule} --field enabled=false`, {}, []],
    [`api PATCH /backup-schedules/${schedule} --field retention={"expire_after_days":60}`, {}, []],
    [
      `api DELETE /backup-schedules/${schedule}`,
      { schedules: [schedule] },
      [yes(`DELETE http://memory.localhost/backup-schedules/${schedule}`)]
    ],
    [
      `api DELETE /backups/${uuid("0b0e8e8a")}`,
      { backups: [uuid("0b0e8e8a")], left_without_backup: ["wiki"] },
      [last("delete the last good backup of wiki", "wiki")]
    ]
  ])(
    "prints the requests, losses and confirmations: %s",
    ([args, lost, questions]) =>
      Effect.gen(function*() {
        const on = yield* project(seeds)
        const document = yield* dryRun(args, on)
        assert.strictEqual(document.schema, "pcb.dry-run/v1")
        assert.deepStrictEqual(document.lost, { ...nothingLost, ...lost })
        assert.deepStrictEqual(document.questions, questions)

        const answered = questions.length === 0
          ? args
          : `${args} --yes${"left_without_backup" in lost ? " --allow-last-copy" : ""}`
        if (questions.length > 0) assert.deepStrictEqual((yield* dryRun(answered, on)).questions, [])
        const { sent, through } = yield* recorder
        const { exitCode, stderr } = yield* run(answered, { on, through })
        assert.strictEqual(exitCode, 0, stderr)
        assert.deepStrictEqual(document.requests.map(withoutName), (yield* sent).map(withoutName))
      })
  )

  it.effect("prints the losses of a shorter retention", () =>
    Effect.gen(function*() {
      const on = yield* project(seeds)
      for (const args of ["schedule update docs --keep 1", "schedule create docs --every daily --keep 1 --ensure"]) {
        const { lost, questions, requests } = yield* dryRun(args, on)
        assert.deepStrictEqual(requests, [{
          method: "PATCH",
          path: `/backup-schedules/${schedule}`,
          body: { retention: { expire_after_days: 1 } }
        }])
        assert.deepStrictEqual(lost, { ...nothingLost, backups: [uuid("88ddf477"), uuid("818e1141")] })
        assert.deepStrictEqual(questions, [yes("let 2 backups expire")])
        assert.deepStrictEqual((yield* dryRun(`${args} --yes`, on)).questions, [])
      }
      const body = `--field retention={"expire_after_days":1}`
      const { lost, questions } = yield* dryRun(`api PATCH /backup-schedules/${schedule} ${body}`, on)
      assert.deepStrictEqual([lost.backups, questions], [[uuid("88ddf477"), uuid("818e1141")], [
        yes("let 2 backups expire")
      ]])
    }))

  it.effect("does not count overdue or deleted backups as lost", () =>
    Effect.gen(function*() {
      const at = (days: number) => ({ plannedFor: DateTime.subtract(now, { days }) })
      const runs = [
        { ...at(1), backupId: Backup.BackupId.make(uuid("aaaa0001")) },
        { ...at(3), backupId: Backup.BackupId.make(uuid("aaaa0003")) },
        { ...at(4), expired: true },
        at(40)
      ]
      const on = yield* project({ schedules: [{ id: schedule, name: "nightly", indexName: "docs", runs }] })
      assert.deepStrictEqual((yield* dryRun("schedule update nightly --keep 2", on)).lost.backups, [uuid("aaaa0003")])
      const all = (yield* dryRun("schedule update nightly --keep 1", on)).lost
      assert.deepStrictEqual(all.backups, [uuid("aaaa0001"), uuid("aaaa0003")])
      assert.deepStrictEqual(all.left_without_backup, ["docs"])
    }))

  it.effect("prints the confirmation for restoring a bad backup", () =>
    Effect.gen(function*() {
      const on = yield* project({ indexes: [{ name: "docs" }], backups: [{ name: "none", recordCount: 0 }] })
      const { questions } = yield* dryRun("restore start none --name copy", on)
      assert.deepStrictEqual(questions, [yes("restore backup none into copy")])
      assert.deepStrictEqual((yield* dryRun("restore start none --name copy --yes", on)).questions, [])
    }))

  it.effect("prints one line with -o ndjson, and nothing in other formats", () =>
    Effect.gen(function*() {
      const on = yield* project(seeds)
      const args = "schedule resume docs docs-daily --dry-run"
      const lines = (yield* run(`${args} -o ndjson`, { on, columns: 100 })).stdout.split("\n")
      assert.deepStrictEqual([lines.length, lines[1], JSON.parse(lines[0] ?? "").requests], [2, "", []])
      for (const format of ["table", "wide", "tsv", "id"]) {
        assert.strictEqual((yield* run(`${args} -o ${format}`, { on })).stdout, "")
      }
    }))

  it.effect("prints the decisions about every backup beside the requests", () =>
    Effect.gen(function*() {
      const on = yield* project(seeds)
      const args = "backup prune --all --keep-last 1"
      const { plan } = yield* dryRun(args, on)
      const { applied, ...decisions } = JSON.parse((yield* run(`${args} -o json`, { on })).stdout)
      assert.deepStrictEqual([plan.applied, applied], [false, false])
      assert.deepInclude(plan, decisions)
      assert.isNotEmpty(plan.indexes)
    }))

  it.effect("prints the plan for valid targets, and fails for the others", () =>
    Effect.gen(function*() {
      const on = yield* project(seeds)
      const paused = yield* run("schedule pause docs nope --dry-run -o json", { on })
      assert.strictEqual(paused.exitCode, 3)
      assert.lengthOf(JSON.parse(paused.stdout).requests, 1)
      const refused = yield* run("restore start docs@latest --name docs --dry-run -o json", { on })
      assert.deepStrictEqual([refused.exitCode, refused.stdout], [7, ""])
    }))
})
