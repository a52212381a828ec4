// What a pair owes to clients of DHCPv6 beside the named schedules that both families share: keys
// never overlap (rule 1d), and clients name a server that may be down (rule 7g).

import t from 'tap'
import { prefix6FromText } from '../../lib/address/prefix6.ts'
import { hexFromOctets } from '../../lib/bytes/octets.ts'
import type { Dhcp6Document } from '../../lib/config/keys/document6.ts'
import type { HaMode } from '../../lib/config/plan/ha-plan.ts'
import { pearson } from '../../lib/ha/hash.ts'
import type { LabClient6Settings } from '../../lib/lab/lab-clients6.ts'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import { pairConfig, pairPlans } from '../../lib/lab/pair-config.ts'
import type { VirtualClient6 } from '../../lib/lab/virtual-client6.ts'
import { homeOf6 } from '../../lib/leases/keys/family6.ts'
import { HOUR, HOUR_MS, S1, S2 } from './pair-stage.ts'
import { freeHand, setKeys, type Weakness, weakPorts } from './pair-weakness.ts'

/** A /48 whose prefixes are at home at server1. */
const OF_S1 = networkOf(0)

/** Delegates prefixes of this length from it, and has a few addresses. */
function delegating(length: number, more: Partial<Dhcp6Document> = {}): Partial<Dhcp6Document> {
  const pdPools = [{ prefix: OF_S1, 'prefix-len': 48, 'delegated-len': length }]
  const pools = [{ pool: '2001:db8:1::10 - 2001:db8:1::4f' }]
  return {
    'valid-lifetime': HOUR,
    'preferred-lifetime': HOUR / 2,
    subnet6: [{ id: 1, subnet: '2001:db8:1::/64', pools, 'pd-pools': pdPools }],
    ...more,
  }
}

function plansOf(dhcp6: Partial<Dhcp6Document>, mode: HaMode = 'load-balancing') {
  return pairPlans(pairConfig({ mode, dhcp6 }))
}

/** Two clients that are off: A is answered by server1, B by server2, or by the same. */
function pair(
  dhcp6: Partial<Dhcp6Document>,
  more: {
    ports?: ReturnType<typeof weakPorts>
    kind?: 'na' | 'pd'
    mode?: HaMode
    ofOne?: boolean
  } = {},
): { lab: PairLab; a: VirtualClient6; b: VirtualClient6 } {
  const { ports, kind = 'pd', mode = 'load-balancing', ofOne = false } = more
  const client = (name: string, duid: string): LabClient6Settings => ({
    name,
    duid,
    ias: [{ kind }],
    startDelayMax: 0,
    start: false,
  })
  const lab = createPair({
    plans: plansOf(dhcp6, mode),
    clients6: [client('A', duidOf(0)), client('B', ofOne ? duidOf(0, 1) : duidOf(1))],
    ...(ports && { ports }),
  })
  t.ok(lab.reachNormal(), 'the pair works')
  lab.advance(1000)
  return { lab, a: lab.client6(0), b: lab.client6(1) }
}

/** From now on the client hears and reaches only this server, which it asks for a lease. */
function bindAt(lab: PairLab, client: VirtualClient6, server: string, hint?: string): boolean {
  for (const { name } of lab.servers)
    for (const [from, to] of [
      [name, client.name],
      [client.name, name],
    ] as const)
      if (name === server) lab.network.heal(from, to)
      else lab.network.cut(from, to)
  const { machine } = client
  const wish = hint === undefined ? {} : { hint: prefix6FromText(hint)! }
  const ias = machine.settings.ias.map((ia) => ({ ...ia, ...wish }))
  machine.settings = { ...machine.settings, ias }
  client.start()
  return lab.world.advanceUntil(() => client.isBound, 60_000)
}

/** What the client has, of another length. */
function asLong(client: VirtualClient6, length: number): string {
  return client.addresses[0]!.replace('/56', `/${length}`)
}

function networkOf(home: 0 | 1): string {
  for (let number = 0x8000; ; number++) {
    const text = `2001:db8:${number.toString(16)}::`
    if (homeOf6(prefix6FromText(`${text}/56`)!) === home) return text
  }
}

/** In hexadecimal, of a client that the server of this number answers. */
function duidOf(owner: 0 | 1, nth = 0): string {
  let left = nth
  for (let last = 1; ; last++) {
    const duid = `\x00\x03\x00\x01\x02\x00\x00\x00\x00${String.fromCharCode(last)}`
    if ((pearson(duid) & 1) === owner && left-- === 0) return hexFromOctets(duid)
  }
}

/** What lies in a key, or around it, is not looked at. */
const NEXT_TO_NOTHING: Weakness = {
  table: (table, isOn) => {
    setKeys(table, isOn, () => 2)
    const { around } = table
    table.around = (key, now) => (isOn() ? [] : around.call(table, key, now))
  },
}

/** With the rule, and without it: then it is found out that two clients have one prefix. */
function playTwice(
  name: string,
  weakness: Weakness,
  play: (stage: ReturnType<typeof pair> & { weaken: () => void }) => string[],
): void {
  t.test(name, async (t) => {
    for (const isSpoiled of [false, true]) {
      let isOff = false
      const ofOne = name.startsWith('40')
      const stage = pair(delegating(56), { ports: weakPorts(weakness, () => isOff, []), ofOne })
      const weaken = () => {
        isOff = isSpoiled
      }
      const failed = play({ ...stage, weaken })
      const { violations } = stage.lab.invariants
      if (!isSpoiled) t.same([failed, violations], [[], []])
      else t.match(violations.join(), /is valid for/)
    }
  })
}

playTwice('39 reload-other-length', freeHand(S2), ({ lab, a, b, weaken }) => {
  const failed: string[] = []
  lab.cutLink()
  lab.reload(plansOf(delegating(60))[1]!, 1)
  if (!bindAt(lab, a, S1, `${OF_S1}/56`)) failed.push('A gets a /56 of S1')
  weaken()
  bindAt(lab, b, S2, asLong(a, 60))
  if (b.isBound) failed.push('S2 delegates nothing of what is at home at S1')
  return failed
})

playTwice('40 prefix-inside-prefix: smaller ones', NEXT_TO_NOTHING, ({ lab, a, b, weaken }) => {
  const failed: string[] = []
  if (!bindAt(lab, a, S1, `${OF_S1}/56`)) failed.push('A gets a /56')
  lab.advance(2000)
  for (const [index, plan] of plansOf(delegating(60)).entries()) lab.reload(plan, index)
  lab.advance(5000)
  weaken()
  if (!bindAt(lab, b, S1, asLong(a, 60))) failed.push('B gets another /60')
  return failed
})

playTwice('40 prefix-inside-prefix: larger ones', NEXT_TO_NOTHING, ({ lab, a, b, weaken }) => {
  const failed: string[] = []
  if (!bindAt(lab, a, S1, `${OF_S1}/56`)) failed.push('A gets a /56')
  lab.advance(2000)
  for (const [index, plan] of plansOf(delegating(52)).entries()) lab.reload(plan, index)
  lab.advance(5000)
  weaken()
  if (!bindAt(lab, b, S1, asLong(a, 52))) failed.push('B gets another /52')
  return failed
})

// Rule 4c: keys of former lengths are asked for, too.
for (const [former, length] of [
  [56, 60],
  [60, 56],
] as const)
  t.test(`a pool of /${former} becomes one of /${length}: all clients are served`, async (t) => {
    const of = (delegated: number) => {
      const pdPools = [{ prefix: OF_S1, 'prefix-len': 55, 'delegated-len': delegated }]
      const subnet6 = [{ id: 1, subnet: '2001:db8:1::/64', 'pd-pools': pdPools }]
      return delegating(delegated, { subnet6 })
    }
    const { lab, a, b } = pair(of(former))
    // Each has had what the other's client needs.
    t.ok(bindAt(lab, a, S1) && bindAt(lab, b, S2))
    lab.advance(10_000)
    a.stop()
    b.stop()
    lab.advance(3 * HOUR_MS)
    for (const [index, plan] of plansOf(of(length)).entries()) lab.reload(plan, index)
    lab.advance(10_000)
    for (const clients of [
      [b, a],
      [a, b],
    ]) {
      for (const client of clients) {
        client.forget()
        const [server] = client === a ? [S1] : [S2]
        t.ok(bindAt(lab, client, server), `${client.name} is served`)
      }
      for (const client of clients) client.release()
      lab.advance(3 * HOUR_MS)
    }
    t.same(lab.invariants.violations, [])
  })

// RFC 9915 §16: a server is silent to who names another one. So all would wait for T2.
t.test('a client renews at T1 though the server that it names is down', async (t) => {
  for (const mode of ['load-balancing', 'hot-standby'] as const) {
    const { lab, a } = pair(delegating(56), { mode })
    const states = new Set<string>()
    a.onAction(() => states.add(a.state))
    t.ok(bindAt(lab, a, S1))
    const [former] = a.leases
    for (const { name } of lab.servers) {
      lab.network.heal(name, 'A')
      lab.network.heal('A', name)
    }
    lab.kill(0)
    lab.advance(2 * HOUR_MS)
    t.same(
      a.leases.map(({ key, serverId }) => [key, serverId]),
      [[former!.key, former!.serverId]],
      'under the name that it knows',
    )
    t.notOk(states.has('rebinding'))
    // The standby gave it anew under its own name; then the other one is back, and serves.
    a.release()
    a.forget()
    lab.advance(20_000)
    a.start()
    t.ok(lab.world.advanceUntil(() => a.isBound, 60_000))
    const given = a.leases[0]!.serverId
    t.not(given, former!.serverId)
    lab.start(0)
    t.ok(lab.reachNormal(60_000))
    lab.advance(2 * HOUR_MS)
    t.same(
      a.leases.map(({ serverId }) => serverId),
      [given],
    )
    t.notOk(states.has('rebinding'), mode)
    t.same(lab.invariants.violations, [])
  }
})

t.test('whom its partner is known by, a server knows after a restart', async (t) => {
  const { lab, b } = pair(delegating(56), { kind: 'na' })
  const states = new Set<string>()
  b.onAction(() => states.add(b.state))
  t.ok(bindAt(lab, b, S2))
  for (const name of [S1, S2]) {
    lab.network.heal(name, 'B')
    lab.network.heal('B', name)
  }
  lab.kill(1)
  lab.advance(5000)
  lab.restart(0)
  lab.advance(2 * HOUR_MS)
  t.ok(b.isBound)
  t.notOk(states.has('rebinding'))
  t.same(lab.invariants.violations, [])
})

t.test('one DUID on both servers: they refuse each other, and say why', async (t) => {
  const serverId = { type: 'EN' as const, 'enterprise-id': 32473, identifier: '0102030405' }
  const plans = plansOf(delegating(56, { 'server-id': serverId }))
  const lab = createPair({ plans })
  t.notOk(lab.reachNormal(20_000))
  const lines = lab.server(0).log.lines.filter(({ id }) => id === 'HA_PEER_REFUSED')
  t.match(JSON.stringify(lines), /both servers have the DUID 00020000/)
})

t.test('a server-id that is changed by a reload is told to the partner at once', async (t) => {
  const { lab } = pair(delegating(56))
  const [former] = lab.server(0).disk.pair!.partnerDuids
  const serverId = { type: 'EN' as const, 'enterprise-id': 32473, identifier: '0102030405' }
  lab.reload(plansOf(delegating(56, { 'server-id': serverId }))[1]!, 1)
  lab.advance(10_000)
  t.same(lab.server(0).disk.pair!.partnerDuids, ['000200007ed90102030405', former])
  t.ok(lab.isNormal)
})
