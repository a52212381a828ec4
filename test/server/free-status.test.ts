// What status says of addresses for new clients: how many there are, how fast they go, how long
// they last.

import t from 'tap'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import { BINDING_KIND, type BindingKind, bindingOf } from '../../lib/leases/binding.ts'
import { FreeRate } from '../../lib/leases/table/free-rate.ts'
import { leaseTable6 } from '../../lib/leases/table/lease-table6.ts'
import type { FreeStatus } from '../../lib/server/pair/pair-status.ts'
import { duid, key6 } from '../dhcp6/messages6.ts'
import { lease } from '../leases/table-rows.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

function free(pair: PairLab, index = 0): FreeStatus {
  return pair.status(index)!.ha!.free[0]!
}

/** Ninety addresses, given for ten minutes and kept for their former clients for four hours. */
function normal(clients: number): PairLab {
  const pair = createPair({
    clients,
    dhcp4: { 'expired-leases-processing': { 'hold-reclaimed-time': 14_400 } },
  })
  pair.reachNormal()
  pair.settle()
  return pair
}

/** One more client every `pause`, so many in all. */
function arrive(pair: PairLab, count: number, pause: number): void {
  for (let one = 0; one < count; one++) {
    pair.addClient({ startDelayMax: 0 })
    pair.advance(pause)
  }
}

t.test('the rate alone', async (t) => {
  const rate = new FreeRate()
  t.equal(rate.perHour(1, 0), 0, 'nothing has happened')
  for (let at = 0; at <= 3 * HOUR; at += MINUTE) rate.note(1, 1, at)
  const steady = rate.perHour(1, 3 * HOUR)
  t.ok(steady > 57 && steady < 66, `one a minute is about 60 an hour: ${steady}`)
  t.equal(rate.perHour(2, 3 * HOUR), 0, 'another subnet')
  const later = rate.perHour(1, 3 * HOUR + 30 * MINUTE)
  t.ok(later > 0 && later < 4, `half an hour after the last one it has faded: ${later}`)
  rate.note(1, -1, 3 * HOUR)
  t.ok(rate.perHour(1, 3 * HOUR) < steady, 'what comes back counts against it')
  for (let count = 0; count < 20; count++) rate.note(1, -1, 3 * HOUR)
  t.equal(rate.perHour(1, 3 * HOUR), 0, 'more come back than are taken')
})

t.test('the rate when little was seen, and out of order', async (t) => {
  const young = new FreeRate()
  for (let at = 0; at < 10 * MINUTE; at += MINUTE) young.note(1, 1, at)
  const rate = young.perHour(1, 10 * MINUTE)
  t.ok(rate > 50 && rate < 66, `ten minutes after the start it is right already: ${rate}`)
  const burst = new FreeRate()
  for (let count = 0; count < 10; count++) burst.note(1, 1, 0)
  t.ok(burst.perHour(1, SECOND) < 160, 'ten at once do not mean ten each second')
  const [one, other] = [new FreeRate(), new FreeRate()]
  for (const at of [0, 5 * MINUTE, 9 * MINUTE]) one.note(1, 1, at)
  for (const at of [9 * MINUTE, 0, 5 * MINUTE]) other.note(1, 1, at)
  const [ordered, mixed] = [one, other].map((each) => each.perHour(1, 12 * MINUTE))
  t.equal(ordered, mixed, 'late news counts for when it happened')
})

t.test('new clients while the partner is away', async (t) => {
  const pair = normal(4)
  pair.crash(1)
  pair.advance(2 * HOUR)
  t.match(free(pair), { takenPerHour: 0, prefix: '192.0.2.0/24' }, 'renewals take nothing')
  t.equal(free(pair).lastsFor, Number.POSITIVE_INFINITY)
  const before = free(pair).here
  arrive(pair, 20, MINUTE)
  const { here, takenPerHour, lastsFor } = free(pair)
  t.equal(here, before - 20)
  t.ok(takenPerHour > 45 && takenPerHour < 66, `about one a minute: ${takenPerHour}`)
  t.equal(lastsFor, (here / takenPerHour) * HOUR)
  arrive(pair, here, MINUTE)
  t.match(free(pair), { here: 0, lastsFor: 0 }, 'and when it said, there are none')
})

t.test('both servers count the clients of both: a takeover begins with a good rate', async (t) => {
  const pair = normal(0)
  arrive(pair, 20, MINUTE)
  for (const index of [0, 1]) {
    const { takenPerHour } = free(pair, index)
    t.ok(takenPerHour > 45 && takenPerHour < 66, `server ${index}: ${takenPerHour}`)
  }
})

t.test('what was shared with the partner does not come back while it is away', async (t) => {
  const pair = normal(20)
  pair.crash(1)
  pair.advance(MINUTE)
  for (const client of pair.clients) client.stop()
  const { here, partner } = free(pair)
  const shared = 90 - here - partner
  t.equal(shared, 20)
  pair.advance(2 * HOUR)
  t.match(free(pair), { here, partner, takenPerHour: 0 }, 'their leases have ended')
  t.equal(pair.status(0)!.subnets[0]!.assigned, 0)

  t.comment('leases of this time are another matter')
  arrive(pair, 10, 10 * SECOND)
  t.equal(free(pair).here, here - 10)
  t.ok(free(pair).takenPerHour > 0)
  for (const client of pair.clients) client.stop()
  pair.advance(12 * MINUTE)
  t.match(free(pair), { here, takenPerHour: 0 }, 'all of them have come back')

  t.comment('the same clients again take nothing that was free')
  for (const client of pair.clients.slice(0, 20)) client.start()
  pair.advance(MINUTE)
  t.match(free(pair), { here, partner, takenPerHour: 0 })

  t.comment('it returns')
  pair.start(1)
  t.ok(pair.reachNormal())
  for (const client of pair.clients) client.stop()
  pair.advance(5 * HOUR)
  t.equal(free(pair).here + free(pair).partner, 90, 'every address is free again')
  t.same(pair.invariants.violations, [])
})

t.test('a server that is sent everything takes nobody for a new client', async (t) => {
  const pair = normal(20)
  pair.advance(2 * HOUR)
  pair.crash(1)
  pair.replaceDisk(1)
  pair.start(1)
  t.ok(pair.reachNormal())
  t.equal(free(pair, 1).takenPerHour, 0)
})

t.test('prefixes are used up for themselves, and addresses are', async (t) => {
  const table = leaseTable6(1)
  const take = (key: string, kind: BindingKind, number: number, at: number): void => {
    const who = { htype: 0, hwAddress: '', clientId: bindingOf(kind, 1, duid(number)) }
    table.apply({ kind: 'put', lease: lease(key6(key), who, { start: at }) })
  }
  for (let minute = 0; minute < 10; minute++)
    take(`2001:db8:8000:${minute}00::/56`, BINDING_KIND.pd, minute, minute * MINUTE)
  const perHour = (ofPrefixes: boolean) => table.free.takenPerHour(1, ofPrefixes, 10 * MINUTE)
  t.ok(perHour(true) > 45, `prefixes: ${perHour(true)}`)
  t.equal(perHour(false), 0)
  take('2001:db8:1::5', BINDING_KIND.na, 77, 9 * MINUTE)
  t.ok(perHour(false) > 0 && perHour(false) < 20, `addresses: ${perHour(false)}`)
})
