// In which subnet a client is: what relays and interfaces say, step by step.

import t from 'tap'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import type { Arrival6 } from '../../lib/dhcp6/asked6.ts'
import { clientId, type Hop, iaNa, ip6, ON_LINK, SOLICIT } from './messages6.ts'
import { TestServer6 } from './test-server6.ts'

const pool = (net: number) => ({ pools: [{ pool: `2001:db8:${net}::10 - 2001:db8:${net}::19` }] })

/** Subnets by their ids: what makes each of them the client's. */
const DOCUMENT: Dhcp6Document = {
  'valid-lifetime': 4000,
  'client-classes': [{ name: 'nobody', test: "'a' == 'b'" }],
  subnet6: [
    { id: 1, subnet: '2001:db8:1::/64', interface: 'eth0', ...pool(1) },
    { id: 2, subnet: '2001:db8:2::/64', ...pool(2) },
    { id: 3, subnet: '2001:db8:3::/64', 'interface-id': 'port-3', ...pool(3) },
    {
      id: 4,
      subnet: '2001:db8:4::/64',
      relay: { 'ip-addresses': ['2001:db8:ffff::4'] },
      ...pool(4),
    },
    { id: 5, subnet: '2001:db8:5::/64', relay: { 'ip-addresses': ['fe80::5'] }, ...pool(5) },
    { id: 6, subnet: '2001:db8:6::/64', 'client-classes': ['nobody'], ...pool(6) },
    {
      id: 7,
      subnet: '2001:db8:7::/64',
      relay: { 'ip-addresses': ['2001:db8:ffff::7'] },
      ...pool(7),
    },
  ],
  'shared-networks': [
    {
      name: 'hall',
      'interface-id': 'hall-0',
      relay: { 'ip-addresses': ['2001:db8:ffff::a'] },
      subnet6: [
        { id: 10, subnet: '2001:db8:10::/64', 'client-classes': ['nobody'], ...pool(10) },
        { id: 11, subnet: '2001:db8:11::/64', ...pool(11) },
      ],
    },
    {
      name: 'yard',
      interface: 'eth9',
      subnet6: [{ id: 12, subnet: '2001:db8:12::/64', ...pool(12) }],
    },
  ],
}

interface Row {
  readonly name: string
  readonly hops?: readonly Hop[]
  readonly arrival?: Partial<Arrival6>
  /** `subnet by step`, '' = none. */
  readonly is: string
}

const port = (id: string): Hop => ({ options: [[18, id]] })
const far = { ...ON_LINK.link, name: 'eth7', addresses: ON_LINK.link.addresses.slice(0, 1) }
const relayed = { address: ip6('2001:db8:ffff::99'), to: ip6('2001:db8:1::1') }

const ROWS: readonly Row[] = [
  { name: 'direct: the interface', is: '1 interface' },
  {
    name: 'direct: the source address, where nothing is bound to the interface',
    arrival: { link: far, address: ip6('2001:db8:2::77') },
    is: '2 source-address',
  },
  {
    name: 'direct: the interface goes before the source address',
    arrival: { address: ip6('2001:db8:2::77') },
    is: '1 interface',
  },
  {
    name: 'direct: a prefix of the interface, where nothing else tells',
    arrival: {
      link: {
        ...far,
        addresses: [...far.addresses, { address: ip6('2001:db8:2::1'), length: 64 }],
      },
    },
    is: '2 interface-address',
  },
  { name: 'direct: nothing tells', arrival: { link: far }, is: '' },
  {
    name: 'the interface of a shared network',
    arrival: { link: { ...far, name: 'eth9' } },
    is: '12 interface',
  },
  { name: 'the link-address in a prefix', hops: [{ link: '2001:db8:2::1' }], is: '2 link-address' },
  {
    name: 'relay.ip-addresses',
    hops: [{ link: '2001:db8:ffff::4' }],
    is: '4 relay-named',
  },
  { name: 'the interface-id', hops: [port('port-3')], is: '3 interface-id' },
  {
    name: 'the interface-id goes before the link-address',
    hops: [{ ...port('port-3'), link: '2001:db8:2::1' }],
    is: '3 interface-id',
  },
  {
    name: 'an interface-id that nothing has: the link-address tells',
    hops: [{ ...port('port-99'), link: '2001:db8:2::1' }],
    is: '2 link-address',
  },
  {
    name: 'an interface-id that nothing has, and nothing else',
    hops: [port('port-99')],
    is: '',
  },
  { name: 'an interface-id is compared octet by octet', hops: [port('port-3\0')], is: '' },
  {
    name: 'of two relays the one beside the client names the link',
    hops: [{ link: '2001:db8:4::1', hopCount: 1 }, { link: '2001:db8:2::1' }],
    is: '2 link-address',
  },
  {
    name: 'the relay beside the client names none: the next one outward does',
    hops: [{ link: '2001:db8:2::1', hopCount: 1 }, { link: '::' }],
    is: '2 link-address',
  },
  {
    name: 'a link-local link-address names no link: the next one outward does',
    hops: [{ link: '2001:db8:2::1', hopCount: 1 }, { link: 'fe80::1' }],
    is: '2 link-address',
  },
  {
    name: 'only the interface-id of the relay beside the client counts',
    hops: [{ ...port('port-3'), hopCount: 1 }, { link: '2001:db8:2::1' }],
    is: '2 link-address',
  },
  {
    name: 'a relay that names nothing is like a client on the interface',
    hops: [{}],
    is: '1 interface',
  },
  {
    name: 'dhcrelay: relay.ip-addresses with its link-local address',
    hops: [{ link: 'fe80::5' }],
    arrival: { ...relayed, link: far },
    is: '5 relay-link-local',
  },
  {
    name: 'relay.ip-addresses with the address that the datagram came from',
    hops: [{}],
    arrival: { ...relayed, address: ip6('2001:db8:ffff::7'), link: far },
    is: '7 relay-source',
  },
  {
    name: 'the same behind a link-address that is nowhere',
    hops: [{ link: '2001:db8:eeee::1' }],
    arrival: { ...relayed, address: ip6('2001:db8:ffff::7') },
    is: '7 relay-source',
  },
  {
    name: 'a link-address that is nowhere says more than the interface',
    hops: [{ link: '2001:db8:eeee::1' }],
    is: '',
  },
  {
    name: 'a subnet whose guard leaves the client out is not there',
    hops: [{ link: '2001:db8:6::1' }],
    is: '',
  },
  {
    name: 'a shared network by its interface-id: its first subnet that admits the client',
    hops: [port('hall-0')],
    is: '11 interface-id',
  },
  {
    name: 'a shared network by its relay.ip-addresses',
    hops: [{ link: '2001:db8:ffff::a' }],
    is: '11 relay-named',
  },
  {
    name: 'a subnet of a shared network that leaves the client out stands for those beside it',
    hops: [{ link: '2001:db8:10::1' }],
    is: '11 link-address',
  },
]

t.test('the choice of the subnet', async (t) => {
  for (const { name, hops, arrival, is } of ROWS) {
    const server = new TestServer6(DOCUMENT)
    server.send(SOLICIT, [clientId(), iaNa(1)], hops, arrival)
    const { located, locatedBy } = server.engine.trace
    t.equal(located === undefined ? '' : `${located.id} ${locatedBy}`, is, name)
  }
})

t.test('the DUID of a client where no subnet fits: nothing is offered', async (t) => {
  const server = new TestServer6(DOCUMENT)
  t.equal(server.send(SOLICIT, [clientId(), iaNa(1)], [], { link: far }), 'no-subnet')
})
