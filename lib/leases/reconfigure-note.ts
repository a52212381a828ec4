// What it takes to reconfigure a client (RFC 9915 §18.3.11), kept in the user context of its
// leases, so that it outlives a restart and a partner of the server has it as well:
//
//   { "Whio": { "reconfigure-key": "00112233445566778899aabbccddeeff", "reconfigure-replay": 4711,
//     "reconfigure-path": { "interface": "eth0", "client": "fe80::1" } } }
//
// By the key the client knows that a RECONFIGURE is of its server (§20.4), by the replay value that
// it is none of before. Behind a relay the path has the relay beside the server, and its port.

import { type Ipv6, ipv6FromText, textFromIpv6 } from '../address/ipv6.ts'
import { hexFromOctets, type Octets, octetsFromHex } from '../bytes/octets.ts'
import { contextMembers, type Members, membersOf } from './json-context.ts'
import { utf8Length } from './lease-text.ts'
import { RECORD } from './record.ts'

const MAP = 'Whio'
const KEY = 'reconfigure-key'
const REPLAY = 'reconfigure-replay'
const PATH = 'reconfigure-path'

/** Octets of a key. */
export const RECONFIGURE_KEY_SIZE = 16

export interface ReconfigureNote {
  readonly key: Octets
  /** The highest that this lease tells of; 0 = none. */
  readonly replay: number
  /** As the client was heard last; undefined: not known. */
  readonly path: ReconfigurePath | undefined
}

export interface ReconfigurePath {
  /** The local one. */
  readonly interface: string
  /** Of the client, or of the relay beside the server. */
  readonly address: Ipv6
  /** What the relay listens on; 0: there is none. */
  readonly relayPort: number
}

/** The context with this note; unchanged where it cannot hold it, or has it. */
export function withReconfigureNote(userContext: string, note: ReconfigureNote): string {
  const context = userContext === '' ? {} : contextMembers(userContext)
  if (context === undefined) return userContext
  const { [PATH]: _, ...own } = membersOf(context[MAP]) ?? {}
  const path = note.path === undefined ? {} : { [PATH]: membersOfPath(note.path) }
  const noted = { ...own, [KEY]: hexFromOctets(note.key), [REPLAY]: note.replay, ...path }
  const text = JSON.stringify({ ...context, [MAP]: noted })
  return utf8Length(text) <= RECORD.textMax ? text : userContext
}

function membersOfPath({ interface: name, address, relayPort }: ReconfigurePath): Members {
  const text = textFromIpv6(address)
  if (relayPort === 0) return { interface: name, client: text }
  return { interface: name, relay: text, port: relayPort }
}

/** Undefined where there is no key. */
export function reconfigureNoteOf(userContext: string): ReconfigureNote | undefined {
  if (!userContext.includes(`"${KEY}"`)) return undefined
  const own = membersOf(contextMembers(userContext)?.[MAP])
  const { [KEY]: text, [REPLAY]: replay, [PATH]: path } = own ?? {}
  const key = typeof text === 'string' ? octetsFromHex(text) : undefined
  if (key?.length !== RECONFIGURE_KEY_SIZE) return undefined
  const isValue = Number.isSafeInteger(replay) && (replay as number) > 0
  return { key, replay: isValue ? (replay as number) : 0, path: pathIn(membersOf(path)) }
}

function pathIn(path: Members | undefined): ReconfigurePath | undefined {
  const { interface: name, client, relay, port = 0 } = path ?? {}
  const isOwn = typeof client === 'string'
  const text = isOwn ? client : relay
  if (typeof name !== 'string' || typeof text !== 'string') return undefined
  const address = ipv6FromText(text)
  const isPort =
    isOwn || (Number.isInteger(port) && (port as number) > 0 && (port as number) < 65536)
  if (address === undefined || !isPort) return undefined
  return { interface: name, address, relayPort: isOwn ? 0 : (port as number) }
}
