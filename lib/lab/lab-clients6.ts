// Clients of DHCPv6 as a test suite writes them: addresses and identifiers as text.

import { prefix6FromText } from '../address/prefix6.ts'
import type { Octets } from '../bytes/octets.ts'
import { octetsFromHex } from '../bytes/octets.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import { duidLl } from '../wire/v6/duid.ts'
import type { Client6Settings, ClientIa6 } from './client6-settings.ts'
import type { NodeSettings } from './node.ts'

/** An identity association. */
export interface LabIa6 {
  /** `na`: addresses, `pd`: prefixes. */
  readonly kind: 'na' | 'pd'
  /** Default 1. */
  readonly iaid?: number
  /** What it wishes: `2001:db8::20`, `2001:db8:8000::/56`, `::/56` for any of that length. */
  readonly hint?: string
}

type InOctets = 'hwAddress' | 'duid' | 'ias'

export interface LabClient6Settings extends Partial<Omit<Client6Settings, InOctets>> {
  /** `02:00:00:00:00:07`. Default: one that no other client of DHCPv6 has. */
  readonly hwAddress?: string
  /** In hexadecimal. Default: a DUID-LL of its hardware address. */
  readonly duid?: string
  /** Default: one for addresses. Empty: it asks for options only. */
  readonly ias?: readonly LabIa6[]
  /** The subnet, by id, on whose link the client is. Default: the first one. */
  readonly subnet?: number
  readonly name?: string
  readonly node?: NodeSettings
  /** False: the client is there but switched off. Default true. */
  readonly start?: boolean
}

type Machine = Omit<LabClient6Settings, 'subnet' | 'name' | 'node' | 'start'>

/** The `number`th gets 02:06:00:00:00:01 and so on. */
export function machineSettings6(
  { hwAddress, duid, ias, ...rest }: Machine,
  number: number,
): Partial<Client6Settings> {
  const own = `\x02\x06\x00\x00${String.fromCharCode(number >> 8, number & 255)}`
  const hardware: Octets = hwAddress === undefined ? own : octetsFromHex(hwAddress)!
  return {
    hwAddress: hardware,
    duid: duid === undefined ? duidLl(1, hardware) : octetsFromHex(duid)!,
    ...(ias === undefined ? {} : { ias: ias.map(iaOf) }),
    ...rest,
  }
}

function iaOf({ kind, iaid = 1, hint }: LabIa6): ClientIa6 {
  const code = kind === 'na' ? OPTION6.iaNa : OPTION6.iaPd
  return { kind: code, iaid, ...(hint === undefined ? {} : { hint: prefix6FromText(hint)! }) }
}
