/**
 * The response schemas of the published OpenAPI documents (control plane 2026-04 and 2026-07, data plane 2026-04), reduced to
 * what can be checked: keys, types, required keys and closed sets of values. Written as JSON Schema, where `nullable` is a
 * union with null.
 *
 * The documents allow unknown keys almost everywhere, because a service may add keys. An emulator has no reason to add
 * keys, so unknown keys are errors here.
 */
const object = (properties: Record<string, object>, required: ReadonlyArray<string> = []) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false
})
/** An object without optional keys. */
const whole = (properties: Record<string, object>) => object(properties, Object.keys(properties))
const nullable = (schema: object) => ({ anyOf: [schema, { type: "null" }] })
const list = (items: object) => ({ type: "array", items })
const mapOf = (values: object) => ({ type: "object", additionalProperties: values })
const oneOf = (...values: ReadonlyArray<string>) => ({ enum: values })

const text = { type: "string" }
const flag = { type: "boolean" }
const integer = { type: "integer" }
const dateTime = { type: "string", format: "date-time" }
const anyObject = { type: "object" }
const tags = mapOf(text)

/**
 * The lists of values in the documents are open (`x-enum`). An emulator that invents values would still mislead its
 * users, so other values are errors here.
 */
const protection = oneOf("enabled", "disabled")
const metric = oneOf("cosine", "euclidean", "dotproduct")
const dimension = { type: "integer", minimum: 1, maximum: 20_000 }
const indexName = { type: "string", minLength: 1, maxLength: 45 }

const next = whole({ next: text })

/** The status of an index. Each version has one state that the other does not. */
const indexStatus = (ofVersion: string) =>
  whole({
    ready: flag,
    state: oneOf(
      "Initializing",
      "InitializationFailed",
      "ScalingUp",
      "ScalingDown",
      "ScalingUpPodSize",
      "Terminating",
      "Ready",
      "Disabled",
      ofVersion
    )
  })

export const ErrorResponse = object({
  status: integer,
  error: object({ code: text, message: text, details: anyObject }, ["code", "message"])
}, ["status", "error"])

const Restored = whole({ restore_job_id: text, index_id: text })

const dedicated = (required: ReadonlyArray<string>) =>
  object({
    node_type: text,
    scaling: text,
    manual: object({ replicas: integer, shards: { type: "integer", minimum: 1 } })
  }, required)

const readCapacity = (status: object, required: ReadonlyArray<string>) => ({
  oneOf: [
    object({ mode: { const: "OnDemand" }, status }, ["mode", "status"]),
    object({ mode: { const: "Dedicated" }, dedicated: dedicated(required), status }, ["mode", "dedicated", "status"])
  ]
})

// ============================================================================
// 2026-04
// ============================================================================

const readCapacity04 = readCapacity(
  object({ state: text, current_replicas: integer, current_shards: integer, error_message: text }, ["state"]),
  []
)

const metadataSchema = object({ fields: mapOf(object({ filterable: flag })) }, ["fields"])

const Backup04 = object({
  backup_id: text,
  source_index_name: text,
  source_index_id: text,
  source_index_deleted_at: dateTime,
  name: text,
  description: text,
  // "e.g. Initializing, Ready, Failed"
  status: oneOf("Initializing", "Ready", "Failed"),
  cloud: text,
  region: text,
  dimension,
  metric,
  schema: metadataSchema,
  record_count: integer,
  namespace_count: integer,
  size_bytes: integer,
  tags,
  created_at: text
}, ["backup_id", "source_index_name", "source_index_id", "status", "cloud", "region"])

const RestoreJob04 = object({
  restore_job_id: text,
  backup_id: text,
  target_index_name: text,
  target_index_id: text,
  status: text,
  created_at: dateTime,
  completed_at: dateTime,
  percent_complete: { type: "number", minimum: 0, maximum: 100 }
}, ["restore_job_id", "backup_id", "target_index_name", "target_index_id", "status", "created_at"])

const Index04 = object({
  name: indexName,
  dimension,
  metric,
  host: text,
  private_host: text,
  deletion_protection: protection,
  tags,
  embed: anyObject,
  spec: {
    oneOf: [
      object({
        serverless: object({
          cloud: text,
          region: text,
          read_capacity: readCapacity04,
          source_collection: text,
          schema: metadataSchema
        }, ["cloud", "region", "read_capacity"])
      }, ["serverless"]),
      object({
        pod: object({
          environment: text,
          replicas: integer,
          shards: integer,
          pod_type: text,
          pods: integer,
          metadata_config: anyObject,
          source_collection: text
        }, ["environment", "pod_type"])
      }, ["pod"]),
      object({
        byoc: object({ environment: text, read_capacity: readCapacity04, schema: metadataSchema }, [
          "environment",
          "read_capacity"
        ])
      }, ["byoc"])
    ]
  },
  status: indexStatus("ScalingDownPodSize"),
  vector_type: text
}, ["name", "metric", "status", "spec", "host", "vector_type"])

// ============================================================================
// 2026-07
// ============================================================================

const readCapacity07 = readCapacity(
  object({
    state: oneOf("Ready", "Scaling", "Migrating", "Error"),
    current_replicas: nullable(integer),
    current_shards: nullable(integer),
    error_message: text
  }, ["state"]),
  ["node_type", "scaling", "manual"]
)

const field = (type: string, properties: Record<string, object>, required: ReadonlyArray<string> = []) =>
  object({ type: { const: type }, description: nullable(text), ...properties }, ["type", ...required])

const indexSchema = object({
  fields: mapOf({
    anyOf: [
      field("dense_vector", { dimension, metric }, ["dimension", "metric"]),
      field("sparse_vector", {}),
      field("semantic_text", {
        model: text,
        dimension: nullable(integer),
        metric,
        write_parameters: nullable(anyObject),
        read_parameters: nullable(anyObject)
      }, ["model"]),
      field("string", {
        full_text_search: object({
          language: text,
          stemming: flag,
          stop_words: flag,
          ngram: whole({ min_gram: integer, max_gram: integer, prefix_only: flag })
        }, ["language", "stemming", "stop_words"]),
        filterable: flag
      }),
      ...["string_list", "float", "integer", "boolean"].map((type) => field(type, { filterable: flag })),
      object({ filterable: flag }, ["filterable"])
    ]
  })
}, ["fields"])

const page07 = (item: object, required: ReadonlyArray<string>) =>
  object({ data: list(item), pagination: nullable(next) }, required)

const Backup07 = object({
  backup_id: text,
  source_index_name: text,
  source_index_id: text,
  source_index_deleted_at: dateTime,
  name: text,
  description: text,
  status: oneOf("Initializing", "Ready", "InitializationFailed"),
  cloud: text,
  region: text,
  schema: indexSchema,
  record_count: integer,
  namespace_count: integer,
  size_bytes: integer,
  tags: nullable(tags),
  created_at: dateTime
}, ["backup_id", "source_index_name", "source_index_id", "status", "cloud", "region"])

const Run07 = object({
  backup_id: text,
  source_index_id: text,
  source_index_name: text,
  tags: nullable(tags),
  name: text,
  description: nullable(text),
  status: oneOf("Scheduled", "Initializing", "Ready", "InitializationFailed"),
  cloud: text,
  region: text,
  schema: nullable(indexSchema),
  record_count: nullable(integer),
  namespace_count: nullable(integer),
  size_bytes: nullable(integer),
  created_at: dateTime,
  scheduled_execution_at: dateTime
}, ["backup_id", "source_index_id", "source_index_name", "name", "status", "cloud", "region", "created_at"])

const Schedule07 = whole({
  schedule_id: text,
  name: text,
  index_id: text,
  project_id: text,
  schedule_type: oneOf("time-based"),
  frequency: oneOf("daily", "weekly", "monthly"),
  retention_expire_after_days: { type: "integer", minimum: 1 },
  enabled: flag,
  next_scheduled_run: nullable(dateTime),
  created_at: dateTime
})

const RestoreJob07 = object({
  restore_job_id: text,
  backup_id: text,
  target_index_name: text,
  target_index_id: text,
  status: oneOf("Pending", "Completed", "Failed", "Cancelled"),
  created_at: nullable(dateTime),
  completed_at: nullable(dateTime),
  percent_complete: { type: "integer", minimum: 0, maximum: 100 }
}, ["restore_job_id", "backup_id", "target_index_name", "target_index_id", "status", "created_at"])

const Index07 = object({
  name: indexName,
  host: text,
  private_host: text,
  status: indexStatus("Failed"),
  deployment: {
    oneOf: [
      object({
        deployment_type: { const: "pod" },
        environment: text,
        replicas: integer,
        shards: integer,
        pod_type: text
      }, ["deployment_type", "environment", "pod_type"]),
      object({ deployment_type: { const: "managed" }, cloud: text, region: text, environment: text }, [
        "deployment_type",
        "cloud",
        "region"
      ]),
      object({ deployment_type: { const: "byoc" }, environment: text }, ["deployment_type", "environment"])
    ]
  },
  read_capacity: readCapacity07,
  source_collection: text,
  source_backup_id: text,
  cmek_id: text,
  schema: indexSchema,
  tags: nullable(tags),
  deletion_protection: protection
}, ["name", "host", "status", "deployment", "schema", "deletion_protection"])

/** The body of each successful response, by operation. Version 2026-04 documents no schedules. */
export const control = {
  "2026-04": {
    "Indexes.list": object({ indexes: list(Index04) }),
    "Indexes.describe": Index04,
    "Indexes.configure": Index04,
    "Backups.create": Backup04,
    "Backups.describe": Backup04,
    "Backups.list": object({ data: list(Backup04), pagination: next }),
    "Backups.listByIndex": object({ data: list(Backup04), pagination: next }),
    "Backups.restore": Restored,
    "RestoreJobs.list": object({ data: list(RestoreJob04), pagination: next }, ["data"]),
    "RestoreJobs.describe": RestoreJob04
  },
  "2026-07": {
    "Indexes.list": object({ indexes: list(Index07) }),
    "Indexes.describe": Index07,
    "Indexes.configure": Index07,
    "Backups.create": Backup07,
    "Backups.describe": Backup07,
    "Backups.list": page07(Backup07, []),
    "Backups.listByIndex": page07(Backup07, []),
    "Backups.restore": Restored,
    "RestoreJobs.list": page07(RestoreJob07, ["data"]),
    "RestoreJobs.describe": RestoreJob07,
    "BackupSchedules.create": Schedule07,
    "BackupSchedules.update": Schedule07,
    "BackupSchedules.describe": Schedule07,
    "BackupSchedules.list": page07(Schedule07, ["data"]),
    "BackupSchedules.history": page07(Run07, ["data"])
  }
} as const

// ============================================================================
// Data plane
// ============================================================================

const usage = object({ readUnits: integer })
const numbers = list({ type: "number" })
const dataPage = object({ next: text })

export const data = {
  stats: object({
    namespaces: mapOf(object({ vectorCount: integer })),
    dimension: integer,
    indexFullness: { type: "number" },
    totalVectorCount: integer,
    metric: text,
    vectorType: text,
    memory_fullness: { type: "number" },
    storage_fullness: { type: "number" }
  }),
  listIds: object({ vectors: list(object({ id: text })), pagination: dataPage, namespace: text, usage }),
  fetch: object({
    vectors: mapOf(object({
      id: { type: "string", minLength: 1, maxLength: 512 },
      values: numbers,
      sparseValues: object({ indices: list(integer), values: numbers }, ["indices", "values"]),
      metadata: anyObject
    }, ["id"])),
    namespace: text,
    usage
  }),
  listNamespaces: object({
    namespaces: list(object({
      name: text,
      record_count: integer,
      schema: anyObject,
      indexed_fields: object({ fields: list(text) })
    })),
    pagination: dataPage,
    total_count: integer
  }),
  error: object({ code: integer, message: text, details: list(anyObject) })
} as const
