// Named schedules of servers that share a database. Each that rests on a rule runs twice, as the
// product is and with the rule taken away, when it must be found out. S1 and S2 are the servers, A
// and B clients, X the only address.
//
//   1 at-once              S1 gives X to A and S2 gives it to B
//   2 renewal-and-reuse    A asks for its X at S1 while S2 gives it to B, as it is over
//   3 clocks-differ        the calendars of S1 and S2 are years apart
//   4 clock-ahead          the clock of the database jumps ahead, and S2 is started anew
//   4a back-and-ahead      it is put back, and then right again, while S2 stands still
//   4b ahead-unseen        it jumps ahead, and S2 starts, which cannot tell, before S1 has
//   5 answer-lost          X is stored for A, but S1 does not hear of it
//   6 tail-lost            a copy of the database takes over that has not heard that X is A’s
//   8 stale-refusal        A asks S2 for X, which has not heard yet that it is A’s
//   9 late-release         an old RELEASE comes to S1 when A has X from S2
//   10 two-reclaim         S1 and S2 store at once that the lease of A is over
//   12 late-batch          S1 stands still with a batch on its way; B has X meanwhile
//   15 reload-at-one       X is reserved for B at S2 while A has it
//   order                  an operator adds X at S2, which has not heard yet that it is A’s
//   prefixes               S1 and S2 delegate prefixes of two lengths that overlap
//
// Of a real PostgreSQL are, in platform/postgres-journal.test.ts: 7 an old primary that comes back;
// 11 and 13 two processes with one name, the lock lost or not; 14 a pooler between; 16 rows written
// by hand; 17 a reader who is behind.

import t from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import type { OrderResult } from '../../lib/catalogue/order-result.ts'
import { databaseLines } from '../../lib/cli/status-lines.ts'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import { createLab, type Lab, type LabClientSettings, type LabSettings } from '../../lib/lab/lab.ts'
import type { VirtualClient4 } from '../../lib/lab/virtual-client4.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import type { Server } from '../../lib/server/server.ts'
import { Stripes } from '../../lib/server/shared/stripes.ts'
import { onePool, planOf6 } from './plans.ts'
import { onDatabase } from './shared-plans.ts'
import {
  confirmsAtOnce,
  mendsNothing,
  missesNobody,
  type Restore,
  seesNoJump,
  seesNoOverlaps,
  storesAnything,
  tellsNoJump,
} from './shared-weakness.ts'

const X = '192.0.2.10'
const MINUTE = 60_000

interface Schedule {
  readonly name: string
  readonly settings?: Partial<LabSettings>
  /** Seconds. Default: an hour. */
  readonly lifetime?: number
  /** Takes the rule away; without one there is none that could be. */
  readonly weaken?: () => Restore
  readonly weakPorts?: LabSettings['ports']
  /** What went wrong, beside what the lab finds. */
  readonly play: (lab: Lab, a: VirtualClient4, b: VirtualClient4) => readonly string[]
}

function begin({ settings, lifetime = 3600, weakPorts }: Schedule, isWeak: boolean): Lab {
  const plan = onDatabase(onePool(`${X} - ${X}`, lifetime, { authoritative: true }))
  const lab = createLab({
    ...{ plan, servers: 2, shared: true, clients: clientsOf({ renews: true }) },
    ...(isWeak && weakPorts !== undefined && { ports: weakPorts }),
    ...settings,
  })
  lab.advance(5000)
  return lab
}

/** The client hears this server alone, and is heard by nobody else. */
function only(lab: Lab, client: string, server: number): void {
  for (const { name } of lab.servers) {
    const isCut = name !== lab.server(server).name
    const [there, back] = [
      [client, name],
      [name, client],
    ] as const
    if (isCut) lab.network.cut(...there)
    else lab.network.heal(...there)
    if (isCut) lab.network.cut(...back)
    else lab.network.heal(...back)
  }
}

function run(schedule: Schedule, isWeak: boolean): readonly string[] {
  const restore = isWeak ? schedule.weaken?.() : undefined
  try {
    const lab = begin(schedule, isWeak)
    const found = schedule.play(lab, lab.clients[0]!, lab.clients[1]!)
    return [...found, ...lab.invariants.violations]
  } finally {
    restore?.()
  }
}

function bind(lab: Lab, client: VirtualClient4, server: number): void {
  only(lab, client.name, server)
  client.start()
  if (!lab.world.advanceUntil(() => client.isBound, MINUTE))
    throw new Error(`${client.name} gets no address`)
}

/** Statements are on their way for so long. */
function slow(lab: Lab, latency: number): void {
  for (const { path } of lab.servers) path.latencyMin = path.latencyMax = latency
}

const naks = (lab: Lab, server: number): number =>
  lab.status(server)!.statistics['pkt4-nak-sent'] ?? 0

const wrong = (...checks: readonly (readonly [isWrong: boolean, what: string])[]): string[] =>
  checks.filter(([isWrong]) => isWrong).map(([, what]) => what)

const SCHEDULES: readonly Schedule[] = [
  {
    name: '1 at-once',
    weaken: storesAnything,
    play: (lab, a, b) => {
      slow(lab, 400)
      only(lab, 'A', 0)
      only(lab, 'B', 1)
      a.start()
      b.start()
      lab.advance(MINUTE)
      return wrong([!a.isBound && !b.isBound, 'nobody has X'])
    },
  },
  {
    name: '2 renewal-and-reuse',
    lifetime: 60,
    weaken: storesAnything,
    play: (lab, a, b) => {
      bind(lab, a, 0)
      a.stop()
      lab.advance(2 * MINUTE)
      slow(lab, 400)
      only(lab, 'B', 1)
      a.start()
      b.start()
      lab.advance(20_000)
      return wrong([!a.isBound && !b.isBound, 'nobody has X'])
    },
  },
  {
    name: '3 clocks-differ',
    settings: {
      nodes: [
        { skew: 3e10, drift: 0.002 },
        { skew: -3e10, drift: -0.002 },
      ],
    },
    lifetime: 600,
    play: (lab, a, b) => {
      bind(lab, a, 0)
      only(lab, 'A', 1)
      only(lab, 'B', 1)
      lab.restart(1)
      b.start()
      lab.advance(30 * MINUTE)
      const isKept = a.address === X && b.address === ''
      a.stop()
      lab.advance(30 * MINUTE)
      return wrong([!isKept, 'A has not kept X'], [b.address !== X, 'B has not got what is over'])
    },
  },
  {
    name: '4 clock-ahead',
    settings: { clients: clientsOf({ renews: false }) },
    weaken: seesNoJump,
    play: (lab, a, b) => {
      bind(lab, a, 0)
      lab.advance(5000)
      lab.database!.skew += 3 * 3_600_000
      lab.advance(10_000)
      // What stands in the database seems to be over from here on.
      for (const server of lab.servers) server.diskReplacedAt = lab.now + 1e9
      lab.restart(1)
      only(lab, 'B', 1)
      b.start()
      lab.advance(30 * MINUTE)
      return []
    },
  },
  {
    name: '4a back-and-ahead',
    settings: { clients: clientsOf({ renews: false }) },
    weaken: tellsNoJump,
    play: (lab, a, b) => {
      const s2 = lab.server(1)
      s2.pause()
      lab.advance(5000)
      lab.database!.skew -= 3 * 3_600_000
      lab.advance(5000)
      bind(lab, a, 0)
      lab.database!.skew += 3 * 3_600_000
      lab.advance(5000)
      only(lab, 'B', 1)
      s2.resume()
      b.start()
      lab.advance(30 * MINUTE)
      return []
    },
  },
  {
    name: '4b ahead-unseen',
    settings: { clients: clientsOf({ renews: false }), nodes: [{}, { skew: 1 }] },
    weaken: missesNobody,
    play: (lab, a, b) => {
      bind(lab, a, 0)
      lab.server(1).crash()
      lab.advance(5000)
      lab.server(0).pause()
      lab.database!.skew += 3 * 3_600_000
      lab.server(1).start()
      only(lab, 'B', 1)
      b.start()
      lab.advance(10_000)
      lab.server(0).resume()
      lab.advance(30 * MINUTE)
      return []
    },
  },
  {
    name: '5 answer-lost',
    play: (lab, a, b) => {
      only(lab, 'A', 0)
      only(lab, 'B', 1)
      lab.server(0).path.answersToLose = 1
      const granted = countEvents(lab, 'granted')
      a.start()
      lab.advance(MINUTE)
      b.start()
      lab.advance(MINUTE)
      const again = naks(lab, 0) + lab.database!.conflicts
      return wrong(
        [a.address !== X || b.address !== '', 'A has not got X'],
        [granted() !== 1, `given ${granted()} times`],
        [again > 0, 'A was refused what was stored for it'],
      )
    },
  },
  {
    name: '6 tail-lost',
    settings: { clients: clientsOf({ renews: false }) },
    weaken: mendsNothing,
    play: (lab, a, b) => {
      bind(lab, a, 0)
      lab.advance(2000)
      for (const server of lab.servers) server.diskReplacedAt = lab.now + MINUTE
      const { length } = lab.database!.failOver(5000)
      lab.advance(2 * MINUTE)
      lab.restart(1)
      only(lab, 'B', 1)
      b.start()
      lab.advance(5 * MINUTE)
      return wrong([length !== 1, 'nothing was lost'])
    },
  },
  {
    name: '8 stale-refusal',
    weakPorts: confirmsAtOnce,
    play: (lab, a) => {
      bind(lab, a, 0)
      // Before S2 reads what S1 has stored.
      only(lab, 'A', 1)
      a.start()
      lab.advance(400)
      return wrong(
        [naks(lab, 1) > 0, 'A was refused what is its own'],
        [a.address !== X, 'A lacks X'],
      )
    },
  },
  {
    name: '9 late-release',
    weaken: storesAnything,
    play: (lab, a, b) => {
      bind(lab, a, 0)
      lab.advance(20_000)
      lab.network.cut('A', '*')
      a.release()
      lab.network.heal('A', '*')
      bind(lab, a, 1)
      // Before S1 reads what S2 has stored.
      only(lab, 'A', 0)
      a.repeatRelease()
      lab.advance(MINUTE)
      only(lab, 'B', 0)
      b.start()
      lab.advance(MINUTE)
      return wrong([a.address !== X, 'A has lost X'])
    },
  },
  {
    name: '10 two-reclaim',
    lifetime: 60,
    weaken: storesAnything,
    play: (lab, a) => {
      const { leaves } = Stripes.prototype
      // Both believe that it is theirs to do.
      Stripes.prototype.leaves = () => false
      const expired = countEvents(lab, 'expired')
      bind(lab, a, 0)
      a.stop()
      slow(lab, 900)
      lab.advance(5 * MINUTE)
      Stripes.prototype.leaves = leaves
      return wrong([expired() !== 1, `told ${expired()} times that it is over`])
    },
  },
  {
    name: '12 late-batch',
    weaken: storesAnything,
    play: (lab, a, b) => {
      const s1 = lab.server(0)
      s1.path.latencyMin = s1.path.latencyMax = 1500
      only(lab, 'A', 0)
      only(lab, 'B', 1)
      a.start()
      const isUnderWay = () => lab.status(0)!.parked > 0
      if (!lab.world.advanceUntil(isUnderWay, MINUTE)) throw new Error('A asks for nothing')
      s1.freeze()
      a.stop()
      b.start()
      if (!lab.world.advanceUntil(() => b.isBound, 1400)) throw new Error('B is late')
      lab.advance(20 * MINUTE)
      s1.resume()
      lab.advance(20 * MINUTE)
      return wrong([b.address !== X, 'B has lost X'], [naks(lab, 1) > 0, 'B was refused its X'])
    },
  },
  {
    name: 'order',
    play: (lab, a, b) => {
      bind(lab, a, 0)
      const what: string[] = []
      const { hwAddress } = b.machine.settings
      const client = { htype: 1, hwAddress, clientId: '' }
      const nothing = { hostname: '', fqdnFwd: false, fqdnRev: false, userContext: '' }
      const lease = {
        ...{ key: ipv4FromText(X)!, state: LEASE_STATE.assigned, client, subnetId: 1, poolId: 0 },
        ...{ ...nothing, validLifetime: 3600, preferredLifetime: 0, end: undefined },
      }
      // Before S2 reads what S1 has stored.
      lab.server(1).server!.amend([{ kind: 'add', lease }], (amended) => {
        what.push(...amended.map((one) => one.what))
      })
      lab.advance(5000)
      return wrong(
        [what.join() !== 'conflict', `the operator is told "${what}"`],
        [a.address !== X, 'A has lost X'],
      )
    },
  },
  {
    name: '15 reload-at-one',
    lifetime: 600,
    play: (lab, a, b) => {
      bind(lab, a, 0)
      const { hwAddress } = b.machine.settings
      const octets = [...hwAddress].map((one) => one.charCodeAt(0).toString(16).padStart(2, '0'))
      const reservations = [{ 'hw-address': octets.join(':'), 'ip-address': X }]
      const more = { subnet4: [{ id: 1, subnet: '192.0.2.0/24', reservations }] }
      lab.reload(onDatabase(onePool(`${X} - ${X}`, 600, more)), 1)
      only(lab, 'B', 1)
      b.start()
      lab.advance(30 * MINUTE)
      const isKept = a.address === X && b.address === ''
      a.stop()
      lab.advance(30 * MINUTE)
      return wrong([!isKept, 'A has not kept X'], [b.address !== X, 'B has not got it later'])
    },
  },
]

for (const schedule of SCHEDULES)
  t.test(schedule.name, async (t) => {
    t.same(run(schedule, false), [])
    const { weaken, weakPorts } = schedule
    if (weaken === undefined && weakPorts === undefined) return
    t.ok(run(schedule, true).length > 0, 'found when the rule is taken away')
  })

t.test('an operator ends the doubt about a clock that jumped while nobody was there', async (t) => {
  const lab = begin({ name: '', play: () => [] }, false)
  const [a, b] = lab.clients as [VirtualClient4, VirtualClient4]
  bind(lab, a, 0)
  a.stop()
  lab.advance(90 * MINUTE)
  for (const server of lab.servers) server.stop()
  lab.advance(MINUTE)
  lab.database!.skew += 3 * 3_600_000
  for (const server of lab.servers) server.start()
  lab.advance(MINUTE)
  only(lab, 'B', 1)
  b.start()
  lab.advance(5 * MINUTE)
  t.notOk(b.isBound, 'the lease of A may run on, as far as the servers know')
  const [one, two] = [lab.server(0).server!, lab.server(1).server!]
  const shown = () => databaseLines({ database: two.sharedStatus }).join()
  t.match(shown(), /nothing is given anew for \d+ s \(`whio end-doubt` ends that\)$/)
  lab.server(1).path.isCut = true
  lab.advance(5000)
  t.match(told(two), { allowed: false, why: /^the lease database does not answer: / })
  lab.server(1).path.isCut = false
  lab.advance(5000)
  t.strictSame(told(two), { allowed: true, why: '' })
  lab.advance(MINUTE)
  t.equal(b.address, X)
  t.notMatch(shown(), /anew/)
  t.match(told(two), { allowed: false, why: 'no address is kept out of use' })
  t.ok(one.sharedStatus!.doubt > 0, 'each server is told by itself')
  lab.restart(0)
  lab.advance(MINUTE)
  t.equal(lab.server(0).server!.sharedStatus!.doubt, 0, 'one that starts later is in no doubt')
  t.same(lab.invariants.violations, [])
})

function told(server: Server): OrderResult | undefined {
  let result: OrderResult | undefined
  server.endDoubt((answer) => {
    result = answer
  })
  return result
}

t.test('prefixes', async (t) => {
  t.same(delegating().violations, [])
  t.teardown(seesNoOverlaps())
  t.match(delegating().violations[0], /2001:db8:8000::\/5[67] is valid for [AB] and, as/)
})

/** S1 delegates one prefix to A while S2 delegates another one, which is half of it, to B. */
function delegating(): { readonly violations: readonly string[] } {
  const plans = [56, 57].map((length) => onDatabase(planOf6(delegated(length))))
  const own = { startDelayMax: 0, start: false, ias: [{ kind: 'pd' }] } as const
  const lab = createLab({
    ...{ plan: plans[0]!, plans, servers: 2, shared: true },
    clients6: [
      { ...own, name: 'A' },
      { ...own, name: 'B' },
    ],
  })
  lab.advance(5000)
  slow(lab, 400)
  for (const [index, client] of lab.clients6.entries()) {
    only(lab, client.name, index)
    client.start()
  }
  lab.advance(MINUTE)
  return { violations: lab.invariants.violations }
}

function delegated(length: number): Dhcp6Document {
  const pool = { prefix: '2001:db8:8000::', 'prefix-len': 56, 'delegated-len': length }
  return {
    'valid-lifetime': 3600,
    subnet6: [{ id: 1, subnet: '2001:db8::/64', 'pd-pools': [pool] }],
  }
}

function clientsOf(a: { readonly renews: boolean }): LabClientSettings[] {
  const own = { startDelayMax: 0, start: false }
  return [
    { ...own, name: 'A', ...a },
    { ...own, name: 'B' },
  ]
}

/** How often servers told so of X. */
function countEvents(lab: Lab, action: string): () => number {
  let count = 0
  for (const server of lab.servers)
    server.onEvent((_, event) => {
      if (event.kind !== 'lease' || event.action !== action) return
      if (event.lease.address === ipv4FromText(X)) count++
    })
  return () => count
}
