// Events over the end of the process that told them: from the history of leases, in order, none of
// them twice, and with a word where some are missing.

import { join } from 'node:path'
import Database from 'better-sqlite3'
import t, { type Test } from 'tap'
import { ipv4FromText } from '../../lib/address/ipv4.ts'
import type { HistoryPlan } from '../../lib/config/plan/plan.ts'
import type { EventReader } from '../../lib/control/events/event-reader.ts'
import { EventRing } from '../../lib/control/events/event-ring.ts'
import { type ControlEvent, namesAsked, USUAL_NAMES } from '../../lib/control/events/event-words.ts'
import { ChangeWriter } from '../../lib/leases/change-codec.ts'
import { LEASE_STATE, type Lease, type LeaseAction } from '../../lib/leases/lease.ts'
import { freeRow } from '../../lib/leases/lifecycle.ts'
import { JournalDatabase } from '../../lib/platform/journal/database.ts'
import { PastPages } from '../../lib/platform/journal/past.ts'
import { EventBook } from '../../lib/server/event-book.ts'

const KEPT: HistoryPlan = { maxAge: 86_400, maxRows: 1000 }
const FIRST = ipv4FromText('192.0.2.0')!

interface LifeWish {
  /** The journal is not read yet. */
  readonly isStarting?: boolean
  readonly history?: HistoryPlan | undefined
  readonly ring?: number
}

/** A process with its journal, and who follows it. */
class Life {
  readonly ring: EventRing
  readonly #journal: JournalDatabase
  readonly #book = new EventBook()
  #stamp = 0

  constructor(path: string, name: string, wish: LifeWish = {}) {
    const { history, isStarting = false, ring = 100 } = { history: KEPT, ...wish }
    this.#journal = new JournalDatabase({ path, durability: 'off', history }, '')
    if (!isStarting) this.begin()
    this.ring = new EventRing(name, () => 0, ring)
    const book = this.#book
    this.ring.remember({
      get isKnown() {
        return book.isBegun
      },
      get start() {
        return book.start
      },
      get told() {
        return book.told
      },
      keep: (event) => book.keep(event),
      value: (event) => aboutOf(event),
      read: (wish, page) => {
        const db = new Database(path, { readonly: true })
        const pages = new PastPages(db, wish)
        return { more: () => queueMicrotask(() => page(pages.next())), close: () => db.close() }
      },
    })
  }

  begin(): void {
    this.#book.begin(this.#journal.beginHistory())
  }

  /** Stores a batch: `1 granted`; told unless the process ends before. */
  batch(changes: readonly string[], isTold = true): void {
    const all = changes.map((change) => {
      const [number, action] = change.split(' ') as [string, LeaseAction | 'taken']
      return { lease: lease(Number(number)), action: action === 'taken' ? undefined : action }
    })
    const writer = new ChangeWriter()
    for (const { lease } of all) writer.put({ kind: 'put', lease })
    const told = this.#book.take(all.map(({ action }) => action))
    const none = [undefined, undefined, undefined] as const
    this.#journal.commit(writer.copy(), all.length, ++this.#stamp, ...none, told)
    if (!isTold) return
    for (const [index, { action, lease }] of all.entries()) {
      if (action === undefined) continue
      this.#book.telling(index)
      this.ring.note({ kind: 'lease', family: 4, action, lease })
    }
  }

  /** Something beside leases. */
  other(server: string): void {
    this.ring.note({
      ...{ kind: 'other-server', family: 4, server, interface: 'eth0', relay: '', clients: 1 },
    })
  }

  follow(since: string | undefined, names = USUAL_NAMES, isAllSeen = false): EventReader {
    return this.ring.follow({ names, since, isAllSeen, value: aboutOf })!
  }

  end(): void {
    this.#journal.close()
  }
}

function lease(number: number): Lease {
  return {
    ...freeRow(FIRST + number),
    ...{ htype: 1, hwAddress: '\x02\0\0\0\0\x01', subnetId: 7, poolId: 3, hostname: `h${number}` },
    ...{ state: LEASE_STATE.assigned, validLifetime: 3600, start: 5, end: 3_600_005 },
  }
}

function aboutOf(event: ControlEvent): { about: string } {
  if (event.kind === 'lease') {
    const { poolId, hostname, end } = event.lease
    return { about: `${hostname} ${poolId} ${end}` }
  }
  return { about: event.kind === 'other-server' ? event.server : event.kind }
}

interface Heard {
  readonly id: string
  readonly text: string
}

/** All that comes, until nothing does. */
async function heard(reader: EventReader): Promise<Heard[]> {
  const all: Heard[] = []
  for (let quiet = 0; quiet < 3; quiet++) {
    for (let taken = reader.next(); taken !== undefined; taken = reader.next()) {
      const { about = '' } = JSON.parse(taken.text) as { about?: string }
      const text = `${taken.name} ${about.split(' ')[0]}`.trim()
      all.push({ id: taken.id, text })
      quiet = 0
    }
    await new Promise(setImmediate)
  }
  reader.close()
  return all
}

const textsOf = (all: readonly Heard[]): string[] => all.map(({ text }) => text)

function journal(t: Test): string {
  t.testdir()
  return join(t.testdirName, 'leases.sqlite')
}

/** What one who follows from the beginning hears of a first process, which ends then. */
async function firstLife(path: string, wish?: LifeWish): Promise<Heard[]> {
  const life = new Life(path, 'one', wish)
  const reader = life.follow(undefined)
  life.batch(['1 granted', '2 granted'])
  life.other('x')
  life.batch(['9 taken', '3 granted', '1 released'])
  life.other('y')
  life.batch([])
  const all = await heard(reader)
  life.end()
  return all
}

const FIRST_LIFE = [
  'lease.assigned h1',
  'lease.assigned h2',
  'other-server x',
  'lease.assigned h3',
  'lease.released h1',
  'other-server y',
]

t.test('who comes back after a restart hears everything behind its last event', async (t) => {
  const path = journal(t)
  const all = await firstLife(path)
  t.same(textsOf(all), FIRST_LIFE)
  const life = new Life(path, 'two')
  life.other('z')
  life.batch(['4 granted'])
  const later = ['other-server z', 'lease.assigned h4']
  for (const [index, { id }] of all.entries()) {
    const rest = await heard(life.follow(id))
    t.same([...textsOf(rest)].sort(), [...FIRST_LIFE.slice(index + 1), ...later].sort(), id)
    t.same(textsOf(rest).slice(-2), later, 'what is new comes last')
  }
  const whole = await heard(life.follow(all[0]!.id))
  for (const [index, { id }] of whole.entries()) {
    const rest = textsOf(await heard(life.follow(id)))
    t.same(rest, textsOf(whole.slice(index + 1)), `and it may be cut off again: ${id}`)
  }
  life.end()
})

t.test('a lease is told as it was: with its pool and its end', async (t) => {
  const path = journal(t)
  const [first] = await firstLife(path)
  const life = new Life(path, 'two')
  const reader = life.follow(first!.id)
  t.equal(reader.next(), undefined)
  await new Promise(setImmediate)
  t.strictSame(JSON.parse(reader.next()!.text).about, 'h2 3 3600005')
  reader.close()
  life.end()
})

t.test('what was stored and not told when the process was killed is told then', async (t) => {
  const path = journal(t)
  const life = new Life(path, 'one')
  const reader = life.follow(undefined)
  life.batch(['1 granted'])
  life.batch(['2 granted', '3 granted'], false)
  const [last] = await heard(reader)
  life.end()
  const next = new Life(path, 'two')
  t.same(textsOf(await heard(next.follow(last!.id))), ['lease.assigned h2', 'lease.assigned h3'])
  next.end()
})

t.test('over several restarts, and from before the first lease', async (t) => {
  const path = journal(t)
  const life = new Life(path, 'one')
  const reader = life.follow(undefined)
  life.other('x')
  life.batch([])
  const [last] = await heard(reader)
  life.end()
  for (const number of [2, 3, 4]) {
    const next = new Life(path, `life${number}`)
    next.batch([`${number} granted`])
    const hosts = [2, 3, 4].slice(0, number - 1).map((one) => `lease.assigned h${one}`)
    t.same(textsOf(await heard(next.follow(last!.id))), hosts)
    next.end()
  }
})

t.test('a gap is said where rows are gone, or never were', async (t) => {
  const rows: readonly (readonly [string, (path: string, ids: string[]) => Life, string[]])[] = [
    [
      'more came than are kept',
      (path) => {
        const life = new Life(path, 'two', { history: { maxAge: 86_400, maxRows: 3 } })
        for (let number = 10; number < 15; number++) life.batch([`${number} granted`])
        return life
      },
      [10, 11, 12, 13, 14].map((number) => `lease.assigned h${number}`),
    ],
    [
      'nothing was kept for a while',
      (path) => {
        const former = new JournalDatabase({ path, durability: 'off' }, '')
        former.beginHistory()
        former.close()
        const life = new Life(path, 'two')
        life.batch(['10 granted'])
        return life
      },
      ['lease.assigned h10'],
    ],
    [
      'the database is another copy',
      (path) => {
        const db = new Database(path)
        db.exec("UPDATE history SET life = 'another' WHERE life IS NOT NULL")
        db.close()
        return new Life(path, 'two')
      },
      [],
    ],
    [
      'the database has lost its end',
      (path) => {
        const db = new Database(path)
        db.exec('DELETE FROM history WHERE id > 2')
        db.close()
        return new Life(path, 'two')
      },
      [],
    ],
  ]
  for (const [why, make, rest] of rows) {
    t.comment(why)
    const path = join(t.testdir({ [why]: {} }), why, 'leases.sqlite')
    const ids = (await firstLife(path)).map(({ id }) => id)
    const life = make(path, ids)
    t.same(textsOf(await heard(life.follow(ids.at(-1)))), ['gap', ...rest], why)
    life.end()
  }
})

t.test('where nobody could follow for a while, that is a gap, and leases are told', async (t) => {
  const path = journal(t)
  const all = await firstLife(path)
  const life = new Life(path, 'two')
  life.ring.open(false)
  life.batch(['10 granted'])
  life.other('nobody hears of it')
  life.ring.open(true)
  life.batch(['11 granted'])
  const rest = textsOf(await heard(life.follow(all.at(-1)!.id)))
  t.same(rest, ['gap', 'lease.assigned h10', 'lease.assigned h11'])
  life.end()
})

t.test('a stream that a whole ring has overtaken goes on from the history', async (t) => {
  const path = journal(t)
  const life = new Life(path, 'one', { ring: 4 })
  const slow = life.follow(undefined)
  const numbers = Array.from({ length: 250 }, (_, index) => index)
  for (const number of numbers) {
    life.batch([`${number} granted`])
    if (number % 10 === 0) life.other(`x${number}`)
  }
  life.batch([])
  const texts = textsOf(await heard(slow))
  const isOther = (text: string) => text.startsWith('other')
  t.same(
    texts.filter((text) => !isOther(text)),
    numbers.map((number) => `lease.assigned h${number}`),
  )
  t.equal(texts.filter(isOther).length, 25)
  life.end()
})

t.test('renewals come again where they are asked for', async (t) => {
  const path = journal(t)
  const [first] = await firstLife(path)
  const life = new Life(path, 'two')
  life.batch(['1 renewed', '2 renewed'])
  const names = namesAsked(['lease.renewed', 'lease.released'])
  const rest = textsOf(await heard(life.follow(first!.id, names as typeof USUAL_NAMES)))
  t.same(rest, ['lease.released h1', 'lease.renewed h1', 'lease.renewed h2'])
  life.end()
})

t.test(
  'a journal that does not store keeps so many events back, and then tells of a gap',
  async (t) => {
    const book = new EventBook()
    book.begin(0)
    const event = { life: 'one', number: 1, name: 'conflict', text: '{}' }
    for (let count = 0; count < 1500; count++) book.keep(event)
    t.equal(book.take([])?.events.length, 1001)
    book.failed()
    const again = book.take(['granted', undefined])!
    t.match(again.events.at(-1), /"name":"gap"/)
    t.same([...again.actions], [1, 0])
  },
)

t.test('who comes back while the journal is read is told when it is', async (t) => {
  const path = journal(t)
  const all = await firstLife(path)
  const life = new Life(path, 'two', { isStarting: true })
  life.other('early')
  const back = life.follow(all[3]!.id)
  const first = life.follow(undefined)
  life.other('late')
  t.equal(back.next(), undefined, 'neither an event nor a gap')
  t.equal(first.next(), undefined)
  life.begin()
  life.batch(['4 granted'])
  const rest = [...FIRST_LIFE.slice(4), 'other-server early', 'other-server late']
  t.same(textsOf(await heard(back)), [...rest, 'lease.assigned h4'])
  const [late] = await heard(first)
  t.equal(late!.text, 'other-server late')
  life.end()
  const next = new Life(path, 'three')
  const behind = textsOf(await heard(next.follow(late!.id)))
  t.same(behind, ['lease.assigned h4'], 'what was told early stands behind what there was')
  next.end()
})

t.test('without a history only who has seen all goes on without a gap', async (t) => {
  const path = journal(t)
  const none = { history: undefined }
  const life = new Life(path, 'two', none)
  life.other('x')
  t.same(textsOf(await heard(life.follow('one-7'))), ['gap', 'other-server x'])
  t.same(textsOf(await heard(life.follow('one-7', USUAL_NAMES, true))), ['other-server x'])
  life.end()
})
