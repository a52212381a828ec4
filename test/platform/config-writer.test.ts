// The configuration written on a real disk: into its own files by a thread, whole or not at all.

import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { configHostOf } from '../../lib/platform/configuration/config-host.ts'
import type { WriteOrder, WriteResult } from '../../lib/ports/config-host.ts'

const LAN = `{
  // The office.
  "Dhcp4": {
    "valid-lifetime": 4000, # an hour and a bit
    "subnet4": [ <?include "subnets.json"?> ]
  },
  "Logging": {}
}
`
const SUBNETS = '{ "id": 1, "subnet": "192.0.2.0/24" } // ground floor\n'

function folder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'whio-write-'))
  t.teardown(() => rmSync(path, { recursive: true }))
  writeFileSync(join(path, 'lan.json'), LAN)
  writeFileSync(join(path, 'subnets.json'), SUBNETS)
  return path
}

function orderOf(map: object, more: Partial<WriteOrder> = {}): WriteOrder {
  const text = JSON.stringify(map)
  const Dhcp4 = [text.slice(0, 7), text.slice(7)]
  return { maps: { Dhcp4 }, others: {}, version: 4, filename: undefined, ...more }
}

function write(files: readonly string[], order: WriteOrder): Promise<WriteResult> {
  const { promise, resolve } = Promise.withResolvers<WriteResult>()
  configHostOf(files).write(order, resolve)
  return promise
}

const MORE = {
  'valid-lifetime': 600,
  subnet4: [
    { id: 1, subnet: '192.0.2.0/24' },
    { id: 2, subnet: '198.51.100.0/24' },
  ],
}

t.test('only the edited places change, in the file where they stand; its mode stays', async (t) => {
  const at = folder(t)
  const file = join(at, 'lan.json')
  chmodSync(file, 0o604)
  const result = await write([file], orderOf(MORE))
  const text = LAN.replace('4000', '600')
  t.strictSame(result, { path: file, bytes: text.length })
  t.equal(readFileSync(file, 'utf8'), text)
  t.equal(
    readFileSync(join(at, 'subnets.json'), 'utf8'),
    `{ "id": 1, "subnet": "192.0.2.0/24" }, // ground floor\n{ "id": 2, "subnet": "198.51.100.0/24" }\n`,
  )
  t.equal(statSync(file).mode & 0o777, 0o604)
  t.strictSame(readdirSync(at).sort(), ['lan.json', 'subnets.json'], 'nothing else is left')
})

t.test('where the file says all of it already it is not touched', async (t) => {
  const at = folder(t)
  const file = join(at, 'lan.json')
  const { ino } = statSync(file)
  const same = { 'valid-lifetime': 4000, subnet4: [MORE.subnet4[0]] }
  t.strictSame(await write([file], orderOf(same)), { path: file, bytes: LAN.length })
  t.equal(statSync(file).ino, ino)
})

t.test('a link to a file stays a link', async (t) => {
  const at = folder(t)
  const link = join(at, 'link.json')
  symlinkSync('lan.json', link)
  await write([link], orderOf(MORE))
  t.ok(lstatSync(link).isSymbolicLink())
  t.match(readFileSync(join(at, 'lan.json'), 'utf8'), '600, # an hour')
})

t.test('another file is made anew beside it, for its group; elsewhere none is', async (t) => {
  const at = folder(t)
  const file = join(at, 'lan.json')
  const result = await write([file], orderOf(MORE, { filename: 'copy.json' }))
  const copy = join(at, 'copy.json')
  t.match(result, { path: copy })
  t.strictSame(JSON.parse(readFileSync(copy, 'utf8')), { Dhcp4: MORE })
  t.equal(statSync(copy).mode & 0o777, 0o640)
  for (const filename of ['/etc/copy.json', '../copy.json', 'deeper/copy.json'])
    t.match(await write([file], orderOf(MORE, { filename })), {
      trouble: /^not allowed to write config into \//,
    })
  t.equal(readFileSync(file, 'utf8'), LAN)
})

t.test('a file for each family: only that of who was asked is written', async (t) => {
  const at = folder(t)
  const [four, six] = [join(at, 'lan.json'), join(at, 'six.json')]
  const text = '{ "Dhcp6": { "valid-lifetime": 1 } }\n'
  writeFileSync(six, text)
  const maps = { ...orderOf(MORE).maps, Dhcp6: ['{ "valid-lifetime": 2 }'] }
  t.match(await write([four, six], orderOf(MORE, { maps })), { path: four })
  t.equal(readFileSync(six, 'utf8'), text)
  t.match(await write([four, six], orderOf(MORE, { maps, version: 6 })), { path: six })
  t.equal(readFileSync(six, 'utf8'), text.replace('1', '2'))
})

t.test('a file that is broken by now, or gone, is not written over', async (t) => {
  const at = folder(t)
  const file = join(at, 'lan.json')
  writeFileSync(file, '{ "Dhcp4": {')
  t.match(await write([file], orderOf(MORE)), { trouble: /lan.json/ })
  t.equal(readFileSync(file, 'utf8'), '{ "Dhcp4": {')
  rmSync(file)
  t.match(await write([file], orderOf(MORE)), { trouble: /lan.json cannot be written: no such/ })
})
