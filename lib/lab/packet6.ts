// What the clients and relays of the lab know of DHCPv6 beside the codec, and a message as one line
// of a trace: `RENEW 00:03:00:01:02:… xid 1a2b IA_NA 1 2001:db8::7`.

import { type Ipv6, ipv6FromText } from '../address/ipv6.ts'
import { textFromPrefix6 } from '../address/prefix6.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../wire/v6/codes.ts'
import { textFromDuid } from '../wire/v6/duid.ts'
import { decode6, decodeReply6, Message6 } from '../wire/v6/reader.ts'

/** Where clients listen, and servers and relays (RFC 9915 §7.2). */
export const CLIENT_PORT6 = 546
export const SERVER_PORT6 = 547

/** All servers and relays of a link (RFC 9915 §7.1). */
export const ALL_SERVERS_AND_RELAYS: Ipv6 = ipv6FromText('ff02::1:2')!

/** The message in a datagram, whichever way it goes; undefined where it is none. */
export function messageFromBytes6(
  bytes: Uint8Array,
  start = 0,
  end = bytes.length,
): Message6 | undefined {
  const message = new Message6()
  if (decode6(message, bytes, start, end) === undefined) return message
  return decodeReply6(message, bytes, start, end) === undefined ? message : undefined
}

/** One line for a trace. */
export function describe6(bytes: Uint8Array): string {
  const message = messageFromBytes6(bytes)
  if (message === undefined) return `${bytes.length} bytes`
  const { type, relays, clientId, ias } = message
  const parts = [...relays.map(() => 'relayed'), nameOf(type), textFromDuid(clientId)]
  parts.push(`xid ${message.xid.toString(16)}`)
  for (const { kind, iaid, entries } of ias) {
    parts.push(`${kind === OPTION6.iaNa ? 'IA_NA' : 'IA_PD'} ${iaid}`)
    for (const { key, valid } of entries) parts.push(`${textFromPrefix6(key)} for ${valid} s`)
  }
  return parts.join(' ')
}

function nameOf(type: number): string {
  const name = Object.entries(MESSAGE_TYPE6).find(([, number]) => number === type)?.[0]
  return name?.replace(/[A-Z]/g, '-$&').toUpperCase() ?? `type ${type}`
}
