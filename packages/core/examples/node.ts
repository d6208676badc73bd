import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Pinecone from "@pinecone-backups/core/Pinecone"
import * as Layer from "effect/Layer"
import * as Http from "node:http"
import * as Https from "node:https"

// Node's global agents keep connections alive and honor `NODE_USE_ENV_PROXY`.
const agents = Layer.succeed(NodeHttpClient.HttpAgent, { http: Http.globalAgent, https: Https.globalAgent })

export const layer = Layer.provide(
  Pinecone.layerConfig(),
  Layer.provide(NodeHttpClient.layerNodeHttpNoAgent, agents)
)
