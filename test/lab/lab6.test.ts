// The lab with DHCPv6: the real server, simulated clients, relays, disks and links.

import t from 'tap'
import { ipv6FromText } from '../../lib/address/ipv6.ts'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import { createLab, type Lab } from '../../lib/lab/lab.ts'
import { createPair } from '../../lib/lab/pair.ts'
import { VirtualRelay6 } from '../../lib/lab/relay6.ts'
import { onePool, planOf6, planOfBoth } from '../sim/plans.ts'

const POOL = '2001:db8:1::10 - 2001:db8:1::19'

/** One subnet on a link, with prefixes to delegate, and one behind a relay. */
function document(more: Partial<Dhcp6Document> = {}): Dhcp6Document {
  return {
    'valid-lifetime': 600,
    'preferred-lifetime': 400,
    'option-data': [{ name: 'dns-servers', data: '2001:db8::53' }],
    subnet6: [
      {
        id: 1,
        subnet: '2001:db8:1::/64',
        pools: [{ pool: POOL }],
        'pd-pools': [{ prefix: '2001:db8:8000::', 'prefix-len': 48, 'delegated-len': 56 }],
      },
      {
        id: 2,
        subnet: '2001:db8:2::/64',
        relay: { 'ip-addresses': ['2001:db8:2::1'] },
        pools: [{ pool: '2001:db8:2::/80' }],
      },
    ],
    ...more,
  }
}

function whole(lab: Lab): void {
  t.same(lab.invariants.violations, [])
}

t.test('clients get addresses, prefixes or options, on the link and behind a relay', async (t) => {
  const lab = createLab({
    plan: planOf6(document()),
    clients6: [
      {},
      { ias: [{ kind: 'na' }, { kind: 'pd', hint: '::/56' }] },
      {
        ias: [
          { kind: 'na', iaid: 1 },
          { kind: 'na', iaid: 2 },
        ],
      },
      { ias: [] },
      { subnet: 2 },
      { rapidCommit: true },
    ],
  })
  t.ok(lab.settle())
  t.equal(lab.client6(0).addresses.length, 1)
  t.match(lab.client6(1).addresses, [/^2001:db8:1::1/, /^2001:db8:8000:.*\/56$/])
  t.equal(new Set(lab.client6(2).addresses).size, 2)
  t.equal(lab.client6(3).state, 'informed')
  t.match(lab.client6(4).addresses, [/^2001:db8:2:/])
  t.equal(lab.rows6().length, 7)
  lab.advance(3_600_000)
  t.equal(lab.rows6().length, 7, 'they are renewed')
  t.ok(lab.invariants.v6.counters.exclusive > 50)
  t.ok(lab.invariants.v6.counters.prefixes > 10)
  whole(lab)
})

t.test('what a server has given it knows after a crash, and after many', async (t) => {
  const lab = createLab({
    plan: planOf6(document()),
    clients6: [{ ias: [{ kind: 'na' }, { kind: 'pd' }] }, { subnet: 2 }],
  })
  t.ok(lab.settle())
  const before = lab.clients6.map(({ addresses }) => addresses)
  for (let crash = 0; crash < 5; crash++) {
    lab.restart()
    lab.advance(700_000)
  }
  t.same(
    lab.clients6.map(({ addresses }) => addresses),
    before,
  )
  whole(lab)
})

t.test('a client that comes back has what it had, and elsewhere something else', async (t) => {
  const lab = createLab({
    plan: planOf6(document()),
    clients6: [{}, { ias: [{ kind: 'na' }, { kind: 'pd' }] }],
  })
  t.ok(lab.settle())
  const before = lab.clients6.map(({ addresses }) => addresses)
  for (const client of lab.clients6) {
    client.stop()
    lab.advance(1000)
    client.start()
  }
  lab.advance(10_000)
  t.same(
    lab.clients6.map(({ addresses, state }) => [state, addresses]),
    before.map((addresses) => ['bound', addresses]),
  )
  lab.client6(0).move(lab.link6(2))
  t.ok(
    lab.world.advanceUntil(
      () => lab.client6(0).addresses.some((a) => a.startsWith('2001:db8:2:')),
      60_000,
    ),
  )
  whole(lab)
})

t.test('what is given back can be had by others, what is declined cannot', async (t) => {
  const one = {
    subnet6: [{ id: 1, subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::10/128' }] }],
  }
  const lab = createLab({ plan: planOf6(document(one)), clients6: [{}, { start: false }] })
  t.ok(lab.settle())
  t.same(lab.client6(0).addresses, ['2001:db8:1::10'])
  lab.advance(20_000)
  lab.client6(0).release()
  lab.advance(1000)
  lab.client6(1).start()
  lab.advance(60_000)
  t.same(lab.client6(1).addresses, ['2001:db8:1::10'])
  lab.client6(1).decline()
  lab.client6(0).start()
  lab.advance(3_600_000)
  t.same([lab.client6(0).addresses, lab.client6(1).addresses], [[], []])
  whole(lab)
})

t.test('both families at once', async (t) => {
  const v4 = onePool('192.0.2.10 - 192.0.2.19', 600)
  t.equal(v4.dhcp6, undefined)
  const plan = planOfBoth(
    {
      'valid-lifetime': 600,
      subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.19' }] }],
    },
    document(),
  )
  const lab = createLab({ plan, clients: 3, clients6: 3 })
  t.ok(lab.settle())
  lab.restart()
  lab.advance(1_000_000)
  t.same([lab.rows().length, lab.rows6().length], [3, 3])
  t.ok(lab.isSettled)
  whole(lab)
})

t.test('a pair: prefixes that are at home at one server reach clients of the other', async (t) => {
  const [first] = document().subnet6!
  const lab = createPair({ dhcp6: document({ subnet6: [first!] }) })
  t.ok(lab.reachNormal())
  for (let count = 0; count < 12; count++) lab.addClient6({ ias: [{ kind: 'pd' }] })
  t.ok(lab.settle(), 'all of them within two minutes')
  t.ok(lab.invariants.pair.counters.both >= 12, 'and both servers knew of each')
  t.equal(lab.rows6(0).length, lab.rows6(1).length)
  whole(lab)
})

t.test('a pair: clients of a server that dies keep what they have', async (t) => {
  const lab = createPair({ dhcp6: document(), clients: 2, clients6: 8 })
  t.ok(lab.reachNormal())
  t.ok(lab.settle())
  const before = lab.clients6.map(({ addresses }) => addresses)
  lab.crash(0)
  lab.advance(2_000_000)
  t.same(
    lab.clients6.map(({ addresses }) => addresses),
    before,
  )
  lab.start(0)
  t.ok(lab.reachNormal())
  lab.advance(1_000_000)
  t.same(lab.invariants.pair.differences(), [])
  t.same(
    lab.clients6.map(({ addresses }) => addresses),
    before,
  )
  whole(lab)
})

t.test(
  'a client behind two relays, of which the inner one has no address on its link',
  async (t) => {
    const lab = createLab({
      plan: planOf6({
        'valid-lifetime': 600,
        subnet6: [
          { id: 1, subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::/80' }] },
          {
            id: 2,
            subnet: '2001:db8:2::/64',
            'interface-id': 'port 7',
            pools: [{ pool: '2001:db8:2::/80' }],
          },
        ],
      }),
    })
    const [one] = lab.topology6.interfaces[0]!
    const server = ipv6FromText(one!.addresses[0]!.split('/')[0]!)!
    const middle = lab.network.link('between the relays')
    const edge = lab.network.link('behind both')
    const outer = ipv6FromText('2001:db8:aaaa::1')!
    new VirtualRelay6('outer', middle, {
      linkAddress: ipv6FromText('::')!,
      address: outer,
      servers: [server],
    })
    new VirtualRelay6('inner', edge, {
      linkAddress: ipv6FromText('::')!,
      address: ipv6FromText('2001:db8:aaaa::2')!,
      servers: [outer],
      interfaceId: 'port 7',
      saysHardware: true,
    })
    const client = lab.addClient6({ start: false })
    client.move(edge)
    t.ok(lab.world.advanceUntil(() => client.isBound, 60_000))
    t.match(client.addresses, [/^2001:db8:2:/])
    lab.advance(2_000_000)
    t.equal(client.isBound, true, 'and is renewed')
    t.same(lab.rows6()[0]?.hwAddress, client.machine.settings.hwAddress)
    whole(lab)
  },
)
