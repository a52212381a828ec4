// The hardware address of a client, which no message of DHCPv6 says plainly: it is looked for in
// the places that `mac-sources` lists, and the first that has one counts. Where it was found is
// told beside it (explain), since not all places are to be believed alike: the DUID of a host may
// hold the address of another interface, or of one that it has no more.

import { type Ipv6, isLinkLocal } from '../address/ipv6.ts'
import { octetsFromUint, uintFromOctets } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'
import type { MacSource } from '../config/plan/plan6.ts'
import type { ClientIdentity } from '../leases/lease.ts'
import { RECORD } from '../leases/record.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import { hardwareOfDuid, hardwareTypeOfDuid } from '../wire/v6/duid.ts'
import type { Query6 } from '../wire/v6/message.ts'
import { optionAt6 } from '../wire/v6/octets6.ts'
import type { Arrival6 } from './asked6.ts'

export interface Hardware6 {
  /** ARP numbers: 1 is Ethernet; 0 where nothing is known. */
  readonly htype: number
  /** '' = not known. */
  readonly address: Octets
  readonly source: MacSource | ''
}

export const NO_HARDWARE: Hardware6 = { htype: 0, address: '', source: '' }

const HTYPE_ETHERNET = 1
/** The longest hardware address that is believed, as in Kea. */
const ADDRESS_MAX = 20

const CABLE_LABS = 4491
/** Sub-options of Cable Labs: of the CMTS that relays, and of the modem itself. */
const CMTS_MAC = 1026
const MODEM_MAC = 36

export function hardwareOf(
  query: Query6,
  arrival: Arrival6,
  sources: readonly MacSource[],
): Hardware6 {
  for (const source of sources) {
    const found = FINDERS[source](query, arrival)
    if (found === undefined || found.address === '' || found.address.length > ADDRESS_MAX) continue
    return { htype: found.htype, address: found.address, source }
  }
  return NO_HARDWARE
}

/** Leases have one octet for it. */
const HTYPE_MAX = 0xff

/**
 * Who a client with this binding is to leases. A hardware address that they cannot hold, as of
 * InfiniBand, is not kept.
 */
export function identityWith({ htype, address }: Hardware6, clientId: Octets): ClientIdentity {
  const isKept = address.length <= RECORD.hwAddressMax && htype <= HTYPE_MAX
  return { htype: isKept ? htype : 0, hwAddress: isKept ? address : '', clientId }
}

interface Found {
  readonly htype: number
  readonly address: Octets
}

const FINDERS: Readonly<
  Record<MacSource, (query: Query6, arrival: Arrival6) => Found | undefined>
> = {
  'client-link-addr-option': fromLinkLayerOption,
  'ipv6-link-local': fromLinkLocal,
  duid: fromDuid,
  'remote-id': fromRemoteId,
  'docsis-cmts': fromCmts,
  'docsis-modem': (query) => ofCableLabs(query.all(OPTION6.vendorOptions), MODEM_MAC),
}

/** RFC 6939: only the relay that heard the client knows; what the client says itself is nothing. */
function fromLinkLayerOption({ relays }: Query6): Found | undefined {
  const value = relays.at(-1)?.option(OPTION6.clientLinkLayerAddress)
  if (value === undefined || value.length < 2) return undefined
  return { htype: uintFromOctets(value, 0, 2), address: value.slice(2) }
}

function fromLinkLocal({ relays }: Query6, arrival: Arrival6): Found | undefined {
  const address = relays.at(-1)?.peerAddress ?? arrival.address
  if (!isLinkLocal(address)) return undefined
  const mac = macOfInterfaceId(address)
  return mac === '' ? undefined : ethernet(mac)
}

/**
 * RFC 4291 appendix A: ff:fe in the middle, the bit of local addresses turned; '' = none. Kea takes
 * no address of which that bit says that it is local, but those of virtual machines are.
 */
function macOfInterfaceId(address: Ipv6): Octets {
  if (!address.startsWith('\xff\xfe', 11)) return ''
  const first = address.charCodeAt(8)
  const isGroup = (first & 1) !== 0
  if (isGroup) return ''
  return octetsFromUint(first ^ 2, 1) + address.slice(9, 11) + address.slice(13)
}

function fromDuid({ clientId }: Query6): Found | undefined {
  return { htype: hardwareTypeOfDuid(clientId), address: hardwareOfDuid(clientId) }
}

/** RFC 4649: what stands behind the number of the enterprise. */
function fromRemoteId({ relays }: Query6): Found | undefined {
  const value = relays.at(-1)?.option(OPTION6.remoteId)
  return value === undefined ? undefined : ethernet(value.slice(4))
}

/** The relay nearest the client that says it. */
function fromCmts({ relays }: Query6): Found | undefined {
  for (let at = relays.length - 1; at >= 0; at--) {
    const found = ofCableLabs(relays[at]!.all(OPTION6.vendorOptions), CMTS_MAC)
    if (found !== undefined) return found
  }
  return undefined
}

function ofCableLabs(vendorOptions: readonly Octets[], code: number): Found | undefined {
  for (const value of vendorOptions) {
    if (value.length < 4 || uintFromOctets(value, 0, 4) !== CABLE_LABS) continue
    const at = optionAt6(value, 4, code)
    if (at >= 0) return ethernet(value.slice(at, at + uintFromOctets(value, at - 2, 2)))
  }
  return undefined
}

function ethernet(address: Octets): Found {
  return { htype: HTYPE_ETHERNET, address }
}
