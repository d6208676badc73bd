import { assert, describe, it } from "@effect/vitest"
import * as OpenApi from "effect/http-api/OpenApi"
import * as PineconeApi from "../src/PineconeApi.ts"

/** The HTTP contract, written manually. A parameter or key with `?` is optional. */
interface Row {
  readonly id: string
  readonly path?: Array<string>
  readonly query?: Array<string>
  /** Keys of the body, nested keys with a dot. Omitted if the request has no body. */
  readonly body?: Array<string>
  readonly success: number
  /** Statuses documented in either version, except 401 and 500, which every endpoint has. */
  readonly errors: ReadonlyArray<number>
}

const paging = ["limit?", "paginationToken?"]

const contract: Readonly<Record<string, Row>> = {
  "POST /indexes/{index_name}/backup-schedules": {
    id: "create_backup_schedule",
    path: ["index_name"],
    body: [
      "name",
      "schedule",
      "schedule.type",
      "schedule.frequency",
      "retention",
      "retention.expire_after_days"
    ],
    success: 200,
    errors: [400, 402, 403, 404, 409, 422]
  },
  "GET /indexes/{index_name}/backup-schedules": {
    id: "list_backup_schedules",
    path: ["index_name"],
    query: paging,
    success: 200,
    errors: [400, 403, 404]
  },
  "GET /backup-schedules/{schedule_id}": {
    id: "describe_backup_schedule",
    path: ["schedule_id"],
    success: 200,
    errors: [403, 404]
  },
  "PATCH /backup-schedules/{schedule_id}": {
    id: "update_backup_schedule",
    path: ["schedule_id"],
    body: ["frequency?", "retention?", "retention.expire_after_days", "enabled?"],
    success: 200,
    errors: [400, 403, 404, 409, 422]
  },
  "DELETE /backup-schedules/{schedule_id}": {
    id: "delete_backup_schedule",
    path: ["schedule_id"],
    success: 204,
    errors: [403, 404]
  },
  "GET /backup-schedules/{schedule_id}/history": {
    id: "list_backup_schedule_history",
    path: ["schedule_id"],
    query: paging,
    success: 200,
    errors: [400, 403, 404]
  },
  "POST /indexes/{index_name}/backups": {
    id: "create_backup",
    path: ["index_name"],
    body: ["name?", "description?"],
    success: 200,
    // The service returns 404, although no document mentions it.
    errors: [400, 402, 403, 404, 422]
  },
  "GET /indexes/{index_name}/backups": {
    id: "list_index_backups",
    path: ["index_name"],
    query: [...paging, "include_deleted?"],
    success: 200,
    errors: [400, 403, 404]
  },
  "GET /backups": {
    id: "list_project_backups",
    query: paging,
    success: 200,
    errors: [400, 403]
  },
  "GET /backups/{backup_id}": {
    id: "describe_backup",
    path: ["backup_id"],
    success: 200,
    errors: [403, 404]
  },
  "DELETE /backups/{backup_id}": {
    id: "delete_backup",
    path: ["backup_id"],
    success: 202,
    errors: [403, 404, 412]
  },
  "POST /backups/{backup_id}/create-index": {
    id: "create_index_from_backup_operation",
    path: ["backup_id"],
    body: ["name", "tags?", "deletion_protection?", "read_capacity?"],
    success: 202,
    errors: [400, 402, 403, 404, 409, 412, 422]
  },
  "GET /restore-jobs": {
    id: "list_restore_jobs",
    query: paging,
    success: 200,
    errors: [400, 403]
  },
  "GET /restore-jobs/{job_id}": {
    id: "describe_restore_job",
    path: ["job_id"],
    success: 200,
    errors: [403, 404]
  },
  // Not in the documented contract: the operations that backups and restores depend on.
  "GET /indexes": { id: "list_indexes", success: 200, errors: [403] },
  "GET /indexes/{index_name}": { id: "describe_index", path: ["index_name"], success: 200, errors: [403, 404] },
  "PATCH /indexes/{index_name}": {
    id: "configure_index",
    path: ["index_name"],
    body: ["deletion_protection?", "tags?", "read_capacity?"],
    success: 202,
    errors: [400, 402, 403, 404, 422]
  },
  "DELETE /indexes/{index_name}": { id: "delete_index", path: ["index_name"], success: 202, errors: [403, 404] }
}

// ============================================================================
// The document
// ============================================================================

interface JsonSchema {
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: ReadonlyArray<string>
}

interface Operation {
  readonly operationId: string
  readonly parameters: ReadonlyArray<{ readonly name: string; readonly in: string; readonly required: boolean }>
  readonly requestBody?: { readonly required: boolean; readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
}

type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>

// As JSON, as readers of the document see it.
const document: {
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> }
} = JSON.parse(JSON.stringify(OpenApi.fromApi(PineconeApi.PineconeApi)))

const operations = new Map<string, Operation>(
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const)
  )
)

const schemaOf = (content: Content): JsonSchema => {
  assert.deepStrictEqual(Object.keys(content), ["application/json"])
  const { schema } = content["application/json"]!
  return schema.$ref === undefined ? schema : document.components.schemas[schema.$ref.split("/").at(-1)!]!
}

const name = (text: string, isRequired: boolean) => isRequired ? text : `${text}?`

/** The keys of an object and of its required and optional objects, but not of alternatives. */
const keysOf = (schema: JsonSchema, prefix = ""): Array<string> =>
  Object.entries(schema.properties ?? {}).flatMap(([key, part]) => [
    name(`${prefix}${key}`, schema.required?.includes(key) === true),
    ...keysOf(part, `${prefix}${key}.`)
  ])

describe("the OpenAPI document", () => {
  it("has exactly the operations of the contract", () => {
    assert.sameMembers([...operations.keys()], Object.keys(contract))
  })

  for (const [line, row] of Object.entries(contract)) {
    describe(line, () => {
      const operation = operations.get(line)!
      const parametersIn = (place: string) =>
        operation.parameters
          .filter((parameter) => parameter.in === place)
          .map((parameter) => name(parameter.name, parameter.required))

      it(`has the operation ID ${row.id}`, () => {
        assert.strictEqual(operation.operationId, row.id)
      })

      it("has the parameters of the contract", () => {
        assert.deepStrictEqual(parametersIn("path"), row.path ?? [])
        assert.sameMembers(parametersIn("query"), row.query ?? [])
        assert.deepStrictEqual(parametersIn("header"), ["x-pinecone-api-version?"])
        assert.deepStrictEqual(parametersIn("cookie"), [])
      })

      it("has the body of the contract", () => {
        const body = operation.requestBody
        assert.strictEqual(body?.required, row.body === undefined ? undefined : true)
        assert.sameMembers(body === undefined ? [] : keysOf(schemaOf(body.content)), row.body ?? [])
      })

      it("has the statuses of the contract", () => {
        assert.sameMembers(
          Object.keys(operation.responses),
          [row.success, 401, 500, ...row.errors].map(String)
        )
      })

      it("uses the envelope for errors", () => {
        for (const status of Object.keys(operation.responses).filter((status) => status >= "400")) {
          assert.sameMembers(keysOf(schemaOf(operation.responses[status]!.content!)), [
            "error",
            "error.code",
            "error.message",
            "error.details?",
            "status"
          ])
        }
      })

      it("has a body for every success except a deletion", () => {
        assert.strictEqual(operation.responses[row.success]!.content === undefined, line.startsWith("DELETE "))
      })
    })
  }
})

describe("the request bodies in the OpenAPI document", () => {
  it.each([
    ["POST /indexes/{index_name}/backup-schedules", ["time-based", "daily", "weekly", "monthly"]],
    ["PATCH /backup-schedules/{schedule_id}", ["daily", "weekly", "monthly"]],
    ["PATCH /indexes/{index_name}", ["enabled", "disabled"]],
    ["POST /backups/{backup_id}/create-index", ["enabled", "disabled", "OnDemand", "Dedicated", "Manual"]]
  ])("list the values of %s: %j", (line, values) => {
    const text = JSON.stringify(schemaOf(operations.get(line)!.requestBody!.content))
    assert.deepStrictEqual(values.filter((value) => !text.includes(`"${value}"`)), [])
  })
})

it("the OpenAPI document has a title and a version", () => {
  assert.deepStrictEqual(document.info, { title: "Pinecone backup and restore", version: "2026-07" })
})
