// Option 121, classless static routes (RFC 3442), in Kea's notation `10.0.0.0/8 - 192.0.2.1, …`. On
// the wire a route is the prefix length, as many octets of the prefix as it needs, and the router.

import {
  ipv4FromText,
  maskOfLength,
  prefixFromText,
  textFromIpv4,
  textFromPrefix,
} from '../../address/ipv4.ts'
import { octetsFromUint, uintFromOctets } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'
import type { OptionParse } from './definition.ts'

/** Host bits of a prefix are cleared: RFC 3442 forbids clients to use them anyway. */
export function parseRoutes(routes: readonly string[]): OptionParse {
  let data = ''
  for (const route of routes) {
    const [destination = '', router = '', ...rest] = route.split('-')
    const prefix = prefixFromText(destination.trim())
    const gateway = ipv4FromText(router.trim())
    if (prefix === undefined || gateway === undefined || rest.length > 0)
      return { problem: `'${route}' is not a route such as 10.0.0.0/8 - 192.0.2.1` }
    data += String.fromCharCode(prefix.length)
    data += octetsFromUint(prefix.address, 4).slice(0, Math.ceil(prefix.length / 8))
    data += octetsFromUint(gateway, 4)
  }
  return data === '' ? { problem: 'at least one route is needed' } : { data }
}

/** One text a route, or undefined when the value is malformed. */
export function readRoutes(data: Octets): string[] | undefined {
  const routes: string[] = []
  for (let at = 0; at < data.length; ) {
    const length = data.charCodeAt(at)
    const router = at + 1 + Math.ceil(length / 8)
    if (length > 32 || router + 4 > data.length) return undefined
    const network = uintFromOctets(data.slice(at + 1, router).padEnd(4, '\0'), 0, 4)
    const address = (network & maskOfLength(length)) >>> 0
    const gateway = textFromIpv4(uintFromOctets(data, router, 4))
    routes.push(`${textFromPrefix({ address, length })} - ${gateway}`)
    at = router + 4
  }
  return routes.length === 0 ? undefined : routes
}
