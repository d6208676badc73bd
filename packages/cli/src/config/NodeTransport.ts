/** The HTTP client of Node.js, with its agents for connection reuse and proxies. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Http from "node:http"
import type * as Https from "node:https"
import * as ProxyFromEnv from "proxy-from-env"

/** The agents of Node.js. TLS is loaded on first use, because a service on loopback never needs it. */
const agents = {
  get http(): Http.Agent {
    return process.getBuiltinModule("node:http").globalAgent
  },
  get https(): Https.Agent {
    return process.getBuiltinModule("node:https").globalAgent
  }
}

/**
 * The proxy URL for a URL, from `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` in either case. Empty if no proxy is used.
 */
const proxyOf = (url: string): string => ProxyFromEnv.getProxyForUrl(url)

/** Creates an agent that uses a proxy for the hosts that need it. */
const makeProxied = Effect.fnUntraced(function*() {
  const direct = agents.https
  const { HttpsProxyAgent } = yield* Effect.promise(() => import("https-proxy-agent"))
  const proxied = new Map<string, Https.Agent>()
  const agentOf = Option.liftThrowable((proxy: string): Https.Agent => {
    const agent = proxied.get(proxy) ?? new HttpsProxyAgent(proxy, { keepAlive: true })
    proxied.set(proxy, agent)
    return agent
  })
  // Node.js uses only this method and the defaults of an agent.
  return Object.assign(Object.create(direct) as Https.Agent, {
    addRequest(request: Http.ClientRequest, options: { readonly host: string; readonly port: number | string }) {
      const proxy = proxyOf(`https://${options.host}:${options.port}`)
      const agent = proxy === "" ? Option.some(direct) : agentOf(proxy)
      if (Option.isSome(agent)) return Reflect.get(agent.value, "addRequest").call(agent.value, request, options)
      // The message omits the URL, which may contain a password.
      const message = "the proxy URL in HTTPS_PROXY or ALL_PROXY is invalid"
      // The caller attaches its listeners after this call.
      process.nextTick(() => request.emit("error", Object.assign(new Error(message), { code: "ERR_INVALID_URL" })))
    }
  })
})

/** Layer of the HTTP client. Proxy support is loaded only if a proxy is set. */
export const layer: Layer.Layer<HttpClient.HttpClient> = NodeHttpClient.layerNodeHttpNoAgent.pipe(
  Layer.provide(
    Layer.effect(
      NodeHttpClient.HttpAgent,
      Effect.suspend(() =>
        // Two hosts, because `NO_PROXY` may name the first.
        proxyOf("https://api.pinecone.io") === "" && proxyOf("https://example.invalid") === ""
          ? Effect.succeed(agents)
          : Effect.map(makeProxied(), (https) => ({ http: agents.http, https }))
      )
    )
  )
)
