// What the lease table is built of: sets of addresses as bits, rows by address and by hash, blocks
// of bytes, the heap of deadlines.

import fc from 'fast-check'
import t from 'tap'
import { AddressBitmap } from '../../lib/leases/keys/address-bitmap.ts'
import { AddressIndex } from '../../lib/leases/keys/address-index.ts'
import { family4 } from '../../lib/leases/keys/family4.ts'
import { BitTree } from '../../lib/leases/store/bit-tree.ts'
import { ByteArena } from '../../lib/leases/store/byte-arena.ts'
import { DeadlineHeap } from '../../lib/leases/store/deadline-heap.ts'
import { HashIndex } from '../../lib/leases/store/hash-index.ts'
import { scramble } from '../../lib/leases/store/octets-hash.ts'
import { RowStore } from '../../lib/leases/store/row-store.ts'
import { Availability } from '../../lib/leases/table/availability.ts'
import { Expiry } from '../../lib/leases/table/expiry.ts'
import { LeaseRows } from '../../lib/leases/table/lease-rows.ts'
import { BASE, drawing } from './table-rows.ts'

t.test(
  'the address index agrees with a plain map, from one end of the address space to the other',
  async () => {
    const network = fc.constantFrom(0, 0x0a000000, 0x7fffffc0, 0x80000000, 0xc0a80000, 0xffffff00)
    const address = fc
      .tuple(network, fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 3 }))
      .map(([first, low, page]) => Math.min(first + page * 32768 + low, 0xffffffff))
    fc.assert(
      fc.property(fc.array(fc.tuple(address, fc.boolean()), { maxLength: 400 }), (steps) => {
        const index = new AddressIndex()
        const rows = new Map<number, number>()
        for (const [row, [at, isAdd]] of steps.entries()) {
          if (isAdd && !rows.has(at)) {
            index.add(at, row)
            rows.set(at, row)
          } else if (!isAdd && rows.delete(at)) index.delete(at)
        }
        return steps.every(([at]) => index.get(at) === (rows.get(at) ?? -1))
      }),
      { numRuns: 200, seed: 1 },
    )
  },
)

t.test(
  'a hash index of 150,000 rows finds each, split by its whole hash and by the upper half alone',
  async (t) => {
    const rows = new RowStore()
    const index = new HashIndex(rows, 0, {
      of: (row) => scramble(row),
      upper: (row) => scramble(row) >>> 16,
    })
    const isFound = (row: number) => {
      let found = index.first(scramble(row))
      while (found >= 0 && found !== row) found = index.next(found)
      return found === row
    }
    const all = Array.from({ length: 150_000 }, () => rows.allocate())
    for (const row of all) index.insert(row, scramble(row))
    t.ok(all.every(isFound))
    for (const row of all) if (row % 3 === 0) index.remove(row, scramble(row))
    t.ok(all.every((row) => isFound(row) === (row % 3 !== 0)))
  },
)

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
    const pages = () => new Set(live.map(({ handle }) => arena.page(handle)))
    for (const { handle, length } of live) arena.release(handle, length)
    const former = pages()
    for (const block of live) block.handle = arena.allocate(block.length)
    t.same(pages(), former, 'what was given back is enough')
    t.equal(new Set(live.map(({ handle }) => handle)).size, live.length)
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

t.test('of 100,000 reserved addresses, a reload looks at those that changed', async (t) => {
  const rows = new LeaseRows(family4)
  const expiry = new Expiry(
    rows,
    () => {},
    () => false,
  )
  const lookedAt: number[] = []
  const rowAt = (address: number) => {
    lookedAt.push(address)
    return -1
  }
  const availability = new Availability(family4, family4.space(), rows, expiry, rowAt, 1)
  const reserved = Array.from({ length: 100_000 }, (_, n) => BASE + 2 * n)
  availability.setReserved(reserved)
  t.equal(lookedAt.length, 100_000)
  lookedAt.length = 0
  const moved = BASE + 2 * 777 + 1
  availability.setReserved(reserved.with(777, moved))
  t.same(lookedAt.slice(0, 10), [BASE + 2 * 777, moved])
  lookedAt.length = 0
  availability.setReserved(reserved.with(777, moved).toReversed())
  t.same(lookedAt.slice(0, 10), [], 'another order changes nothing')
})
