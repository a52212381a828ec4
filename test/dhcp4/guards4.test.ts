// Subnets on one link that are for the clients of different servers of a pair: a subnet that does
// not admit the client is passed over, and the next one that fits is taken.

import t from 'tap'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import { client, DISCOVER, ip, kindOf, SERVER, TestServer } from './test-server.ts'

const peer = (number: number, role: 'primary' | 'secondary') => ({
  name: `server${number}`,
  url: `http://192.0.2.${number}:8000/`,
  role,
})
const relationship = {
  'this-server-name': 'server1',
  mode: 'load-balancing' as const,
  peers: [peer(1, 'primary'), peer(2, 'secondary')],
}
const only = (server: number) => ({ 'client-classes': [`HA_server${server}`] })

type Fields = Record<string, unknown>

/** Lone subnets, of different prefixes unless the fields say otherwise. */
function lone(...subnets: Fields[]): Dhcp4Document {
  const subnet4 = subnets.map((fields, index) => ({
    id: index + 1,
    subnet: `10.0.${index + 1}.0/24`,
    pools: [{ pool: `10.0.${index + 1}.10 - 10.0.${index + 1}.19` }],
    ...fields,
  }))
  const parameters = { 'high-availability': [relationship] }
  const hooks = { 'hooks-libraries': [{ library: 'libdhcp_ha.so', parameters }] }
  return { 'interfaces-config': { interfaces: ['eth0'] }, ...hooks, subnet4 } as Dhcp4Document
}

function given(server: TestServer, giaddr = ''): string[] {
  return [0, 1].map((owner) => {
    server.owner = owner
    const fields = giaddr === '' ? {} : { giaddr: ip(giaddr) }
    return server.lease(client(owner + 1, fields))
  })
}

t.test('by the relay', async (t) => {
  const relay = { relay: { 'ip-addresses': ['10.9.9.9'] } }
  const server = new TestServer(lone({ ...relay, ...only(1) }, { ...relay, ...only(2) }))
  t.same(given(server, '10.9.9.9'), ['10.0.1.10', '10.0.2.10'])
  server.owner = 1
  t.equal(kindOf(server.renew(client(2), '10.0.2.10')), 'ack', 'by its own address')
  const behind = new TestServer(
    lone({ ...relay, ...only(1) }, { subnet: '10.9.9.0/24', pools: [] }),
  )
  behind.owner = 1
  t.equal(
    behind.send(DISCOVER, client(1, { giaddr: ip('10.9.9.9') })),
    'no-pool',
    'then by the subnet that the relay is in',
  )
})

t.test('by the interface, then by its address', async (t) => {
  const eth0 = { interface: 'eth0' }
  t.same(given(new TestServer(lone({ ...eth0, ...only(1) }, { ...eth0, ...only(2) }))), [
    '10.0.1.10',
    '10.0.2.10',
  ])
  t.equal(SERVER, ip('192.0.2.1'))
  const around = { subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.19' }] }
  t.same(given(new TestServer(lone({ ...eth0, ...only(1) }, around))), ['10.0.1.10', '192.0.2.10'])
})

t.test('by the prefix: the lowest id that admits', async (t) => {
  const wide = { subnet: '10.0.0.0/16', pools: [{ pool: '10.0.7.10 - 10.0.7.19' }] }
  t.same(given(new TestServer(lone(only(1), wide)), '10.0.1.1'), ['10.0.1.10', '10.0.7.10'])
  const nobody = new TestServer(lone(only(1), { ...wide, ...only(1) }))
  nobody.owner = 1
  t.equal(nobody.send(DISCOVER, client(1, { giaddr: ip('10.0.1.1') })), 'no-subnet')
})

t.test('one with nothing left to it is warned of', async (t) => {
  const said = (...subnets: Fields[]) =>
    loadPlanFromObject({ Dhcp4: lone(...subnets) }, { stateDirectory: '/nowhere' }).problems.filter(
      ({ code }) => code === 'shadowed',
    ).length
  for (const where of [{ interface: 'eth0' }, { relay: { 'ip-addresses': ['10.9.9.9'] } }]) {
    const [first, second, all] = [{ ...where, ...only(1) }, { ...where, ...only(2) }, where]
    t.equal(said(first, second), 0)
    t.equal(said(first, all), 0, 'it has the clients of the other server')
    t.equal(said(first, first), 1)
    t.equal(said(all, first), 1)
    t.equal(said(first, second, first), 1)
    t.equal(said(first, second, second), 1)
  }
})
