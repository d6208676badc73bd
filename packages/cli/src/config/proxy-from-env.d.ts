declare module "proxy-from-env" {
  /** The proxy URL for a URL, from environment variables. Empty if no proxy is used. */
  export function getProxyForUrl(url: string): string
}
