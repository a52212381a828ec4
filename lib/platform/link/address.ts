// Addresses and ports of the link in text: for the log, for urls, for comparing.

import { isIPv6, type Socket, SocketAddress } from 'node:net'
import type { HaUrl } from '../../config/plan/ha-plan.ts'

/** `192.0.2.1:8000`, `[2001:db8::1]:8000`. */
export function endpointText(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}

/** The other end of a connection that may have ended already. */
export function remoteText(socket: Socket): string {
  const { remoteAddress, remotePort } = socket
  if (remoteAddress === undefined || remotePort === undefined) return 'unknown'
  return endpointText(plainAddress(remoteAddress), remotePort)
}

/** An address in the one form in which it compares; IPv4 inside IPv6 becomes IPv4. */
export function plainAddress(text: string): string {
  if (!isIPv6(text)) return text
  const { address } = new SocketAddress({ address: text, family: 'ipv6' })
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

/** Where a WebSocket is asked for. Kea ignores the path of a url, and so is it here. */
export function webSocketUrl(url: HaUrl, isEncrypted: boolean): string {
  return `${isEncrypted ? 'wss' : 'ws'}://${endpointText(url.host, url.port)}/`
}

export function isUnspecified(host: string): boolean {
  return host === '0.0.0.0' || plainAddress(host) === '::'
}

/** What a stranger wrote, made fit for one line of a log. */
export function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 120)
}
