import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import { home } from "./harness.ts"

/** The path of the configuration file in a home directory. */
const path = ".config/pcb/config.json"

/** The host of a service in this process. */
export const hostOf = (name: string) => `http://${name}.localhost`

/** The API key of a service in this process. */
export const keyOf = (name: string) => `pcsk_${name}_5f3a9b-key`

/** A profile with a service in this process. */
export const profile = (name: string, more: object = {}) => ({ host: hostOf(name), "api-key": keyOf(name), ...more })

/** A scoped home directory with profiles. */
export const homeWith = (profiles: Readonly<Record<string, object>>, top: object = {}) =>
  home({ [path]: JSON.stringify({ ...top, profiles }) })

/**
 * Services in this process, each on its own host and with its own keys, which start with the same text. Every other host
 * refuses connections, and every other key is rejected.
 */
export const services = (planes: Readonly<Record<string, ControlPlane.Service>>): Layer.Layer<HttpClient.HttpClient> =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.gen(function*() {
      const clients = new Map<string, HttpClient.HttpClient>()
      for (const [name, plane] of Object.entries(planes)) {
        const context = yield* Layer.build(
          Layer.fresh(Layer.provide(Emulator.layerMemory, Layer.succeed(ControlPlane.ControlPlane, plane)))
        )
        clients.set(hostOf(name), Context.get(context, HttpClient.HttpClient))
      }
      return HttpClient.make((request, url) => {
        const client = clients.get(url.origin)
        if (client === undefined) {
          const reason = new HttpClientError.TransportError({ request, description: "connection refused" })
          return Effect.fail(new HttpClientError.HttpClientError({ reason }))
        }
        const isKnown = Object.keys(planes).some((name) =>
          hostOf(name) === url.origin && request.headers["api-key"]?.startsWith(keyOf(name)) === true
        )
        return isKnown
          ? client.execute(request)
          : Effect.succeed(HttpClientResponse.fromWeb(request, new Response("Invalid API key", { status: 401 })))
      })
    })
  )
