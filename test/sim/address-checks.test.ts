// Hosts that have an address of the pool without a lease, on simulated networks: what clients of a
// server, of a pair, and behind a relay are given.

import t from 'tap'
import { ipv4FromText, textFromIpv4 } from '../../lib/address/ipv4.ts'
import { createLab } from '../../lib/lab/lab.ts'
import { createPair } from '../../lib/lab/pair.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { bind, bindAt, both, FOUR, HOUR, only, poolOf, S1, S2, stage, X } from './pair-stage.ts'
import { planOf } from './plans.ts'

const LIBRARY = { library: 'libdhcp_ping_check.so', parameters: {} }
const CHECKED = { 'hooks-libraries': [LIBRARY] }
const SECOND = 1000

/** Two addresses, each of which the next client might get. */
const SMALL = {
  ...CHECKED,
  'valid-lifetime': 600,
  'decline-probation-period': 120,
  subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.11' }] }],
}

t.test(
  'a client gets the next address, and the first one is free again when its time is over',
  async (t) => {
    const off = { startDelayMax: 0, start: false }
    const lab = createLab({ plan: planOf(SMALL), clients: [off, off] })
    const host = lab.addHost({ address: '192.0.2.10' })
    lab.client(0).start()
    lab.advance(5 * SECOND)
    t.equal(lab.client(0).address, '192.0.2.11')
    t.match(lab.leases()[0], { address: '192.0.2.10', state: 'declined', hwAddress: '' })
    lab.client(1).start()
    lab.advance(60 * SECOND)
    t.equal(lab.client(1).address, '')
    host.leave()
    lab.advance(240 * SECOND)
    t.equal(lab.client(1).address, '192.0.2.10')
    t.same(lab.invariants.violations, [])
  },
)

t.test('a host beyond a relay answers a ping', async (t) => {
  const relay = { 'ip-addresses': ['192.0.2.1'] }
  const plan = planOf({ ...SMALL, subnet4: [{ ...SMALL.subnet4[0]!, relay }] })
  const lab = createLab({ plan, clients: [{ startDelayMax: 0 }] })
  lab.addHost({ address: '192.0.2.10' })
  t.ok(lab.settle())
  t.equal(lab.client(0).address, '192.0.2.11')
})

// Rules 3a and 5a of lib/ha/README.md.
t.test(
  'in a pair, the partner knows that an address is in use, and gives it to nobody',
  async (t) => {
    const lab = createPair(stage(poolOf(FOUR, HOUR, CHECKED)))
    t.ok(lab.reachNormal())
    const [a, b] = both(lab)
    lab.addHost({ address: textFromIpv4(X) })
    t.ok(bindAt(lab, a, S1, X))
    t.not(a.ipv4, X)
    lab.advance(2 * SECOND)
    for (const server of [0, 1])
      t.equal(
        lab.server(server).disk.durableRow(X)?.state,
        LEASE_STATE.declined,
        `server ${server}`,
      )
    lab.crash(0)
    lab.advance(30 * SECOND)
    t.ok(bindAt(lab, b, S2, X))
    t.not(b.ipv4, X)
    t.same(lab.invariants.violations, [])
  },
)

// Rule 3a: with one key S1 may renew X for A, and cannot know whether S2 has.
t.test('in a cut, a former address that is in use is left as it is', async (t) => {
  const lab = createPair(stage(poolOf(FOUR, HOUR, CHECKED)))
  t.ok(lab.reachNormal())
  const [a] = both(lab)
  t.ok(bindAt(lab, a, S1, X))
  t.equal(a.ipv4, X)
  lab.advance(5 * SECOND)
  a.stop()
  a.forget()
  lab.cutLink()
  lab.advance(2 * HOUR * SECOND)
  lab.addHost({ address: textFromIpv4(X) })
  only(lab, a, S1)
  t.ok(bind(lab, a))
  t.not(a.ipv4, X)
  t.not(lab.server(0).disk.durableRow(X)?.state, LEASE_STATE.declined)
  t.same(lab.invariants.violations, [])
})

t.test('who comes back to its lease, or has a reserved address, is not asked about', async (t) => {
  const reservations = [{ 'hw-address': '02:00:00:00:00:01', 'ip-address': '192.0.2.10' }]
  const plan = planOf({ ...SMALL, subnet4: [{ ...SMALL.subnet4[0]!, reservations }] })
  const clients = [{ startDelayMax: 0 }, { startDelayMax: 0 }]
  const lab = createLab({ plan, clients })
  lab.addHost({ address: '192.0.2.10' })
  t.ok(lab.settle())
  t.equal(lab.client(0).address, '192.0.2.10')
  const { asked } = lab.server().probe!
  t.same(asked, [ipv4FromText('192.0.2.11')])
  lab.client(1).stop()
  lab.client(1).forget()
  lab.client(1).start()
  t.ok(lab.settle())
  t.equal(asked.length, 1)
})
