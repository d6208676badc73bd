/** The client of Node with its global agents, as in `examples/node.ts`. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Layer from "effect/Layer"
import * as Http from "node:http"
import * as Https from "node:https"

export const transport = NodeHttpClient.layerNodeHttpNoAgent.pipe(
  Layer.provide(Layer.succeed(NodeHttpClient.HttpAgent, { http: Http.globalAgent, https: Https.globalAgent }))
)
