// Kea's lease files into the journal: once, whole, or not at all.

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { textFromPrefix6 } from '../../lib/address/prefix6.ts'
import { CSV4_HEADER } from '../../lib/leases/csv4.ts'
import { CSV6_HEADER } from '../../lib/leases/csv6.ts'
import { importBegun4, importBegun6, importCsv, importOnce } from '../../lib/platform/import-csv.ts'
import { openJournal } from '../../lib/platform/journal/journal.ts'
import { listLeases } from '../../lib/platform/journal/list.ts'
import { lookAtLeases } from '../../lib/platform/journal/look.ts'
import { JournalRefused } from '../../lib/platform/journal/trouble.ts'
import type { Log, LogFields } from '../../lib/ports/log.ts'
import { closed, PromisingSink, pairRecord } from './journal-world.ts'

/** 2100: later than any test. */
const FUTURE = 4102444800

interface Line {
  readonly level: string
  readonly id: string
  readonly fields: LogFields
}

class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'whio-import-'))
  readonly csv = join(this.folder, 'kea-leases4.csv')
  readonly journal = join(this.folder, 'state', 'leases.sqlite')
  readonly lines: Line[] = []
  readonly log: Log = {
    enabled: () => true,
    write: (level, id, _text, fields) => this.lines.push({ level, id, fields }),
  }

  constructor(t: Test) {
    t.after(() => rmSync(this.folder, { recursive: true, force: true }))
  }

  /** Writes a lease file as Kea does. */
  write(rows: readonly string[], suffix = ''): void {
    writeFileSync(this.csv + suffix, `${[CSV4_HEADER, ...rows].join('\n')}\n`)
  }

  once(): Promise<void> {
    return importOnce([this.csv], this.journal, this.log)
  }

  /** `192.0.2.10 02:00:00:00:00:0a` */
  stored(): string[] {
    return [...listLeases(this.journal)].map(({ address, hwAddress }) => `${address} ${hwAddress}`)
  }

  /** What stands in the folder of the journal. */
  files(): string[] {
    const folder = join(this.folder, 'state')
    return existsSync(folder) ? readdirSync(folder).sort() : []
  }
}

function row(number: number, client = number, lifetime = 3600): string {
  const hex = client.toString(16).padStart(2, '0')
  return `192.0.2.${number},02:00:00:00:00:${hex},,${lifetime},${FUTURE},1,0,0,,0,,0`
}

t.test('the first start reads the file in, the second does not', async (t) => {
  const place = new Place(t)
  place.write([row(10), row(11)])
  const before = readFileSync(place.csv)
  await place.once()
  t.same(place.files(), ['leases.sqlite', 'leases.sqlite.lock'], 'and nothing else is left')
  t.same(place.stored(), ['192.0.2.10 02:00:00:00:00:0a', '192.0.2.11 02:00:00:00:00:0b'])
  t.match(place.lines, [
    { level: 'info', id: 'JOURNAL_IMPORTED', fields: { leases: 2, unusable: 0 } },
  ])
  place.write([row(12)])
  await place.once()
  t.equal(place.stored().length, 2)
  t.equal(place.lines.length, 1)
  place.write([row(10), row(11)])
  t.same(readFileSync(place.csv), before, 'the file itself is as it was')
})

t.test('without a file there is nothing to do', async (t) => {
  const place = new Place(t)
  await place.once()
  t.same(place.files(), [])
  t.same(place.lines, [])
})

t.test('all files are read that Kea would load, in its order', async (t) => {
  const place = new Place(t)
  place.write([row(10), row(11), row(12), row(13)], '.2')
  place.write([row(11, 11, 0), row(12, 0x22)], '.1')
  place.write([row(13, 13, 0), row(14)])
  await place.once()
  t.same(place.stored(), [
    '192.0.2.10 02:00:00:00:00:0a',
    '192.0.2.12 02:00:00:00:00:22',
    '192.0.2.14 02:00:00:00:00:0e',
  ])

  t.test('a finished cleanup stands for the older two', async (t) => {
    const place = new Place(t)
    place.write([row(10)], '.2')
    place.write([row(11)], '.1')
    place.write([row(12)], '.completed')
    place.write([row(13)])
    await place.once()
    t.same(place.stored(), ['192.0.2.12 02:00:00:00:00:0c', '192.0.2.13 02:00:00:00:00:0d'])
  })

  t.test('they count although the named one is not there yet', async (t) => {
    const place = new Place(t)
    place.write([row(10)], '.2')
    await place.once()
    t.equal(place.stored().length, 1)
  })
})

t.test('what an interrupted import left behind does not count', async (t) => {
  const place = new Place(t)
  place.write([row(10)])
  await importCsv(place.csv, `${place.journal}.import`)
  place.write([row(11)])
  await place.once()
  t.same(place.files(), ['leases.sqlite', 'leases.sqlite.lock'])
  t.same(place.stored(), ['192.0.2.11 02:00:00:00:00:0b'])
})

t.test('a bad row costs itself and is told with its place', async (t) => {
  const place = new Place(t)
  place.write([row(10), 'nonsense', row(11)], '.2')
  place.write([`192.0.2.300,${row(1).slice(10)}`])
  await place.once()
  t.equal(place.stored().length, 2)
  t.match(place.lines, [
    { id: 'JOURNAL_IMPORTED', fields: { leases: 2, unusable: 2 } },
    { level: 'warn', id: 'JOURNAL_IMPORT_ROW', fields: { file: `${place.csv}.2`, line: 3 } },
    { level: 'warn', id: 'JOURNAL_IMPORT_ROW', fields: { file: place.csv, line: 2 } },
  ])
})

t.test('a file that ends within a row', async (t) => {
  const place = new Place(t)
  writeFileSync(place.csv, `${CSV4_HEADER}\n${row(10)}\n${row(11)}`)
  await place.once()
  t.equal(place.stored().length, 2, 'all columns are there: only the line feed is missing')

  t.test('where columns are missing the row is told, not guessed', async (t) => {
    const place = new Place(t)
    writeFileSync(place.csv, `${CSV4_HEADER}\n${row(10)}\n${row(11).slice(0, -8)}`)
    await place.once()
    t.equal(place.stored().length, 1)
    t.match(place.lines[1]?.fields, { line: 3, trouble: 'the file ends within this row' })
  })
})

t.test('serving without the leases is refused, and nothing is left behind', async (t) => {
  const refused = async (t: Test, place: Place, why: RegExp) => {
    await t.rejects(place.once(), { name: 'JournalRefused', code: 'import-failed', message: why })
    t.notOk(existsSync(place.journal), 'the next start tries again')
    t.notMatch(place.files().join(' '), 'import')
  }

  t.test('where the file is none of Kea', async (t) => {
    for (const text of ['hello\nworld\n', '\0\x01\x02', 'a,b,c\n']) {
      const place = new Place(t)
      writeFileSync(place.csv, text)
      await refused(t, place, /kea-leases4\.csv is no lease file of Kea/)
    }
  })

  t.test('where no row makes sense', async (t) => {
    const place = new Place(t)
    place.write(['x', 'y'])
    await refused(t, place, /none of its rows can be used; the first: .*csv:2: address/)
  })

  t.test('where it is a folder', async (t) => {
    const place = new Place(t)
    mkdirSync(place.csv)
    await refused(t, place, /is not a file/)
  })

  t.test('where another start is doing it', async (t) => {
    const place = new Place(t)
    place.write([row(10)])
    const [one, other] = await Promise.allSettled([place.once(), place.once()])
    t.equal(one.status, 'fulfilled')
    t.equal(other.status, 'rejected')
    t.match((other as PromiseRejectedResult).reason, { code: 'locked' })
    t.equal(place.stored().length, 1)
  })

  t.test('where it may not be read', async (t) => {
    const place = new Place(t)
    place.write([row(10)])
    chmodSync(place.csv, 0)
    await unprivileged(place, () => refused(t, place, /EACCES/))
  })

  t.test('where its folder may not be looked into', async (t) => {
    const place = new Place(t)
    const hidden = join(place.folder, 'kea')
    mkdirSync(hidden, { mode: 0 })
    const file = join(hidden, 'leases.csv')
    const attempt = () => importOnce([file], place.journal, place.log)
    const refusal = { name: 'JournalRefused', code: 'import-failed', message: /EACCES/ }
    await unprivileged(place, () => t.rejects(attempt(), refusal))
    chmodSync(hidden, 0o700)
  })

  t.test('where the journal cannot be made', async (t) => {
    const place = new Place(t)
    place.write([row(10)])
    // Node's recursive mkdir would go round in circles here.
    const nowhere = importOnce([place.csv], '/proc/none/leases.sqlite', place.log)
    if (existsSync('/proc/self')) await t.rejects(nowhere, JournalRefused)
    writeFileSync(join(place.folder, 'state'), 'in the way')
    await t.rejects(place.once(), JournalRefused)
  })
})

/** Runs something without the powers of root, which may read everything. */
async function unprivileged(place: Place, run: () => Promise<unknown>): Promise<void> {
  if (process.getuid?.() !== 0) return void (await run())
  chmodSync(place.folder, 0o777)
  process.seteuid!(65534)
  try {
    await run()
  } finally {
    process.seteuid!(0)
  }
}

t.test('an empty file has no leases', async (t) => {
  const place = new Place(t)
  writeFileSync(place.csv, '')
  await place.once()
  t.same(place.stored(), [])
})

t.test('by hand, into a journal that is there', async (t) => {
  const place = new Place(t)
  place.write([row(10), row(11)])
  t.match(await importCsv(place.csv, place.journal), { taken: 2, kept: [], files: [place.csv] })

  t.test('a live lease of another client stays', async (t) => {
    place.write([row(10, 0x99), row(11), row(12)])
    const { taken, kept } = await importCsv(place.csv, place.journal)
    t.equal(taken, 2)
    t.match(kept, [{ address: 0xc000020a, hwAddress: '\x02\0\0\0\0\x99' }])
    t.same(place.stored(), [
      '192.0.2.10 02:00:00:00:00:0a',
      '192.0.2.11 02:00:00:00:00:0b',
      '192.0.2.12 02:00:00:00:00:0c',
    ])
  })

  t.test('what was declined is declined still when the file is read in once more', async (t) => {
    const place = new Place(t)
    const declined = `192.0.2.20,,,86400,${FUTURE},1,0,0,,1,,0`
    for (const _ of [1, 2]) {
      place.write([declined])
      t.match(await importCsv(place.csv, place.journal), { taken: 1, kept: [] })
    }
    place.write([row(20)])
    t.match(await importCsv(place.csv, place.journal), { taken: 0, kept: [{}] })
  })

  t.test('a file that is not there or not good changes nothing', async (t) => {
    await t.rejects(importCsv(join(place.folder, 'x'), place.journal), /there is no such file/)
    writeFileSync(place.csv, 'hello\n')
    await t.rejects(importCsv(place.csv, place.journal), /no lease file/)
    t.equal(place.stored().length, 3)
  })

  t.test('not into the journal of a pair', async (t) => {
    const journal = await openJournal({ path: place.journal, durability: 'full' })
    const sink = new PromisingSink()
    await sink.load(journal)
    await sink.commit(journal, [], 1, pairRecord({ pairId: '', rights: 'none' }))
    await closed(journal)
    place.write([row(13)])
    const refusal = { code: 'import-failed', message: /started in a pair/ }
    await t.rejects(importCsv(place.csv, place.journal), refusal)
    t.equal(place.stored().length, 3)
  })

  t.test('not while a server uses it', async (t) => {
    const journal = await openJournal({ path: place.journal, durability: 'full' })
    t.after(() => new Promise<void>((resolve) => journal.close(resolve)))
    place.write([row(13)])
    await t.rejects(importCsv(place.csv, place.journal), { code: 'locked', message: /in use by/ })
  })
})

t.test('by hand without a journal: a mistake leaves none, so nothing is forgotten', async (t) => {
  const place = new Place(t)
  writeFileSync(place.csv, 'hello\n')
  await t.rejects(importCsv(place.csv, place.journal), /no lease file/)
  t.notOk(existsSync(place.journal))
})

t.test('both files of a Kea come in at once, each lease once', async (t) => {
  const place = new Place(t)
  const csv6 = join(place.folder, 'kea-leases6.csv')
  const row6 = (address: string, type: number, length: number, client: number) =>
    `${address},00:03:00:01:02:00:00:00:00:0${client},3600,${FUTURE},1,1800,${type},${client},${length},` +
    '0,0,,,0,,,,0'
  const write6 = (rows: readonly string[], suffix = '') =>
    writeFileSync(csv6 + suffix, `${[CSV6_HEADER, ...rows].join('\n')}\n`)
  place.write([row(10)])
  write6([row6('2001:db8::1', 0, 128, 1), row6('2001:db8::2', 0, 128, 1)], '.2')
  write6([
    row6('2001:db8::2', 0, 128, 2),
    row6('2001:db8:1::', 2, 56, 3),
    row6('2001:db8:1:1::', 2, 64, 4),
    row6('2001:db8:1:1::', 2, 65, 3),
    'nonsense',
  ])
  await importOnce([place.csv, csv6], place.journal, place.log)
  t.same(place.stored(), ['192.0.2.10 02:00:00:00:00:0a'])
  const journal = await openJournal({ path: place.journal, durability: 'full' })
  const sink = new PromisingSink()
  await sink.load(journal)
  await closed(journal)
  const keys = [...sink.leases.keys()].filter((key) => typeof key === 'string')
  t.same(keys.map(textFromPrefix6), ['2001:db8:1::/56', '2001:db8::1', '2001:db8::2'])
  t.match(sink.leases.get(keys[2]!), { preferredLifetime: 1800, subnetId: 1 })
  t.ok(sink.leases.get(keys[2]!)?.clientId.endsWith('\x02'), 'the row that came last')
  t.match(place.lines, [
    { id: 'JOURNAL_IMPORTED', fields: { leases: 4, unusable: 1 } },
    { id: 'JOURNAL_IMPORT_ROW', fields: { file: csv6, line: 6 } },
  ])

  const again = await importCsv(csv6, place.journal)
  t.match(again, { taken: 3, kept: [{ preferredLifetime: 1800 }, {}] })
  t.same(
    again.kept.map(({ address }) => typeof address === 'string' && textFromPrefix6(address)),
    ['2001:db8:1:1::/64', '2001:db8:1:1::/65'],
    'no prefix within that of another client',
  )
})

t.test('who begins to serve DHCPv6 later takes over the leases of Kea then', async (t) => {
  const csv6 = (place: Place) => join(place.folder, 'kea-leases6.csv')
  const write6 = (place: Place, ...hosts: readonly number[]) => {
    const rows = hosts.map(
      (host) =>
        `2001:db8::${host},00:03:00:01:02:00:00:00:00:0${host},3600,${FUTURE},1,1800,0,1,128,0,0,,,0,,,,0`,
    )
    writeFileSync(csv6(place), `${[CSV6_HEADER, ...rows].join('\n')}\n`)
  }
  const begin = (place: Place) => importBegun6(csv6(place), place.journal, place.log)
  const addresses6 = (place: Place) => lookAtLeases(place.journal, 6).count

  t.test('once', async (t) => {
    const place = new Place(t)
    place.write([row(10)])
    await place.once()
    await begin(place)
    t.equal(addresses6(place), 0, 'no file, nothing to take over')
    write6(place, 1, 2)
    await begin(place)
    t.equal(addresses6(place), 2)
    t.same(place.stored().length, 1, 'the others stay')
    t.match(place.lines.at(-1), { id: 'JOURNAL_IMPORTED', fields: { leases: 2 } })
    // The first start with Dhcp6 makes the DUID of the server.
    const journal = await openJournal({ path: place.journal, durability: 'full' })
    await new PromisingSink().load(journal)
    journal.keepDuid('\x00\x03\x00\x01\x02\x00\x00\x00\x00\xff')
    await closed(journal)
    write6(place, 3)
    await begin(place)
    t.equal(addresses6(place), 2, 'from then on the file is not read')
  })

  t.test('and the other way round', async (t) => {
    const place = new Place(t)
    const begin4 = () => importBegun4(place.csv, place.journal, place.log)
    const journal = await openJournal({ path: place.journal, durability: 'full' })
    await new PromisingSink().load(journal)
    place.write([row(10), row(11)])
    await closed(journal)
    await begin4()
    t.same(place.stored(), [], 'a journal of DHCPv4 alone has read the file when it was made')
    const again = await openJournal({ path: place.journal, durability: 'full' })
    await new PromisingSink().load(again)
    again.keepDuid('\x00\x03\x00\x01\x02\x00\x00\x00\x00\xff')
    await closed(again)
    await begin4()
    t.equal(place.stored().length, 2)
    place.write([row(12)])
    await begin4()
    t.equal(place.stored().length, 2, 'once')
  })

  t.test('and what is no journal is left to who opens it', async (t) => {
    const place = new Place(t)
    write6(place, 1)
    mkdirSync(join(place.folder, 'state'))
    writeFileSync(place.journal, 'no database at all, but long enough for one to be looked for')
    await begin(place)
    t.same(place.lines, [])
  })

  t.test('and where there is no journal yet, all come in at once', async (t) => {
    const place = new Place(t)
    write6(place, 1)
    await begin(place)
    t.notOk(existsSync(place.journal))
  })

  t.test('but a pair goes on without them, and says so', async (t) => {
    const place = new Place(t)
    place.write([row(10)])
    await place.once()
    const journal = await openJournal({ path: place.journal, durability: 'full' })
    const sink = new PromisingSink()
    await sink.load(journal)
    await sink.commit(journal, [], 1, pairRecord({ pairId: '', rights: 'none' }))
    await closed(journal)
    write6(place, 1)
    await begin(place)
    t.equal(addresses6(place), 0)
    t.match(place.lines.at(-1), { level: 'warn', id: 'JOURNAL_IMPORT_LEFT' })
  })
})
