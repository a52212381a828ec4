// What a pair promises beside safety, a sentence each: things that nobody would be harmed by if
// they were left out, and that clients or operators would miss. S1 and S2 are server1 and server2,
// X is at home at S1, Y at S2.

import t from 'tap'
import { textFromIpv4 } from '../../lib/address/ipv4.ts'
import type { HaMode } from '../../lib/config/plan/ha-plan.ts'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import type { VirtualClient4 } from '../../lib/lab/virtual-client4.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import {
  bind,
  bindAt,
  both,
  FOUR,
  HOUR,
  HOUR_MS,
  hardwareAddress,
  OF_S1,
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
  t.equal(a.ipv4, X)
  t.same(lab.invariants.violations, [])
})

// Rule 6c of lib/ha/README.md: what S2 had last said of Y was known to S1 when B gave it back
// there.
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
  t.equal(b.ipv4, Y)
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
    t.equal(b.ipv4, policy === 'safe' ? Y : X)
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
    t.ok(b.ipv4 === Y || b.ipv4 === Y2, 'with what is its own')
    t.same(lab.invariants.violations, [])
  })

// `wait-backup-ack`: the backup hears and cannot answer, so that a client that waits for it waits
// until that shows.
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

// Rule 3d of lib/ha/README.md: each server has one key, so it is not for want of keys that nobody
// gives it.
t.test('a client that declines its reserved address gets another one at once', async (t) => {
  const reserved = textFromIpv4(X)
  const reservations = [{ 'hw-address': '02:00:00:00:00:01', 'ip-address': reserved }]
  const hwAddress = '02:00:00:00:00:01'
  const document = poolOf(FOUR, HOUR, {
    subnet4: [{ id: 1, subnet: '192.0.2.0/24', reservations }],
  })
  const lab = createPair(stage(document, { hwAddress }))
  t.ok(lab.reachNormal())
  lab.advance(15_000)
  const [a] = both(lab)
  t.ok(bind(lab, a))
  t.equal(a.ipv4, X)
  lab.advance(5000)
  a.decline()
  t.ok(
    lab.world.advanceUntil(() => a.isBound, 60_000),
    'it is served',
  )
  t.not(a.ipv4, X)
  t.same(lab.invariants.violations, [])
})

/**
 * A client asks again after 4 s, give or take one; what comes over the link takes less than the
 * rest.
 */
const ONE_REPETITION = 5200

/**
 * Clients that want an address one after the other, `pause` apart; how long the slowest of them
 * waits.
 */
function crowd(lab: PairLab, clients: readonly VirtualClient4[], pause: number): number {
  const began = new Map<VirtualClient4, number>()
  let slowest = 0
  for (const [index, client] of clients.entries()) {
    lab.world.after(index * pause, () => {
      began.set(client, lab.now)
      client.start()
    })
    client.onAction((_, { kind }) => {
      if (kind === 'bound') slowest = Math.max(slowest, lab.now - began.get(client)!)
    })
  }
  lab.advance(clients.length * pause + 30_000)
  return slowest
}

function pairWithPool(mode: HaMode, size: number, clients: number, seed: number): PairLab {
  const pool = `192.0.2.10 - ${textFromIpv4(0xc000020a + size - 1)}`
  const lab = createPair({
    mode,
    seed,
    clients: Array.from({ length: clients }, () => ({ start: false, startDelayMax: 0 })),
    dhcp4: {
      'valid-lifetime': 120,
      subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool }] }],
    },
  })
  t.ok(lab.reachNormal())
  return lab
}

// Half of a pool begins at each server, whoever its clients are; then keys are where the last
// leases were. Each pace has addresses run out in another way: all at once, faster than the partner
// is asked ahead of need, and slower.
for (const mode of ['load-balancing', 'hot-standby'] as const)
  for (const size of [1, 2, 4, 20, 200])
    t.test(
      `a new client waits for one repetition at most: ${mode}, a pool of ${size}`,
      async (t) => {
        for (const [seed, pause] of [0, 100, 1000].entries()) {
          const lab = pairWithPool(mode, size, 2 * size, seed)
          const [first, second] = [lab.clients.slice(0, size), lab.clients.slice(size)]
          const waited = crowd(lab, first, pause)
          t.ok(
            first.every(({ isBound }) => isBound),
            `all of them, ${pause} ms apart`,
          )
          t.ok(waited < ONE_REPETITION, `${waited} ms`)
          for (const client of first) pause === 0 ? client.release() : client.stop()
          lab.advance(pause === 0 ? 1000 : 150_000)
          const waitedLater = crowd(lab, second, pause)
          t.ok(
            second.every(({ isBound }) => isBound),
            `those after them, ${pause} ms apart`,
          )
          t.ok(waitedLater < ONE_REPETITION, `${waitedLater} ms`)
          t.same(lab.invariants.violations, [])
        }
      },
    )

t.test('a client of a pool that is full is told of as such, here and at the partner', async (t) => {
  for (const mode of ['load-balancing', 'hot-standby'] as const) {
    const lab = pairWithPool(mode, 4, 6, 1)
    const drops = new Map<string, string[]>()
    for (const server of lab.servers)
      server.onEvent((_, event) => {
        if (event.kind !== 'drop' || event.family !== 4 || event.type !== 1) return
        drops.set(event.hwAddress, [...(drops.get(event.hwAddress) ?? []), event.reason])
      })
    crowd(lab, lab.clients, 10_000)
    t.equal(lab.clients.filter(({ isBound }) => isBound).length, 4)
    const reasons = lab.clients
      .map(({ machine, isBound }) => ({ isBound, said: drops.get(machine.settings.hwAddress) }))
      .map(({ isBound, said = [] }) => ({ isBound, said: new Set(said) }))
    for (const { isBound, said } of reasons) {
      t.equal(said.has('no-free-address'), !isBound)
      if (!isBound) t.notOk(said.has('no-own-address'))
    }
    t.ok(
      reasons.some(({ said }) => said.has('no-own-address')),
      'while the partner has some',
    )
  }
})

// What the two have to give is offered to clients that never ask for it, and neither sees that of
// the other.
t.test('a flood of DISCOVERs does not keep clients from an address for longer', async (t) => {
  const lab = pairWithPool('load-balancing', 4, 1, 1)
  const [client] = lab.clients as [VirtualClient4]
  const flood = Array.from({ length: 40 }, () => lab.addClient({ start: false, startDelayMax: 0 }))
  for (const [index, each] of flood.entries()) {
    lab.network.cut(S1, each.name)
    lab.network.cut(S2, each.name)
    lab.world.after(100 * index, () => each.start())
  }
  lab.advance(8000)
  client.start()
  t.ok(lab.world.advanceUntil(() => client.isBound, ONE_REPETITION))
})

t.test("an address that is nobody's any more is not told as given", async (t) => {
  const lab = createPair(stage(poolOf([X, Y], 60), {}, { hwAddress: hardwareAddress(1, 1) }))
  const told: string[] = []
  for (const server of lab.servers)
    server.onEvent((_, event) => {
      if (event.kind === 'lease') told.push(`${event.action} ${event.lease.hwAddress.length}`)
    })
  t.ok(lab.reachNormal())
  const [a, b] = both(lab)
  t.ok(bind(lab, a))
  t.ok(bind(lab, b))
  a.decline()
  a.stop()
  b.stop()
  lab.advance(3 * HOUR_MS)
  t.same([...new Set(told)].sort(), ['declined 6', 'expired 6', 'granted 6'])
})
