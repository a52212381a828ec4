// Rows of the partner: the table of decisions, each rule by itself, and two servers that do whatever they
// may with one address, cut off and joined again, while its clients keep the books.

import fc from 'fast-check'
import t from 'tap'
import { type Ipv4, ipv4FromText } from '../../lib/address/ipv4.ts'
import { dueChange, isOwed } from '../../lib/leases/due-change.ts'
import { overAt, RELEASE_GUARD_MS } from '../../lib/leases/grace.ts'
import { isSameClient } from '../../lib/leases/identity.ts'
import { LEASE_STATE, type Lease } from '../../lib/leases/lease.ts'
import {
  decline,
  freeRow,
  type GrantTerms,
  grant,
  handOn,
  release,
  share,
} from '../../lib/leases/lifecycle.ts'
import {
  type Deed,
  deedOf,
  kindOf,
  MERGE_WORDS,
  merge,
  ROW_KINDS,
  type RowKind,
  refilled,
  rested,
  takeForBackup,
  unknownThere,
} from '../../lib/leases/merge.ts'
import {
  homeOf,
  type Keys,
  keysByCounters,
  type Rights,
  type Side,
} from '../../lib/leases/rights.ts'
import { NEVER } from '../../lib/time/units.ts'

function addressOf(home: Side): Ipv4 {
  let address = ipv4FromText('192.0.2.1')!
  while (homeOf(address) !== home) address++
  return address
}

/** Home of side 0, where all rows below are unless told otherwise. */
const X = addressOf(0)
const AT_HOME: Rights = { kind: 'keys', side: 0, paired: true, doubtUntil: 0 }
const AWAY: Rights = { ...AT_HOME, side: 1 }
const NOW = 5_000_000

const A = { htype: 1, hwAddress: 'aaaaaa', clientId: '' }
const B = { htype: 1, hwAddress: 'bbbbbb', clientId: '' }
const NOBODY = { htype: 0, hwAddress: '', clientId: '' }

function live(fields: Partial<Lease> = {}): Lease {
  const lease = { ...freeRow(X), ...A, state: LEASE_STATE.assigned, subnetId: 1, change: 10 }
  const times = { validLifetime: 1000, start: NOW - 500_000, end: NOW + 500_000 }
  return { ...lease, ...times, ...fields }
}

/** At home with one key left, and what the other side then has. */
const ONE = { gave: 1, got: 0 }
const OTHER_ONE = { gave: 0, got: 1 }

const over = (lease: Lease) => overAt(lease.end, lease.validLifetime)

t.test('the decisions', async (t) => {
  const theirKinds = ROW_KINDS.filter((kind) => kind !== 'none') as Exclude<RowKind, 'none'>[]
  const seen = new Set<Deed>()
  for (const keys of [0, 1, 2] as Keys[])
    for (const senderHadKey of [true, false])
      for (const mine of ROW_KINDS)
        for (const theirs of theirKinds)
          for (const same of [true, false]) {
            const deed = deedOf(keys, senderHadKey, mine, theirs, same)
            const text = `${keys} ${senderHadKey} ${mine} ${theirs} ${same}: ${deed}`
            if (!(deed in MERGE_WORDS)) t.fail(text)
            if ((deed === 'take') !== (keys === 0)) t.fail(text)
            if (deed === 'conflict' && (same || mine !== 'live' || theirs !== 'live')) t.fail(text)
            if (keys === 2 && deed !== 'ignore') t.fail(text)
            if (!senderHadKey && keys > 0 && deed !== 'ignore') t.fail(text)
            seen.add(deed)
          }
  t.strictSame([...seen].toSorted(), Object.keys(MERGE_WORDS).toSorted(), 'each deed is done')
})

t.test('rows of the partner', async (t) => {
  t.test('kinds of row', async (t) => {
    const cases: [RowKind, Lease | undefined][] = [
      ['none', undefined],
      ['free', freeRow(X)],
      ['live', live()],
      ['ended', live({ end: NOW - 15_000 })],
      ['live', live({ end: NOW - 14_999 })],
      ['ended', live({ state: LEASE_STATE.expired })],
      ['released', live({ state: LEASE_STATE.released })],
      ['declined', live({ state: LEASE_STATE.declined })],
      ['ended', live({ state: LEASE_STATE.declined, end: NOW - 15_000 })],
    ]
    for (const [kind, lease] of cases) t.equal(kindOf(lease, NOW), kind)
  })

  t.test('without a key, theirs is the truth, and ours from then on', async (t) => {
    const theirs = live({ gave: 1, hostname: 'a', change: 77, knew: 3 })
    const first = merge(undefined, theirs, AWAY, NOW)
    const { lease } = first
    t.match(first, { conflict: 'none', what: 'taken' })
    t.match(lease, { hostname: 'a', givenBy: 'partner', gave: 0, got: 1, change: 0, knew: 0 })
    const mine = live({ ...B, change: 5, gave: 4, got: 4 })
    const { lease: replaced } = merge(
      mine,
      live({ gave: 5, got: 4, givenBy: 'partner' }),
      AWAY,
      NOW,
    )
    t.match(replaced, { ...A, givenBy: 'us', gave: 4, got: 5, change: 5 })
    const handedOn = handOn(X, live({ state: LEASE_STATE.released, gave: 4, got: 4 }), 78)
    const { lease: ours } = merge(mine, handedOn, AWAY, NOW)
    t.match(ours, { state: LEASE_STATE.free, hwAddress: '', gave: 4, got: 6 })
    t.equal(keysByCounters(X, 1, ours!.gave, ours!.got), 2)
  })

  t.test('with both keys, theirs says nothing', async (t) => {
    const mine = live()
    t.match(merge(mine, live({ ...B }), AT_HOME, NOW), { lease: undefined, what: 'ignored' })
    t.match(merge(undefined, live({ ...B }), AT_HOME, NOW), { lease: undefined, what: 'ignored' })
  })

  t.test('a copy that the sender made without a key changes nothing', async (t) => {
    const mine = live({ ...OTHER_ONE, end: NOW + 1000 })
    const copy = live({ gave: 2, got: 0, end: NOW + 9_000_000 })
    t.match(merge({ ...mine, got: 2, gave: 1 }, copy, AWAY, NOW), {
      lease: undefined,
      what: 'ignored',
    })
  })

  t.test('one client: the later end, the words of the youngest grant', async (t) => {
    const mine = live({ ...ONE, hostname: 'mine', end: NOW + 900_000 })
    const younger = live({
      ...OTHER_ONE,
      ...{
        start: NOW - 1000,
        validLifetime: 60,
        end: NOW + 59_000,
        hostname: 'theirs',
        change: 99,
      },
    })
    const { lease, what } = merge(mine, younger, AT_HOME, NOW)
    t.equal(what, 'extended')
    t.match(lease, {
      hostname: 'theirs',
      validLifetime: 60,
      givenBy: 'partner',
      change: 10,
      ...ONE,
    })
    t.ok(lease!.end >= mine.end && over(lease!) >= over(mine), 'nor end and grace earlier')
    const older = { ...younger, start: NOW - 900_000, end: NEVER, validLifetime: 0xffffffff }
    t.match(merge(mine, older, AT_HOME, NOW).lease, {
      ...{ hostname: 'mine', givenBy: 'us', end: NEVER },
    })
    const same = { ...younger, start: mine.start }
    t.match(merge(mine, same, AT_HOME, NOW).lease, { hostname: 'theirs' }, 'noted since')
    const again = merge(lease, younger, AT_HOME, NOW).lease!
    t.ok(Math.abs(again.end - lease!.end) < 0.001, 'and it may come twice')
  })

  t.test('what ended here and goes on there goes on', async (t) => {
    const theirs = live({ ...OTHER_ONE, end: NOW + 400_000, change: 20 })
    const ended = [
      live({ ...ONE, end: NOW - 60_000 }),
      live({ ...ONE, state: LEASE_STATE.expired, end: NOW - 60_000 }),
      { ...freeRow(X), ...ONE },
      live({ ...ONE, state: LEASE_STATE.released, end: NOW - 60_000, knew: 19 }),
    ]
    for (const mine of ended) {
      const { lease, what } = merge(mine, theirs, AT_HOME, NOW)
      t.equal(what, 'revived')
      t.match(lease, { ...A, state: LEASE_STATE.assigned, end: theirs.end, givenBy: 'partner' })
    }
    const released = live({ ...ONE, state: LEASE_STATE.released, end: NOW - 60_000, knew: 20 })
    t.match(merge(released, theirs, AT_HOME, NOW), { lease: undefined, what: 'kept' })
    const declined = live({ ...ONE, ...NOBODY, state: LEASE_STATE.declined, end: NOW + 9e6 })
    t.match(merge({ ...declined, knew: 20 }, theirs, AT_HOME, NOW).what, 'kept')
    t.match(merge({ ...declined, knew: 19 }, theirs, AT_HOME, NOW).lease, { ...A, end: NOW + 9e6 })
  })

  t.test('a release or decline there ends ours if our last change was known there', async (t) => {
    const mine = live({ ...ONE, change: 30 })
    const released = live({ ...OTHER_ONE, state: LEASE_STATE.released, end: NOW - 1, change: 9 })
    t.match(merge(mine, { ...released, knew: 29 }, AT_HOME, NOW), {
      lease: undefined,
      what: 'kept',
    })
    t.match(merge(mine, { ...released, knew: 30 }, AT_HOME, NOW), {
      what: 'shortened',
      lease: { state: LEASE_STATE.released, end: NOW - 1, change: 30, knew: 0, ...ONE },
    })
    t.equal(merge(mine, { ...released, ...B, knew: 30 }, AT_HOME, NOW).what, 'kept', 'of another')
    const { gave } = merge(mine, { ...released, knew: 29, gave: 1 }, AT_HOME, NOW).lease!
    t.equal(gave, 1)
    const quarantined = { ...released, ...NOBODY, state: LEASE_STATE.declined, end: NOW + 10_000 }
    t.equal(merge(mine, { ...quarantined, knew: 29 }, AT_HOME, NOW).what, 'kept')
    t.match(merge(mine, { ...quarantined, knew: 30 }, AT_HOME, NOW), {
      what: 'declined',
      lease: { ...NOBODY, state: LEASE_STATE.declined, end: mine.end },
    })
    const { lease } = merge({ ...freeRow(X), ...ONE, change: 30 }, quarantined, AT_HOME, NOW)
    t.match(lease, { state: LEASE_STATE.declined, end: NOW + 10_000 }, 'a free address rests too')
  })

  t.test('a key that comes back leaves the lease as it is', async (t) => {
    const mine = live({ ...ONE })
    const back = { ...freeRow(X), gave: 1, got: 1, change: 8 }
    t.strictSame(merge(mine, back, AT_HOME, NOW), {
      ...{ lease: { ...mine, got: 1 }, conflict: 'none', what: 'kept' },
    })
    t.strictSame(merge({ ...mine, got: 1 }, back, AT_HOME, NOW).lease, undefined, 'once')
    const earlier = live({ ...OTHER_ONE, start: 0 })
    t.equal(merge({ ...mine, gave: 2, got: 1 }, earlier, AT_HOME, NOW).lease!.got, 1, 'for good')
  })

  t.test('two clients: the row of the home, until both have ended', async (t) => {
    const one = live({ ...ONE, end: NOW + 100_000, hostname: 'home' })
    const two = live({ ...OTHER_ONE, ...B, end: NOW + 800_000, hostname: 'away' })
    const atHome = merge(one, two, AT_HOME, NOW)
    const away = merge(two, one, AWAY, NOW)
    for (const merged of [atHome, away]) {
      t.match(merged, { conflict: 'two-clients', what: 'conflict' })
      t.match(merged.lease, { ...A, hostname: 'home', end: two.end })
    }
    t.equal(atHome.lease!.givenBy, 'us')
    t.equal(away.lease!.givenBy, 'partner')
  })

  t.test('who has every key takes what the other gave meanwhile, where nobody lives', async (t) => {
    const sole: Rights = { ...AT_HOME, kind: 'all' }
    const theirs = live({ got: 2, change: 20 })
    t.match(merge(undefined, theirs, sole, NOW), { lease: { ...A }, what: 'revived' })
    t.match(merge({ ...freeRow(X), gave: 2 }, theirs, sole, NOW).lease, { ...A, gave: 2 })
    const away: Rights = { ...sole, side: 1 }
    for (const rights of [sole, away]) {
      const counters = { gave: rights.side, got: 1 - rights.side }
      const { conflict, lease } = merge(live({ ...B }), live(counters), rights, NOW)
      t.match([conflict, lease], ['two-clients', { ...B }], 'its own client, at home or not')
    }
    t.equal(merge(live({ ...B }), live(), sole, NOW).what, 'ignored', 'a copy without a key')
  })
})

t.test('a server that is sent everything', async (t) => {
  const none: Rights = { ...AWAY, kind: 'none' }
  const theirs = live({ gave: 5, got: 4, givenBy: 'partner', change: 70, knew: 6 })

  t.test('takes it as it is, its counters mirrored', async (t) => {
    const row = refilled(undefined, theirs, none, NOW, undefined)
    const mirrored = { gave: 4, got: 5, givenBy: 'us', change: 0, knew: 0 }
    t.strictSame(row, { ...theirs, ...mirrored })
    t.equal(refilled(live({ ...B, change: 12 }), theirs, none, NOW, undefined).change, 12)
  })

  t.test('in doubt, holds what it could renew and rests what it could give', async (t) => {
    const doubt = { quarantineUntil: NOW + 3_600_000 }
    const fill = (row: Lease) => refilled(live({ change: 12 }), row, none, NOW, doubt)
    const renewable = fill(theirs)
    t.match(renewable, { ...A, end: doubt.quarantineUntil, state: LEASE_STATE.assigned, change: 0 })
    t.equal(fill({ ...theirs, end: NEVER }).end, NEVER)
    for (const state of [LEASE_STATE.released, LEASE_STATE.expired]) {
      const row = fill({ ...theirs, state, end: NOW - 60_000 })
      t.equal(kindOf(row, doubt.quarantineUntil - 1), 'live', 'not over, so its key stays here')
    }
    const givable = fill({ ...theirs, gave: 6 })
    t.match(givable, { ...NOBODY, state: LEASE_STATE.free, end: doubt.quarantineUntil, gave: 4 })
    t.equal(fill({ ...theirs, gave: 4 }).end, theirs.end, 'no key, no doubt')
    const past = refilled(undefined, theirs, none, doubt.quarantineUntil, doubt)
    t.equal(past.end, theirs.end, 'it is over')
  })

  t.test('what is not known there rests, and has its keys of the beginning', async (t) => {
    const doubt = { quarantineUntil: NOW + 3_600_000 }
    const row = unknownThere(live({ gave: 3, got: 2 }), doubt)
    t.match(row, { ...NOBODY, state: LEASE_STATE.free, subnetId: 1, gave: 0, got: 0, change: 0 })
    t.equal(row.end, doubt.quarantineUntil)
    const later = doubt.quarantineUntil + 5000
    t.equal(unknownThere(live({ end: later }), doubt).end, later, 'no end moves earlier')
  })

  t.test('who returns everything while in doubt lets each row last as long', async (t) => {
    const until = NOW + 3_600_000
    t.match(rested(live(), until), { ...A, state: LEASE_STATE.assigned, end: until })
    t.equal(rested(live({ end: until + 5000 }), until).end, until + 5000)
    for (const state of [LEASE_STATE.released, LEASE_STATE.expired]) {
      const row = rested(live({ state, end: NOW - 60_000 }), until)
      t.equal(kindOf(row, until - 1), 'live', 'it may have been granted once more')
    }
    for (const state of [LEASE_STATE.declined, LEASE_STATE.free])
      t.match(rested(live({ state }), until), { state, end: until })
  })
})

t.test('a backup', async (t) => {
  const none = { gave: 0, got: 0, change: 0, knew: 0, givenBy: 'partner' }
  const row = live({ gave: 7, got: 3, knew: 2 })
  t.strictSame(takeForBackup(undefined, row), { ...row, ...none })
  t.equal(takeForBackup(row, { ...row }), undefined, 'nothing new')
  t.equal(takeForBackup(row, live({ ...B, start: row.start - 1 })), undefined, 'older')
  t.match(takeForBackup(row, live({ ...B, start: row.start + 1 })), { ...B })
  const shorter = live({ start: row.start + 1, end: row.end - 100_000 })
  t.equal(takeForBackup(row, shorter)!.end, row.end, 'a renewal never ends earlier')
  for (const state of [LEASE_STATE.declined, LEASE_STATE.expired, LEASE_STATE.free]) {
    const ended = live({ state })
    t.match(takeForBackup(row, ended), { state })
    t.equal(takeForBackup(ended, row), undefined)
  }
  const released = live({ state: LEASE_STATE.released, start: row.start - 5, end: NOW - 100 })
  t.match(takeForBackup(row, released), { state: LEASE_STATE.released }, 'it was released since')
  t.equal(takeForBackup(released, row), undefined)
  t.match(takeForBackup(released, live({ start: NOW })), { state: LEASE_STATE.assigned })
})

// ---- two servers, one address

type Step =
  | { kind: 'request'; side: Side; client: number; lifetime: number; lost: boolean }
  | { kind: 'release'; client: number; late: boolean }
  | { kind: 'decline'; client: number }
  | { kind: 'late-release' }
  | { kind: 'wait'; ms: number }
  | { kind: 'due' | 'share' | 'handOn' | 'pause' | 'again' | 'deliver'; side: Side }
  | { kind: 'settle' }
  | { kind: 'cut' }
  | { kind: 'join' }

interface Server {
  readonly rights: Rights
  row: Lease | undefined
  position: number
  applied: number
  /** Milliseconds that its lease clock is behind. */
  behind: number
  readonly frames: Frame[]
}

/** To the other server. */
interface Frame {
  /** With times counted from when it was sent; of a backlog, what the row says when its turn comes. */
  readonly row: Lease | 'backlog'
  /** Of the sender, which the receiver then has. */
  readonly position: number
  /** The client is told when the frame is there. */
  readonly told: (() => void) | undefined
}

const HOLD_MS = 60_000

/** Two servers with one address in common and its clients, who know until when they may use it. */
class Pair {
  readonly address: Ipv4
  readonly servers: readonly [Server, Server] = [server(0), server(1)]
  readonly until = [0, 0]
  readonly gaveUp = [0, 0]
  /** Who acknowledged last, as the client knows. */
  readonly server = [0, 0]
  isJoined = false
  /** Frames were under way so long that leases ended meanwhile. */
  wasSlow = false
  now = 1_000_000
  readonly late: { side: Side; client: number; at: number }[] = []

  constructor(home: Side) {
    this.address = addressOf(home)
  }

  take(step: Step): void {
    if (step.kind === 'request') this.#request(step.side, step.client, step.lifetime, step.lost)
    else if (step.kind === 'release') this.#giveUp(step.client, step.late)
    else if (step.kind === 'decline') this.#decline(step.client)
    else if (step.kind === 'late-release') this.#lateRelease()
    else if (step.kind === 'wait') this.#wait(step.ms)
    else if (step.kind === 'due') this.#due(step.side)
    else if (step.kind === 'share') this.#share(step.side)
    else if (step.kind === 'handOn') this.#handOn(step.side)
    else if (step.kind === 'pause') this.servers[step.side].behind += 100_000
    else if (step.kind === 'again') this.#again(step.side)
    else if (step.kind === 'deliver') this.deliver(step.side, 1)
    else if (step.kind === 'settle') this.settle()
    else if (step.kind === 'cut') this.cut()
    else this.join()
  }

  #wait(ms: number): void {
    this.now += ms
    if (this.servers.some((each) => each.frames.length > 0)) this.wasSlow = true
  }

  clock(side: Side): number {
    return this.now - this.servers[side].behind
  }

  keys(side: Side): Keys {
    const { row } = this.servers[side]
    return keysByCounters(this.address, side, row?.gave ?? 0, row?.got ?? 0)
  }

  #isOver(side: Side): boolean {
    const { row } = this.servers[side]
    if (row === undefined || row.state === LEASE_STATE.released) return true
    return over(row) <= this.clock(side)
  }

  #request(side: Side, number: number, lifetime: number, lost: boolean): void {
    const one = this.servers[side]
    const client = clientOf(number)
    const keys = this.keys(side)
    const { row } = one
    const isHeld =
      row !== undefined && row.state !== LEASE_STATE.declined && isSameClient(row, client)
    if (keys === 0 || (!isHeld && (keys < 2 || !this.#isOver(side)))) return
    const terms = { ...TERMS, client, validLifetime: lifetime }
    let lease = grant(this.address, row, isHeld, terms, this.clock(side), ++one.position)
    if (this.isJoined && keys === 2) lease = share(lease, one.position)
    const asked = this.now
    const until = asked + lifetime * 1000 * 1.004
    this.#put(side, lease, () => {
      // Old replies are not sent, and who gave the address up since is not waiting for one.
      if (lost || this.now - asked > 5000 || this.gaveUp[number]! >= asked) return
      this.until[number] = until
      this.server[number] = side
    })
  }

  /** The RELEASE goes to the server of the last ACK, at once or some seconds later. */
  #giveUp(number: number, isLate: boolean): void {
    if (this.until[number]! <= this.now) return
    this.until[number] = 0
    this.gaveUp[number] = this.now
    this.late.push({ side: this.server[number] as Side, client: number, at: this.now })
    if (!isLate) this.#lateRelease()
  }

  #decline(number: number): void {
    if (this.until[number]! <= this.now) return
    this.until[number] = 0
    this.gaveUp[number] = this.now
    const side = this.server[number] as Side
    const one = this.servers[side]
    if (this.#counts(side, number))
      this.#end(side, decline(one.row!, this.clock(side), 900, ++one.position))
  }

  /** A datagram that was on its way for less than ten seconds. */
  #lateRelease(): void {
    const sent = this.late.shift()
    if (sent === undefined || this.now - sent.at >= 10_000) return
    if (!this.#counts(sent.side, sent.client)) return
    const one = this.servers[sent.side]
    this.#end(sent.side, release(one.row!, this.clock(sent.side), ++one.position))
  }

  #counts(side: Side, number: number): boolean {
    const { row } = this.servers[side]
    if (row === undefined || row.state !== LEASE_STATE.assigned || row.givenBy !== 'us')
      return false
    if (!isSameClient(row, clientOf(number))) return false
    return row.fresh || row.start + RELEASE_GUARD_MS <= this.clock(side)
  }

  #end(side: Side, lease: Lease): void {
    this.#put(side, { ...lease, knew: this.servers[side].applied }, undefined)
  }

  #due(side: Side): void {
    const one = this.servers[side]
    const { row, rights } = one
    if (row === undefined || !this.#isOver(side)) return
    const isOwedNow = isOwed(rights, this.address, this.keys(side))
    if (row.state === LEASE_STATE.free && !isOwedNow) return
    if (row.state !== LEASE_STATE.assigned && row.end + HOLD_MS > this.clock(side)) return
    if (row.state !== LEASE_STATE.assigned && isOwedNow && !this.isJoined) return
    const { change, streamed } = dueChange(row, rights, () => ++one.position)
    if (change.kind !== 'put') throw new Error('removed')
    if (streamed) this.#put(side, change.lease, undefined)
    else one.row = change.lease
  }

  #share(side: Side): void {
    const one = this.servers[side]
    if (!this.isJoined || this.keys(side) !== 2 || one.row?.state !== LEASE_STATE.assigned) return
    this.#put(side, share(one.row, ++one.position), undefined)
  }

  #handOn(side: Side): void {
    const one = this.servers[side]
    if (!this.isJoined || this.keys(side) !== 2 || !this.#isOver(side)) return
    if (one.row?.state === LEASE_STATE.assigned) return
    this.#put(side, handOn(this.address, one.row, ++one.position), undefined)
  }

  /** The row is sent once more, with nothing new in it. */
  #again(side: Side): void {
    if (this.isJoined) this.#send(side, undefined)
  }

  #put(side: Side, lease: Lease, told: (() => void) | undefined): void {
    const one = this.servers[side]
    one.row = lease
    if (this.isJoined) this.#send(side, told)
    else told?.()
  }

  #send(side: Side, told: (() => void) | undefined): void {
    const { row, position, frames } = this.servers[side]
    if (row !== undefined) frames.push({ row: moved(row, -this.clock(side)), position, told })
  }

  deliver(side: Side, count: number): void {
    const one = this.servers[side]
    const other = this.servers[side === 0 ? 1 : 0]
    const now = this.clock(side === 0 ? 1 : 0)
    for (const frame of one.frames.splice(0, count)) {
      if (frame.row !== 'backlog') this.#merge(other, moved(frame.row, now), now)
      else if (one.row !== undefined && one.row.change <= frame.position)
        this.#merge(other, moved(one.row, now - this.clock(side)), now)
      other.applied = frame.position
      frame.told?.()
    }
  }

  #merge(other: Server, theirs: Lease, now: number): void {
    const former = other.row
    const { lease, conflict, what } = merge(former, theirs, other.rights, now)
    if (conflict !== 'none') throw new Error('a conflict')
    if (lease === undefined) return
    other.row = lease
    if (lease.got < (former?.got ?? 0)) throw new Error('got fell')
    if (former === undefined || what === 'taken' || what === 'shortened') return
    if (former.state === LEASE_STATE.released) return
    if (over(lease) < over(former) - 0.01) throw new Error(`${what} moved the end earlier`)
  }

  /** Everything that is under way arrives. */
  settle(): void {
    this.deliver(0, 999)
    this.deliver(1, 999)
  }

  cut(): void {
    this.isJoined = false
    for (const each of this.servers) for (const frame of each.frames.splice(0)) frame.told?.()
  }

  join(): void {
    if (this.isJoined) return
    this.isJoined = true
    for (const side of [0, 1] as const) {
      const { row, position, frames } = this.servers[side]
      const { applied } = this.servers[side === 0 ? 1 : 0]
      if (row !== undefined && row.change > applied)
        frames.push({ row: 'backlog', position, told: undefined })
    }
  }

  /** What is wrong now, or ''. */
  trouble(): string {
    const users = this.until.filter((until) => until > this.now).length
    if (users > 1) return `${users} clients use the address`
    if (this.keys(0) + this.keys(1) > 2) return `${this.keys(0)} + ${this.keys(1)} keys`
    return ''
  }
}

function server(side: Side): Server {
  const rights = { ...AT_HOME, side }
  return { rights, row: undefined, position: 0, applied: 0, behind: 0, frames: [] }
}

function clientOf(number: number): typeof A {
  return { htype: 1, hwAddress: `client${number}`, clientId: '' }
}

function moved(lease: Lease, by: number): Lease {
  return { ...lease, start: lease.start + by, end: lease.end + by }
}

const TERMS: GrantTerms = {
  client: A,
  subnetId: 1,
  poolId: 0,
  validLifetime: 0,
  hostname: '',
  fqdnFwd: false,
  fqdnRev: false,
  userContext: '',
}

const side = fc.constantFrom<Side>(0, 1)
const number = fc.constantFrom(0, 0, 0, 1)
const sided = <Kind extends string>(kind: Kind) => fc.record({ kind: fc.constant(kind), side })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('request' as const),
      side,
      client: number,
      lifetime: fc.constantFrom(100, 1000, 1000),
      lost: fc.constantFrom(false, false, true),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('release' as const),
      client: number,
      late: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('decline' as const), client: number }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('late-release' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(100, 15_000, 15_000, 61_000, 61_000, 111_000, 1_200_000),
    }),
  },
  { weight: 3, arbitrary: sided('due') },
  { weight: 1, arbitrary: sided('share') },
  { weight: 1, arbitrary: sided('handOn') },
  { weight: 1, arbitrary: sided('pause') },
  { weight: 1, arbitrary: sided('again') },
  { weight: 3, arbitrary: sided('deliver') },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('join' as const) }) },
)

/** What goes wrong, or ''. */
function history(home: Side, steps: readonly Step[]): string {
  const pair = new Pair(home)
  for (const [index, each] of steps.entries()) {
    pair.take(each)
    const trouble = pair.trouble()
    if (trouble !== '') return `step ${index} ${each.kind}: ${trouble}`
  }
  pair.cut()
  pair.join()
  pair.settle()
  if (pair.keys(0) + pair.keys(1) !== 2) return `${pair.keys(0)} + ${pair.keys(1)} keys in the end`
  return pair.trouble() || differenceInTheEnd(pair)
}

/** Where each has a key, both say the same, but for an end: clocks are behind. */
function differenceInTheEnd(pair: Pair): string {
  if (pair.wasSlow || pair.keys(0) !== 1 || pair.keys(1) !== 1) return ''
  const [one, two] = pair.servers.map(({ row }) => row!) as [Lease, Lease]
  const kinds = [kindOf(one, pair.clock(0)), kindOf(two, pair.clock(1))]
  if (!kinds.includes('live') || kinds.includes('ended') || kinds.includes('free')) return ''
  if (kinds[0] !== kinds[1]) return `${kinds} in the end`
  return isSameClient(one, two) ? '' : 'two clients in the end'
}

t.test('schedules that break weaker rules', async (t) => {
  const request = (side: Side, client: number): Step => {
    return { kind: 'request', side, client, lifetime: 1000, lost: false }
  }
  const wait = (ms: number): Step => ({ kind: 'wait', ms })
  const [join, cut, settle]: Step[] = [{ kind: 'join' }, { kind: 'cut' }, { kind: 'settle' }]
  const both = (home: Side): Step[] => {
    const away = home === 0 ? 1 : 0
    return [join!, request(home, 0), settle!, request(away, 0), settle!, wait(15_000), cut!]
  }
  const released: Step = { kind: 'release', client: 0, late: false }
  const declined: Step = { kind: 'decline', client: 0 }

  /** The client leaves its lease at the away server, gets it again at home; then home gives it away. */
  for (const leave of [released, declined])
    t.test(`${leave.kind} here, renewed there, and the key comes back`, async (t) => {
      for (const home of [0, 1] as const) {
        const away = home === 0 ? 1 : 0
        const steps = [...both(home), leave, request(home, 0), join!]
        const told: Step[] = [{ kind: 'deliver', side: away }, settle!, settle!]
        const back: Step[] = [
          wait(930_000),
          { kind: 'due', side: away },
          { kind: 'due', side: away },
        ]
        t.equal(history(home, [...steps, ...told, ...back, settle!, request(home, 1)]), '')
      }
    })
})

t.test('whatever two servers do, one client uses the address and no key is made', async () => {
  fc.assert(
    fc.property(
      side,
      fc.array(step, { minLength: 20, maxLength: 150, size: 'max' }),
      (home, steps) => {
        const trouble = history(home, steps)
        if (trouble !== '') throw new Error(trouble)
      },
    ),
    { numRuns: 4000, seed: 6842 },
  )
})
