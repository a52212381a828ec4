// What the database was, noted outside of its folder: an older copy is noticed when it is opened.

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import type { PairRecord } from '../../lib/ha/pair-record.ts'
import { openJournal } from '../../lib/platform/journal.ts'
import { isOlder, type Testimony, witnessFolder } from '../../lib/platform/witness.ts'
import { closed, leaseAt, PromisingSink, pairRecord } from './journal-world.ts'

const NOW: Testimony = {
  database: 'd',
  change: 50,
  stamp: 9000,
  lives: [
    { id: 'A', from: 0, isMet: true },
    { id: 'B', from: 40 },
  ],
}

t.test('older by change, by clock, or by a life that it did not have', async (t) => {
  const seen = { database: 'd', change: 50, stamp: 9000, life: 'A' }
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

/** Opens, stores a lease with this change number, stops in good order; what was said of the copy. */
async function serve({ path, witness }: Service, change: number, pair?: PairRecord) {
  const journal = await openJournal({ path, durability: 'full', witness })
  const sink = new PromisingSink()
  const { restored } = await sink.load(journal)
  const lease = leaseAt(0xc0000201, { change })
  await sink.commit(journal, [{ kind: 'put', lease }], 1000 * change, pair)
  await closed(journal)
  return restored
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
