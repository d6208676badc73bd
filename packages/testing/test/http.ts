import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import { createServer, type IncomingHttpHeaders, request } from "node:http"

/** An emulator on a port of this machine. */
export const ServerTest = Emulator.layerServer.pipe(
  Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 }))
)

/** Address of the server. */
export const port = Effect.map(HttpServer.HttpServer, ({ address }) => "port" in address ? address.port : 0)

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Sends a raw request, which clients would normalize. */
export const sendRaw = (options: {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | undefined
}) =>
  Effect.flatMap(port, (port) =>
    Effect.callback<Answer, Error>((resume) => {
      const sent = request({
        host: "127.0.0.1",
        port,
        method: options.method ?? "GET",
        path: options.path,
        headers: { "api-key": "any", "x-pinecone-api-version": "2026-07", ...options.headers },
        agent: false
      }, (response) => {
        const chunks: Array<Buffer> = []
        response.on("data", (chunk: Buffer) => chunks.push(chunk))
        response.on("end", () =>
          resume(Effect.succeed({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString("utf8")
          })))
        response.on("error", (error) => resume(Effect.fail(error)))
      })
      sent.on("error", (error) => resume(Effect.fail(error)))
      sent.end(options.body)
      return Effect.sync(() => sent.destroy())
    }))
