/**
 * Pages of lists.
 *
 * @since 0.1.0
 */

/**
 * One page of a list.
 *
 * @category models
 * @since 0.1.0
 */
export interface Page<out A> {
  /** The rows, in the order of the service, which promises none. May be empty although more follow. */
  readonly data: ReadonlyArray<A>
  /** The token of the next page, `undefined` on the last one. */
  readonly next: string | undefined
}

/**
 * What a request for one page can say.
 *
 * @category options
 * @since 0.1.0
 */
export interface PageOptions {
  /**
   * How many rows at most, 1 or more. Send it with the first page only: the token remembers it, and
   * the service skips or repeats rows when both are sent. Left out, the service chooses: 10 or 100.
   */
  readonly limit?: number | undefined
  /** The token of the page, from the one before it. Left out, the first page. */
  readonly paginationToken?: string | undefined
}

/**
 * Options of a stream over a list.
 *
 * @category options
 * @since 0.1.0
 */
export interface StreamOptions {
  /**
   * How many rows to ask for at a time, 1 or more. The service may send fewer.
   *
   * @default 100
   */
  readonly pageSize?: number | undefined
  /**
   * How many pages to ask for before anybody wants them, once the first has arrived: with 1, the next page is on
   * its way while this one is worked on. A stream that is left early has asked for that many pages too much. At
   * most 100.
   *
   * @default 0
   */
  readonly prefetch?: number | undefined
  /**
   * Where to begin: the `next` of a page, from an earlier walk. The token remembers the size of the pages, so
   * `pageSize` means nothing then. Left out, the stream begins with the first page: a walk that ended, with a page
   * whose `next` is `undefined`, has nothing to go on from.
   */
  readonly paginationToken?: string | undefined
}
