// A laptop with two cards, whose reservation lists both: one card is answered by server1 (A), the
// other by server2 (B). Its address goes over with both keys, and to nobody else.

import t from 'tap'
import { type Ipv4, textFromIpv4 } from '../../lib/address/ipv4.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import type { VirtualClient4 } from '../../lib/lab/virtual-client4.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import {
  bind,
  both,
  FOUR,
  HOUR,
  HOUR_MS,
  hardwareAddress,
  only,
  plansOf,
  poolOf,
  RENEWER,
  S1,
  S2,
  stage,
  wish,
  X,
  Y,
} from './pair-stage.ts'
import { freeHand, weakPorts } from './pair-weakness.ts'

const CARDS = [{ hwAddress: hardwareAddress(0) }, { hwAddress: hardwareAddress(1) }]

function laptopAt(address: Ipv4, cards = CARDS): Partial<Dhcp4Document> {
  const identifiers = cards.map(({ hwAddress }) => ({ 'hw-address': hwAddress }))
  const reservations = [{ identifiers, 'ip-address': textFromIpv4(address) }]
  const plain = poolOf(FOUR, HOUR)
  return { ...plain, subnet4: [{ ...plain.subnet4![0]!, reservations }] }
}

interface Laptop {
  readonly lab: PairLab
  readonly wire: VirtualClient4
  readonly wifi: VirtualClient4
}

function laptop(address: Ipv4, seed = 1, more = {}): Laptop {
  const lab = createPair({ ...stage(laptopAt(address), more, more), seed })
  if (!lab.reachNormal()) throw new Error('the pair does not come up')
  const [wire, wifi] = both(lab)
  return { lab, wire, wifi }
}

/** Whom each server has the address noted for, by the last octet of the hardware address. */
function holders(lab: PairLab, address: Ipv4): (number | undefined)[] {
  return lab.servers.map(({ disk }) => {
    const row = disk.durableRow(address)
    return row?.state === LEASE_STATE.assigned ? row.hwAddress.charCodeAt(5) : undefined
  })
}

function cardOf(client: VirtualClient4): number {
  return client.machine.settings.hwAddress.charCodeAt(5)
}

for (const [where, address] of [
  ['server1', X],
  ['server2', Y],
] as const)
  t.test(`the address, at home at ${where}, goes over in one exchange and back`, async (t) => {
    for (let seed = 1; seed <= 5; seed++) {
      const { lab, wire, wifi } = laptop(address, seed)
      t.ok(bind(lab, wire))
      lab.advance(10_000)
      for (const card of [wifi, wire, wifi]) {
        card.forget()
        const begun = lab.world.now
        t.ok(bind(lab, card))
        t.equal(card.ipv4, address)
        // A second REQUEST is sent after four seconds or so: the key came meanwhile.
        t.ok(lab.world.now - begun < 10_000)
        lab.advance(10_000)
        t.same(holders(lab, address), [cardOf(card), cardOf(card)], 'both servers know')
      }
      t.same(lab.invariants.violations, [])
      t.same(lab.invariants.pair.differences(), [])
    }
  })

t.test('two cards that are up at once take it from each other, and are both served', async (t) => {
  const { lab, wire, wifi } = laptop(X, 1, RENEWER)
  bind(lab, wire)
  bind(lab, wifi)
  const seen = new Set<number | undefined>()
  for (let minute = 0; minute < 180; minute++) {
    lab.advance(60_000)
    t.equal(wire.ipv4, X)
    t.equal(wifi.ipv4, X)
    seen.add(holders(lab, X)[0])
  }
  t.same(seen, new Set([cardOf(wire), cardOf(wifi)]))
  t.same(lab.invariants.violations, [])
})

t.test('cut off from the partner the other card gets another address', async (t) => {
  const { lab, wire, wifi } = laptop(X)
  bind(lab, wire)
  lab.advance(10_000)
  only(lab, wire, S1)
  only(lab, wifi, S2)
  lab.cutLink()
  lab.advance(30_000)
  t.ok(bind(lab, wifi))
  t.not(wifi.ipv4, X)
  t.equal(wire.ipv4, X)
  lab.healLink()
  t.ok(lab.reachNormal(120_000))
  lab.advance(2 * HOUR_MS)
  t.not(wifi.ipv4, X, 'and keeps it while the wire is up')
  t.equal(wire.ipv4, X)
  wire.stop()
  lab.world.advanceUntil(() => wifi.ipv4 === X, 3 * HOUR_MS)
  t.equal(wifi.ipv4, X, 'then it moves to that of its host')
  t.same(lab.invariants.violations, [])
})

t.test('rule 3g: without the keys rows of two clients would meet', async (t) => {
  const play = (isOff: boolean) => {
    const rule = { isOff: false }
    const ports = weakPorts(freeHand(S2), () => rule.isOff, [])!
    const lab = createPair({ ...stage(laptopAt(X)), ports })
    if (!lab.reachNormal()) throw new Error('the pair does not come up')
    const [wire, wifi] = both(lab)
    bind(lab, wire)
    lab.advance(10_000)
    only(lab, wire, S1)
    only(lab, wifi, S2)
    lab.cutLink()
    lab.advance(30_000)
    rule.isOff = isOff
    bind(lab, wifi)
    rule.isOff = false
    t.equal(wifi.ipv4 === X, isOff)
    lab.healLink()
    lab.reachNormal(120_000)
    lab.advance(60_000)
    return lab.invariants.violations
  }
  t.same(play(false), [])
  t.match(play(true), [/finds two clients/])
})

t.test('who has it goes on when the other card asked, and went away', async (t) => {
  const { lab, wire, wifi } = laptop(X)
  bind(lab, wire)
  lab.advance(10_000)
  wifi.start()
  const ceded = () =>
    lab.server(1).server!.tables.v4.keysOf(X, lab.server(1).server!.tables.v4.byAddress(X))
  lab.world.advanceUntil(() => ceded() === 2 || wifi.isBound, 20_000)
  t.equal(ceded(), 2, 'the key is at server2, whose client asked')
  wifi.stop()
  for (let renewal = 0; renewal < 4; renewal++) {
    lab.advance(HOUR_MS / 2)
    t.equal(wire.ipv4, X)
  }
  t.same(lab.invariants.violations, [])
})

// The card on the wire is replaced while its lease runs: it is one host with the card for Wi-Fi no
// more, and the new card is none with it.
t.test('a card that is new in the reservation waits for the one it replaces', async (t) => {
  const { lab, wire, wifi } = laptop(X)
  bind(lab, wire)
  lab.advance(10_000)
  bind(lab, wifi)
  lab.advance(20_000)
  const settings = { hwAddress: hardwareAddress(0, 2), start: false, startDelayMax: 0 }
  const fresh = lab.addClient(settings)
  const identifiers = [settings, { hwAddress: hardwareAddress(1) }]
  for (const server of [0, 1]) lab.reload(plansOf(laptopAt(X, identifiers))[server]!, server)
  lab.reachNormal(120_000)
  t.ok(bind(lab, fresh))
  t.not(fresh.ipv4, X)
  t.equal(wifi.ipv4, X)
  lab.advance(1.1 * HOUR_MS)
  fresh.forget()
  t.ok(bind(lab, fresh))
  t.equal(fresh.ipv4, X, 'the former lease is over')
  t.same(lab.invariants.violations, [])
})

t.test('a reservation that is gone at one server gives a stranger nothing', async (t) => {
  const { lab, wire, wifi } = laptop(X)
  bind(lab, wire)
  lab.advance(10_000)
  bind(lab, wifi)
  lab.advance(20_000)
  wifi.release()
  lab.advance(1000)
  lab.reload(plansOf(poolOf(FOUR, HOUR))[0]!, 0)
  lab.reload(plansOf(poolOf(FOUR, HOUR))[1]!, 1)
  lab.advance(5000)
  const stranger = lab.addClient({
    hwAddress: hardwareAddress(0, 3),
    start: false,
    startDelayMax: 0,
  })
  wish(stranger, X)
  bind(lab, stranger)
  t.not(stranger.ipv4, X, 'the card on the wire has it yet')
  t.same(lab.invariants.violations, [])
})
