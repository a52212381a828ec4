// What the database was, noted outside of its folder: an older copy is noticed when it is opened.

import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import type { PairRecord } from '../../lib/ha/pair-record.ts'
import { isOlder, type Testimony } from '../../lib/ha/testimony.ts'
import { openJournal } from '../../lib/platform/journal/journal.ts'
import { witnessFolder } from '../../lib/platform/journal/witness.ts'
import { closed, leaseAt, PromisingSink, pairRecord } from './journal-world.ts'

const NOW: Testimony = {
  database: 'd',
  change: 50,
  stamp: 9000,
  longest: 600,
  lives: [
    { id: 'A', from: 0, isMet: true },
    { id: 'B', from: 40 },
  ],
}

t.test('older by change, by clock, or by a life that it did not have', async (t) => {
  const seen = { database: 'd', change: 50, stamp: 9000, life: 'A', longest: 600 }
  t.notOk(isOlder(NOW, { ...seen, change: 40 }))
  t.notOk(isOlder(NOW, { ...seen, life: '' }))
  t.ok(isOlder(NOW, { ...seen, change: 51 }))
  t.ok(isOlder(NOW, { ...seen, stamp: 9001 }))
  t.ok(isOlder(NOW, { ...seen, change: 41 }), 'A had ended before')
  t.ok(isOlder(NOW, { ...seen, change: 3, life: 'X' }), 'it was elsewhere and has counted on')
  t.notOk(isOlder(NOW, { ...seen, change: 99, database: 'e' }), 'another database is none of it')
})

t.test('the folder is apart from the database', async (t) => {
  const journal = '/var/lib/whio/leases.sqlite'
  const service = { STATE_DIRECTORY: '/var/lib/private/whio:/var/lib/private/whio-witness' }
  t.equal(witnessFolder(journal, service, 61184), '/var/lib/private/whio-witness')
  t.equal(witnessFolder(journal, { XDG_STATE_HOME: '/s' }, 0), '/s/whio-witness')
  t.equal(witnessFolder(journal, {}, 0), '/var/lib/whio-witness')
  t.match(witnessFolder(journal, {}, 1000), /\/\.local\/state\/whio-witness$/)
  t.equal(witnessFolder('/tmp/x/leases.sqlite', {}, 0), undefined, 'what is temporary needs none')
})

interface Service {
  readonly path: string
  readonly witness: string
}

/**
 * Opens, stores a lease with this change number, stops in good order; what was said of the copy.
 */
async function serve(service: Service, change: number, pair?: PairRecord) {
  return (await serveLong(service, change, pair)).restored
}

async function serveLong({ path, witness }: Service, change: number, pair?: PairRecord) {
  const journal = await openJournal({ path, durability: 'full', witness })
  const sink = new PromisingSink()
  const info = await sink.load(journal)
  const lease = leaseAt(0xc0000201, { change })
  await sink.commit(journal, [{ kind: 'put', lease }], 1000 * change, pair)
  // Before anybody gets it, the host has noted how long it may run.
  const notes = notesIn(witness)
  await closed(journal)
  return { ...info, notes }
}

function notesIn(folder: string): string {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return ''
  const file = readdirSync(folder).find((name) => name.endsWith('.json'))
  return file === undefined ? '' : readFileSync(join(folder, file), 'utf8')
}

function serviceIn(folder: string): Service {
  return { path: join(folder, 'leases', 'journal.sqlite'), witness: join(folder, 'witness') }
}

t.test('a copy that is put back is noticed once, also in a pair', async (t) => {
  for (const pair of [undefined, pairRecord()]) {
    const service = serviceIn(t.testdir({ leases: {} }))
    const leases = dirname(service.path)
    t.equal(await serve(service, 1, pair), undefined)
    cpSync(leases, `${leases}.copy`, { recursive: true })
    t.equal(await serve(service, 2, pair), undefined)
    rmSync(leases, { recursive: true })
    cpSync(`${leases}.copy`, leases, { recursive: true })
    t.equal(await serve(service, 3, pair), 'older')
    t.equal(await serve(service, 4, pair), undefined, 'it is what this host knows now')
  }
})

t.test('how long a lease may run is noted at once, for whatever database comes next', async (t) => {
  const service = serviceIn(t.testdir({ leases: {} }))
  const withLongest = (longestLifetime: number) => ({ ...pairRecord(), longestLifetime })
  t.match(await serveLong(service, 1, withLongest(600)), { longest: 0, notes: '"longest":600' })
  t.match(await serveLong(service, 2, withLongest(900)), { longest: 600, notes: '"longest":900' })
  t.match(await serveLong(service, 3), { longest: 900 }, 'without a word of the pair')
  rmSync(dirname(service.path), { recursive: true })
  mkdirSync(dirname(service.path))
  t.match(await serveLong(service, 1), { longest: 900, restored: undefined }, 'a new disk')
  t.match(await serveLong(service, 2, withLongest(900)), { longest: 900 })
  await serveLong(service, 3, withLongest(300))
  t.match(
    await serveLong(service, 4),
    { longest: 300 },
    'what a human let it forget stays forgotten',
  )
})

t.test('a witness that is spoilt, or cannot be written, is none', async (t) => {
  const service = serviceIn(t.testdir({ leases: {} }))
  await serve(service, 5)
  const [name] = readdirSync(service.witness)
  const file = join(service.witness, name!)
  t.match(JSON.parse(readFileSync(file, 'utf8')), { journal: service.path, change: 5 })
  writeFileSync(file, 'nonsense')
  t.equal(await serve(service, 6), undefined)
  rmSync(service.witness, { recursive: true })
  writeFileSync(service.witness, 'a file is no folder')
  t.equal(await serve(service, 7), undefined)
  mkdirSync(join(dirname(service.path), 'else'))
  t.equal(await serve({ ...service, witness: '/proc/none' }, 8), undefined)
})
