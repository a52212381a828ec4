// The lease table: questions, free addresses, offers, time; alone and against a naive model.

import fc from 'fast-check'
import t from 'tap'
import { type Ipv4, type Ipv4Range, ipv4FromText } from '../../lib/address/ipv4.ts'
import { AddressBitmap } from '../../lib/leases/address-bitmap.ts'
import { BitTree } from '../../lib/leases/bit-tree.ts'
import { ByteArena } from '../../lib/leases/byte-arena.ts'
import { ChangeWriter } from '../../lib/leases/change-codec.ts'
import { DeadlineHeap } from '../../lib/leases/deadline-heap.ts'
import { overAt } from '../../lib/leases/grace.ts'
import { isSameClient } from '../../lib/leases/identity.ts'
import {
  type Change,
  type ClientIdentity,
  LEASE_STATE,
  type Lease,
  type LeaseState,
} from '../../lib/leases/lease.ts'
import { LeaseTable } from '../../lib/leases/lease-table.ts'
import { Offers } from '../../lib/leases/offers.ts'
import { ALONE, homeOf, keysUnder, type Rights, type Side } from '../../lib/leases/rights.ts'
import { RowStore } from '../../lib/leases/row-store.ts'
import type { FreeSearch } from '../../lib/leases/view.ts'
import { NEVER } from '../../lib/time/units.ts'

const BASE = ipv4FromText('10.0.0.0') ?? 0
const ITERATIVE: FreeSearch = { order: 'iterative', draw: () => 0 }

function range(first: number, last: number): Ipv4Range {
  return { first: BASE + first, last: BASE + last }
}

function client(number: number, clientId = `\x01c${number}`): ClientIdentity {
  return { htype: 1, hwAddress: `\x02\0\0\0\0${String.fromCharCode(number & 255)}`, clientId }
}

/** Deterministic draws. */
function drawing(seed: number): (bound: number) => number {
  let state = seed >>> 0
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

let changes = 0

function lease(address: Ipv4, who: ClientIdentity, fields: Partial<Lease> = {}): Lease {
  return {
    address,
    htype: who.htype,
    hwAddress: who.hwAddress,
    clientId: who.clientId,
    state: LEASE_STATE.assigned,
    subnetId: 1,
    poolId: 0,
    hostname: '',
    fqdnFwd: false,
    fqdnRev: false,
    fresh: false,
    validLifetime: 1000,
    start: 0,
    end: 1_000_000,
    userContext: '',
    change: ++changes,
    gave: 0,
    got: 0,
    givenBy: 'us',
    knew: 0,
    ...fields,
  }
}

function put(table: LeaseTable, ...leases: Lease[]): void {
  for (const each of leases) table.apply({ kind: 'put', lease: each })
}

/** The first `count` addresses at or above `from` whose home is this side. */
function homes(side: Side, count: number, from = BASE): Ipv4[] {
  const found: Ipv4[] = []
  for (let address = from; found.length < count; address++)
    if (homeOf(address) === side) found.push(address)
  return found
}

const PAIRED: Rights = { kind: 'keys', side: 0, paired: true, doubtUntil: 0 }

const HOLD = { holdReclaimed: 3600 }
const nextChange = () => ++changes

t.test('bit tree and address bitmap', async (t) => {
  t.test('agree with a plain set, whatever comes and goes', async () => {
    const number = fc.integer({ min: 0, max: 32767 }).map((n) => (n < 16384 ? n % 100 : n))
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), number, fc.integer({ min: 0, max: 1100 }))),
        number,
        (steps, from) => {
          const tree = new BitTree(32768)
          const set = new Set<number>()
          for (const [isAdd, first, run] of steps)
            for (let at = first; at <= Math.min(first + run, 32767); at++) {
              if (isAdd) tree.add(at)
              else tree.delete(at)
              if (isAdd) set.add(at)
              else set.delete(at)
            }
          let member = from
          while (member < 32768 && !set.has(member)) member++
          let gap = from
          while (gap < 32768 && set.has(gap)) gap++
          const isRight =
            tree.nextSet(from) === (member < 32768 ? member : -1) &&
            tree.nextClear(from) === (gap < 32768 ? gap : -1)
          return (
            isRight && tree.isEmpty === (set.size === 0) && tree.isFull === (set.size === 32768)
          )
        },
      ),
      { numRuns: 60, seed: 1 },
    )
  })

  t.test('finds gaps and members behind full and empty chunks', async (t) => {
    const map = new AddressBitmap()
    const first = BASE + 100
    const last = BASE + 4 * 32768
    for (let address = first; address <= last; address++) map.add(address)
    t.equal(map.nextClear(first, 0xffffffff), last + 1)
    t.equal(map.nextClear(first, last), undefined)
    t.equal(map.nextSet(0, 0xffffffff), first)
    map.delete(last - 40000)
    t.equal(map.nextClear(first, 0xffffffff), last - 40000)
    t.equal(map.nextSet(last + 1, 0xffffffff), undefined)
    map.add(0xffffffff)
    t.equal(map.nextSet(last + 1, 0xffffffff), 0xffffffff, 'the last address is an address')
    t.equal(map.nextClear(0xffffffff, 0xffffffff), undefined)
    t.equal(map.nextClear(0xfffffffe, 0xffffffff), 0xfffffffe)
  })
})

t.test('byte arena', async (t) => {
  t.test('uses freed blocks again and never lets two overlap', async (t) => {
    const arena = new ByteArena()
    const draw = drawing(7)
    const live: { handle: number; length: number; mark: number }[] = []
    for (let step = 0; step < 4000; step++) {
      if (live.length > 50 && draw(2) === 0) {
        const [block] = live.splice(draw(live.length), 1)
        const page = arena.page(block!.handle)
        const start = arena.start(block!.handle)
        for (let at = 0; at < block!.length; at++)
          if (page[start + at] !== block!.mark) t.fail(`overwritten at step ${step}`)
        arena.release(block!.handle, block!.length)
      } else {
        const length = draw(10) === 0 ? draw(200_000) : draw(300)
        const handle = arena.allocate(length)
        const mark = draw(256)
        arena.page(handle).fill(mark, arena.start(handle), arena.start(handle) + length)
        live.push({ handle, length, mark })
      }
    }
    t.ok(live.length > 0)
  })
})

t.test('deadline heap', async (t) => {
  t.test('hands rows out in order, whatever was moved and removed before', async (t) => {
    const rows = new RowStore()
    const heap = new DeadlineHeap(rows, 3)
    const draw = drawing(11)
    const deadlines = new Map<number, number>()
    for (let step = 0; step < 5000; step++) {
      const row = [...deadlines.keys()][draw(Math.max(1, deadlines.size))]
      const deadline = draw(1000)
      const deed = draw(4)
      if (deed < 2 || row === undefined) {
        const added = rows.allocate()
        heap.add(added, deadline)
        deadlines.set(added, deadline)
      } else if (deed === 2) {
        heap.move(row, deadline)
        deadlines.set(row, deadline)
      } else {
        heap.remove(row)
        deadlines.delete(row)
        rows.release(row)
      }
      if (heap.first !== Math.min(...deadlines.values())) t.fail(`wrong first at step ${step}`)
    }
    const order: number[] = []
    while (heap.size > 0) {
      order.push(deadlines.get(heap.firstRow)!)
      heap.remove(heap.firstRow)
    }
    t.strictSame(
      order,
      [...deadlines.values()].sort((a, b) => a - b),
    )
  })
})

t.test('questions', async (t) => {
  t.test('a row comes back as it was put', async (t) => {
    const table = new LeaseTable()
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
    table.apply({ kind: 'remove', address: BASE + 1, change: ++changes })
    t.equal(table.byAddress(BASE + 1), undefined)
    t.equal(table.byClient(client(1), 1), undefined)
    t.equal(table.size, 0)
  })

  t.test(
    'client-id first, then hardware address unless another client-id stands there',
    async (t) => {
      const table = new LeaseTable()
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
    const table = new LeaseTable()
    put(table, lease(BASE + 1, client(1), { state: LEASE_STATE.released, start: 50 }))
    put(table, lease(BASE + 2, client(1), { start: 10 }))
    put(table, lease(BASE + 3, client(1), { start: 20 }))
    put(table, lease(BASE + 4, client(1), { state: LEASE_STATE.declined, start: 99 }))
    t.equal(table.byClient(client(1), 1)?.address, BASE + 3)
    put(table, lease(BASE + 3, client(9), { start: 30 }))
    t.equal(table.byClient(client(1), 1)?.address, BASE + 2)
    put(table, lease(BASE + 2, client(1), { state: LEASE_STATE.expired, start: 30 }))
    t.equal(table.byClient(client(1), 1)?.address, BASE + 1)
    t.strictSame(table.counts(1), { assigned: 1, declined: 1, expired: 1, released: 1 })
  })

  t.test('pages run through all leases in order of address', async (t) => {
    const table = new LeaseTable()
    const addresses = [5, 70_000, 3, 1_000_000, 4].map((offset) => BASE + offset)
    for (const address of addresses) put(table, lease(address, client(address)))
    const seen: Ipv4[] = []
    for (let page = table.page(0, 2); page.length > 0; page = table.page(seen.at(-1)! + 1, 2))
      seen.push(...page.map((each) => each.address))
    t.strictSame(
      seen,
      addresses.toSorted((a, b) => a - b),
    )
    t.strictSame(
      table.page(BASE + 4, 100, BASE + 70_000).map((each) => each.address - BASE),
      [4, 5, 70_000],
    )
  })

  t.test('ten thousand rows are found among ten thousand', async (t) => {
    const table = new LeaseTable(0x1234567)
    const who = (n: number) => ({ htype: 1, hwAddress: `\x02\0\0\0${n}`, clientId: `\x01\x02${n}` })
    for (let n = 0; n < 10_000; n++) put(table, lease(BASE + n, who(n), { subnetId: n % 3 }))
    for (let n = 0; n < 10_000; n += 2)
      table.apply({ kind: 'remove', address: BASE + n, change: ++changes })
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
    const table = new LeaseTable()
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
    const table = new LeaseTable()
    const ranges = [range(0, 3)]
    put(table, lease(BASE + 0, client(0), { state: LEASE_STATE.released, end: 5 }))
    put(table, lease(BASE + 3, client(3)))
    table.offer(BASE + 2, client(2), 1, 5000)
    t.equal(table.findFree(ranges, ITERATIVE, 10), BASE + 1)
    table.offer(BASE + 1, client(1), 1, 5001)
    t.equal(table.findFree(ranges, ITERATIVE, 10), BASE + 0)
    table.offer(BASE + 0, client(7), 1, 5002)
    t.equal(table.findFree(ranges, ITERATIVE, 10), BASE + 2, 'the oldest offer')
    table.offer(BASE + 2, client(8), 1, 5003)
    t.equal(table.offerOf(client(2), 1, 10), undefined, 'which is then no longer offered')
    t.equal(table.findFree(ranges, ITERATIVE, 10), BASE + 1)
    t.equal(table.findFree([range(3, 3)], ITERATIVE, 10), undefined)
  })

  t.test('an offer over a live lease is not given away', async (t) => {
    const table = new LeaseTable()
    put(table, lease(BASE, client(1)))
    table.offer(BASE, client(1), 1, 5000)
    t.equal(table.findFree([range(0, 0)], ITERATIVE, 10), undefined)
    t.equal(table.isOfferedToOther(BASE, client(2), 10), true)
    t.equal(table.isOfferedToOther(BASE, client(1), 10), false)
  })

  t.test(
    'reserved addresses stay out for everybody, until they are reserved no more',
    async (t) => {
      const table = new LeaseTable()
      put(table, lease(BASE + 1, client(1), { state: LEASE_STATE.released, end: 0 }))
      table.offer(BASE + 2, client(2), 1, 5000)
      table.setReserved([BASE, BASE + 1, BASE + 2])
      t.equal(table.findFree([range(0, 2)], ITERATIVE, 10), undefined)
      table.apply({ kind: 'remove', address: BASE + 1, change: ++changes })
      t.equal(table.findFree([range(0, 2)], ITERATIVE, 10), undefined)
      table.setReserved([BASE])
      t.equal(table.findFree([range(0, 2)], ITERATIVE, 10), BASE + 1)
      table.setReserved([])
      t.equal(table.findFree([range(0, 0)], ITERATIVE, 10), BASE)
    },
  )

  t.test('random: every address is drawn, none twice, wherever the draws fall', async (t) => {
    const table = new LeaseTable()
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
    const table = new LeaseTable()
    t.equal(table.findFree([], ITERATIVE, 0), undefined)
    const top = [{ first: 0xffffffff, last: 0xffffffff }]
    t.equal(table.findFree(top, ITERATIVE, 0), 0xffffffff)
    t.equal(table.findFree(top, ITERATIVE, 0), 0xffffffff)
  })
})

t.test('rights', async (t) => {
  const [mine, mineToo] = homes(0, 2) as [Ipv4, Ipv4]
  const [theirs] = homes(1, 1) as [Ipv4]
  const one = (address: Ipv4): Ipv4Range[] => [{ first: address, last: address }]
  const freeRow = (address: Ipv4, fields: Partial<Lease>) =>
    lease(
      address,
      { htype: 0, hwAddress: '', clientId: '' },
      { state: LEASE_STATE.free, validLifetime: 0, end: -10_000, ...fields },
    )

  t.test('without a row an address is its home’s, else what the counters say', async (t) => {
    const table = new LeaseTable()
    t.equal(table.keysOf(theirs, undefined), 2, 'alone')
    table.setRights(PAIRED)
    t.equal(table.rights, PAIRED)
    t.equal(table.keysOf(mine, undefined), 2)
    t.equal(table.keysOf(theirs, undefined), 0)
    t.equal(table.keysOf(mine, freeRow(mine, { gave: 1 })), 1)
    t.equal(table.keysOf(theirs, freeRow(theirs, { got: 2 })), 2)
    table.setRights({ ...PAIRED, kind: 'none' })
    t.equal(table.keysOf(mine, undefined), 0)
    t.equal(table.findFree([range(0, 99)], ITERATIVE, 0), undefined)
  })

  t.test('only addresses with both keys are found, whatever became of them', async (t) => {
    const table = new LeaseTable()
    put(table, freeRow(theirs, {}), freeRow(mine, { gave: 1 }))
    t.equal(table.findFree(one(theirs), ITERATIVE, 0), theirs)
    table.setRights(PAIRED)
    t.equal(table.findFree(one(theirs), ITERATIVE, 0), undefined)
    t.equal(table.findFree(one(mine), ITERATIVE, 0), undefined)
    put(table, freeRow(theirs, { got: 2 }), freeRow(mine, { gave: 1, got: 1 }))
    t.equal(table.findFree(one(theirs), ITERATIVE, 0), theirs, 'handed on to us')
    t.equal(table.findFree(one(mine), ITERATIVE, 0), mine, 'given back')
    table.setRights({ ...PAIRED, side: 1 })
    t.equal(table.findFree(one(theirs), ITERATIVE, 0), undefined, 'more than two keys are none')
  })

  t.test('every own address is found once, no foreign one, random or not', async (t) => {
    for (const order of ['iterative', 'random'] as const) {
      const table = new LeaseTable()
      table.setRights(PAIRED)
      const search: FreeSearch = { order, draw: drawing(5) }
      const found = new Set<Ipv4>()
      for (let n = 0; n < 1000; n++) {
        const address = table.findFree([range(0, 999)], search, 0)
        if (address === undefined) break
        found.add(address)
        put(table, lease(address, client(n)))
      }
      t.strictSame(
        [...found].toSorted((a, b) => a - b),
        homes(0, found.size),
      )
      t.ok(found.size > 400 && homes(0, found.size + 1).at(-1)! > BASE + 999)
      table.setRights(ALONE)
      t.equal(table.findFree([range(0, 999)], ITERATIVE, 0), homes(1, 1)[0], 'marks are dropped')
    }
  })

  t.test('in doubt, only an address with a row is given', async (t) => {
    const table = new LeaseTable()
    table.setRights({ ...PAIRED, doubtUntil: 5000 })
    put(table, freeRow(mineToo, {}))
    t.equal(table.findFree(one(mine), ITERATIVE, 4999), undefined)
    t.equal(table.mayGive(mine, undefined, 4999), false)
    t.equal(table.findFree([range(0, 99)], ITERATIVE, 4999), mineToo)
    table.offer(mine, client(1), 1, 9000)
    t.equal(table.findFree(one(mine), ITERATIVE, 4999), undefined, 'nor one that is offered')
    table.offer(mineToo, client(2), 1, 9001)
    t.equal(table.findFree([range(0, 99)], ITERATIVE, 4999), mineToo)
    t.equal(table.findFree(one(mine), ITERATIVE, 5000), mine)
    t.equal(table.mayGive(mine, undefined, 5000), true)
  })

  t.test('an offered address is only taken over with both keys', async (t) => {
    const table = new LeaseTable()
    table.setRights(PAIRED)
    put(table, lease(mine, client(1), { state: LEASE_STATE.released, gave: 1 }))
    table.offer(mine, client(1), 1, 9000)
    t.equal(table.findFree(one(mine), ITERATIVE, 5), undefined)
    table.setRights({ ...PAIRED, kind: 'all' })
    t.equal(table.findFree(one(mine), ITERATIVE, 5), mine)
  })

  t.test('a free row is seen by nothing but rights', async (t) => {
    const table = new LeaseTable()
    table.setRights(PAIRED)
    put(table, lease(mine, client(1)), freeRow(mineToo, {}))
    put(table, freeRow(mine, { gave: 1, got: 1 }))
    t.equal(table.size, 0)
    t.strictSame(table.page(0, 10), [])
    t.equal(table.byClient(client(1), 1), undefined)
    t.equal(table.byClient({ htype: 0, hwAddress: '', clientId: '' }, 1), undefined)
    t.strictSame(table.counts(1), { assigned: 0, declined: 0, expired: 0, released: 0 })
    t.match(table.byAddress(mine), { state: LEASE_STATE.free, gave: 1, got: 1 })
    put(table, lease(mine, client(1), { gave: 2, got: 1 }))
    t.equal(table.size, 1)
    t.strictSame(
      table.page(0, 10).map((each) => each.address),
      [mine],
    )
  })
})

t.test('offers', async (t) => {
  t.test('one a client and subnet, forgotten in time', async (t) => {
    const table = new LeaseTable()
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

  t.test('a flood of made-up clients is bounded: the oldest is forgotten', async (t) => {
    const gone: Ipv4[] = []
    const offers = new Offers(0, (address) => gone.push(address), 100)
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
    const table = new LeaseTable()
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
      change: { kind: 'put', lease: { state: LEASE_STATE.expired, end, change: changes } },
      streamed: true,
    })
    t.equal(table.counts(1).assigned, 1, 'nothing has changed yet')
    table.apply(due!.change)
    t.strictSame(table.counts(1), { assigned: 0, declined: 0, expired: 1, released: 0 })
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
    const table = new LeaseTable()
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
    const table = new LeaseTable()
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
    const table = new LeaseTable()
    for (let n = 0; n < 25; n++) put(table, lease(BASE + n, client(n)))
    const rounds = [0, 0, 0, 0].map(() => table.due(over, 10, HOLD, nextChange).length)
    t.strictSame(rounds, [10, 10, 5, 0])
    t.equal(table.due(over + 10_000, 100, HOLD, nextChange).length, 25)
  })
})

t.test('time in a pair', async (t) => {
  const [mine] = homes(0, 1) as [Ipv4]
  const [theirs] = homes(1, 1) as [Ipv4]
  const end = 1_000_000
  const held = end + HOLD.holdReclaimed * 1000
  const paired = (rights = PAIRED) => {
    const table = new LeaseTable()
    table.setRights(rights)
    return table
  }
  /** Has everything that is due happen; returns what was told to partners. */
  const happen = (table: LeaseTable, now: number): Lease[] => {
    const told: Lease[] = []
    for (let round = 0; round < 5; round++)
      for (const { change, streamed } of table.due(now, 100, HOLD, nextChange)) {
        if (change.kind !== 'put') throw new Error('a row of a pair was removed')
        const former = table.byAddress(change.lease.address)!
        if (streamed) told.push(change.lease)
        else if (change.lease.change !== former.change) throw new Error('a local change is counted')
        table.apply(change)
      }
    return told
  }

  t.test('what ends is noted here alone: expired, then free; its counters stay', async (t) => {
    const table = paired()
    const former = lease(mine, client(1), { gave: 1 })
    put(table, former)
    t.strictSame(happen(table, overAt(end, 1000)), [])
    t.match(table.byAddress(mine), { state: LEASE_STATE.expired, change: former.change })
    t.equal(table.byClient(client(1), 1)?.address, mine)
    t.strictSame(happen(table, held), [])
    const { change, gave, subnetId } = former
    t.match(table.byAddress(mine), { state: LEASE_STATE.free, change, gave, subnetId })
    t.equal(table.nextDeadline(), NEVER, 'it is done with')
    t.equal(table.findFree([{ first: mine, last: mine }], ITERATIVE, held), undefined)
  })

  t.test('a key whose home is the partner’s goes back while the two share', async (t) => {
    for (const state of [LEASE_STATE.assigned, LEASE_STATE.declined, LEASE_STATE.released]) {
      const table = paired()
      table.setSharing(true)
      put(table, lease(theirs, client(1), { state, got: 1 }))
      const [told, ...rest] = happen(table, held)
      t.match(told, { state: LEASE_STATE.free, gave: 1, got: 1, clientId: '', change: changes })
      t.strictSame(rest, [])
      t.equal(table.keysOf(theirs, table.byAddress(theirs)), 0)
      t.equal(table.nextDeadline(), NEVER)
    }
  })

  t.test('while they do not, the row stays for its client and wakes nobody', async (t) => {
    const table = paired()
    put(table, lease(theirs, client(1), { got: 1 }), lease(mine, client(2), { gave: 1 }))
    put(table, lease(theirs + 256, client(3), { state: LEASE_STATE.declined, got: 1 }))
    const owed = [...homes(1, 40, theirs + 1)]
    for (const address of owed)
      put(table, lease(address, client(4), { state: LEASE_STATE.released, end: 5, got: 1 }))
    t.strictSame(happen(table, held), [])
    t.match(table.byAddress(mine), { state: LEASE_STATE.free }, 'those behind them are reached')
    t.match(table.byAddress(theirs), { state: LEASE_STATE.expired, gave: 0 })
    t.equal(table.byClient(client(1), 1)?.address, theirs)
    t.equal(table.nextDeadline(), NEVER)
    table.setSharing(true)
    t.ok(table.nextDeadline() <= held, 'now they are due')
    const told = happen(table, held).map((each) => each.address)
    const expected = new Set([theirs, theirs + 256, ...owed])
    t.strictSame(
      told.toSorted((a, b) => a - b),
      [...expected].filter((address) => homeOf(address) === 1).toSorted((a, b) => a - b),
    )
    t.equal(table.nextDeadline(), NEVER)
  })

  t.test(
    'a row that waits to give its key back is granted, taken, or ours after all',
    async (t) => {
      const table = paired()
      put(table, lease(theirs, client(1), { got: 1 }))
      happen(table, held)
      put(table, lease(theirs, client(1), { got: 1, start: held, end: held + 1_000_000 }))
      t.equal(table.nextDeadline(), overAt(held + 1_000_000, 1000), 'granted: it runs again')
      const later = held + 9_000_000
      happen(table, later)
      t.equal(table.nextDeadline(), NEVER)
      put(table, { ...table.byAddress(theirs)!, got: 2 })
      t.equal(table.findFree([{ first: theirs, last: theirs }], ITERATIVE, later), theirs)
      t.strictSame(happen(table, later), [])
      t.match(table.byAddress(theirs), { state: LEASE_STATE.free, gave: 0, got: 2 })
    },
  )

  t.test('a free row that owes a key waits for sharing; rights say which do', async (t) => {
    const table = paired({ ...PAIRED, side: 1 })
    put(table, {
      ...lease(theirs, { htype: 0, hwAddress: '', clientId: '' }),
      ...{ state: LEASE_STATE.free, end: 5, validLifetime: 0, got: 1 },
    })
    table.setSharing(true)
    t.strictSame(happen(table, held), [], 'three keys are none, and at home')
    t.equal(table.nextDeadline(), NEVER)
    table.setRights(PAIRED)
    t.ok(table.nextDeadline() <= held)
    t.match(happen(table, held), [{ address: theirs, gave: 1 }])
    t.equal(table.nextDeadline(), NEVER)
  })

  t.test('who holds every key gives none back; who has no rights neither', async (t) => {
    for (const kind of ['all', 'none'] as const) {
      const table = paired({ ...PAIRED, kind })
      table.setSharing(true)
      put(table, lease(theirs, client(1), { got: 1 }))
      t.strictSame(happen(table, held), [])
      t.match(table.byAddress(theirs), { state: LEASE_STATE.free, gave: 0, got: 1 })
    }
  })

  t.test('what is read behind the time that was told is over at once', async (t) => {
    const table = paired()
    table.noteTime(held)
    put(table, lease(mine, client(1)))
    const taken = homes(0, 2)[1]!
    t.equal(table.findFree([{ first: mine, last: mine }], ITERATIVE, held - 1), mine)
    t.equal(table.findFree([{ first: mine, last: taken }], ITERATIVE, held - 1), taken)
  })
})

t.test('what a partner asks for', async (t) => {
  t.test('rows that changed behind a position come in the order of their changes', async (t) => {
    const table = new LeaseTable()
    const numbers = [40, 12, 0, 33, 25, 10, 41, 18]
    for (const [index, change] of numbers.entries())
      put(table, lease(BASE + index, client(index), { change }))
    const scan = table.changedAfter(10, 40)
    t.equal(scan.size, 5)
    const changesOf = (rows: Lease[]) => rows.map((row) => row.change)
    t.strictSame(changesOf(scan.next(2)), [12, 18])
    put(table, { ...table.byAddress(BASE + 3)!, change: 50 })
    put(table, { ...table.byAddress(BASE + 4)!, hostname: 'noted-here-alone' })
    const [next, ...rest] = scan.next(100)
    t.match(next, { change: 25, hostname: 'noted-here-alone' }, 'as it is now')
    t.strictSame(changesOf(rest), [40], 'without what has changed once more')
    t.strictSame(scan.next(100), [])
    t.strictSame(changesOf(table.changedAfter(0, 100).next(99)), [10, 12, 18, 25, 40, 41, 50])
  })

  t.test('a row that was removed, or made anew, is left out', async (t) => {
    const table = new LeaseTable()
    for (let n = 1; n <= 3; n++) put(table, lease(BASE + n, client(n), { change: n }))
    const scan = table.changedAfter(0, 3)
    table.apply({ kind: 'remove', address: BASE + 1, change: 4 })
    table.apply({ kind: 'remove', address: BASE + 3, change: 5 })
    put(table, lease(BASE + 9, client(9), { change: 6 }))
    t.strictSame(
      scan.next(9).map((row) => row.address),
      [BASE + 2],
    )
  })

  t.test('every row comes in the order of addresses, free ones too', async (t) => {
    const table = new LeaseTable()
    const nobody = { htype: 0, hwAddress: '', clientId: '' }
    put(table, lease(BASE + 5, client(1)), lease(BASE + 2, nobody, { state: LEASE_STATE.free }))
    put(table, lease(BASE + 9, client(2)))
    const offsets = (rows: Lease[]) => rows.map((row) => row.address - BASE)
    t.strictSame(offsets(table.rowsFrom(0, 2)), [2, 5])
    t.strictSame(offsets(table.rowsFrom(BASE + 6, 2)), [9])
  })

  t.test('free addresses of a large pool are estimated', async (t) => {
    const table = new LeaseTable()
    table.setRights(PAIRED)
    const pool = [range(0, 65_535)]
    for (const address of homes(0, 20_000)) put(table, lease(address, client(1), { end: NEVER }))
    // About half of the addresses are ours.
    const count = table.freeCount(pool, drawing(17))
    t.ok(Math.abs(count.mine - (32_768 - 20_000)) < 3000, `${count.mine}`)
    t.ok(Math.abs(count.foreign - 32_768) < 3000, `${count.foreign}`)
  })
})

// ---- against a model

/** The same promises, kept by looking at everything each time. */
class Model {
  readonly leases = new Map<Ipv4, Lease>()
  offers: { address: Ipv4; client: ClientIdentity; until: number }[] = []
  reserved = new Set<Ipv4>()

  rights: Rights = ALONE

  mayGive(address: Ipv4, now: number): boolean {
    const row = this.leases.get(address)
    const { kind, doubtUntil } = this.rights
    if (now < doubtUntil && (row === undefined || kind === 'all')) return false
    const keys = keysUnder(this.rights, address, row?.gave ?? 0, row?.got ?? 0)
    return keys === 2 && this.isOver(address, now)
  }

  isOver(address: Ipv4, now: number): boolean {
    const row = this.leases.get(address)
    if (row === undefined || row.state === LEASE_STATE.released) return true
    return overAt(row.end, row.validLifetime) <= now
  }

  byClient(who: ClientIdentity): Lease | undefined {
    const rows = [...this.leases.values()].filter(
      (row) => row.state !== LEASE_STATE.declined && row.state !== LEASE_STATE.free,
    )
    const byId = rows.filter((row) => who.clientId !== '' && row.clientId === who.clientId)
    const found = byId.length > 0 ? byId : rows.filter((row) => isSameClient(row, who))
    return found.toSorted(
      (a, b) =>
        Number(b.state === LEASE_STATE.assigned) - Number(a.state === LEASE_STATE.assigned) ||
        b.start - a.start ||
        b.change - a.change,
    )[0]
  }

  /** What findFree may answer now: of the best kind that there is. */
  free(first: Ipv4, last: Ipv4, now: number): Set<Ipv4> {
    this.offers = this.offers.filter((offer) => offer.until > now)
    const kinds = [new Set<Ipv4>(), new Set<Ipv4>(), new Set<Ipv4>()]
    for (let address = first; address <= last; address++) {
      if (this.reserved.has(address) || !this.mayGive(address, now)) continue
      const isOffered = this.offers.some((offer) => offer.address === address)
      kinds[isOffered ? 2 : this.leases.has(address) ? 1 : 0]!.add(address)
    }
    const [fresh, used, lent] = kinds as [Set<Ipv4>, Set<Ipv4>, Set<Ipv4>]
    if (fresh.size > 0) return fresh
    if (used.size > 0) return used
    const until = Math.min(
      ...this.offers.filter((each) => lent.has(each.address)).map((each) => each.until),
    )
    return new Set(
      this.offers
        .filter((each) => lent.has(each.address) && each.until === until)
        .map((each) => each.address),
    )
  }
}

const byChange = (row: Lease) => row.address
const ascending = (a: number, b: number) => a - b

/** So few that steps exhaust them. */
const POOL = 8
type Step =
  | { kind: 'put'; at: number; who: number; state: LeaseState; lifetime: number; keys: number }
  | { kind: 'rights'; rights: Rights['kind']; side: Side; doubtMs: number }
  | { kind: 'remove'; at: number }
  | { kind: 'offer'; at: number; who: number; wait: number }
  | { kind: 'withdraw'; who: number }
  | { kind: 'reserve'; at: number[] }
  | { kind: 'wait'; ms: number }
  | { kind: 'find'; random: boolean }
  | { kind: 'due'; apply: boolean }

const at = fc.integer({ min: 0, max: POOL - 1 })
const who = fc.integer({ min: 0, max: 11 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      at,
      who,
      state: fc.constantFrom<LeaseState>(0, 0, 0, 1, 2, 3, 4),
      keys: fc.constantFrom(0, 0, 1, 2),
      lifetime: fc.constantFrom(10, 100, 1000, 0xffffffff),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), at }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('rights' as const),
      rights: fc.constantFrom('all' as const, 'keys' as const, 'keys' as const, 'none' as const),
      side: fc.constantFrom<Side>(0, 1),
      doubtMs: fc.constantFrom(0, 0, 50_000),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('offer' as const),
      at,
      who,
      wait: fc.integer({ min: 1, max: 60_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('withdraw' as const), who }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('reserve' as const), at: fc.array(at) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 5000, 30_000, 120_000, 4_000_000),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('find' as const), random: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('due' as const), apply: fc.boolean() }) },
)

/** Twelve clients: with both identifiers, without client-id, without hardware address, shared ones. */
function modelClient(number: number): ClientIdentity {
  const pair = Math.floor(number / 3)
  if (number % 3 === 0) return { htype: 1, hwAddress: `hw${pair}`, clientId: `id${number}` }
  if (number % 3 === 1) return { htype: 1, hwAddress: `hw${pair}`, clientId: '' }
  return { htype: 1, hwAddress: '', clientId: `id${number - 2}` }
}

function sameOfferKey(a: ClientIdentity, b: ClientIdentity): boolean {
  return a.clientId === b.clientId && (a.clientId !== '' || a.hwAddress === b.hwAddress)
}

/** Runs the steps on both and returns the first difference, or ''. */
function difference(steps: readonly Step[], seed: number): string {
  const table = new LeaseTable(seed)
  const model = new Model()
  const ranges = [range(0, POOL / 2 - 1), range(POOL / 2, POOL - 1)]
  const draw = drawing(seed)
  let now = 0
  const apply = (change: Change) => {
    table.apply(change)
    if (change.kind === 'put') model.leases.set(change.lease.address, change.lease)
    else model.leases.delete(change.address)
  }
  for (const [index, each] of steps.entries()) {
    const fail = (what: string) => `step ${index} ${each.kind}: ${what}`
    if (each.kind === 'put') {
      const end = each.lifetime === 0xffffffff ? NEVER : now + each.lifetime * 1000
      const isFree = each.state === LEASE_STATE.free
      const whose = isFree ? { htype: 0, hwAddress: '', clientId: '' } : modelClient(each.who)
      const start = homeOf(BASE + each.at) === model.rights.side ? 2 : 0
      const counters = { gave: Math.max(0, start - each.keys), got: Math.max(0, each.keys - start) }
      const times = { validLifetime: each.lifetime, start: now, end }
      const fields = { state: each.state, ...times, ...counters }
      apply({ kind: 'put', lease: lease(BASE + each.at, whose, fields) })
    } else if (each.kind === 'rights') {
      const doubtUntil = now + each.doubtMs
      model.rights = { kind: each.rights, side: each.side, paired: false, doubtUntil }
      table.setRights(model.rights)
    } else if (each.kind === 'remove')
      apply({ kind: 'remove', address: BASE + each.at, change: ++changes })
    else if (each.kind === 'offer') {
      const offered = modelClient(each.who)
      table.offer(BASE + each.at, offered, 1, now + each.wait)
      model.offers = model.offers.filter(
        (offer) => offer.address !== BASE + each.at && !sameOfferKey(offer.client, offered),
      )
      model.offers.push({ address: BASE + each.at, client: offered, until: now + each.wait })
    } else if (each.kind === 'withdraw') {
      const gone = modelClient(each.who)
      table.withdrawOffer(gone, 1)
      model.offers = model.offers.filter((offer) => !sameOfferKey(offer.client, gone))
    } else if (each.kind === 'reserve') {
      model.reserved = new Set(each.at.map((offset) => BASE + offset))
      table.setReserved(model.reserved)
    } else if (each.kind === 'wait') now += each.ms
    else if (each.kind === 'find') {
      const allowed = model.free(BASE, BASE + POOL - 1, now)
      const order = each.random ? 'random' : 'iterative'
      const found = table.findFree(ranges, { order, draw }, now)
      if (found === undefined ? allowed.size > 0 : !allowed.has(found))
        return fail(`${found} instead of one of ${[...allowed]}`)
      const wrong = model.rights.kind === 'none' ? '' : differenceOfCounts(table, model, now)
      if (wrong !== '') return fail(wrong)
    } else {
      for (const { change } of table.due(now, 100, HOLD, nextChange)) {
        const address = change.kind === 'put' ? change.lease.address : change.address
        if (!model.isOver(address, now)) return fail(`${address} is not over`)
        if (each.apply) apply(change)
      }
    }
    const different = differenceOfQuestions(table, model, now)
    if (different !== '') return fail(different)
  }
  return ''
}

/** As of a search at `now`. */
function differenceOfCounts(table: LeaseTable, model: Model, now: number): string {
  const all = range(0, POOL - 1)
  const count = { mine: 0, foreign: 0 }
  const given = new Set<Ipv4>()
  for (let address = BASE; address < BASE + POOL; address++) {
    const row = model.leases.get(address)
    const isOffered = model.offers.some((offer) => offer.address === address && offer.until > now)
    if (isOffered || model.reserved.has(address)) continue
    const keys = keysUnder(model.rights, address, row?.gave ?? 0, row?.got ?? 0)
    if (model.mayGive(address, now)) {
      count.mine++
      if (row?.state !== LEASE_STATE.assigned && model.rights.kind === 'keys') given.add(address)
    } else if (keys === 0 && model.isOver(address, now)) count.foreign++
  }
  const counted = table.freeCount([all], () => 0)
  if (counted.mine !== count.mine || counted.foreign !== count.foreign)
    return `freeCount ${JSON.stringify(counted)} instead of ${JSON.stringify(count)}`
  const handedOn = table.freeToHandOn(all, 100).toSorted((a, b) => a - b)
  if (`${handedOn}` !== `${[...given]}`) return `freeToHandOn ${handedOn} instead of ${[...given]}`
  return table.freeToHandOn(all, 2).length === Math.min(2, given.size) ? '' : 'freeToHandOn 2'
}

function differenceOfQuestions(table: LeaseTable, model: Model, now: number): string {
  const counts = [0, 0, 0, 0, 0]
  for (const row of model.leases.values()) counts[row.state]!++
  const free = counts.pop()!
  if (table.size !== model.leases.size - free) return `size ${table.size}`
  if (table.page(0, 100).length !== table.size) return 'page'
  if (table.rowsFrom(0, 100).length !== model.leases.size) return 'rowsFrom'
  const unshared = [...model.leases.values()].filter(
    (row) =>
      row.state === LEASE_STATE.assigned &&
      model.rights.kind === 'keys' &&
      keysUnder(model.rights, row.address, row.gave, row.got) === 2,
  )
  if (`${table.toShare(0, 100).map(byChange)}` !== `${unshared.map(byChange).toSorted(ascending)}`)
    return 'toShare'
  const { assigned, declined, expired, released } = table.counts(1)
  if (`${[assigned, declined, expired, released]}` !== `${counts}`) return 'counts'
  for (let number = 0; number < 12; number++) {
    const who = modelClient(number)
    const found = table.byClient(who, 1)
    const expected = model.byClient(who)
    if (JSON.stringify(found) !== JSON.stringify(expected && { ...found, ...expected }))
      return `byClient ${number}: ${found?.address} instead of ${expected?.address}`
    const offer = model.offers.find((each) => sameOfferKey(each.client, who) && each.until > now)
    if (table.offerOf(who, 1, now) !== offer?.address) return `offerOf ${number}`
  }
  for (let address = BASE; address < BASE + POOL; address++) {
    const row = table.byAddress(address)
    if (row?.change !== model.leases.get(address)?.change) return `byAddress ${address}`
    if (table.isOver(row, now) !== model.isOver(address, now)) return `isOver ${address}`
    if (table.mayGive(address, row, now) !== model.mayGive(address, now))
      return `mayGive ${address}`
  }
  return ''
}

t.test('the table keeps the promises that a naive model keeps', async () => {
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 120, size: 'max' }),
      fc.nat(),
      (steps, seed) => {
        const different = difference(steps, seed)
        if (different !== '') throw new Error(different)
      },
    ),
    { numRuns: 150, seed: 2131 },
  )
})

t.test('a page of records fills the table as changes one by one do', async (t) => {
  const writer = new ChangeWriter(16)
  const one = new LeaseTable()
  for (let n = 0; n < 500; n++) {
    const change: Change = { kind: 'put', lease: lease(BASE + (n % 400), client(n)) }
    one.apply(change)
    writer.put(change)
  }
  const other = new LeaseTable()
  other.load(writer.bytes)
  t.equal(other.size, 400)
  t.strictSame(other.page(0, 1000), one.page(0, 1000))
})
