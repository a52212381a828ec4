// The campaign against a whole server of DHCPv6 in the lab: clients that know the protocol, hostile
// ones among them, relays that are none. Whatever comes, nothing fails inside, every reply can be
// read and goes where its query came from, and nothing is promised to two.

import { type Ipv6, ipv6FromText } from '../../lib/address/ipv6.ts'
import { isOverlapping, type Prefix6, textFromPrefix6 } from '../../lib/address/prefix6.ts'
import type { Octets } from '../../lib/bytes/octets.ts'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import { chance, oneOf } from '../../lib/lab/chance.ts'
import { leasesInReply6 } from '../../lib/lab/invariants6.ts'
import { createLab, type Lab } from '../../lib/lab/lab.ts'
import type { Station } from '../../lib/lab/network.ts'
import { ALL_SERVERS_AND_RELAYS, SERVER_PORT6 } from '../../lib/lab/packet6.ts'
import { DUID_AT } from '../../lib/leases/binding.ts'
import type { Reply6 } from '../../lib/ports/datagrams6.ts'
import { MESSAGE_TYPE6 } from '../../lib/wire/v6/codes.ts'
import { decodeReply6, Message6 } from '../../lib/wire/v6/reader.ts'
import { planOf6 } from '../sim/plans.ts'
import { Generator6 } from './generator6.ts'

/** Of a client that does not renew an IA any more, another IA gets what it had. */
function isOneClient(one: Octets, other: Octets): boolean {
  return one.slice(DUID_AT) === other.slice(DUID_AT)
}

export interface Server6Tally {
  readonly replies: Record<number, number>
  readonly dropped: Record<string, number>
  rows: number
  /** What is wrong, with the packet before it in hexadecimal. */
  failure?: string
}

const DOCUMENT: Dhcp6Document = {
  'valid-lifetime': 300,
  'preferred-lifetime': 200,
  'decline-probation-period': 120,
  'option-data': [
    { name: 'dns-servers', data: '2001:db8::53' },
    { name: 'domain-search', data: 'lan.example', 'always-send': true },
  ],
  subnet6: [
    {
      id: 1,
      subnet: '2001:db8:1::/64',
      'rapid-commit': true,
      pools: [{ pool: '2001:db8:1::10 - 2001:db8:1::1f' }],
      'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 56, 'delegated-len': 60 }],
      reservations: [{ duid: '00:03:00:01:02:00:00:00:00:01', 'ip-addresses': ['2001:db8:1::5'] }],
    },
    {
      id: 2,
      subnet: '2001:db8:2::/64',
      relay: { 'ip-addresses': ['2001:db8:2::1'] },
      pools: [{ pool: '2001:db8:2::/80' }],
    },
  ],
}

const ADDRESSES = [
  ...['2001:db8:1::5', '2001:db8:1::10', '2001:db8:1::11', '2001:db8:1::1f', '2001:db8:1::ff'],
  ...['2001:db8:2::1', '2001:db8:2::2', '2001:db8:8000::', '2001:db8:8000:10::', 'fe80::7'],
].map((text) => ipv6FromText(text)!)

interface Promised {
  readonly binding: Octets
  readonly until: number
}

/** `spoil` breaks something in the server: the campaign is tested with it. */
export function fuzzServer6(
  seed: number,
  packets: number,
  spoil: (lab: Lab) => unknown = () => {},
): Server6Tally {
  const draw = chance(seed, 'fuzz6-server')
  const lab = createLab({ plan: planOf6(DOCUMENT), seed })
  const generator = new Generator6(seed, 'server', ADDRESSES)
  const tally: Server6Tally = { replies: {}, dropped: {}, rows: 0 }
  const promised = new Map<Prefix6, Promised>()
  const message = new Message6()
  const found: string[] = []
  let source: Ipv6 = ADDRESSES[0]!

  const judge = ({ bytes, start, end, address, port }: Reply6): void => {
    const trouble = decodeReply6(message, bytes, start, end)
    if (trouble !== undefined) return void found.push(`a reply is ${trouble}`)
    const { type, relays, serverId } = message
    tally.replies[type] = (tally.replies[type] ?? 0) + 1
    if (serverId === '') found.push('a reply has no server identifier')
    if (address !== source) found.push('a reply goes to somebody else')
    if (relays.length === 0 && port !== 546) found.push(`a client hears on port ${port}?`)
    if (message.all(5).length + message.all(26).length > 0 && type !== ADDRESS_REPLY)
      found.push('an address or prefix stands in no IA')
    for (const told of leasesInReply6(bytes, start, end)) promise(told)
    generator.hear(message, bytes.slice(start, end))
  }

  const promise = ({ key, binding, valid }: ReturnType<typeof leasesInReply6>[number]): void => {
    for (const [other, { binding: holder, until }] of promised)
      if (until > lab.now && !isOneClient(holder, binding) && isOverlapping(other, key))
        found.push(`${textFromPrefix6(key)} is promised to two`)
    promised.set(key, { binding, until: lab.now + valid * 1000 })
  }

  const server = lab.server()
  server.onReply6(judge)
  server.onEvent((_, event) => {
    if (event.kind === 'drop') tally.dropped[event.reason] = (tally.dropped[event.reason] ?? 0) + 1
    if (event.kind !== 'lease' || event.family !== 6) return
    if (['released', 'declined', 'superseded'].includes(event.action))
      promised.delete(event.lease.address)
  })
  const stranger: Station = { name: 'x', hwAddress: '', holds: () => false, receive: () => {} }
  const link = lab.link6()
  link.attach(stranger)
  lab.advance(100)
  spoil(lab)
  for (let number = 0; number < packets; number++) {
    source = oneOf(draw, ADDRESSES)
    const bytes = generator.next()
    const destination = ALL_SERVERS_AND_RELAYS
    const ports = { sourcePort: 546, destinationPort: SERVER_PORT6 }
    lab.network.send(link, stranger, { source, destination, ...ports, hwAddress: '', bytes })
    // It is answered before the next one comes.
    lab.advance(draw(400) === 0 ? draw(400_000) : 5)
    const inside = server.log.lines.filter(({ id }) => id === 'INTERNAL_ERROR')
    found.push(
      ...inside.map(({ fields }) => `inside: ${fields.error}`),
      ...lab.invariants.violations,
    )
    if (found.length > 0)
      return { ...tally, failure: `${found.join('\n')}\n${Buffer.from(bytes).toString('hex')}` }
  }
  return { ...tally, rows: lab.rows6().length }
}

const ADDRESS_REPLY = MESSAGE_TYPE6.addressRegistrationReply
