/** This library with the client of Node and its global agents, as in `examples/node.ts`. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Http from "node:http"
import * as Https from "node:https"
import type { Contender } from "./contender.ts"
import { makeWith } from "./library.ts"

/** The client of Node with its global agents. */
export const transport = NodeHttpClient.layerNodeHttpNoAgent.pipe(
  Layer.provide(Layer.succeed(NodeHttpClient.HttpAgent, { http: Http.globalAgent, https: Https.globalAgent }))
)

export const make = (host: string): Contender => makeWith(host, transport, identity)
