// The messages of a DHCPv6 client (RFC 9915 §18.2), and what it throws away of those of a server.

import { octetsFromUint } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'
import { encodeMessage6, iaEntry6, iaOption6, octetsFromCodes } from '../wire/v6/builder.ts'
import { MESSAGE_TYPE6, OPTION6, STATUS6 } from '../wire/v6/codes.ts'
import type { Ia6, Options6 } from '../wire/v6/message.ts'
import type { OptionPair6 } from '../wire/v6/octets6.ts'
import type { Message6 } from '../wire/v6/reader.ts'
import type { Client6Settings, ClientIa6, ClientLease6 } from './client6-settings.ts'

/** What is named in an IA. */
export type Named6 = Pick<ClientLease6, 'kind' | 'iaid' | 'key'>

export interface Asking6 {
  readonly type: number
  readonly xid: number
  /** Hundredths of a second. */
  readonly elapsed: number
  /** '' = none. */
  readonly serverId: Octets
  readonly ias: readonly ClientIa6[]
  readonly named: readonly Named6[]
}

/** What asks for options and says who the client is, beside who and where. */
const WISHING: ReadonlySet<number> = new Set([
  MESSAGE_TYPE6.solicit,
  MESSAGE_TYPE6.request,
  MESSAGE_TYPE6.renew,
  MESSAGE_TYPE6.rebind,
  MESSAGE_TYPE6.informationRequest,
])

/** What names the server that it is for. */
export const TO_ONE_SERVER: ReadonlySet<number> = new Set([
  MESSAGE_TYPE6.request,
  MESSAGE_TYPE6.renew,
  MESSAGE_TYPE6.release,
  MESSAGE_TYPE6.decline,
])

/** What may bring something new. */
export const GETTING: ReadonlySet<number> = new Set([
  MESSAGE_TYPE6.solicit,
  MESSAGE_TYPE6.request,
  MESSAGE_TYPE6.renew,
  MESSAGE_TYPE6.rebind,
])

export function clientMessage6(settings: Client6Settings, asking: Asking6): Uint8Array {
  const { type, xid, elapsed, serverId, ias, named } = asking
  const options: OptionPair6[] = [[OPTION6.clientId, settings.duid]]
  if (serverId !== '') options.push([OPTION6.serverId, serverId])
  options.push([OPTION6.elapsedTime, octetsFromUint(elapsed, 2)])
  if (WISHING.has(type)) options.push(...wishes(settings, type))
  for (const { kind, iaid } of ias) {
    const own = named.filter((one) => one.kind === kind && one.iaid === iaid)
    options.push(
      iaOption6(
        kind,
        iaid,
        own.map(({ key }) => iaEntry6(kind, key)),
      ),
    )
  }
  return encodeMessage6(type, xid, options)
}

function wishes(settings: Client6Settings, type: number): OptionPair6[] {
  const { acceptsReconfigure, requests, hostname, userClass, rapidCommit } = settings
  const options: OptionPair6[] = [[OPTION6.optionRequest, octetsFromCodes(requests)]]
  if (userClass !== '')
    options.push([OPTION6.userClass, octetsFromUint(userClass.length, 2) + userClass])
  if (acceptsReconfigure) options.push([OPTION6.reconfigureAccept, ''])
  if (type === MESSAGE_TYPE6.informationRequest) return options
  if (hostname !== '')
    options.push([OPTION6.fqdn, `\0${String.fromCharCode(hostname.length)}${hostname}`])
  if (rapidCommit && type === MESSAGE_TYPE6.solicit) options.push([OPTION6.rapidCommit, ''])
  return options
}

/** Success where there is no status (RFC 9915 §21.13). */
export function statusOf6(options: Options6): number {
  const value = options.option(OPTION6.statusCode) ?? '\0\0'
  return (value.charCodeAt(0) << 8) | value.charCodeAt(1)
}

/** Why real clients would throw the answer away, or ''. */
export function refusalOf(answer: Message6, asked: Asking6): string {
  const { type, serverId } = asked
  if (answer.serverId === '') return 'it has no server identifier'
  if (serverId !== '' && answer.serverId !== serverId) return 'it is of another server'
  if (answer.has(OPTION6.iaAddress) || answer.has(OPTION6.iaPrefix))
    return 'an address or prefix stands in no IA'
  if (answer.isCut) return 'its last option is cut'
  if (type === MESSAGE_TYPE6.informationRequest && answer.ias.length > 0) return 'it has an IA'
  const isWhole = type === MESSAGE_TYPE6.renew || type === MESSAGE_TYPE6.rebind
  if (isWhole && statusOf6(answer) !== STATUS6.success) return 'all of it has a status'
  const seen = new Set<string>()
  for (const ia of answer.ias) {
    const name = `${ia.kind}/${ia.iaid}`
    if (seen.has(name)) return 'an IA comes twice'
    seen.add(name)
    if (!asked.ias.some(({ kind, iaid }) => kind === ia.kind && iaid === ia.iaid))
      return 'an IA is not its own'
    const why = faultOf(ia)
    if (why !== '') return why
  }
  return ''
}

function faultOf({ t1, t2, entries }: Ia6): string {
  if (t2 > 0 && t1 > t2) return 'T1 is later than T2'
  if (t1 > 0x7fff_ffff || t2 > 0x7fff_ffff) return 'T1 or T2 is negative to some clients'
  const keys = new Set(entries.map(({ key }) => key))
  if (keys.size < entries.length) return 'an IA names something twice'
  if (entries.some(({ preferred, valid }) => preferred > valid))
    return 'a lease is preferred for longer than it is valid'
  // The first one that can be used is the only one to some clients.
  const first = entries.findIndex(({ valid }) => valid > 0)
  const dead = entries.findIndex(({ valid }) => valid === 0)
  return first >= 0 && dead >= 0 && dead < first ? 'what ended stands before what lives' : ''
}
