/** What requests are sent with on Node: its own client and agents, which keep connections and know proxies. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Http from "node:http"
import type * as Https from "node:https"
import * as ProxyFromEnv from "proxy-from-env"

/** The agents of Node. What encrypts is loaded when it is first needed, which a service on this machine never does. */
const agents = {
  get http(): Http.Agent {
    return process.getBuiltinModule("node:http").globalAgent
  },
  get https(): Https.Agent {
    return process.getBuiltinModule("node:https").globalAgent
  }
}

/** The proxy for an address, as `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say, in either case; empty if there is none. */
const proxyOf = (url: string): string => ProxyFromEnv.getProxyForUrl(url)

/** An agent that goes through the proxy to hosts that have one. */
const makeProxied = Effect.fnUntraced(function*() {
  const direct = agents.https
  const { HttpsProxyAgent } = yield* Effect.promise(() => import("https-proxy-agent"))
  const proxied = new Map<string, Https.Agent>()
  const agentOf = Option.liftThrowable((proxy: string): Https.Agent => {
    const agent = proxied.get(proxy) ?? new HttpsProxyAgent(proxy, { keepAlive: true })
    proxied.set(proxy, agent)
    return agent
  })
  // Node asks an agent for nothing but this and its defaults.
  return Object.assign(Object.create(direct) as Https.Agent, {
    addRequest(request: Http.ClientRequest, options: { readonly host: string; readonly port: number | string }) {
      const proxy = proxyOf(`https://${options.host}:${options.port}`)
      const agent = proxy === "" ? Option.some(direct) : agentOf(proxy)
      if (Option.isSome(agent)) return Reflect.get(agent.value, "addRequest").call(agent.value, request, options)
      // The address may have a password in it.
      const message = "the address of the proxy, in HTTPS_PROXY or ALL_PROXY, is not valid"
      // Whoever has made the request listens to it only after this.
      process.nextTick(() => request.emit("error", Object.assign(new Error(message), { code: "ERR_INVALID_URL" })))
    }
  })
})

/** Layer of the client. What a proxy is needed for is loaded only where one is set. */
export const layer: Layer.Layer<HttpClient.HttpClient> = NodeHttpClient.layerNodeHttpNoAgent.pipe(
  Layer.provide(
    Layer.effect(
      NodeHttpClient.HttpAgent,
      Effect.suspend(() =>
        // Two hosts, since `NO_PROXY` may name the first.
        proxyOf("https://api.pinecone.io") === "" && proxyOf("https://example.invalid") === ""
          ? Effect.succeed(agents)
          : Effect.map(makeProxied(), (https) => ({ http: agents.http, https }))
      )
    )
  )
)
