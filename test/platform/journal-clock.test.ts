// Whether a start of the server knows for how long it was off, and does not count it for a copy.

import { copyFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import t from 'tap'
import { timesOfHost } from '../../lib/platform/host-times.ts'
import { JournalClock } from '../../lib/platform/journal/clock.ts'
import { openJournal } from '../../lib/platform/journal/journal.ts'
import type { HostTimes } from '../../lib/time/downtime.ts'
import { closed, leaseAt, PromisingSink } from './journal-world.ts'

const HOUR = 3_600_000

/** A database with a clock on it, and a host whose clocks are in the hands of the test. */
function setUp(folder: string) {
  const path = join(folder, 'leases.sqlite')
  let now: HostTimes = { boot: 'one', uptime: HOUR, wall: 1e12, wallError: undefined }
  const open = () => new Database(path)
  const db = open()
  db.exec(
    `CREATE TABLE meta (clock_note TEXT, counted_ms NUMERIC); INSERT INTO meta VALUES (NULL, 0)`,
  )
  db.close()
  const stored = (stamp: number) => {
    const read = open()
    const row = read.prepare('SELECT clock_note AS note, counted_ms AS counted FROM meta').get()
    read.close()
    const { note, counted } = row as { note: string | null; counted: number }
    return { stamp, note: note ?? '', counted }
  }
  /** A server is started at the stamp, serves to another one, and ends. */
  const life = (stamp: number, ...served: number[]) => {
    const clock = new JournalClock(path, 0, () => now)
    const resumed = clock.resume(stored(stamp))
    const write = open()
    for (const at of served) clock.put(write, at)
    write.close()
    return resumed
  }
  const pass = (ms: number) => (now = { ...now, uptime: now.uptime + ms, wall: now.wall + ms })
  return { path, life, pass, stored }
}

t.test('the time since the last note counts, and is summed up', async (t) => {
  const { life, pass } = setUp(t.testdir())
  t.same(life(0, 1000), { stamp: 0, counted: 0, downtime: 0 }, 'a new database')
  pass(HOUR)
  const second = life(1000, 1000 + HOUR)
  t.ok(second.stamp > HOUR && second.stamp <= HOUR + 1000, `${second.stamp}`)
  t.equal(second.downtime, second.stamp - 1000)
  pass(HOUR)
  const third = life(1000 + HOUR)
  t.equal(third.counted, second.counted + third.downtime)
  t.ok(third.downtime > HOUR - 1000)
})

t.test('of a copy that is put back nothing counts', async (t) => {
  await t.test('in another file', async (t) => {
    const { path, life, pass } = setUp(t.testdir())
    life(0, 1000)
    copyFileSync(path, `${path}.copy`)
    pass(HOUR)
    renameSync(`${path}.copy`, path)
    t.equal(life(1000).downtime, 0)
  })

  await t.test('over the file, of minutes ago', async (t) => {
    const { path, life, pass } = setUp(t.testdir())
    life(0, 1000)
    copyFileSync(path, `${path}.copy`)
    life(1000, 61_000, 200_000)
    pass(HOUR)
    copyFileSync(`${path}.copy`, path)
    t.equal(life(1000).downtime, 0)
  })

  await t.test(
    'nor without the tokens beside it, nor where people have changed the note',
    async (t) => {
      const { path, life, pass, stored } = setUp(t.testdir())
      life(0, 1000)
      pass(HOUR)
      const clock = new JournalClock(path, 0, () => ({ ...timesOfHost('one'), uptime: 2 * HOUR }))
      t.ok(clock.resume(stored(1000)).downtime > 0)
      const note = stored(1000).note.replace('"uptime":', '"uptime":"x')
      for (const spoilt of ['', '{', 'null', '[]', note, '{"stamp":1}'])
        t.equal(clock.resume({ ...stored(1000), note: spoilt }).downtime, 0, spoilt)
      rmSync(`${path}.clock`)
      t.equal(life(1000).downtime, 0)
    },
  )
})

t.test('a journal that was closed an hour ago by the clocks of this host', async (t) => {
  const path = join(t.testdir(), 'leases.sqlite')
  const open = async () => {
    const journal = await openJournal({ path, durability: 'full' })
    const sink = new PromisingSink()
    return { journal, sink, info: await sink.load(journal) }
  }
  const first = await open()
  t.equal(await first.sink.commit(first.journal, [], 5000), '')
  await closed(first.journal)
  if (timesOfHost().boot === '') return t.comment('this system tells no boots')
  const db = new Database(path)
  db.exec(
    `UPDATE meta SET clock_note = json_set(clock_note, '$.uptime', clock_note ->> '$.uptime' - ${HOUR})`,
  )
  db.close()
  const second = await open()
  const { stamp, downtime = 0, counted } = second.info
  // However long this machine takes in between: time that has passed may count.
  t.ok(downtime > HOUR - 1000, `${downtime}`)
  t.same([stamp, counted], [5000 + downtime, downtime])
  t.equal(await second.sink.commit(second.journal, [], stamp + 1), '')
  await closed(second.journal)
  const third = await open()
  t.equal(third.info.counted, counted, 'and is known from then on')
  await closed(third.journal)
})

// The file keeps its place on the disk, and what stands beside it is put back as well.
for (const how of ['its witness', 'a word'] as const)
  t.test(
    `of a whole folder that is written over nothing counts where ${how} tells of it`,
    async (t) => {
      const folder = t.testdir()
      const path = join(folder, 'leases.sqlite')
      const options =
        how === 'a word' ? { isCopy: true } : { witness: join(t.testdir(), 'witness') }
      const serve = async (change: number, isPutBack = false) => {
        const { witness, isCopy } = { witness: undefined, isCopy: undefined, ...options }
        const told = isPutBack ? isCopy : undefined
        const journal = await openJournal({ path, durability: 'full', witness, isCopy: told })
        const sink = new PromisingSink()
        const { downtime } = await sink.load(journal)
        const put = { kind: 'put', lease: leaseAt(0xc0000201, { change }) } as const
        t.equal(await sink.commit(journal, [put], 5000 * change), '')
        await closed(journal)
        return downtime
      }
      await serve(1)
      if (timesOfHost().boot === '') return t.comment('this system tells no boots')
      const db = new Database(path)
      db.exec(
        `UPDATE meta SET clock_note = json_set(clock_note, '$.uptime', clock_note ->> '$.uptime' - ${HOUR})`,
      )
      db.close()
      const files = [path, `${path}.clock`]
      for (const file of files) copyFileSync(file, `${file}.copy`)
      t.ok((await serve(2))! > HOUR - 10_000, 'it counts where nothing was put back')
      for (const file of files) copyFileSync(`${file}.copy`, file)
      t.equal(await serve(3, true), 0)
    },
  )
