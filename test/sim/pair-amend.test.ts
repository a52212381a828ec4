// What an operator does to leases of a pair: at whichever server it is said, it is true at both
// when it is answered, and no address goes to two clients, whatever is cut or crashes meanwhile.
// S1 and S2 are server1 and server2, X is at home at S1, Y at S2.

import t from 'tap'
import { hexFromOctets } from '../../lib/bytes/octets.ts'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { add, del, type Order, update } from '../server/amending.ts'
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
  Y,
} from './pair-stage.ts'
import { freeHand, weakPorts } from './pair-weakness.ts'

function begun(): PairLab {
  const lab = createPair(stage(poolOf(FOUR, HOUR)))
  if (!lab.reachNormal()) throw new Error('the pair does not become normal')
  lab.advance(2000)
  return lab
}

function said(lab: PairLab, order: Order): string | undefined {
  lab.world.advanceUntil(() => order.said !== undefined, 20_000)
  return order.said
}

const serverOf = (lab: PairLab, index: number) => lab.server(index).server
const rowOf = (lab: PairLab, index: number, address: number) =>
  lab.server(index).disk.durableRow(address)
const hex = (octets = '') => hexFromOctets(octets, ':')

for (const index of [0, 1])
  for (const [name, address] of [
    ['X', X],
    ['Y', Y],
  ] as const)
    t.test(`${name} is given by an operator’s word at S${index + 1}`, async (t) => {
      const lab = begun()
      const [a, b] = both(lab)
      const hwAddress = hardwareAddress(0)
      t.equal(said(lab, add(serverOf(lab, index), address, hwAddress)), 'added')
      for (const server of [0, 1])
        t.match(
          {
            ...rowOf(lab, server, address),
            hwAddress: hex(rowOf(lab, server, address)?.hwAddress),
          },
          { state: LEASE_STATE.assigned, hwAddress },
          `on the disk of S${server + 1}`,
        )
      t.ok(bind(lab, a))
      t.equal(a.ipv4, address)
      t.notOk(bindAt(lab, b, index === 0 ? S2 : S1, address) && b.ipv4 === address)
      t.same(lab.invariants.violations, [])
    })

t.test('a lease is deleted at either server, whoever gave it', async (t) => {
  for (const index of [0, 1]) {
    const lab = begun()
    const [a] = both(lab)
    t.ok(bindAt(lab, a, S1, X))
    lab.advance(5000)
    a.stop()
    t.equal(said(lab, del(serverOf(lab, index), X)), 'deleted')
    lab.advance(500)
    for (const server of [0, 1])
      t.match(rowOf(lab, server, X), { state: LEASE_STATE.released, validLifetime: 0 })
    t.equal(said(lab, del(serverOf(lab, 1 - index), X)), 'missing: there is no lease')
    t.same(lab.invariants.violations, [])
  }
})

t.test('what was declined is free at both when it is deleted at one', async (t) => {
  const lab = begun()
  const [a] = both(lab)
  const declined = { state: LEASE_STATE.declined, validLifetime: 86_400 }
  t.equal(said(lab, add(serverOf(lab, 0), X, hardwareAddress(0), declined)), 'added')
  t.equal(said(lab, del(serverOf(lab, 1), X)), 'deleted')
  t.equal(said(lab, add(serverOf(lab, 1), X, hardwareAddress(0))), 'added')
  t.ok(bind(lab, a))
  t.equal(a.ipv4, X)
})

t.test('while the partner is away, its keys are not to be had, and what is here is', async (t) => {
  const lab = begun()
  lab.crash(1)
  lab.advance(10_000)
  t.match(
    said(lab, add(serverOf(lab, 0), Y, hardwareAddress(0))),
    /^conflict: server2 has its keys, and is not connected/,
  )
  t.equal(said(lab, add(serverOf(lab, 0), X, hardwareAddress(0))), 'added')
  lab.start(1)
  t.ok(lab.reachNormal())
  lab.advance(5000)
  t.match(rowOf(lab, 1, X), { state: LEASE_STATE.assigned })
})

t.test('a partner that is cut off in between leaves nothing half done', async (t) => {
  const lab = begun()
  const order = add(serverOf(lab, 0), Y, hardwareAddress(0))
  lab.cutLink()
  t.match(said(lab, order), /^conflict: server2 /)
  t.equal(rowOf(lab, 0, Y)?.state ?? LEASE_STATE.free, LEASE_STATE.free)
  const [, b] = both(lab)
  lab.healLink()
  t.ok(lab.reachNormal())
  lab.advance(5000)
  t.equal(said(lab, add(serverOf(lab, 0), Y, hardwareAddress(0))), 'added')
  t.ok(bind(lab, b))
  t.not(b.ipv4, Y)
  t.same(lab.invariants.violations, [])
})

t.test('cut in two, each deletes and gives what it has the keys of alone', async (t) => {
  const lab = begun()
  const [a, b] = both(lab)
  t.ok(bindAt(lab, a, S1, X))
  lab.advance(5000)
  lab.cutLink()
  lab.advance(10_000)
  // A has X by now from S2, which S1 does not hear of.
  only(lab, a, S2)
  a.stop()
  t.ok(bind(lab, a))
  t.equal(a.ipv4, X)
  t.equal(said(lab, del(serverOf(lab, 0), X)), 'deleted', 'S1 knows no better')
  t.match(
    said(lab, add(serverOf(lab, 0), X, hardwareAddress(1))),
    /^conflict: server2 has its keys/,
    'but nobody gets it',
  )
  bindAt(lab, b, S1, X)
  t.not(b.ipv4, X)
  lab.healLink()
  t.ok(lab.reachNormal())
  lab.advance(5000)
  t.match(rowOf(lab, 0, X), { state: LEASE_STATE.assigned }, 'A has it, as S2 knew')
  t.match(said(lab, add(serverOf(lab, 0), X, hardwareAddress(1))), /^exists/)
  t.same(lab.invariants.violations, [])
})

// Rule 3a. The same, and S1 believes that it has both keys of every address.
t.test('who gives by an operator’s word without the keys is found out', async (t) => {
  const ports = weakPorts(freeHand(S1), () => true, [])!
  const lab = createPair({ ...stage(poolOf(FOUR, HOUR)), ports })
  t.ok(lab.reachNormal())
  lab.advance(2000)
  const [a, b] = both(lab)
  t.ok(bindAt(lab, a, S1, X))
  lab.advance(5000)
  lab.cutLink()
  lab.advance(10_000)
  only(lab, a, S2)
  a.stop()
  t.ok(bind(lab, a))
  t.equal(said(lab, del(serverOf(lab, 0), X)), 'deleted')
  t.equal(said(lab, add(serverOf(lab, 0), X, hardwareAddress(1))), 'added')
  bindAt(lab, b, S1, X)
  t.match(
    lab.invariants.violations.filter((one) => one.includes('is valid for')),
    [/./],
  )
})

for (const crashed of [0, 1])
  t.test(`S${crashed + 1} crashes in between: who was answered has it`, async (t) => {
    for (let wait = 0; wait < 12; wait++) {
      const lab = begun()
      const order = add(serverOf(lab, 0), Y, hardwareAddress(0))
      lab.advance(wait)
      const answer = order.said
      lab.crash(crashed)
      lab.advance(1000)
      lab.start(crashed)
      t.ok(lab.reachNormal())
      lab.advance(5000)
      if (answer === 'added') t.match(rowOf(lab, 1 - crashed, Y), { state: LEASE_STATE.assigned })
      const [one, other] = [rowOf(lab, 0, Y), rowOf(lab, 1, Y)]
      t.equal(one?.state, other?.state, `${wait} ms: ${answer}`)
      t.same(lab.invariants.violations, [])
    }
  })

t.test('a lease that the partner alone has the keys of is changed and deleted here', async (t) => {
  const lab = begun()
  const [, b] = both(lab)
  lab.cutLink()
  lab.advance(5000)
  t.ok(bindAt(lab, b, S2, Y))
  lab.healLink()
  t.ok(lab.world.advanceUntil(() => rowOf(lab, 0, Y) !== undefined, 20_000))
  const client = hardwareAddress(1)
  const named = { hostname: 'printer' }
  t.equal(said(lab, update(serverOf(lab, 0), Y, client, named)), 'changed')
  lab.advance(500)
  t.match(rowOf(lab, 1, Y), named)
  b.stop()
  t.equal(said(lab, del(serverOf(lab, 0), Y)), 'deleted')
  lab.advance(2 * HOUR_MS)
  t.same(lab.invariants.violations, [])
})
