// The lease table of a server alone: questions, free addresses, offers, time.

import t from 'tap'
import type { Ipv4, Ipv4Range } from '../../lib/address/ipv4.ts'
import { ChangeWriter } from '../../lib/leases/change-codec.ts'
import { overAt } from '../../lib/leases/grace.ts'
import { family4 } from '../../lib/leases/keys/family4.ts'
import { type Change, LEASE_STATE } from '../../lib/leases/lease.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'
import { Offers } from '../../lib/leases/table/offers.ts'
import type { FreeSearch } from '../../lib/leases/view.ts'
import { NEVER } from '../../lib/time/units.ts'
import {
  BASE,
  client,
  drawing,
  HOLD,
  ITERATIVE,
  lastChange,
  lease,
  nextChange,
  put,
  range,
} from './table-rows.ts'

t.test('questions', async (t) => {
  t.test('a row comes back as it was put', async (t) => {
    const table = leaseTable4()
    const whole = lease(BASE + 1, client(1), {
      hostname: 'küche.example.org',
      fqdnFwd: true,
      poolId: 7,
      start: 12.5,
      end: NEVER,
      validLifetime: 0xffffffff,
      userContext: '{ "a": "\u2028" }',
    })
    put(table, whole)
    t.strictSame(table.byAddress(BASE + 1), whole)
    t.strictSame(table.byClient(client(1), 1), whole)
    t.equal(table.byClient(client(1), 2), undefined, 'another subnet')
    t.equal(table.byAddress(BASE + 2), undefined)
    table.apply({ kind: 'remove', address: BASE + 1, change: nextChange() })
    t.equal(table.byAddress(BASE + 1), undefined)
    t.equal(table.byClient(client(1), 1), undefined)
    t.equal(table.size, 0)
  })

  t.test(
    'client-id first, then hardware address unless another client-id stands there',
    async (t) => {
      const table = leaseTable4()
      put(table, lease(BASE + 1, client(1)))
      t.equal(table.byClient({ ...client(2), clientId: client(1).clientId }, 1)?.address, BASE + 1)
      t.equal(table.byClient({ ...client(1), clientId: '' }, 1)?.address, BASE + 1)
      t.equal(table.byClient({ ...client(1), clientId: '\x01other' }, 1), undefined)
      t.equal(table.byClient({ ...client(1), clientId: '', htype: 6 }, 1), undefined)
      put(table, lease(BASE + 2, { ...client(1), clientId: '' }))
      t.equal(table.byClient({ ...client(1), clientId: '\x01other' }, 1)?.address, BASE + 2)
      put(table, lease(BASE + 3, { htype: 1, hwAddress: '', clientId: 'x' }))
      t.equal(table.byClient({ htype: 1, hwAddress: '', clientId: '' }, 1), undefined)
    },
  )

  t.test('live before ended, then the youngest; declined is nobody’s', async (t) => {
    const table = leaseTable4()
    put(table, lease(BASE + 1, client(1), { state: LEASE_STATE.released, start: 50 }))
    put(table, lease(BASE + 2, client(1), { start: 10 }))
    put(table, lease(BASE + 3, client(1), { start: 20 }))
    put(table, lease(BASE + 4, client(1), { state: LEASE_STATE.declined, start: 99 }))
    t.equal(table.byClient(client(1), 1)?.address, BASE + 3)
    put(table, lease(BASE + 3, client(9), { start: 30 }))
    t.equal(table.byClient(client(1), 1)?.address, BASE + 2)
    put(table, lease(BASE + 2, client(1), { state: LEASE_STATE.expired, start: 30 }))
    t.equal(table.byClient(client(1), 1)?.address, BASE + 1)
    t.strictSame(table.counts(1), {
      assigned: 1,
      prefixes: 0,
      declined: 1,
      expired: 1,
      released: 1,
      registered: 0,
    })
  })

  t.test('pages run through all leases in order of address', async (t) => {
    const table = leaseTable4()
    const addresses = [5, 70_000, 3, 1_000_000, 4].map((offset) => BASE + offset)
    for (const address of addresses) put(table, lease(address, client(address)))
    const seen: Ipv4[] = []
    const walk = table.walk('leases')
    for (let page = walk.next(2); page.length > 0; page = walk.next(2))
      seen.push(...page.map((each) => each.address))
    t.strictSame(
      seen,
      addresses.toSorted((a, b) => a - b),
    )
    const offsets = (of: Ipv4Range, behind?: Ipv4) =>
      table
        .walk('leases', of, behind)
        .next(100)
        .map((each) => each.address - BASE)
    t.strictSame(offsets(range(4, 70_000)), [4, 5, 70_000])
    t.strictSame(offsets(range(4, 70_000), BASE + 4), [5, 70_000], 'behind one of them')
    for (const other of [3, 70_000, 70_001])
      t.strictSame(offsets(range(4, 70_000), BASE + other), [4, 5, 70_000], `${other} is no start`)
  })

  t.test('a walk comes to the highest address, and to what came ahead of it', async (t) => {
    const table = leaseTable4()
    for (const address of [3, 0xffffffff]) put(table, lease(address, client(address)))
    const walk = table.walk('rows')
    t.equal(walk.next(1)[0]!.address, 3)
    put(table, lease(2, client(2)), lease(4, client(4)))
    t.strictSame(
      walk.next(9).map((each) => each.address),
      [4, 0xffffffff],
    )
    t.strictSame(walk.next(9), [])
  })

  t.test('a refill shows the rows that the other server has none of', async (t) => {
    const table = leaseTable4()
    for (const address of [2, 3, 5, 9, 0xffffffff]) put(table, lease(address, client(address)))
    const refill = table.refill()
    const unknown: Ipv4[][] = []
    for (const theirs of [3, 4, 9, 10]) {
      const between: Ipv4[] = []
      refill.take(theirs, (mine) => between.push(mine.address))
      unknown.push(between)
    }
    const behind: Ipv4[] = []
    refill.end((mine) => behind.push(mine.address))
    t.strictSame([...unknown, behind], [[2], [], [5], [], [0xffffffff]])
    refill.end(() => t.fail('nothing is left'))
  })

  t.test('ten thousand rows are found among ten thousand', async (t) => {
    const table = leaseTable4(0x1234567)
    const who = (n: number) => ({ htype: 1, hwAddress: `\x02\0\0\0${n}`, clientId: `\x01\x02${n}` })
    for (let n = 0; n < 10_000; n++) put(table, lease(BASE + n, who(n), { subnetId: n % 3 }))
    for (let n = 0; n < 10_000; n += 2)
      table.apply({ kind: 'remove', address: BASE + n, change: nextChange() })
    let wrong = 0
    for (let n = 0; n < 10_000; n++) {
      const expected = n % 2 === 0 ? undefined : BASE + n
      if (table.byClient(who(n), n % 3)?.address !== expected) wrong++
      if (table.byClient({ ...who(n), clientId: '' }, n % 3)?.address !== expected) wrong++
      if (table.byAddress(BASE + n)?.address !== expected) wrong++
    }
    t.equal(wrong, 0)
    t.equal(table.size, 5000)
  })
})

t.test('free addresses', async (t) => {
  t.test('iterative: each once in order, then undefined', async (t) => {
    const table = leaseTable4()
    const ranges = [range(10, 12), range(5, 6)]
    const found: (number | undefined)[] = []
    for (let n = 0; n < 6; n++) {
      const address = table.findFree(ranges, ITERATIVE, 0)
      found.push(address === undefined ? undefined : address - BASE)
      if (address !== undefined) put(table, lease(address, client(n)))
    }
    t.strictSame(found, [10, 11, 12, 5, 6, undefined])
  })

  t.test('untouched before ended, ended before offered, the oldest offer first', async (t) => {
    const table = leaseTable4()
    const ranges = [range(0, 3)]
    put(table, lease(BASE + 0, client(0), { state: LEASE_STATE.released, end: 5 }))
    put(table, lease(BASE + 3, client(3)))
    table.offer(BASE + 2, client(2), 1, 5000)
    t.equal(table.findFree(ranges, ITERATIVE, 10), BASE + 1)
    table.offer(BASE + 1, client(1), 1, 5001)
    t.equal(table.findFree(ranges, ITERATIVE, 10), BASE + 0)
    table.offer(BASE + 0, client(7), 1, 5002)
    t.equal(table.findFree(ranges, ITERATIVE, 10), undefined)
    t.equal(table.findLent(ranges, 10), BASE + 2, 'the oldest offer')
    table.offer(BASE + 2, client(8), 1, 5003)
    t.equal(table.offerOf(client(2), 1, 10), undefined, 'which is then no longer offered')
    t.equal(table.findLent(ranges, 10), BASE + 1)
    t.equal(table.findLent([range(3, 3)], 10), undefined)
  })

  t.test('an offer over a live lease is not given away', async (t) => {
    const table = leaseTable4()
    put(table, lease(BASE, client(1)))
    table.offer(BASE, client(1), 1, 5000)
    t.equal(table.findFree([range(0, 0)], ITERATIVE, 10), undefined)
    t.equal(table.findLent([range(0, 0)], 10), undefined)
    t.equal(table.isOfferedToOther(BASE, client(2), 10), true)
    t.equal(table.isOfferedToOther(BASE, client(1), 10), false)
  })

  t.test(
    'reserved addresses stay out for everybody, until they are reserved no more',
    async (t) => {
      const table = leaseTable4()
      put(table, lease(BASE + 1, client(1), { state: LEASE_STATE.released, end: 0 }))
      table.offer(BASE + 2, client(2), 1, 5000)
      table.setReserved([BASE, BASE + 1, BASE + 2])
      t.equal(table.findFree([range(0, 2)], ITERATIVE, 10), undefined)
      t.equal(table.findLent([range(0, 2)], 10), undefined)
      table.apply({ kind: 'remove', address: BASE + 1, change: nextChange() })
      t.equal(table.findFree([range(0, 2)], ITERATIVE, 10), undefined)
      table.setReserved([BASE])
      t.equal(table.findFree([range(0, 2)], ITERATIVE, 10), BASE + 1)
      table.setReserved([])
      t.equal(table.findFree([range(0, 0)], ITERATIVE, 10), BASE)
    },
  )

  t.test('random: every address is drawn, none twice, wherever the draws fall', async (t) => {
    const table = leaseTable4()
    const ranges = [range(0, 99), range(1000, 1099)]
    const search: FreeSearch = { order: 'random', draw: drawing(3) }
    const seen = new Set<Ipv4>()
    for (let n = 0; n < 200; n++) {
      const address = table.findFree(ranges, search, 0)!
      seen.add(address)
      put(table, lease(address, client(n)))
    }
    t.equal(seen.size, 200)
    t.equal(table.findFree(ranges, search, 0), undefined)
    const order = [...seen]
    t.ok(
      order.slice(0, 20).some((address) => address >= BASE + 1000),
      'both ranges are drawn from',
    )
  })

  t.test('no ranges, no address; the last address of all is one', async (t) => {
    const table = leaseTable4()
    t.equal(table.findFree([], ITERATIVE, 0), undefined)
    const top = [{ first: 0xffffffff, last: 0xffffffff }]
    t.equal(table.findFree(top, ITERATIVE, 0), 0xffffffff)
    t.equal(table.findFree(top, ITERATIVE, 0), 0xffffffff)
  })
})

t.test('offers', async (t) => {
  t.test('one a client and subnet, forgotten in time', async (t) => {
    const table = leaseTable4()
    table.offer(BASE + 1, client(1), 1, 5000)
    table.offer(BASE + 2, client(1), 2, 5000)
    t.equal(table.offerOf(client(1), 1, 4999), BASE + 1)
    t.equal(table.offerOf(client(1), 2, 4999), BASE + 2)
    t.equal(table.offerOf(client(1), 1, 5000), undefined)
    table.offer(BASE + 3, client(1), 1, 6000)
    t.equal(table.offerCount, 2)
    t.equal(table.isOfferedToOther(BASE + 1, client(5), 10), false)
    table.withdrawOffer(client(1), 1)
    t.equal(table.offerOf(client(1), 1, 10), undefined)
    t.equal(table.findFree([range(2, 2)], ITERATIVE, 5000), BASE + 2, 'it has expired')
    t.equal(table.offerCount, 0)
  })

  t.test('an offer is found by whom a lease would be', async (t) => {
    const [id, other] = ['id', 'another']
    const [both, alone] = [
      { ...client(1), clientId: id },
      { ...client(1), clientId: '' },
    ]
    const elsewhere = { ...client(2), clientId: id }
    const rows = [
      [both, alone, true],
      [alone, both, true],
      [both, elsewhere, true],
      [both, { ...client(1), clientId: other }, false],
      [both, { ...client(2), clientId: '' }, false],
      [both, { ...alone, htype: 6 }, false],
      [{ ...both, hwAddress: '' }, alone, false],
      [{ ...both, hwAddress: '' }, both, true],
    ] as const
    for (const [offered, asking, isSame] of rows) {
      const table = leaseTable4()
      table.offer(BASE + 1, offered, 1, 5000)
      const what = JSON.stringify([offered, asking])
      t.equal(table.offerOf(asking, 1, 10), isSame ? BASE + 1 : undefined, what)
      t.equal(table.isOfferedToOther(BASE + 1, asking, 10), !isSame, what)
      t.equal(table.offerOf(asking, 2, 10), undefined)
      table.withdrawOffer(asking, 1)
      t.equal(table.offerCount, isSame ? 0 : 1, what)
    }
  })

  t.test('one hardware address with very many client-ids costs nobody time', async (t) => {
    const offers = new Offers(family4, 0, () => {})
    for (let n = 0; n < 60_000; n++)
      offers.put(n, { htype: 1, hwAddress: 'one', clientId: `id${n}` }, 1, n)
    t.equal(offers.addressOf({ htype: 1, hwAddress: '', clientId: 'id59999' }, 1, 0), 59_999)
    for (let n = 0; n < 60_000; n++)
      offers.withdraw({ htype: 1, hwAddress: 'two', clientId: `id${n}` }, 1)
    t.equal(offers.size, 0)
  })

  t.test('a flood of made-up clients is bounded: the oldest is forgotten', async (t) => {
    const gone: Ipv4[] = []
    const offers = new Offers(family4, 0, (address) => gone.push(address), 100)
    for (let n = 0; n < 1000; n++)
      offers.put(n, { htype: 1, hwAddress: `h${n}`, clientId: '' }, 1, n)
    t.equal(offers.size, 100)
    t.equal(offers.has(899), false)
    t.equal(offers.has(900), true)
    t.equal(gone.length, 1900)
  })
})

t.test('time', async (t) => {
  const end = 1_000_000
  const over = overAt(end, 1000)

  t.test('an ended lease expires behind its grace, is held, then removed', async (t) => {
    const table = leaseTable4()
    const ranges = [range(1, 1)]
    put(table, lease(BASE + 1, client(1), { fqdnFwd: true }))
    t.equal(table.nextDeadline(), over)
    t.strictSame(table.due(over - 1, 100, HOLD, nextChange), [])
    t.equal(table.findFree(ranges, ITERATIVE, over - 1), undefined)
    t.equal(table.isOver(table.byAddress(BASE + 1), over - 1), false)
    t.equal(table.isOver(table.byAddress(BASE + 1), over), true)
    t.equal(table.findFree(ranges, ITERATIVE, over), BASE + 1, 'before anybody reclaims it')
    t.ok(table.nextDeadline() <= over)
    const [due] = table.due(over, 100, HOLD, nextChange)
    t.match(due, {
      change: { kind: 'put', lease: { state: LEASE_STATE.expired, end, change: lastChange() } },
      streamed: true,
    })
    t.equal(table.counts(1).assigned, 1, 'nothing has changed yet')
    table.apply(due!.change)
    t.strictSame(table.counts(1), {
      assigned: 0,
      prefixes: 0,
      declined: 0,
      expired: 1,
      released: 0,
      registered: 0,
    })
    t.equal(table.byClient(client(1), 1)?.address, BASE + 1, 'kept for its client')
    t.equal(table.findFree(ranges, ITERATIVE, over), BASE + 1)
    t.equal(table.nextDeadline(), end + 3600_000)
    t.strictSame(table.due(end + 3600_000 - 1, 100, HOLD, nextChange), [])
    const [removal] = table.due(end + 3600_000, 100, HOLD, nextChange)
    t.match(removal, { change: { kind: 'remove', address: BASE + 1 }, streamed: true })
    table.apply(removal!.change)
    t.equal(table.size, 0)
    t.equal(table.nextDeadline(), Number.POSITIVE_INFINITY)
  })

  t.test('a renewed lease is not due at its former end', async (t) => {
    const table = leaseTable4()
    put(table, lease(BASE + 1, client(1)))
    put(table, lease(BASE + 1, client(1), { start: 500_000, end: 1_500_000 }))
    t.strictSame(table.due(over, 100, HOLD, nextChange), [])
    t.equal(table.nextDeadline(), overAt(1_500_000, 1000))
    put(table, lease(BASE + 1, client(1), { validLifetime: 0xffffffff, end: NEVER }))
    t.strictSame(table.due(1e12, 100, HOLD, nextChange), [])
    t.equal(table.nextDeadline(), NEVER)
    put(table, lease(BASE + 1, client(1), { state: LEASE_STATE.released, end: 1e12 }))
    t.equal(table.findFree([range(1, 1)], ITERATIVE, 1e12), BASE + 1)
  })

  t.test('a quarantine ends with removal; a held lease granted anew is live', async (t) => {
    const table = leaseTable4()
    const nobody = { htype: 0, hwAddress: '', clientId: '' }
    put(table, lease(BASE + 1, nobody, { state: LEASE_STATE.declined }))
    put(table, lease(BASE + 2, client(2)))
    const due = table.due(over, 100, HOLD, nextChange)
    t.equal(due.length, 2)
    for (const { change } of due) table.apply(change)
    t.equal(table.byAddress(BASE + 1), undefined)
    put(table, lease(BASE + 2, client(3), { start: over, end: over + 1_000_000 }))
    t.equal(table.findFree([range(2, 2)], ITERATIVE, over), undefined)
    t.strictSame(table.due(over + 999_999, 100, HOLD, nextChange), [])
  })

  t.test('what is not applied comes again, in bounded rounds', async (t) => {
    const table = leaseTable4()
    for (let n = 0; n < 25; n++) put(table, lease(BASE + n, client(n)))
    const rounds = [0, 0, 0, 0].map(() => table.due(over, 10, HOLD, nextChange).length)
    t.strictSame(rounds, [10, 10, 5, 0])
    t.equal(table.due(over + 10_000, 100, HOLD, nextChange).length, 25)
  })
})

t.test('a page of records fills the table as changes one by one do', async (t) => {
  const writer = new ChangeWriter(16)
  const one = leaseTable4()
  for (let n = 0; n < 500; n++) {
    const change: Change = { kind: 'put', lease: lease(BASE + (n % 400), client(n)) }
    one.apply(change)
    writer.put(change)
  }
  const other = leaseTable4()
  other.load(writer.bytes)
  t.equal(other.size, 400)
  t.strictSame(other.walk('leases').next(1000), one.walk('leases').next(1000))
})
