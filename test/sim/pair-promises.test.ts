// What a pair promises beside safety, a sentence each: things that nobody would be harmed by if they were left out,
// and that clients or operators would miss. S1 and S2 are server1 and server2, X is at home at S1, Y at S2.

import t from 'tap'
import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import {
  bind,
  bindAt,
  both,
  FOUR,
  HOUR,
  HOUR_MS,
  hardwareAddress,
  only,
  poolOf,
  S1,
  S2,
  stage,
  X,
  X2,
  Y,
  Y2,
} from './pair-stage.ts'

const OF_S1 = { hwAddress: hardwareAddress(0, 1) }

function stateAt(lab: PairLab, server: number, address: number) {
  return lab.server(server).disk.durableRow(address)?.state
}

// Rule 4a of lib/ha/README.md. Without it S2 knows of the lease, and cannot renew it.
t.test('a lease that was given in a cut is renewed by either server afterwards', async (t) => {
  const lab = createPair(stage(poolOf(FOUR, HOUR)))
  t.ok(lab.reachNormal())
  const [a] = both(lab)
  lab.cutLink()
  lab.advance(5000)
  t.ok(bindAt(lab, a, S1, X))
  lab.healLink()
  t.ok(lab.reachNormal())
  lab.advance(2000)
  lab.crash(0)
  only(lab, a, S2)
  lab.advance(2 * HOUR_MS)
  t.equal(a.address, X)
  t.same(lab.invariants.violations, [])
})

// Rule 6c of lib/ha/README.md: what S2 had last said of Y was known to S1 when B gave it back there.
t.test('an address that is released at one server is released at the other', async (t) => {
  const lab = createPair(stage(poolOf(FOUR, HOUR)))
  t.ok(lab.reachNormal())
  const [, b] = both(lab)
  t.ok(bindAt(lab, b, S2, Y))
  lab.advance(5000)
  lab.stop(1)
  lab.advance(1000)
  only(lab, b, S1)
  b.stop()
  t.ok(bind(lab, b), 'S1 renews what S2 gave')
  t.equal(b.address, Y)
  lab.start(1)
  t.ok(lab.reachNormal())
  lab.advance(30_000)
  t.equal(stateAt(lab, 1, Y), LEASE_STATE.assigned)
  b.release()
  lab.advance(500)
  t.equal(stateAt(lab, 0, Y), LEASE_STATE.released)
  t.equal(stateAt(lab, 1, Y), LEASE_STATE.released)
})

// A connection that is closed may take its last words with it, by chance.
t.test('a server that stops in good order says so', async (t) => {
  const kinds = [1, 2, 3, 4, 5, 6].map((seed) => {
    const lab = createPair({ ...stage(poolOf(FOUR, HOUR)), seed })
    t.ok(lab.reachNormal())
    lab.advance(2000)
    lab.stop(1)
    lab.advance(200)
    t.same(lab.states(), ['partner-down', undefined], 'the other takes over at once')
    return lab.status()?.ha?.partner?.kind
  })
  t.ok(kinds.includes('left'), kinds.join())
})

// The policy of Kea. Its risk is seen, too: S2 gives what S1 would give.
for (const policy of ['safe', 'available'] as const)
  t.test(`a partner that is silent, with when-silent ${policy}`, async (t) => {
    const whio = { ha: { 'when-silent': policy } }
    const plans = pairPlans(pairConfig({ dhcp4: poolOf([X, X2, Y], HOUR), whio }))
    const lab = createPair({ ...stage(poolOf([], HOUR)), plans })
    t.ok(lab.reachNormal())
    lab.advance(2000)
    lab.cutLink()
    lab.advance(5000)
    const [a, b] = both(lab)
    t.ok(bindAt(lab, a, S1, X))
    bindAt(lab, b, S2, X, 20_000)
    t.equal(b.address, policy === 'safe' ? Y : X)
    const found = lab.invariants.violations.filter((one) => /is valid for/.test(one))
    t.equal(found.length > 0, policy === 'available')
    // Both come to the same: the row of the home, which tells it.
    const told: string[] = []
    for (const server of lab.servers)
      server.onEvent((_, event) => {
        if (event.kind !== 'conflict') return
        const { here, there, kept } = event
        t.not(here.hwAddress, there.hwAddress)
        t.equal(kept.hwAddress, a.machine.settings.hwAddress)
        told.push(`${server.name} ${event.address}`)
      })
    lab.healLink()
    t.ok(lab.reachNormal())
    lab.advance(5000)
    t.equal(lab.server(0).disk.durableRow(X)?.hwAddress, a.machine.settings.hwAddress)
    t.equal(lab.server(1).disk.durableRow(X)?.hwAddress, a.machine.settings.hwAddress)
    t.same(told, policy === 'safe' ? [] : [`${S1} ${X}`])
    t.equal(lab.status()!.ha!.conflicts > 0, policy === 'available')
  })

t.test('nobody is answered before the two have met, and it is told why', async (t) => {
  const lab = createPair(stage(poolOf(FOUR, HOUR)))
  lab.cutLink()
  lab.advance(10_000)
  const [a] = both(lab)
  t.notOk(bind(lab, a, 20_000))
  t.ok(lab.status()!.statistics['pkt4-drop-no-rights']! > 0)
})

// `send-lease-updates: false`: heartbeats and takeover, nothing else.
for (const syncs of [false, true])
  t.test(`servers that tell each other no leases, with sync-leases ${syncs}`, async (t) => {
    const ha = { 'send-lease-updates': false, 'sync-leases': syncs }
    const plans = pairPlans(pairConfig({ ha, dhcp4: poolOf(FOUR, HOUR) }))
    const lab = createPair({ ...stage(poolOf([], HOUR), {}, OF_S1), plans })
    t.ok(lab.world.advanceUntil(() => `${lab.states()}` === 'load-balancing,load-balancing', 2000))
    const [a, b] = both(lab)
    t.ok(bindAt(lab, a, S1, X))
    lab.advance(5000)
    t.equal(stateAt(lab, 1, X), undefined, 'no row travels')
    lab.kill(0)
    lab.advance(1000)
    t.same(lab.states(), [undefined, 'partner-down'])
    only(lab, b, S2)
    t.ok(bind(lab, b), 'S2 serves the clients of S1')
    t.ok(b.address === Y || b.address === Y2, 'with what is its own')
    t.same(lab.invariants.violations, [])
  })

// `wait-backup-ack`: the backup hears and cannot answer, so that a client that waits for it waits until that shows.
for (const waits of [false, true])
  t.test(`a client ${waits ? 'waits' : 'does not wait'} for the backup`, async (t) => {
    const ha = { 'wait-backup-ack': waits, 'max-ack-delay': 2000, 'max-response-delay': 60_000 }
    const lab = createPair({ mode: 'passive-backup', ha, clients: 1 })
    const [client] = lab.clients
    t.ok(lab.world.advanceUntil(() => client!.isBound, 60_000))
    client!.stop()
    lab.links.cut('server2', S1, 'forth')
    const began = lab.now
    client!.start()
    t.ok(lab.world.advanceUntil(() => client!.isBound, 60_000))
    t.equal(lab.now - began > 1900, waits, `${lab.now - began} ms`)
  })

// Rule 3d of lib/ha/README.md: each server has one key, so it is not for want of keys that nobody gives it.
t.test('a client that declines its reserved address gets another one at once', async (t) => {
  const reserved = textFromIpv4(X)
  const reservations = [{ 'hw-address': '02:00:00:00:00:01', 'ip-address': reserved }]
  const hwAddress = '\x02\x00\x00\x00\x00\x01'
  const document = poolOf(FOUR, HOUR, {
    subnet4: [{ id: 1, subnet: '192.0.2.0/24', reservations }],
  })
  const lab = createPair(stage(document, { hwAddress }))
  t.ok(lab.reachNormal())
  lab.advance(15_000)
  const [a] = both(lab)
  t.ok(bind(lab, a))
  t.equal(a.address, X)
  lab.advance(5000)
  a.decline()
  t.ok(
    lab.world.advanceUntil(() => a.isBound, 60_000),
    'it is served',
  )
  t.not(a.address, X)
  t.same(lab.invariants.violations, [])
})
