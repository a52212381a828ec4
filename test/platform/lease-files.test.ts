// Lease files beside the database: whole, nowhere else, and in the place of no other file.

import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { leaseFiles } from '../../lib/platform/lease-files.ts'
import type { LeaseFileResult } from '../../lib/ports/lease-files.ts'

const HEADING = 'address,hwaddr'

function written(
  folder: string,
  name: string,
  pieces: Iterable<string> = ['1,a\n', '2,b\n'],
): Promise<LeaseFileResult> {
  return new Promise((done) =>
    leaseFiles().write(folder, name, HEADING, pieces[Symbol.iterator](), done),
  )
}

const files = (t: Test) => readdirSync(t.testdirName).sort()

t.test('a file is written whole, and in the place of a former one', async (t) => {
  const folder = t.testdir({ 'old.csv': 'address,hwaddr,pool_id\nold\n' })
  t.same(await written(folder, 'new.csv'), { path: join(folder, 'new.csv') })
  t.same(await written(folder, 'old.csv'), { path: join(folder, 'old.csv') })
  for (const name of ['new.csv', 'old.csv'])
    t.equal(readFileSync(join(folder, name), 'utf8'), 'address,hwaddr\n1,a\n2,b\n')
  t.same(files(t), ['new.csv', 'old.csv'], 'and nothing beside them')
})

t.test('nothing is written elsewhere, nor over what is no file of leases', async (t) => {
  const folder = t.testdir({ 'leases.sqlite': 'SQLite format 3', secret: 'x', sub: {} })
  symlinkSync(join(folder, 'secret'), join(folder, 'link.csv'))
  const names = ['../out.csv', '/etc/out.csv', 'sub/out.csv', '.hidden', '', '.', '..']
  for (const name of [...names, 'leases.sqlite', 'secret', 'link.csv', 'sub'])
    t.match(await written(folder, name), { isRefused: true }, name)
  t.same(files(t), ['leases.sqlite', 'link.csv', 'secret', 'sub'])
  t.equal(readFileSync(join(folder, 'secret'), 'utf8'), 'x')
})

t.test('where it cannot be finished, the former one stays', async (t) => {
  const folder = t.testdir({ 'old.csv': 'address,hwaddr\nold\n' })
  function* broken() {
    yield '1,a\n'
    throw new Error('the pieces end')
  }
  t.match(await written(folder, 'old.csv', broken()), { isRefused: false })
  t.equal(readFileSync(join(folder, 'old.csv'), 'utf8'), 'address,hwaddr\nold\n')
  t.same(files(t), ['old.csv'])
  t.match(await written(join(folder, 'none'), 'a.csv'), { isRefused: false })
})

t.test('one file is written once at a time', async (t) => {
  const folder = t.testdir({})
  const door = leaseFiles()
  const results = await Promise.all(
    [1, 2].map(
      (number) =>
        new Promise<LeaseFileResult>((done) =>
          door.write(folder, 'a.csv', HEADING, [`${number}\n`].values(), done),
        ),
    ),
  )
  t.match(results, [{ path: /a\.csv/ }, { trouble: /being written/ }])
  writeFileSync(join(folder, 'b'), '')
  t.match(await written(folder, 'b'), { path: /b$/ }, 'an empty one is nobody’s')
})
