// Places beside DNS that names go to, as operators see them: which there are, and one that does not
// take names.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { folder, start, whio } from './whio.ts'

t.test('whio names and whio status tell of a place that does not take names', async (t) => {
  const at = folder(t)
  const file = join(at, 'sinks.conf')
  const place = join(at, 'later', 'hosts')
  const Dhcp4 = {
    'interfaces-config': { interfaces: [] },
    'lease-database': { type: 'memfile', name: join(at, 'leases.sqlite') },
    subnet4: [],
  }
  const Whio = { ddns: { sinks: [{ type: 'hosts-file', file: place }] } }
  writeFileSync(file, JSON.stringify({ Dhcp4, Whio }))
  const server = start(t, ['serve', '-c', file])
  await server.line(/NAME_SINK_AWAY/)
  const shown = await whio('names', '-c', file)
  t.match(shown.stdout, /^names wait for \S+\/later\/hosts \(no such \S.* for \d+ (?:s|min)\)\n$/)
  t.equal(shown.code, 3, 'not all is as it should be')
  t.match((await whio('status', '-c', file)).stdout, /\nnames wait for \S+\/later\/hosts \(no such/)
  mkdirSync(join(at, 'later'))
  await server.line(/NAME_SINK_BACK/)
  t.match(readFileSync(place, 'utf8'), /^#/)
  const { code, stdout } = await whio('names', '-c', file)
  t.same([code, stdout], [0, `names go to ${place}\n`])
})
