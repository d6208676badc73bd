/**
 * The Node client with Node's global agents, as in `examples/node.ts`. Sorted imports load this file first, as in the
 * example.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Layer from "effect/Layer"
import * as Http from "node:http"
import * as Https from "node:https"

export const transport = NodeHttpClient.layerNodeHttpNoAgent.pipe(
  Layer.provide(Layer.succeed(NodeHttpClient.HttpAgent, { http: Http.globalAgent, https: Https.globalAgent }))
)
