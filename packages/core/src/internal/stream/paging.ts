import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Page, PageOptions, StreamOptions } from "../../Page.ts"
import * as PineconeError from "../../PineconeError.ts"
import * as OptionNames from "../option-names.ts"
import * as Recent from "../recent.ts"
import type * as Step from "./step.ts"

/** What the contract calls the parameters of a page. */
interface PageQuery {
  readonly limit?: number
  readonly paginationToken?: string
}

/** What the contract calls a page. */
interface Envelope<A> {
  readonly data?: ReadonlyArray<A> | null
  readonly pagination?: { readonly next?: string | null } | null
}

/** Only what was asked for: the service takes the presence of a parameter for a wish. */
const toQuery = ({ limit, paginationToken }: PageOptions = {}): PageQuery => ({
  ...(limit !== undefined && { limit }),
  ...(paginationToken !== undefined && { paginationToken })
})

/** The service says in three ways that there is no next page: no `pagination`, a null one, one without a token. */
const fromEnvelope = <A>(envelope: Envelope<A>): Page<A> => ({
  data: envelope.data ?? [],
  next: envelope.pagination?.next || undefined
})

/** Whoever reads a stream has said how long its pages are. */
const asWritten = OptionNames.renamed({ limit: "pageSize" })

/** The ways through a list, from one way to ask for a page. */
export const pages =
  <A>(operation: string, id: (row: A) => string) =>
  <Of>(fetch: (of: Of, query: PageQuery) => Effect.Effect<Envelope<A>, PineconeError.PineconeError>) => {
    const page = (of: Of, options?: PageOptions) => Effect.map(fetch(of, toQuery(options)), fromEnvelope)
    const walkOf = <B>(toElements: (page: Page<A>) => ReadonlyArray<B>) => {
      const start = (of: Of, options: StreamOptions = {}) =>
        walk({ ...options, operation, fetch: (options) => asWritten(page(of, options)), id, toElements })
      const stream = (of: Of, options?: StreamOptions): Stream.Stream<B, PineconeError.ListError> =>
        Stream.suspend(() => {
          const { prefetch = 0 } = options ?? {}
          if (!Number.isInteger(prefetch) || prefetch < 0 || prefetch > maxPrefetch) {
            const problem = `must be a whole number from 0 to ${maxPrefetch}`
            return Stream.fail(PineconeError.invalidInput(operation, "prefetch", problem))
          }
          return Stream.paginate<Step.Step<B, PineconeError.ListError>, B, PineconeError.ListError>(
            start(of, options),
            ({ run }) => run
          ).pipe(ahead(prefetch))
        })
      return { start, stream }
    }
    const ofPages = walkOf((page) => [page])
    return { page, steps: ofPages.start, pages: ofPages.stream, stream: walkOf(({ data }) => data).stream }
  }

const recentIds = 2_000
const maxFruitlessPages = 100
const maxPrefetch = 100

/**
 * The way through a paginated list, from its first page on. Each step is one page.
 *
 * - `limit` goes with the first page only; the token carries it from there.
 * - An empty page with a token goes on. A token that was there before, and a hundred pages in a row
 *   without a new row, end the list with `PaginationLoop` after what did arrive.
 * - Paging is by offset, so rows shift when others are added or removed meanwhile. A row that comes again is dropped
 *   if it is one of the first page, which may have no token, or of the last 2,000.
 * - Memory grows with the tokens, one a page, and not with the rows.
 */
const walk = <A, B>(
  { fetch, id, operation, pageSize = 100, paginationToken, toElements }: StreamOptions & {
    readonly operation: string
    readonly fetch: (page: PageOptions) => Effect.Effect<Page<A>, PineconeError.PineconeError>
    readonly id: (row: A) => string
    readonly toElements: (page: Page<A>) => ReadonlyArray<B>
  }
): Step.Step<B, PineconeError.ListError> => {
  const ids = Recent.make(recentIds)
  const tokens = new Set<string>()
  if (paginationToken !== undefined) tokens.add(paginationToken)
  let pages = 0
  let fruitless = 0

  const step = (page: PageOptions): Step.Step<B, PineconeError.ListError> => ({
    run: Effect.map(fetch(page), ({ data, next }) => {
      const fresh = data.filter((row) => ids.add(id(row)))
      if (pages === 0) ids.pin(data.map(id))
      const elements = toElements({ data: fresh, next })
      pages++
      fruitless = fresh.length === 0 ? fruitless + 1 : 0
      if (next === undefined) return [elements, Option.none()] as const
      const isLoop = tokens.has(next) || fruitless >= maxFruitlessPages
      tokens.add(next)
      return [elements, Option.some(isLoop ? loop(pages) : step({ paginationToken: next }))] as const
    })
  })

  const loop = (pages: number): Step.Step<B, PineconeError.ListError> => ({
    run: Effect.fail(
      new PineconeError.PaginationLoop({
        operation,
        message: `The pages do not end: page ${pages} leads back to an earlier one or on to nothing new`,
        pages
      })
    )
  })

  return step(paginationToken === undefined ? { limit: pageSize } : { paginationToken })
}

/** Pulls up to `count` times ahead of whoever pulls, one after the other, once the first pull has succeeded. */
const ahead = (count: number) => <A, E>(self: Stream.Stream<A, E>): Stream.Stream<A, E> =>
  count === 0 ? self : Stream.transformPull(self, (pull, scope) =>
    Effect.sync(() => {
      const pulls: Array<Fiber.Fiber<Effect.Success<typeof pull>, Effect.Error<typeof pull>>> = []
      // A pull that fails fails those that wait for it.
      const pullLater = Effect.suspend(() => {
        const last = pulls.at(-1)
        return Effect.forkIn(last === undefined ? pull : Effect.andThen(Fiber.join(last), pull), scope)
      }).pipe(Effect.map((fiber) => void pulls.push(fiber)))
      return Effect.suspend(() => {
        const first = pulls[0]
        // It is taken away when it has arrived: whoever stops waiting for it may come back.
        return first === undefined ? pull : Effect.tap(Fiber.join(first), () => Effect.sync(() => pulls.shift()))
      }).pipe(Effect.tap(() => Effect.forEach(Array.from({ length: count - pulls.length }), () => pullLater)))
    }))
