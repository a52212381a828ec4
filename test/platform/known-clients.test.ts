// The clients that were ever seen, over restarts.

import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ClientFile } from '../../lib/platform/known-clients.ts'
import { until } from './doors-world.ts'

t.test('who was seen is known, in the next life, too', async (t) => {
  const journal = join(t.testdir(), 'leases')
  const first = new ClientFile(journal)
  t.ok(first.isEmpty)
  t.notOk(first.see('a'))
  t.ok(first.see('a'))
  // Written without an orderly end.
  await until(() => statSync(`${journal}.clients`, { throwIfNoEntry: false })?.size === 6)
  const second = new ClientFile(journal)
  t.notOk(second.isEmpty)
  t.ok(second.see('a'))
  t.notOk(second.see('b'))
  second.close()
  t.ok(new ClientFile(journal).see('b'))
  t.equal(readFileSync(`${journal}.clients`).length, 12)
})

t.test('of very many the oldest are forgotten', async (t) => {
  const journal = join(t.testdir(), 'leases')
  const file = new ClientFile(journal, 5000)
  for (let n = 0; n < 100_000; n++) file.see(`client ${n}`)
  const known = (from: number) =>
    Array.from({ length: 2000 }, (_, n) => file.see(`client ${from + n}`)).filter(Boolean).length
  t.equal(known(98_000), 2000)
  t.equal(known(80_000), 0)
  file.close()
  const count = statSync(`${journal}.clients`).size / 6
  t.ok(count >= 5000 && count < 7000, `${count}`)
  t.ok(new ClientFile(journal, 5000).see('client 81999'))
})

t.test('of many the first ones are forgotten; half a record is none', async (t) => {
  const journal = join(t.testdir(), 'leases')
  const file = new ClientFile(journal, 3)
  for (const one of ['a', 'b', 'c', 'd']) t.notOk(file.see(one))
  t.notOk(file.see('a'), 'forgotten')
  file.close()
  t.equal(statSync(`${journal}.clients`).size, 18)
  writeFileSync(`${journal}.clients`, readFileSync(`${journal}.clients`).subarray(0, 17))
  const again = new ClientFile(journal, 3)
  t.ok(again.see('c'))
  t.ok(again.see('d'))
  t.notOk(again.see('a'), 'cut off')
  t.notOk(new ClientFile(join(journal, 'no', 'folder')).see('x'))
})
