// `whio leases` beside the server of a configuration: what is in force there, in the same words as
// what is stored.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { AnyListed } from '../../lib/cli/lease-filter.ts'
import { allOf, listingOf } from '../../lib/cli/listing.ts'
import { serverListing } from '../../lib/cli/server-leases.ts'
import { CSV4_HEADER } from '../../lib/leases/csv4.ts'
import { CSV6_HEADER } from '../../lib/leases/csv6.ts'
import { leaseDatabaseOfFiles } from '../../lib/platform/config-file.ts'
import { importFrom } from '../../lib/platform/import-csv.ts'
import { sourceOf } from '../../lib/platform/import-shared.ts'
import { folder, start, whio } from './whio.ts'

const END = 4_102_444_800
/** More than two pages of the server. */
const COUNT = 1100

const hardware = (n: number) =>
  `02:00:00:00:${[n >> 8, n & 255].map((octet) => octet.toString(16).padStart(2, '0')).join(':')}`

function row4(n: number): string {
  const context =
    n === 7 ? '{ "ISC": { "relay-agent-info": { "sub-options": "0x0102FF00" } } }' : ''
  const client = n % 3 === 0 ? `01:${hardware(n)}` : ''
  const ids = `198.18.${n >> 8}.${n & 255},${hardware(n)},${client}`
  return `${ids},3600,${END},1,0,0,host${n},0,${context.replaceAll(',', '&#x2c')},0`
}

function row6(address: string, type: number, length: number, n: number): string {
  const ids = [address, `00:03:00:01:${hardware(n)}`, 3600, END, 1, 1800, type, n, length, 0, 0]
  return [...ids, `six${n}`, hardware(n), 0, '', 1, 1, 0].join(',')
}

const SIX = [
  row6('2001:db8::1', 0, 128, 1),
  row6('2001:db8::a', 0, 128, 2),
  row6('2001:db8:0:100::', 2, 56, 1),
  row6('2001:db8:0:200::', 2, 56, 3),
  row6('2001:db8:0:1000::', 2, 60, 4),
]

/** Until a server runs with the leases their ends move on. */
const timeless = (rows: readonly AnyListed[]) => rows.map(({ ends: _, left: __, ...row }) => row)

const endless = (row: string): string => row.replace(/,3600,\d+,/, ',3600,,')

t.test('leases of the running server are listed as those of its database', async (t) => {
  const at = folder(t)
  const file = join(at, 'both.conf')
  const path = join(at, 'leases.sqlite')
  const common = {
    'interfaces-config': { interfaces: [] },
    'lease-database': { type: 'memfile', name: path },
  }
  const subnet4 = [{ id: 1, subnet: '198.18.0.0/16', pools: [{ pool: '198.18.0.0/17' }] }]
  const subnet6 = [{ id: 1, subnet: '2001:db8::/48', pools: [] }]
  const both = { Dhcp4: { ...common, subnet4 }, Dhcp6: { ...common, subnet6 } }
  writeFileSync(file, JSON.stringify(both))
  const four = Array.from({ length: COUNT }, (_, index) => row4(index + 1))
  for (const [name, rows] of [
    ['four.csv', [CSV4_HEADER, ...four]],
    ['six.csv', [CSV6_HEADER, ...SIX]],
  ] as const) {
    writeFileSync(join(at, name), `${rows.join('\n')}\n`)
    await importFrom(await sourceOf(join(at, name), false), path)
  }
  const config = { file, files: [file], thisServer: undefined }
  const database = leaseDatabaseOfFiles([file])!
  t.equal(await serverListing(config, path), undefined, 'no server runs')
  const server = start(t, ['serve', '-c', file])
  await server.log('DHCP4_STARTED')
  const [stored, served] = [await listingOf(database), (await serverListing(config, path))!]
  t.same(timeless(await allOf(served.four())), timeless(await allOf(stored.four())))
  t.strictSame(
    JSON.stringify(timeless(await allOf(served.six()))),
    JSON.stringify(timeless(await allOf(stored.six()))),
    'members are in the same order, too',
  )
  for (const version of [4, 6] as const) {
    const [here, there] = [await allOf(served.csv(version)), await allOf(stored.csv(version))]
    t.same(here.map(endless).toSorted(), there.map(endless).toSorted())
  }

  const moved = readFileSync(file, 'utf8').replaceAll(path, join(at, 'other.sqlite'))
  writeFileSync(file, moved)
  const { code, stdout } = await whio('leases', file, '--json')
  t.equal(code, 0, 'the server is asked: of the file as it is now there is no database')
  t.equal(stdout.trimEnd().split('\n').length, COUNT + SIX.length)
})
