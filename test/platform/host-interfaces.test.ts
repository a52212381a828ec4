// Every interface of the machine is listed, with what commands tell of it.

import t from 'tap'
import { hostFaceOf } from '../../lib/cli/host-face.ts'
import { hostInterfaces } from '../../lib/platform/host-interfaces.ts'

t.test('the loopback is there, whatever else is', async (t) => {
  const all = hostInterfaces()
  const lo = all.find(({ isLoopback }) => isLoopback)
  t.match(lo, { isUp: true, index: Number })
  t.ok(lo!.addresses.includes('127.0.0.1'))
  t.equal(new Set(all.map(({ name }) => name)).size, all.length)
})

t.test('the process tells what it is, and never that it read before it started', async (t) => {
  let read = '2999-01-01T00:00:00.000Z'
  const ancient = hostFaceOf({ read: () => read, stop() {} })
  t.equal(ancient.sinceReload(), ancient.uptime(), 'the same before a reload')
  read = '1999-01-01T00:00:00.000Z'
  t.equal(ancient.sinceReload(), ancient.uptime())
  read = '2998-01-01T00:00:00.000Z'
  t.equal(ancient.sinceReload(), 0)
  t.equal(ancient.pid, process.pid)
  t.match(ancient.httpDate(), /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/)
  t.match(ancient.build.join(), /SQLite 3\./)
})
