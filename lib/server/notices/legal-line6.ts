// A line of the legal log of DHCPv6: who has an address or prefix, or has it no more, and how the
// client is connected. The words are those of Kea.

import { textFromIpv6 } from '../../address/ipv6.ts'
import { ADDRESS_BITS, lengthOf, type Prefix6, textFromPrefix6 } from '../../address/prefix6.ts'
import { hexFromOctets } from '../../bytes/octets.ts'
import { duidOf } from '../../leases/binding.ts'
import type { Lease6 } from '../../leases/lease.ts'
import type { Notice6, QueryNotice6 } from './notice6.ts'
import { contextText, durationText, idsText, LEGAL_WORDS } from './words.ts'

/** Without the time; undefined where nothing is logged. */
export function legalLine6({ former, kind, lease, query }: Notice6): string | undefined {
  const word = LEGAL_WORDS[kind]
  if (word === undefined) return undefined
  const what = whatOf(lease.address)
  if (word === 'released') {
    const holder = former ?? lease
    return `${what} has been released from a device with ${deviceOf(holder, query)}${placeOf(query)}${contextText(holder)}`
  }
  const duration = durationText(lease.validLifetime)
  return `${what} has been assigned for ${duration} to a device with ${deviceOf(lease, query)}${placeOf(query)}${contextText(lease)}`
}

function whatOf(key: Prefix6): string {
  const kind = lengthOf(key) === ADDRESS_BITS ? 'Address' : 'Prefix'
  return `${kind}: ${textFromPrefix6(key)}`
}

/** Where Kea finds hardware addresses, as it calls the places here. */
const SOURCES: Readonly<Record<QueryNotice6['hardware']['source'], string>> = {
  '': 'unknown',
  duid: 'DUID',
  'ipv6-link-local': 'IPv6 Link Local Address',
  'client-link-addr-option': 'Client Link Address Option',
  'remote-id': 'Remote ID Option',
  'docsis-cmts': 'DOCSIS CMTS',
  'docsis-modem': 'DOCSIS Modem',
}

function deviceOf(lease: Lease6, query: QueryNotice6 | undefined): string {
  const duid = `DUID: ${hexFromOctets(duidOf(lease), ':')}`
  const { htype, hwAddress } = lease
  if (hwAddress === '') return duid
  const hardware = query?.hardware
  const isSame = hardware !== undefined && hardware.address === hwAddress
  const from = isSame ? ` (from ${SOURCES[hardware.source]})` : ''
  return `${duid} and hardware address: hwtype=${htype} ${hexFromOctets(hwAddress, ':')}${from}`
}

function placeOf(query: QueryNotice6 | undefined): string {
  const relay = query?.relay
  if (relay === undefined) return ''
  const identified = idsText([
    ['remote-id', relay.remoteId],
    ['subscriber-id', relay.subscriberId],
    ['interface-id', relay.interfaceId],
  ])
  const at = `${textFromIpv6(relay.peerAddress)} for client on link address: ${textFromIpv6(relay.linkAddress)}`
  return ` connected via relay at address: ${at}, hop count: ${relay.hopCount}${identified}`
}
