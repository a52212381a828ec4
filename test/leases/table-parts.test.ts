// What the lease table is built of: sets of addresses as bits, blocks of bytes, the heap of deadlines.

import fc from 'fast-check'
import t from 'tap'
import { AddressBitmap } from '../../lib/leases/address-bitmap.ts'
import { BitTree } from '../../lib/leases/bit-tree.ts'
import { ByteArena } from '../../lib/leases/byte-arena.ts'
import { DeadlineHeap } from '../../lib/leases/deadline-heap.ts'
import { RowStore } from '../../lib/leases/row-store.ts'
import { BASE, drawing } from './table-rows.ts'

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
