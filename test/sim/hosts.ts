// In some worlds two or three clients are one host, as a laptop with several cards: its reservation
// lists what each of them is known by.

import type { Dhcp4Document, SubnetDocument } from '../../lib/config/keys/document4.ts'
import { chance, happens, oneOf } from '../../lib/lab/chance.ts'
import type { LabClientSettings } from '../../lib/lab/lab.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { hardwareOf } from './documents.ts'

/** With its own chance: what else a seed decides stays as it is. A reload changes it, too. */
export function withHosts<Document extends Partial<Dhcp4Document>>(
  seed: number,
  documents: readonly Document[],
  clients: readonly LabClientSettings[],
): Document[] {
  const draw = chance(seed, 'hosts')
  if (!happens(draw, 0.4)) return [...documents]
  return documents.map((document) =>
    document.subnet4 === undefined || happens(draw, 0.2)
      ? document
      : { ...document, subnet4: document.subnet4.map((one) => withHost(draw, one, clients)) },
  )
}

/** Beside what is reserved; the address is at the beginning of the pool, or outside. */
function withHost(
  draw: Draw,
  subnet: SubnetDocument,
  clients: readonly LabClientSettings[],
): SubnetDocument {
  const reservations = subnet.reservations ?? []
  const known = new Set(reservations.map((one) => one['hw-address']))
  const cards = clients
    .map(({ clientId }, index) => ({ mac: hardwareOf(index), clientId }))
    .filter(({ mac }) => !known.has(mac))
  const first = draw(Math.max(1, cards.length))
  const own = [...cards.slice(first), ...cards.slice(0, first)].slice(0, oneOf(draw, [2, 2, 3]))
  if (own.length < 2) return subnet
  const identifiers = own.map(({ mac, clientId }) =>
    clientId !== undefined && happens(draw, 0.5)
      ? { 'client-id': clientId }
      : { 'hw-address': mac },
  )
  const net = subnet.subnet.replace(/\.\d+\/\d+$/, '')
  const address = `${net}.${oneOf(draw, [51, 101, 101])}`
  return { ...subnet, reservations: [...reservations, { identifiers, 'ip-address': address }] }
}
