// An order that changes a lease is answered as a client is: once the change is on this disk and on
// the partner's.

import t from 'tap'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import { bind, both, FOUR, HOUR, OF_S1, poolOf, stage } from './pair-stage.ts'

/** A pair whose first server has given a lease to the client that is its own. */
function paired(): PairLab {
  const lab = createPair(stage(poolOf(FOUR, HOUR), OF_S1))
  if (!lab.reachNormal()) throw new Error('no pair')
  if (!bind(lab, both(lab)[0])) throw new Error('no lease')
  lab.advance(5000)
  return lab
}

/** The first server's lease is written anew by order. Returns what was answered so far. */
function order(lab: PairLab): { isAnswered: boolean } {
  const order = { isAnswered: false }
  const { services } = lab.server(0).server!.pair!
  const [lease] = lab.rows(0)
  const change = {
    kind: 'put',
    lease: { ...lease!, hostname: 'by-order', change: services.nextChange() },
  } as const
  services.tables.v4.apply(change)
  services.delivery.add(change, 'renewed', true)
  const say = () => (order.isAnswered = true)
  services.delivery.park({ kind: 'answer', arrived: services.now(), say })
  services.proceed()
  return order
}

/** Whether the lease of the order is on the disk of a server. */
function isStored(lab: PairLab, server: number): boolean {
  const [lease] = lab.rows(0)
  return lab.server(server).disk.durableRow(lease!.address)?.hostname === 'by-order'
}

t.test('an answer waits for the disk here, then for the disk there', async (t) => {
  const lab = paired()
  Object.assign(lab.server(0).disk.behaviour, { commitMin: 300, commitMax: 300 })
  Object.assign(lab.server(1).disk.behaviour, { commitMin: 1000, commitMax: 1000 })
  const given = order(lab)
  t.notOk(given.isAnswered, 'not at once')
  const wait = (ready: () => boolean) => lab.world.advanceUntil(ready, 10_000)
  t.ok(wait(() => given.isAnswered || isStored(lab, 0)))
  t.notOk(given.isAnswered, 'stored here alone it is not said yet')
  t.ok(wait(() => given.isAnswered || isStored(lab, 1)))
  t.ok(wait(() => given.isAnswered))
  t.ok(isStored(lab, 0) && isStored(lab, 1), 'said when both have it')
  t.same(lab.invariants.violations, [])
})

t.test('without a partner that hears, an answer leaves as the replies do', async (t) => {
  const lab = paired()
  lab.cutLink()
  const given = order(lab)
  lab.advance(500)
  t.ok(isStored(lab, 0))
  t.notOk(given.isAnswered)
  t.ok(lab.world.advanceUntil(() => given.isAnswered, 10_000))
  t.notOk(isStored(lab, 1))
})
