// Urls of the servers of a pair: http or https, an IP address and a port. What follows the port
// plays no part.

import { ipv4FromText, textFromIpv4 } from '../../address/ipv4.ts'
import { ipv6FromText, textFromIpv6 } from '../../address/ipv6.ts'
import type { HaUrl } from '../plan/ha-plan.ts'

/** The url, secure where its scheme is https; or what is wrong with the text. */
export function haUrlFromText(text: string): HaUrl | string {
  const match = /^(https?):\/\/(\[[^\]]*\]|[^:/?#[\]]*)(?::(\d*))?(?:[/?#].*)?$/i.exec(text.trim())
  if (match === null) return 'is not an http or https url'
  const [, scheme, host, port] = match as unknown as [string, string, string, string | undefined]
  const address = canonicalAddress(host.replace(/^\[(.*)\]$/, '$1'))
  if (address === undefined || address.includes(':') !== host.startsWith('['))
    return `names '${host}', which is not an IP address`
  const number = Number(port ?? 0)
  if (number < 1 || number > 65535) return 'has no port'
  return { text, host: address, port: number, secure: scheme.toLowerCase() === 'https' }
}

/**
 * An IPv4 or IPv6 address in the one form that can be compared; undefined where the text is none.
 */
export function canonicalAddress(text: string): string | undefined {
  const ipv4 = ipv4FromText(text)
  if (ipv4 !== undefined) return textFromIpv4(ipv4)
  const ipv6 = ipv6FromText(text)
  return ipv6 === undefined ? undefined : textFromIpv6(ipv6)
}

/** Every machine has these addresses; `host` is canonical. */
export function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1'
}

/** An address to listen on, but none to call. */
export function isUnspecified(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}
