import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as BackupRun from "../src/BackupRun.ts"
import type * as PineconeApi from "../src/PineconeApi.ts"
import * as PineconeError from "../src/PineconeError.ts"
import * as RestoreJob from "../src/RestoreJob.ts"
import { describeJob, historyPage, operations, type Script, script, services } from "./support.ts"

interface Example {
  readonly name: string
  readonly apiVersion: string
  readonly operation: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly query?: Readonly<Record<string, string>>
  }
  readonly response: {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: Schema.Json
    readonly bodyText?: string
    readonly empty?: true
  }
}

/** The copies in this folder, or the contract's own files where they are at hand. */
const folder = ["../../../../shared/contract/examples/", "fixtures/"]
  .map((path) => new URL(path, import.meta.url))
  .find((url) => Fs.existsSync(url))!

const examples: ReadonlyArray<Example> = Fs.readdirSync(folder)
  .filter((file) => /^(?:any|.*__list_backup_schedule_history|.*__describe_restore_job)__.*\.json$/.test(file))
  .sort()
  .map((file) => ({
    name: file.slice(0, -".json".length),
    ...JSON.parse(Fs.readFileSync(new URL(file, folder), "utf8"))
  }))

const textOf = ({ body, bodyText }: Example["response"]): string =>
  bodyText ?? (body === undefined ? "" : JSON.stringify(body))

const answer = ({ response }: Example): Response =>
  new Response(textOf(response) || null, { status: response.status, headers: { ...response.headers } })

const isSuccess = ({ response }: Example) => response.status >= 200 && response.status <= 299

/** The version settings that send what the example's request says. */
const settingOf: Readonly<Record<string, PineconeApi.ApiVersion>> = {
  "unstable": "2026-04",
  "2026-04": "2026-04",
  "2026-07": "2026-07"
}

const options = ({ apiVersion }: Example) => ({ apiVersion: settingOf[apiVersion] })

interface Run {
  readonly http: Script
  readonly call: Effect.Effect<unknown, PineconeError.PineconeError>
}

const runHistory = (example: Example) => {
  const http = script(answer(example))
  const { limit, paginationToken } = example.request.query ?? {}
  const id = decodeURIComponent(example.request.path.split("/").at(-2)!)
  return {
    http,
    call: historyPage({ limit: limit === undefined ? undefined : Number(limit), paginationToken }, id).pipe(
      Effect.provide(services(http, options(example)))
    )
  }
}

const runDescribe = (example: Example) => {
  const http = script(answer(example))
  const id = decodeURIComponent(example.request.path.split("/").at(-1)!)
  return { http, call: Effect.provide(describeJob(id), services(http, options(example))) }
}

// ============================================================================
// What to expect of a failure
// ============================================================================

const tagOfCode = new Map<unknown, string>(
  Object.entries(PineconeError.apiErrors).map(([tag, { code }]) => [code, tag])
)

const tagOfStatus: Readonly<Record<number, PineconeError.ApiErrorTag>> = {
  400: "InvalidArgument",
  401: "Unauthenticated",
  402: "PaymentRequired",
  403: "PermissionDenied",
  404: "NotFound",
  408: "DeadlineExceeded",
  409: "AlreadyExists",
  412: "FailedPrecondition",
  413: "PayloadTooLarge",
  422: "UnprocessableEntity",
  429: "ResourceExhausted",
  500: "Unknown",
  501: "Unimplemented",
  503: "ServiceUnavailable",
  504: "DeadlineExceeded"
}

const get = (json: unknown, key: string): unknown =>
  typeof json === "object" && json !== null ? Reflect.get(json, key) : undefined

const expectedOf = ({ response }: Example) => {
  const { body, bodyText, status } = response
  const error = get(body, "error")
  const code = get(error, "code")
  return {
    status,
    code,
    tag: code !== undefined
      ? tagOfCode.get(code) ?? "UnrecognizedError"
      : tagOfStatus[status] ?? (status >= 500 ? "Unavailable" : "UnrecognizedError"),
    message: get(error, "message") ?? get(body, "message") ??
      (typeof body === "string"
        ? body
        : bodyText === undefined || bodyText.trim() === "" || bodyText.trim().startsWith("<")
        ? `HTTP status ${status}`
        : bodyText.trim()),
    body: code !== undefined || textOf(response) === "" ? undefined : textOf(response)
  }
}

const assertExpected = (error: PineconeError.PineconeError, example: Example) => {
  const expected = expectedOf(example)
  assert.strictEqual(error._tag, expected.tag)
  assert.strictEqual(error.message, expected.message)
  assert.strictEqual(get(error, "status"), expected.status)
  assert.strictEqual(get(error, "body"), expected.body)
  if (expected.code !== undefined) {
    assert.strictEqual(get(error, "code"), expected.code)
  }
}

// ============================================================================
// Tests
// ============================================================================

describe("examples of list_backup_schedule_history", () => {
  const own = examples.filter((example) => example.operation === "list_backup_schedule_history")

  it("are there", () => {
    assert.isAbove(own.filter(isSuccess).length, 0)
    assert.isAbove(own.filter((example) => !isSuccess(example)).length, 0)
  })

  for (const example of own.filter(isSuccess)) {
    it.effect(example.name, () =>
      Effect.gen(function*() {
        const page = yield* runHistory(example).call
        const { body } = example.response
        const rows = (get(body, "data") ?? []) as ReadonlyArray<Schema.JsonObject>

        assert.deepStrictEqual(page.data.map(BackupRun.toJson), rows)
        assert.deepStrictEqual(page.data.map((run) => run.backupId as string), rows.map((row) => row["backup_id"]))
        assert.deepStrictEqual(page.data.map((run) => run.status), rows.map((row) => row["status"]))
        assert.strictEqual(page.next, get(get(body, "pagination"), "next") ?? undefined)
        for (const [index, row] of rows.entries()) {
          // Every timestamp that is a text is one that the decoder can read.
          const { createdAt, scheduledExecutionAt } = page.data[index]!
          assert.strictEqual(createdAt != null, typeof row["created_at"] === "string")
          assert.strictEqual(scheduledExecutionAt != null, typeof row["scheduled_execution_at"] === "string")
        }
      }))
  }

  for (const example of own.filter((example) => !isSuccess(example))) {
    it.effect(example.name, () =>
      Effect.gen(function*() {
        assertExpected(yield* Effect.flip(runHistory(example).call), example)
      }))
  }
})

describe("examples of describe_restore_job", () => {
  const own = examples.filter((example) => example.operation === "describe_restore_job")

  it("are there", () => {
    assert.isAbove(own.filter(isSuccess).length, 0)
    assert.isAbove(own.filter((example) => !isSuccess(example)).length, 0)
  })

  for (const example of own.filter(isSuccess)) {
    it.effect(example.name, () =>
      Effect.gen(function*() {
        const job = yield* runDescribe(example).call
        const body = example.response.body as Schema.JsonObject

        assert.deepStrictEqual(RestoreJob.toJson(job), body)
        assert.strictEqual(job.restoreJobId as string, body["restore_job_id"])
        assert.strictEqual(job.status, body["status"])
        assert.strictEqual(job.percentComplete, body["percent_complete"])
        assert.strictEqual(job.createdAt != null, typeof body["created_at"] === "string")
        assert.strictEqual(job.completedAt != null, typeof body["completed_at"] === "string")
      }))
  }

  for (const example of own.filter((example) => !isSuccess(example))) {
    it.effect(example.name, () =>
      Effect.gen(function*() {
        assertExpected(yield* Effect.flip(runDescribe(example).call), example)
      }))
  }
})

describe("requests of the examples", () => {
  const own = examples.filter((example) => example.apiVersion !== "any" && settingOf[example.apiVersion] !== undefined)

  for (const example of own) {
    it.effect(example.name, () =>
      Effect.gen(function*() {
        const { call, http }: Run = example.operation === "describe_restore_job"
          ? runDescribe(example)
          : runHistory(example)
        yield* Effect.exit(call)

        assert.strictEqual(http.requests.length, 1)
        const [sent] = http.requests
        const url = new URL(sent!.url)
        assert.strictEqual(sent!.method, example.request.method)
        assert.strictEqual(url.pathname, example.request.path)
        assert.deepStrictEqual(Object.fromEntries(url.searchParams), example.request.query ?? {})
        assert.strictEqual(sent!.headers["x-pinecone-api-version"], example.apiVersion)
      }))
  }
})

describe("answers that any operation can get", () => {
  const any = examples.filter((example) => example.apiVersion === "any" && !isSuccess(example))

  it("are there", () => {
    assert.isAbove(any.length, 0)
  })

  for (const example of any) {
    for (const { call, operation } of operations) {
      it.effect(`${operation}: ${example.name}`, () =>
        Effect.gen(function*() {
          const error = yield* Effect.flip(Effect.provide(call, services(script(answer(example)))))
          assertExpected(error, example)
          assert.strictEqual(error.operation, operation)
        }))
    }
  }
})
