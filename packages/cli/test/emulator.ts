import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as ControlPlane from "@pinecone-backups/testing/ControlPlane"
import * as Emulator from "@pinecone-backups/testing/Emulator"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import { createServer } from "node:http"

/** A simulated service on a port of this machine, for as long as the test runs. */
export const emulate = (options: ControlPlane.Options) =>
  Effect.gen(function*() {
    const context = yield* Layer.build(
      Emulator.layerServer.pipe(
        Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 })),
        Layer.provideMerge(ControlPlane.layer(options))
      )
    )
    const { address } = Context.get(context, HttpServer.HttpServer)
    return {
      host: `http://127.0.0.1:${"port" in address ? address.port : 0}`,
      plane: Context.get(context, ControlPlane.ControlPlane)
    }
  })
