declare module "proxy-from-env" {
  /** The address of the proxy for an address, by the variables of the environment; empty if there is none. */
  export function getProxyForUrl(url: string): string
}
