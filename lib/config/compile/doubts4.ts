// What a file may say and can hardly mean: Kea takes all of it, or takes it for something else, and nobody notices
// before clients do. Each is a warning; what cannot be served at all is an error where it is compiled.

import {
  ipv4FromText,
  prefixFromText,
  rangeContains,
  rangeOfPrefix,
  textFromIpv4,
  textFromPrefix,
} from '../../address/ipv4.ts'
import { uintFromOctets } from '../../bytes/cursor.ts'
import { OPTION4 } from '../../wire/v4/codes.ts'
import type { Dhcp4Document, ReservationDocument, SubnetDocument } from '../keys/document4.ts'
import { UNGUARDED } from '../plan/ha-plan.ts'
import type { Subnet4 } from '../plan/plan4.ts'
import { formatPath, type Path, type Problems } from '../text/problem.ts'
import { identifierFromText } from './reservations.ts'

/** `places`: where each subnet stands in the document. */
export function warnOfDoubts(
  document: Dhcp4Document,
  places: ReadonlyMap<Subnet4, Path>,
  problems: Problems,
): void {
  for (const [subnet, path] of places) {
    const written = documentAt(document, path)
    if (written === undefined) continue
    warnOfHostBits(written.subnet, [...path, 'subnet'], problems)
    for (const [index, { pool }] of (written.pools ?? []).entries())
      warnOfHostBits(pool, [...path, 'pools', index, 'pool'], problems)
    for (const [index, reservation] of (written.reservations ?? []).entries())
      warnOfReservation(reservation, subnet, [...path, 'reservations', index], problems)
    warnOfRouters(subnet, written, path, problems)
  }
  for (const [index, reservation] of (document.reservations ?? []).entries())
    warnOfHardware(reservation, ['Dhcp4', 'reservations', index], problems)
  warnOfOverlaps([...places], problems)
}

/** Below Dhcp4, which the path begins with. */
function documentAt(document: Dhcp4Document, path: Path): SubnetDocument | undefined {
  let found: unknown = document
  for (const step of path.slice(1)) found = (found as Record<string | number, unknown>)?.[step]
  return found as SubnetDocument | undefined
}

function warnOfHostBits(text: string, path: Path, problems: Problems): void {
  const prefix = prefixFromText(text.trim())
  const address = ipv4FromText(text.split('/', 1)[0]!.trim())
  if (prefix === undefined || address === undefined || address === prefix.address) return
  const message = `${text.trim()} has host bits`
  problems.warning(path, 'host-bits', message, `taken for ${textFromPrefix(prefix)}`)
}

function warnOfReservation(
  reservation: ReservationDocument,
  { prefix }: Subnet4,
  path: Path,
  problems: Problems,
): void {
  warnOfHardware(reservation, path, problems)
  const address = ipv4FromText(reservation['ip-address']?.trim() ?? '')
  if (address === undefined || prefix.length > 30) return
  const { first, last } = rangeOfPrefix(prefix)
  if (address !== first && address !== last) return
  const which = address === first ? 'network' : 'broadcast'
  const message = `${textFromIpv4(address)} is the ${which} address of ${textFromPrefix(prefix)}`
  problems.warning([...path, 'ip-address'], 'reservation-edge', message, 'no host can use it')
}

/** Octets of hardware addresses that clients of DHCPv4 have: of Ethernet and Wi-Fi, EUI-64, InfiniBand's. */
const HARDWARE_LENGTHS: ReadonlySet<number> = new Set([6, 8, 16])
const LENGTH_MAX = 16

function warnOfHardware(reservation: ReservationDocument, path: Path, problems: Problems): void {
  const text = reservation['hw-address']
  const length = identifierFromText(text ?? '')?.length ?? 0
  // What is longer, or stands beside another identifier, is an error of its own.
  if (text === undefined || length > LENGTH_MAX || reservation['client-id'] !== undefined) return
  if (length === 0 || HARDWARE_LENGTHS.has(length)) return
  const message = `'${text}' has ${length} octet${length === 1 ? '' : 's'}`
  problems.warning([...path, 'hw-address'], 'hw-address', message, 'that of an Ethernet card has 6')
}

/** The first one counts: a client uses the others only when that does not answer. */
function warnOfRouters(
  subnet: Subnet4,
  written: SubnetDocument,
  path: Path,
  problems: Problems,
): void {
  const data = subnet.options.values.get(OPTION4.routers)?.data ?? ''
  if (data.length < 4) return
  const router = uintFromOctets(data, 0, 4)
  const link = subnet.network?.subnets ?? [subnet]
  const isOnLink = [subnet, ...link].some(({ prefix }) =>
    rangeContains(rangeOfPrefix(prefix), router),
  )
  // 0.0.0.0 has a meaning of its own.
  if (isOnLink || router === 0) return
  const own = (written['option-data'] ?? []).findIndex(
    ({ name, code }) => name === 'routers' || code === OPTION4.routers,
  )
  const at = own < 0 ? [...path, 'subnet'] : [...path, 'option-data', own, 'data']
  const message = `clients get the router ${textFromIpv4(router)}, which is not in ${subnet.text}`
  problems.warning(at, 'router-outside', message, 'they cannot reach it, unless a route says how')
}

/** One warning for each subnet that lies within another one, for clients of the same server. */
function warnOfOverlaps(places: [Subnet4, Path][], problems: Problems): void {
  const inOrder = places.sort(
    ([a], [b]) => a.prefix.address - b.prefix.address || a.prefix.length - b.prefix.length,
  )
  const around: (readonly [Subnet4, Path])[] = []
  for (const place of inOrder) {
    const [subnet, path] = place
    while (around.length > 0 && !holds(around.at(-1)![0], subnet)) around.pop()
    const outer = around.findLast(([other]) => (guardOf(other) & guardOf(subnet)) !== 0)
    around.push(place)
    if (outer === undefined || outer[0].text === subnet.text) continue
    const message = `${subnet.text} lies within ${outer[0].text}`
    const hint = `${formatPath(outer[1].slice(1))}; a client is looked up in the one of the lower id first`
    problems.warning([...path, 'subnet'], 'subnet-overlap', message, hint)
  }
}

function holds({ prefix }: Subnet4, inner: Subnet4): boolean {
  return rangeContains(rangeOfPrefix(prefix), inner.prefix.address)
}

function guardOf({ guard, network }: Subnet4): number {
  return guard & (network?.guard ?? UNGUARDED)
}
