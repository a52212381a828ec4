// `whio import`, `whio leases` and `whio export`: leases of DHCPv6, and what is not there.

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { CSV4_HEADER } from '../../lib/leases/csv4.ts'
import { CSV6_HEADER } from '../../lib/leases/csv6.ts'
import { whio } from './whio.ts'

const CONTEXT =
  '{ "ISC": { "relay-info": [ { "hop": 0, "link": "2001:db8::1", "peer": "fe80::1", ' +
  '"options": "0x001200046574683300250006000000097377" } ] } }'

function row(address: string, type: number, length: number, client: number, context = ''): string {
  const duid = `00:03:00:01:02:00:00:00:00:${client}`
  const hwAddress = `02:00:00:00:00:${client}`
  return [
    ...[address, duid, 3600, 4102444800, 1, 1800, type, 1000 + client, length, 0, 0],
    ...['', hwAddress, 0, context.replaceAll(',', '&#x2c'), 1, 1, 0],
  ].join(',')
}

t.test('leases of DHCPv6 are read in, listed, chosen and written', async (t) => {
  const at = t.testdir()
  const file = join(at, 'dhcp.json')
  const journal = join(at, 'leases.sqlite')
  writeFileSync(
    file,
    JSON.stringify({
      Dhcp6: {
        'interfaces-config': { interfaces: ['lo'] },
        'lease-database': { type: 'memfile', name: journal },
        subnet6: [{ id: 1, subnet: '2001:db8::/64', pools: [{ pool: '2001:db8::/80' }] }],
      },
    }),
  )
  const csv = join(at, 'kea-leases6.csv')
  const rows = [
    row('2001:db8::1', 0, 128, 11, CONTEXT),
    row('2001:db8::a', 0, 128, 12),
    row('2001:db8:0:100::', 2, 56, 11),
  ]
  writeFileSync(csv, `${[CSV6_HEADER, ...rows, row('2001:db8:0:110::', 2, 60, 13)].join('\n')}\n`)
  t.same(await whio('import', '-c', file, csv), {
    code: 1,
    stdout:
      '2001:db8:0:110::/60: not for 00:03:00:01:02:00:00:00:00:13, the journal has it leased to another client, or declined\n' +
      `${journal}: 3 leases read in, 1 left out (${csv})\n`,
    stderr: '',
  })

  const { stdout } = await whio('leases', file)
  const lines = stdout.trimEnd().split('\n')
  t.same(
    lines.map((text) => text.split(/ {2,}/).slice(0, 5).join(' | ')),
    [
      'ADDRESS OR PREFIX | STATE | SUBNET | TYPE | HARDWARE ADDRESS',
      '2001:db8::1 | assigned | 1 | IA_NA | 02:00:00:00:00:11',
      '2001:db8::a | assigned | 1 | IA_NA | 02:00:00:00:00:12',
      '2001:db8:0:100::/56 | assigned | 1 | IA_PD | 02:00:00:00:00:11',
      `${journal}: 3 leases`,
    ],
  )
  t.match(lines[1], /00:03:00:01:02:00:00:00:00:11 +1011 +interface-id=eth3 remote-id=sw$/)

  const one = ['2001:db8::1', '2001:db8:0:100::/56']
  const filters: readonly (readonly [string, string[]])[] = [
    ['--address 2001:DB8:0::1', ['2001:db8::1']],
    ['--address 2001:db8:0:1ff::7', ['2001:db8:0:100::/56']],
    ['--address 2001:db8::/64', ['2001:db8::1', '2001:db8::a']],
    ['--address 2001:db8::*', ['2001:db8::1', '2001:db8::a']],
    ['--address 192.0.2.1', []],
    ['--client 00:03:00:01:02:00:00:00:00:11', one],
    ['--state registered', []],
  ]
  for (const [args, expected] of filters) {
    const { stdout } = await whio('leases', file, '--json', ...args.split(' '))
    const found = stdout
      .split('\n')
      .filter(Boolean)
      .map((text) => JSON.parse(text))
    t.same(
      found.map(({ address }) => address),
      expected,
      args,
    )
    for (const lease of found)
      t.match(lease, { type: /^IA_/, iaid: Number, preferredLifetime: 1800, ends: /Z$/ })
  }

  const known = 'duid=00:03:00:01:02:00:00:00:00:11 relay=2001:db8::1'
  const renewed = await whio('explain', file, '--leases', '--client', known)
  t.match(renewed.stdout, /^IA_NA 1011 .*\n +2001:db8::1,/m, 'it asks as the client of its lease')
  t.match(renewed.stdout, /its IAID is that of its lease, 1011 \(iaid=/)
  const second = await whio('explain', file, '--leases', '--client', `${known} iaid=5`)
  t.match(second.stdout, /^IA_NA 5 .*\n +2001:db8::(?!1,)/m, 'another IA of it gets another one')

  const written = await whio('leases', file, '--csv', '6')
  t.equal(written.code, 0)
  const [header, ...kept] = written.stdout.trimEnd().split('\n')
  t.equal(header, CSV6_HEADER)
  const addresses = kept.map((text) => text.split(',')[0])
  t.same(addresses, ['2001:db8:0:100::', '2001:db8::1', '2001:db8::a'])
  for (const text of kept) {
    const before = rows.find((each) => each.split(',')[0] === text.split(',')[0])!.split(',')
    const after = text.split(',')
    t.ok(Math.abs(Number(after[3]) - Number(before[3])) < 600, 'ends when it did')
    const [from, to] = [before, after].map((fields) => fields.toSpliced(3, 1).toSpliced(-2, 1))
    t.same(to, from, 'and all else is as it was, but for where the hardware address was from')
  }
  t.match(await whio('leases', file, '--csv', '4'), { code: 0, stdout: `${CSV4_HEADER}\n` })
  t.match(await whio('leases', file, '--csv', '5'), { code: 2, stderr: '--csv: 4 or 6' })
  t.match(await whio('leases', file, '--csv', '6', '--json'), { code: 2, stderr: /all leases/ })
})

t.test('whio export and whio history: what is not there is told in words', async (t) => {
  const at = t.testdir()
  const file = join(at, 'dhcp.json')
  const journal = join(at, 'leases.sqlite')
  const database = { type: 'memfile', name: journal }
  writeFileSync(file, JSON.stringify({ Dhcp4: { 'lease-database': database } }))
  const [target, nowhere] = [join(at, 'kea.csv'), join(at, 'none', 'kea.csv')]
  const none = `there is no journal at ${journal} (yet)\n`
  t.match(await whio('export', '-c', file, '--to', target), {
    code: 1,
    stderr: `whio export: ${none}`,
  })
  t.match(await whio('history', '192.0.2.1', '-c', file), {
    code: 1,
    stderr: `whio history: ${none}`,
  })
  writeFileSync(target, `${CSV4_HEADER}\n`)
  t.match(await whio('import', '-c', file, target), { code: 0 })
  const odd = join(at, 'leases.txt')
  t.match(await whio('export', '-c', file, '--to', odd), {
    code: 2,
    stderr: /--to: the name of a file ends in \.csv .* or in \.sqlite/,
  })
  t.notOk(existsSync(odd))
  const copy = join(at, 'copy.sqlite')
  t.match(await whio('export', '-c', file, '--to', copy), {
    code: 0,
    stdout: `${copy}: 0 leases written, as a journal of Whio (${journal})\n`,
  })
  t.match(await whio('export', '-c', file, '--to', nowhere), {
    code: 1,
    stderr: `whio export: ${nowhere} cannot be written: no such file or directory\n`,
  })
})
