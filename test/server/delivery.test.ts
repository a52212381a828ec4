// The order journal, partner, client by itself: the journal and the partner are answered for by the
// test, and what is done is noted in the order in which it is done.

import t from 'tap'
import { initialRecord } from '../../lib/ha/pair-steps.ts'
import { forEachChange } from '../../lib/leases/change-codec.ts'
import type { Key } from '../../lib/leases/keys/key.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import { freeRow } from '../../lib/leases/lifecycle.ts'
import type { Journal } from '../../lib/ports/journal.ts'
import { Delivery, type DeliveryDuties, RETRY_WAIT } from '../../lib/server/delivery.ts'
import { EventBook } from '../../lib/server/event-book.ts'
import { isReply, type Parked, type ParkedReply4, sayAnswers } from '../../lib/server/parked.ts'
import { NEVER } from '../../lib/time/units.ts'

const INFO = { stamp: 0, change: 0, setAside: 0, database: '', pair: undefined }

class World implements Pick<Journal, 'commit' | 'apart'> {
  apart = 0
  readonly done: string[] = []
  /** What the partner must acknowledge before the replies of the next batches leave. */
  ticket = 0
  readonly book = new EventBook()
  readonly delivery = new Delivery(this as unknown as Journal, this.#duties(), this.book)

  #duties(): DeliveryDuties {
    return {
      durable: ({ rows }) => {
        this.#note('sent', rows)
        return this.ticket
      },
      release: (parked) => this.#release(parked),
      tell: (action, { address }) => {
        const number = this.book.start === undefined ? '' : ` as ${this.book.told}`
        this.#note(`told ${action}${number}`, [{ address }])
      },
      forget: (replies) => this.#note('forgotten', replies),
    }
  }

  commit(...[changes, count, stamp, pair, , , , told]: Parameters<Journal['commit']>) {
    const addresses: number[] = []
    forEachChange(changes, (change) => {
      addresses.push(change.kind === 'put' ? change.lease.address : change.address)
    })
    if (count !== addresses.length) throw new Error(`${count} changes`)
    const record = pair === undefined ? '' : ` record ${pair.handOver}`
    const events = (told?.events.length ?? 0) > 0 ? ` events from ${told?.first}` : ''
    this.done.push(`stored ${addresses} at ${stamp}${record}${events}`)
  }

  #note(what: string, list: readonly { readonly address: Key }[]): void {
    if (list.length > 0) this.done.push(`${what} ${list.map(({ address }) => address)}`)
  }

  #release(parked: readonly Parked[]): void {
    this.#note('left', parked.filter(isReply))
    sayAnswers(parked, (error) => this.done.push(`error ${error}`))
  }

  /** What was done since the last look. */
  get news(): string[] {
    return this.done.splice(0)
  }

  /** A lease at this address, and the reply that tells it. */
  grant(address: number, isStreamed = true, action = 'granted', arrived = 0): void {
    const lease = { ...freeRow(address), state: LEASE_STATE.assigned }
    this.delivery.add({ kind: 'put', lease }, action as never, isStreamed)
    this.delivery.park({ kind: 'reply4', address, arrived } as ParkedReply4)
  }

  /** An order changes the lease of this address: whoever gave it is to hear of it. */
  order(address: number): void {
    const lease = { ...freeRow(address), state: LEASE_STATE.assigned }
    this.delivery.add({ kind: 'put', lease }, 'granted', true)
    const say = () => this.done.push(`answered ${address}`)
    this.delivery.park({ kind: 'answer', arrived: 0, say })
  }

  record(handOver: number): void {
    this.delivery.store({ ...initialRecord(false, 'primary'), handOver })
  }

  /** A batch with this lease is stored. */
  batch(address: number, now: number): void {
    this.grant(address)
    this.delivery.drain(now)
    this.delivery.onCommitted(now)
  }
}

t.test('journal, partner, client, and then whoever wants to know', async (t) => {
  const world = new World()
  const { delivery } = world
  world.ticket = 7
  world.grant(1)
  world.grant(2, false)
  delivery.note(() => world.done.push('noted'))
  t.equal(delivery.parked, 2)
  t.equal(delivery.gathered, 2)
  delivery.flush(5)
  t.same(world.news, ['stored 1,2 at 5'])
  t.equal(delivery.storesSince, 5)
  t.notOk(delivery.isStored)
  world.grant(3)
  delivery.flush(100)
  t.same(world.news, [], 'one batch at a time')
  t.equal(delivery.parked, 3)
  delivery.onCommitted(200)
  t.same(world.news, ['sent 1', 'noted', 'told granted 1', 'told granted 2'])
  t.equal(delivery.parked, 3, 'at the partner, too')
  delivery.acknowledged(6, 0)
  t.same(world.news, [])
  delivery.acknowledged(7, 0)
  t.same(world.news, ['left 1,2'])
  t.equal(delivery.parked, 1)
})

t.test('replies leave in order, whoever is to be waited for', async (t) => {
  const world = new World()
  const { delivery } = world
  world.ticket = 7
  world.batch(1, 10)
  world.ticket = 9
  world.batch(2, 20)
  world.ticket = 0
  world.batch(3, 30)
  t.same(
    world.news.filter((one) => one.startsWith('left')),
    [],
    'nobody overtakes',
  )
  t.ok(delivery.isStored)
  t.notOk(delivery.isIdle)
  delivery.acknowledged(8, 0)
  t.same(world.news, ['left 1'])
  delivery.acknowledged(9, 0)
  t.same(world.news, ['left 2', 'left 3'])
  t.ok(delivery.isIdle)
  world.batch(4, 40)
  t.ok(world.news.includes('left 4'), 'nobody is waited for')
  world.ticket = 11
  world.batch(5, 50)
  world.batch(6, 60)
  world.news
  delivery.releaseWaiting()
  t.same(world.news, ['left 5', 'left 6'])
})

t.test('an order is answered like a client: journal, partner, and then the word', async (t) => {
  const world = new World()
  const { delivery } = world
  world.ticket = 7
  world.order(1)
  world.grant(2)
  t.equal(delivery.parked, 2)
  delivery.flush(5)
  t.same(world.news, ['stored 1,2 at 5'])
  delivery.onCommitted(10)
  t.same(world.news, ['sent 1,2', 'told granted 1', 'told granted 2'])
  t.ok(delivery.isAtWork)
  delivery.acknowledged(6, 0)
  t.same(world.news, [])
  delivery.acknowledged(7, 0)
  t.same(world.news, ['left 2', 'answered 1'])
  t.ok(delivery.isIdle)
})

t.test(
  'an order that could not be stored is answered once it is, though clients are not',
  async (t) => {
    const world = new World()
    const { delivery } = world
    world.order(1)
    world.grant(2)
    delivery.flush(5)
    world.order(3)
    world.news
    delivery.onFailed('the disk is full', 100)
    t.same(world.news, ['forgotten 2'])
    t.equal(delivery.parked, 2)
    delivery.flush(1100)
    t.same(world.news, ['stored 1,2,3 at 1100'])
    delivery.onCommitted(1200)
    t.same(world.news.slice(0, 3), ['sent 1,2,3', 'answered 1', 'answered 3'])
    t.equal(delivery.parked, 0)
  },
)

t.test('a batch without replies keeps nobody waiting', async (t) => {
  const world = new World()
  const { delivery } = world
  world.ticket = 7
  delivery.add({ kind: 'remove', address: 1, change: 1 }, undefined)
  delivery.drain(0)
  delivery.onCommitted(200)
  t.ok(delivery.isIdle)
})

t.test('what could not be stored comes again, in front; its replies never leave', async (t) => {
  const world = new World()
  const { delivery } = world
  world.grant(1)
  world.record(5)
  delivery.note(() => world.done.push('noted 1'))
  delivery.flush(10)
  world.grant(2, true, 'renewed')
  delivery.note(() => world.done.push('noted 2'))
  world.news
  delivery.onFailed('the disk is full', 100)
  t.same(world.news, ['forgotten 1', 'forgotten 2'])
  t.equal(delivery.trouble, 'the disk is full')
  t.equal(delivery.parked, 0)
  t.equal(delivery.deadline, 1100)
  for (let address = 3; address < 80; address++)
    delivery.add({ kind: 'remove', address, change: address }, undefined)
  delivery.flush(1099)
  delivery.drain(1099)
  t.same(world.news, [], 'however much there is, and however urgent')
  delivery.flush(1100)
  t.match(world.news[0], /^stored 1,2,3,4,.*,79 at 1100 record 5$/)
  delivery.onFailed('the disk is full', 1200)
  world.record(6)
  delivery.flush(2200)
  t.match(world.news, [/record 6$/], 'the younger one')
  world.record(7)
  delivery.onFailed('the disk is full', 2300)
  delivery.flush(3300)
  t.match(world.news, [/record 7$/], 'also of those that meet after a failure')
  delivery.onCommitted(200)
  t.equal(delivery.trouble, '')
  const told = ['told granted 1', 'told renewed 2']
  t.same(world.news, ['sent 1,2', 'noted 1', 'noted 2', ...told])
  t.ok(delivery.isIdle)
})

t.test('when a batch goes', async (t) => {
  const world = new World()
  const { delivery } = world
  delivery.begin({ ...INFO, stamp: 1000 })
  t.equal(delivery.deadline, 11_000, 'the time is stored every ten seconds')
  delivery.drain(5000)
  delivery.flush(10_999)
  t.same(world.news, [])
  delivery.flush(11_000)
  t.same(world.news, ['stored  at 11000'])
  t.equal(delivery.deadline, NEVER)
  delivery.onCommitted(200)
  world.grant(1)
  t.equal(delivery.deadline, 11_002, 'two milliseconds behind the last one')
  delivery.flush(11_001)
  t.same(world.news, [])
  for (let address = 2; address <= 64; address++)
    delivery.add({ kind: 'remove', address, change: address }, undefined)
  delivery.flush(11_001)
  t.match(world.news, [/^stored 1,.*,64 at 11001$/], 'a large one at once')
  delivery.onCommitted(200)
  world.record(3)
  t.equal(delivery.deadline, 11_003, 'a record is something to store')
  t.notOk(delivery.isStored)
  delivery.note(() => {})
  delivery.drain(11_002)
  t.match(world.news.at(-1), 'stored  at 11002 record 3')
  delivery.onCommitted(200)
  delivery.note(() => {})
  t.equal(delivery.deadline, 21_002, 'a note is not')
})

t.test(
  'what happens beside leases is stored as soon as something is, and before the end',
  async (t) => {
    const world = new World()
    const { delivery, book } = world
    const event = { life: 'one', number: 1, name: 'conflict', text: '{}' }
    book.keep(event)
    delivery.begin({ ...INFO, history: 40 })
    t.notOk(delivery.isStored, 'a stop waits for it')
    delivery.drain(1)
    t.same(world.news, ['stored  at 1 events from 41'])
    delivery.onFailed('the disk is full', 2)
    world.grant(1)
    delivery.flush(2 + RETRY_WAIT)
    t.same(world.news, ['stored 1 at 1002 events from 42'], 'with what came meanwhile')
    delivery.onCommitted(1003)
    t.same(
      world.news,
      ['sent 1', 'left 1', 'told granted as 43 1'],
      'a lease with its number behind it',
    )
    t.ok(delivery.isStored)
  },
)

t.test('a batch goes a moment before its time when the server is awake anyway', async (t) => {
  const world = new World()
  const { delivery } = world
  delivery.begin({ ...INFO, stamp: 1000 })
  world.grant(1)
  delivery.flush(1001.4)
  t.same(world.news, [])
  delivery.flush(1001.5)
  t.same(world.news, ['stored 1 at 1001.5'])
  delivery.onFailed('full', 1002)
  delivery.flush(1002 + RETRY_WAIT - 0.5)
  t.notMatch(world.news.join(), 'stored', 'after a failure it waits for all of the pause')
})

t.test('where turns of the loop are apart a batch goes with every second one', async (t) => {
  const world = new World()
  const { delivery } = world
  delivery.begin(INFO)
  world.apart = 10
  world.grant(1)
  delivery.flush(1000)
  t.same(world.news, ['stored 1 at 1000'], 'after a pause at once')
  delivery.onCommitted(1002)
  world.news
  world.grant(2)
  delivery.flush(1010)
  t.same(world.news, [])
  t.ok(delivery.deadline > 1040, 'no timer is set for what the next turn does')
  delivery.flush(1020)
  t.same(world.news, ['stored 2 at 1020'])
  delivery.onCommitted(1029)
  world.news
  world.grant(3)
  delivery.flush(1030)
  t.same(world.news, ['stored 3 at 1030'], 'with each, where the disk is slow')
  delivery.onCommitted(1031)
  world.news
  world.grant(4)
  world.apart = 0
  t.equal(delivery.deadline, 1032, 'the load is over: nobody waits for turns')
})

t.test('bytes of replies stay as long as they are needed, and no longer', async (t) => {
  const world = new World()
  const { delivery } = world
  world.ticket = 7
  const first = delivery.arena
  first.cursor = 100
  delivery.settle()
  t.equal(first.cursor, 0, 'replies that left at once')
  world.grant(1)
  first.cursor = 100
  delivery.settle()
  t.equal(first.cursor, 100, 'one of them is parked')
  delivery.drain(0)
  t.not(delivery.arena, first)
  delivery.onCommitted(200)
  t.equal(first.cursor, 100, 'it waits for the partner')
  delivery.acknowledged(7, 0)
  t.equal(first.cursor, 0)
  world.batch(2, 10)
  t.equal(delivery.arena, first, 'and is used again')
})

t.test('how long the oldest reply waits, for the disk and for the others', async (t) => {
  const world = new World()
  const { delivery } = world
  t.equal(delivery.waitsSince, NEVER)
  world.grant(1, true, 'granted', 10)
  t.equal(delivery.waitsSince, NEVER, 'the journal has not been asked')
  delivery.flush(20)
  t.equal(delivery.waitsSince, 10)
  world.grant(2, true, 'granted', 30)
  world.ticket = 7
  delivery.onCommitted(3000)
  t.match(delivery.firstWaiting, { ticket: 7, since: 3000 })
  delivery.flush(3000)
  t.equal(delivery.storesSince, 3000)
  t.equal(delivery.waitsSince, 30, 'it waited for the batch before it')
  delivery.acknowledged(7, 0)
  t.equal(delivery.firstWaiting, undefined)
})

t.test('a journal on trial is asked for a commit though there is nothing to store', async (t) => {
  const { delivery } = new World()
  delivery.begin(INFO)
  t.equal(delivery.deadline, 10_000)
  delivery.isOnTrial = true
  t.equal(delivery.deadline, 200)
  const quick = [100, 500, 501, 10].map((took, index) => {
    delivery.flush(1000 * (index + 1))
    delivery.onCommitted(1000 * (index + 1) + took)
    return delivery.quickInARow
  })
  t.same(quick, [1, 2, 0, 1])
})
