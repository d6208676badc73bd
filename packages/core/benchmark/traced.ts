/** This library with a tracer: spans of requests are children of the program's span, and all spans are kept. */
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Tracer from "effect/Tracer"
import type { Contender } from "./contender.ts"
import { makeWith } from "./library.ts"

/** Batch size of typical exporters. */
const batchSize = 512

class RecordedSpan extends Tracer.NativeSpan {
  static batch: Array<Tracer.Span> = []

  override end(...args: Parameters<Tracer.NativeSpan["end"]>): void {
    super.end(...args)
    if (RecordedSpan.batch.push(this) === batchSize) RecordedSpan.batch = []
  }
}

const tracer = Tracer.make({ span: (options) => new RecordedSpan(options) })

export const make = (host: string): Contender =>
  makeWith(
    host,
    FetchHttpClient.layer,
    (program) => program.pipe(Effect.withSpan("benchmark"), Effect.withTracer(tracer))
  )
