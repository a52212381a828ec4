// The lease table of a server of a pair: what its keys allow, what becomes of them in time, what a
// partner asks.

import t from 'tap'
import type { Ipv4, Ipv4Range } from '../../lib/address/ipv4.ts'
import { overAt } from '../../lib/leases/grace.ts'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import { ALONE, homeOf } from '../../lib/leases/rights.ts'
import type { LeaseTable } from '../../lib/leases/table/lease-table.ts'
import { leaseTable4 } from '../../lib/leases/table/lease-table4.ts'
import type { FreeSearch } from '../../lib/leases/view.ts'
import { NEVER } from '../../lib/time/units.ts'
import {
  BASE,
  client,
  drawing,
  HOLD,
  homes,
  ITERATIVE,
  lastChange,
  lease,
  nextChange,
  PAIRED,
  put,
  range,
} from './table-rows.ts'

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
    const table = leaseTable4()
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
    const table = leaseTable4()
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
      const table = leaseTable4()
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
    const table = leaseTable4()
    table.setRights({ ...PAIRED, doubtUntil: 5000 })
    put(table, freeRow(mineToo, {}))
    t.equal(table.findFree(one(mine), ITERATIVE, 4999), undefined)
    t.equal(table.mayGive(mine, undefined, 4999), false)
    t.equal(table.findFree([range(0, 99)], ITERATIVE, 4999), mineToo)
    table.offer(mine, client(1), 1, 9000)
    t.equal(table.findLent(one(mine), 4999), undefined, 'nor one that is offered')
    table.offer(mineToo, client(2), 1, 9001)
    t.equal(table.findLent([range(0, 99)], 4999), mineToo)
    t.equal(table.findLent(one(mine), 5000), mine)
    t.equal(table.mayGive(mine, undefined, 5000), true)
  })

  t.test('an offered address is only taken over with both keys', async (t) => {
    const table = leaseTable4()
    table.setRights(PAIRED)
    put(table, lease(mine, client(1), { state: LEASE_STATE.released, gave: 1 }))
    table.offer(mine, client(1), 1, 9000)
    t.equal(table.findLent(one(mine), 5), undefined)
    table.setRights({ ...PAIRED, kind: 'all' })
    t.equal(table.findLent(one(mine), 5), mine)
  })

  t.test('a free row is seen by nothing but rights', async (t) => {
    const table = leaseTable4()
    table.setRights(PAIRED)
    put(table, lease(mine, client(1)), freeRow(mineToo, {}))
    put(table, freeRow(mine, { gave: 1, got: 1 }))
    t.equal(table.size, 0)
    t.strictSame(table.walk('leases').next(10), [])
    t.equal(table.byClient(client(1), 1), undefined)
    t.equal(table.byClient({ htype: 0, hwAddress: '', clientId: '' }, 1), undefined)
    t.strictSame(table.counts(1), {
      assigned: 0,
      prefixes: 0,
      declined: 0,
      expired: 0,
      released: 0,
      registered: 0,
    })
    t.match(table.byAddress(mine), { state: LEASE_STATE.free, gave: 1, got: 1 })
    put(table, lease(mine, client(1), { gave: 2, got: 1 }))
    t.equal(table.size, 1)
    t.strictSame(
      table
        .walk('leases')
        .next(10)
        .map((each) => each.address),
      [mine],
    )
  })
})

t.test('time in a pair', async (t) => {
  const [mine] = homes(0, 1) as [Ipv4]
  const [theirs] = homes(1, 1) as [Ipv4]
  const end = 1_000_000
  const held = end + HOLD.holdReclaimed * 1000
  const paired = (rights = PAIRED) => {
    const table = leaseTable4()
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
      t.match(told, {
        state: LEASE_STATE.free,
        gave: 1,
        got: 1,
        clientId: '',
        change: lastChange(),
      })
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
    const table = leaseTable4()
    const numbers = [40, 12, 0, 33, 25, 10, 41, 18]
    for (const [index, change] of numbers.entries())
      put(table, lease(BASE + index, client(index), { change }))
    const scan = table.scans.changedAfter(10, 40)
    t.equal(scan.size, 5)
    const changesOf = (rows: Lease[]) => rows.map((row) => row.change)
    t.strictSame(changesOf(scan.next(2)), [12, 18])
    put(table, { ...table.byAddress(BASE + 3)!, change: 50 })
    put(table, { ...table.byAddress(BASE + 4)!, hostname: 'noted-here-alone' })
    const [next, ...rest] = scan.next(100)
    t.match(next, { change: 25, hostname: 'noted-here-alone' }, 'as it is now')
    t.strictSame(changesOf(rest), [40], 'without what has changed once more')
    t.strictSame(scan.next(100), [])
    t.strictSame(changesOf(table.scans.changedAfter(0, 100).next(99)), [10, 12, 18, 25, 40, 41, 50])
  })

  t.test('a row that was removed, or made anew, is left out', async (t) => {
    const table = leaseTable4()
    for (let n = 1; n <= 3; n++) put(table, lease(BASE + n, client(n), { change: n }))
    const scan = table.scans.changedAfter(0, 3)
    table.apply({ kind: 'remove', address: BASE + 1, change: 4 })
    table.apply({ kind: 'remove', address: BASE + 3, change: 5 })
    put(table, lease(BASE + 9, client(9), { change: 6 }))
    t.strictSame(
      scan.next(9).map((row) => row.address),
      [BASE + 2],
    )
  })

  t.test('every row comes in the order of addresses, free ones too', async (t) => {
    const table = leaseTable4()
    const nobody = { htype: 0, hwAddress: '', clientId: '' }
    put(table, lease(BASE + 5, client(1)), lease(BASE + 2, nobody, { state: LEASE_STATE.free }))
    put(table, lease(BASE + 9, client(2)))
    const offsets = (rows: Lease[]) => rows.map((row) => row.address - BASE)
    t.strictSame(offsets(table.walk('rows').next(2)), [2, 5])
    t.strictSame(offsets(table.walk('rows', range(6, 99)).next(2)), [9])
  })

  t.test('free addresses of a large pool are estimated', async (t) => {
    const table = leaseTable4()
    table.setRights(PAIRED)
    const pool = [range(0, 65_535)]
    for (const address of homes(0, 20_000)) put(table, lease(address, client(1), { end: NEVER }))
    // About half of the addresses are ours.
    const count = table.freeCount(pool, drawing(17))
    t.ok(Math.abs(count.mine - (32_768 - 20_000)) < 3000, `${count.mine}`)
    t.ok(Math.abs(count.foreign - 32_768) < 3000, `${count.foreign}`)
  })
})
