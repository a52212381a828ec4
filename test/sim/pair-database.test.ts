// A pair whose servers keep their leases in one database: who answers whom, and who takes over.
// What is given the database decides; whatever a server believes of its partner, no address has
// two clients (shared-simulate.test.ts looks for that in worlds of all kinds).

import t, { type Test } from 'tap'
import type { Ipv4 } from '../../lib/address/ipv4.ts'
import type { OrderResult } from '../../lib/catalogue/order-result.ts'
import { TYPE } from '../../lib/lab/client4-messages.ts'
import { packetFromBytes } from '../../lib/lab/packet4.ts'
import { createPair, type PairLab, type PairSettings } from '../../lib/lab/pair.ts'
import { SharedDatabase } from '../../lib/lab/shared-database.ts'
import { VirtualSharedJournal } from '../../lib/lab/shared-journal.ts'
import { hardwareAddress } from './pair-stage.ts'
import { waitsOf } from './pair-waits.ts'
import { pairOnDatabase } from './shared-plans.ts'

/** Four clients, two of each server. */
function pairWith(more: Parameters<typeof pairOnDatabase>[0] = {}, settings: PairSettings = {}) {
  const clients = [0, 0, 1, 1].map((owner, index) => ({
    name: `client${index}`,
    hwAddress: hardwareAddress(owner as 0 | 1, index),
    startDelayMax: 0,
  }))
  const lab = createPair({ plans: pairOnDatabase(more), shared: true, clients, ...settings })
  const acks = new Map<Ipv4, string>()
  for (const server of lab.servers)
    server.onReply(({ bytes, start, end }) => {
      const packet = packetFromBytes(bytes, start, end)
      if (packet?.options.get(53)?.charCodeAt(0) === TYPE.ack) acks.set(packet.yiaddr, server.name)
    })
  ACKS.set(lab, acks)
  return lab
}

/** The server of each lab that acknowledged an address last. */
const ACKS = new WeakMap<PairLab, Map<Ipv4, string>>()

function servedBy(lab: PairLab): (string | undefined)[] {
  return lab.clients.map(({ ipv4 }) => ACKS.get(lab)!.get(ipv4))
}

function isWhole(t: Test, lab: PairLab): void {
  t.same(lab.invariants.violations, [])
}

async function order(
  lab: PairLab,
  index: number,
  give: (answer: (result: OrderResult) => void) => void,
): Promise<OrderResult | undefined> {
  let result: OrderResult | undefined
  lab.server(index).node.run(() =>
    give((one) => {
      result = one
    }),
  )
  lab.world.advanceUntil(() => result !== undefined, 20_000)
  return result
}

t.test('each server answers its own clients, and knows the leases of the other', async (t) => {
  const lab = pairWith()
  t.ok(lab.reachNormal())
  t.ok(lab.settle())
  t.same(servedBy(lab), ['server1', 'server1', 'server2', 'server2'])
  lab.advance(2000)
  for (const { server } of lab.servers) t.equal(server?.tables.v4.size, 4)
  const { ha } = lab.status(0)!
  t.match(ha, { state: 'load-balancing', scopes: ['server1'], sharesDatabase: true })
  t.match(ha?.partner, { kind: 'connected', lastState: 'load-balancing', lastScopes: ['server2'] })
  t.match(ha?.peers[0], { isConnected: true, isCaughtUp: true, lag: 0 })
  isWhole(t, lab)
})

t.test('hot-standby: the primary answers everybody, the standby when that is gone', async (t) => {
  const lab = pairWith({ mode: 'hot-standby' })
  t.ok(lab.reachNormal())
  t.ok(lab.settle())
  t.same(new Set(servedBy(lab)), new Set(['server1']))
  lab.crash(0)
  lab.addClient({ hwAddress: hardwareAddress(1, 7), startDelayMax: 0 })
  t.ok(lab.settle())
  t.same(lab.states(), [undefined, 'partner-down'])
  t.equal(servedBy(lab).at(-1), 'server2')
  isWhole(t, lab)
})

t.test('a client of the dead server renews the address that it has at the other', async (t) => {
  for (const fault of ['kill', 'crash'] as const) {
    const lab = pairWith()
    t.ok(lab.reachNormal())
    t.ok(lab.settle())
    const addresses = lab.clients.map(({ address }) => address)
    lab[fault](0)
    lab.advance(2 * 600_000)
    t.same(
      lab.clients.map(({ address }) => address),
      addresses,
      `after a ${fault} of server1 all keep their addresses`,
    )
    t.same(new Set(servedBy(lab)), new Set(['server2']))
    t.match(lab.status(1)?.ha, { state: 'partner-down', scopes: ['server1', 'server2'] })
    lab.start(0)
    t.ok(lab.reachNormal(), 'it comes back')
    lab.advance(2 * 600_000)
    t.same(servedBy(lab), ['server1', 'server1', 'server2', 'server2'])
    t.same(
      lab.clients.map(({ address }) => address),
      addresses,
    )
    isWhole(t, lab)
  }
})

t.test('a new client of the dead server gets any address that is free', async (t) => {
  const lab = pairWith({ pool: '192.0.2.10 - 192.0.2.14' })
  t.ok(lab.reachNormal())
  t.ok(lab.settle())
  lab.crash(0)
  lab.addClient({ hwAddress: hardwareAddress(0, 7), startDelayMax: 0 })
  t.ok(lab.settle(), 'the last one of five, whoever it was for')
  isWhole(t, lab)
})

t.test('a server that starts alone serves everybody, without a word of anybody', async (t) => {
  const lab = pairWith()
  lab.crash(1)
  t.ok(lab.settle(20_000))
  t.same(lab.states(), ['partner-down', undefined])
  isWhole(t, lab)
})

t.test('a cut link: both answer everybody, and no address is given twice', async (t) => {
  const lab = pairWith({ pool: '192.0.2.10 - 192.0.2.13' })
  t.ok(lab.reachNormal())
  lab.cutLink()
  t.ok(lab.settle(60_000))
  lab.advance(20_000)
  t.same(lab.states(), ['partner-down', 'partner-down'])
  lab.advance(600_000)
  lab.healLink()
  t.ok(lab.reachNormal())
  isWhole(t, lab)
})

t.test('who cannot reach the database leaves, and the other serves all at once', async (t) => {
  const lab = pairWith()
  t.ok(lab.reachNormal())
  t.ok(lab.settle())
  lab.server(0).path.isCut = true
  t.ok(lab.world.advanceUntil(() => lab.states()[1] === 'partner-down', 5000))
  t.match(lab.status(0)?.ha, { isAway: true })
  t.match(lab.status(1)?.ha?.partner, { kind: 'left' })
  lab.addClient({ hwAddress: hardwareAddress(0, 7), startDelayMax: 0 })
  t.ok(lab.settle(5000))
  lab.server(0).path.isCut = false
  t.ok(lab.reachNormal())
  isWhole(t, lab)
})

t.test('a database that is slow for both is no reason to leave', async (t) => {
  const lab = pairWith()
  t.ok(lab.reachNormal())
  for (const { path } of lab.servers) path.latencyMin = path.latencyMax = 900
  t.ok(lab.settle())
  t.same(lab.states(), ['load-balancing', 'load-balancing'])
  isWhole(t, lab)
})

t.test('maintenance: the other serves all while it lasts', async (t) => {
  const lab = pairWith()
  t.ok(lab.reachNormal())
  const orders = () => lab.server(0).server!.pair!.orders
  t.match(await order(lab, 0, (done) => orders().startMaintenance(done)), { allowed: true })
  lab.advance(2000)
  t.same(lab.states(), ['partner-in-maintenance', 'in-maintenance'])
  t.ok(lab.settle())
  t.same(new Set(servedBy(lab)), new Set(['server1']))
  lab.crash(0)
  const late = lab.addClient({ hwAddress: hardwareAddress(0, 7), startDelayMax: 0 })
  t.ok(lab.settle(30_000), 'where that dies, too, the one that was worked on serves')
  lab.start(0)
  t.ok(lab.reachNormal())
  t.match(await order(lab, 0, (done) => orders().startMaintenance(done)), { allowed: true })
  lab.advance(2000)
  t.match(await order(lab, 0, (done) => orders().cancelMaintenance(done)), { allowed: true })
  t.ok(lab.reachNormal())
  t.ok(late.isBound)
  isWhole(t, lab)
})

t.test('words about rights are refused: there are none to speak of', async (t) => {
  const lab = pairWith()
  t.ok(lab.reachNormal())
  lab.crash(1)
  lab.advance(20_000)
  const { orders } = lab.server(0).server!.pair!
  for (const word of ['confirmPartnerOff', 'serveAlone', 'endDoubt', 'forgetLifetime'] as const)
    t.match(await order(lab, 0, (done) => orders[word](done)), {
      allowed: false,
      why: /the lease database decides/,
    })
})

t.test('two that name different databases: the primary serves, the other one waits', async (t) => {
  let other: SharedDatabase | undefined
  const lab = pairWith(
    {},
    {
      ports: (own, { name, node, path }) => {
        if (name === 'server1') return own
        other ??= new SharedDatabase(node.world, 'another')
        return { ...own, journal: new VirtualSharedJournal(other, path, node, name) }
      },
    },
  )
  t.ok(lab.settle())
  t.same(new Set(servedBy(lab)), new Set(['server1']))
  lab.advance(60_000)
  t.match(lab.status(0)?.ha, { state: 'partner-down', rights: 'sole' })
  t.match(lab.status(1)?.ha, { state: 'waiting', scopes: [], rights: 'none', noneBecause: 'apart' })
  t.match(lab.status(1)?.ha?.partner, { trouble: /different lease databases/, isTurningAway: true })
  lab.crash(0)
  lab.advance(60_000)
  t.same(lab.states(), [undefined, 'waiting'], 'nor when the primary is gone')
  isWhole(t, lab)
})

t.test('DHCPv6: a client that names the dead server is answered at T1', async (t) => {
  const subnet6 = [
    { id: 6, subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::10 - 2001:db8:1::ff' }] },
  ]
  const dhcp6 = { subnet6, 'valid-lifetime': 600, 'preferred-lifetime': 400 }
  const lab = pairWith({ dhcp6 }, { clients: [], clients6: 6 })
  t.ok(lab.reachNormal())
  t.ok(lab.settle())
  const leases = () => lab.clients6.map((client) => client.leases.map(({ key }) => key))
  const before = leases()
  lab.crash(0)
  lab.restart(1)
  // Behind T1, and before T2, from which on a client names nobody.
  lab.advance(310_000)
  t.same(leases(), before, 'all have their addresses yet')
  t.same(new Set(lab.clients6.map(({ state }) => state)), new Set(['bound']))
  isWhole(t, lab)
})

t.test('while one server of the two is well, a known client waits for seconds only', async (t) => {
  // max-response-delay, a heartbeat, and what a client of these tests waits by itself.
  const bound = 3000 + 500 + 1000
  let longest = 0
  for (let seed = 1; seed <= 8; seed++)
    for (const { milliseconds, faults } of waitsOf(seed, 3, true)) {
      longest = Math.max(longest, milliseconds)
      if (milliseconds > bound) t.fail(`seed ${seed}: ${milliseconds} ms, ${faults.join(', ')}`)
    }
  t.ok(longest > 2000, `${longest} ms: the faults are felt`)
})
