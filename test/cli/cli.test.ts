// The command line as a person or a script meets it: what it prints, and its exit codes.

import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import t, { type Test } from 'tap'
import { MESSAGES } from '../../lib/catalogue/messages.ts'
import { REASONS4 } from '../../lib/catalogue/reasons.ts'
import { REASONS6 } from '../../lib/catalogue/reasons6.ts'
import { hasLoopback6 } from '../../lib/cli/udp-clients6.ts'
import { CSV4_HEADER } from '../../lib/leases/csv4.ts'
import { withState } from '../system/own-state.ts'
import { configure, folder, start, Whio, whio } from './whio.ts'

const ROOT = join(import.meta.dirname, '../..')

t.test('usage', async (t) => {
  const [none, help, wrong, version] = await Promise.all([
    whio(),
    whio('--help'),
    whio('frobnicate'),
    whio('--version'),
  ])
  t.match(help, { code: 0, stderr: '' })
  const names = [
    'serve',
    'check',
    'lab',
    'leases',
    'import',
    'explain',
    'why',
    'status',
    'reload',
    'stop',
  ]
  for (const name of names) t.match(help.stdout, new RegExp(`^  ${name} `, 'm'))
  t.same(none, { code: 2, stdout: '', stderr: help.stdout })
  t.match(wrong, { code: 2, stdout: '', stderr: /^whio: no command 'frobnicate'\n\nusage: whio / })
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  t.same(version, { code: 0, stdout: `${manifest.version}\n`, stderr: '' })
})

t.test('a command used wrongly says how it is used', async (t) => {
  const cases: [args: string, message: string][] = [
    [
      'check',
      'check: name a configuration file, or several: one each with Dhcp4, Dhcp6, Control-agent, DhcpDdns',
    ],
    [
      'check a b c d e',
      'check: name a configuration file, or several: one each with Dhcp4, Dhcp6, Control-agent, DhcpDdns',
    ],
    ['serve', 'serve: name the configuration file with -c'],
    ['serve -c examples/lan.json -p 65536', "serve: -p: '65536' is no port"],
    ['serve -c examples/lan.json -P x', "serve: -P: 'x' is no port"],
    ['serve a', "serve: Unexpected argument 'a'"],
    ['lab --clients 0', 'lab: --clients: a number from 1 to 200'],
    ['lab --for soon', "lab: --for: 'soon' is no duration (try 10s)"],
    ['lab --loud', "lab: Unknown option '--loud'"],
    [
      'import -c examples/lan.json',
      'import: name the configuration with -c, and one CSV file or --from SOURCE',
    ],
    ['export', 'export: name the configuration with -c, and the target with --to'],
    [
      'leases',
      'leases: name a configuration file, or several: one each with Dhcp4, Dhcp6, Control-agent, DhcpDdns',
    ],
    ['explain a b', 'explain: name one id'],
  ]
  await inPairs(cases, async ([args, message]) => {
    const [name] = args.split(' ')
    const { code, stdout, stderr } = await whio(...args.split(' '))
    const [first, second] = stderr.split('\n')
    t.same([code, stdout, first], [2, '', `whio ${message}`], args)
    t.match(second, `usage: whio ${name} `)
  })
  const help = await whio('check', '--help')
  t.match(help, { code: 0, stdout: /^usage: whio check FILE / })
  t.match(await whio('leases', '--help'), { code: 0, stdout: /^FILTER: --address A/m })
  t.notMatch((await whio('stop', '--help')).stdout, /FILTER/)
})

t.test('which server of a pair this is can be said', async (t) => {
  const file = 'examples/pair-load-balancing.json'
  const [none, first, second, wrong, served] = await Promise.all([
    whio('check', file),
    whio('check', '--this-server', 'server1', file),
    whio('check', file, '--this-server', 'server2'),
    whio('check', file, '--this-server', 'server3'),
    whio('serve', '-c', file, '--this-server', 'server3'),
  ])
  t.match(none, { code: 1, stdout: /: no url of a peer has an address of this machine, / })
  t.match(first, { code: 0, stdout: /^pair: load-balancing as server1 \(primary\)/m })
  t.match(second, { code: 0, stdout: /^pair: load-balancing as server2 \(secondary\)/m })
  t.match(wrong, { code: 1, stdout: /: no peer is called 'server3' / })
  t.match(served, { code: 1, stderr: /: no peer is called 'server3' / })
})

t.test('a journal whose socket for orders has no room for its path', async (t) => {
  const at = folder(t)
  const name = join(at, 'x'.repeat(100))
  const file = configure(at, { 'lease-database': { type: 'memfile', name } })
  const length = Buffer.byteLength(`${name}.control`)
  const words = `a path of a socket has no more than 107 bytes, and this one has ${length}`
  t.match(await whio('check', file), {
    ...{ code: 0, stdout: `warning: ${name}.control: ${words}: \`whio status\` and other orders` },
  })
  const serving = start(t, ['serve', '-c', file, '-p', '0', '-P', '0'])
  t.match(await serving.log('CONTROL_TROUBLE'), { trouble: words })
  t.match(await whio('status', '-c', file), { code: 1, stderr: words })
  t.match(await whio('ctl', 'version-get', '--socket', `${name}.control`), { stderr: words })
})

t.test('check', async (t) => {
  const at = folder(t)
  const bad = join(at, 'bad.conf')
  writeFileSync(
    bad,
    [
      '{ "Dhcp4": { "interfaces-config": { "interfaces": ["*"] },',
      '  "valid-lifetime": "4000",',
      '  "renew-tiemr": 100,',
      '  "subnet4": [{ "id": 1, "subnet": "192.0.2.0/24",',
      '    "pools": [{ "pool": "198.51.100.1 - 198.51.100.9" }] }]',
      '} }',
    ].join('\n'),
  )
  const warned = join(at, 'warned.conf')
  writeFileSync(warned, '{ "Dhcp4": {\n  "interfaces-config": { "interfaces": ["lo"], } } }')
  const twenty = 'test/config/twenty-mistakes.conf'
  const control = { 'config-databases': [{ type: 'mysql', name: 'kea', host: 'db1' }] }
  const stored = join(at, 'stored.conf')
  const name = join(at, 'leases.sqlite')
  const database = { 'config-control': control, 'lease-database': { type: 'memfile', name } }
  writeFileSync(stored, JSON.stringify({ Dhcp4: database }))
  const results = await Promise.all([
    whio('check', 'examples/lan.json'),
    whio('check', bad),
    whio('check', '-c', warned),
    whio('check', twenty),
    whio('check', join(at, 'absent')),
    whio('check', at),
    whio('check', stored),
  ])
  const [good, errors, warnings, many, absent, directory, partial] = results
  t.match(partial, {
    code: 0,
    stdout:
      /info: configuration of DHCPv4: mysql database kea at db1:3306, not asked: the file is checked/,
  })
  t.match(good, {
    code: 0,
    stdout: /^(warning: .*interface eth0.*\n)?examples\/lan\.json: good/,
  })
  t.equal(good.stderr, '')
  t.equal(errors.code, 1)
  t.same(errors.stdout.split('\n'), [
    `error: ${bad}:2:21 Dhcp4.valid-lifetime: "4000" is not a whole number (0 to 4294967295, without quotes)`,
    `error: ${bad}:3:3 Dhcp4.renew-tiemr: unknown key (did you mean "renew-timer"?)`,
    `error: ${bad}:5:25 Dhcp4.subnet4[0].pools[0].pool: 198.51.100.1 - 198.51.100.9 is not in the subnet (inside 192.0.2.0/24)`,
    `${bad}: not good, 3 errors`,
    '',
  ])
  t.equal(warnings.code, 0)
  t.same(warnings.stdout.split('\n'), [
    `warning: ${warned}:2:46: a comma before a closing bracket (remove it)`,
    `${warned}: good, 1 warning`,
    '',
  ])
  t.equal(many.code, 1)
  const said = new Set([...many.stdout.matchAll(/conf:(\d+):\d+/g)].map(([, line]) => line))
  const made = readFileSync(join(ROOT, twenty), 'utf8').split('\n')
  for (const [index, line] of made.entries())
    if (line.includes('#!')) t.ok(said.has(`${index + 1}`), `line ${index + 1} is told`)
  const nothing = { code: 1, stdout: '' }
  t.same(absent, {
    ...nothing,
    stderr: `whio: ${at}/absent cannot be read: no such file or directory\n`,
  })
  t.same(directory, {
    ...nothing,
    stderr: `whio: ${at} cannot be read: illegal operation on a directory\n`,
  })
})

t.test('two files are one configuration, named in either way', async (t) => {
  const at = folder(t)
  const [four, six] = [join(at, 'four.conf'), join(at, 'six.conf')]
  const map = (family: 4 | 6, subnet: string) =>
    JSON.stringify({
      [`Dhcp${family}`]: {
        'interfaces-config': { interfaces: ['lo'] },
        [`subnet${family}`]: [{ id: 1, subnet }],
      },
    })
  writeFileSync(four, map(4, '192.0.2.0/24'))
  writeFileSync(six, map(6, '2001:db8::/129'))
  const named = await whio('check', four, six)
  t.equal(named.code, 1)
  t.match(
    named.stdout,
    `error: ${six}:1:81 Dhcp6.subnet6[0].subnet: '2001:db8::/129' is not a subnet`,
  )
  t.match(named.stdout, `${four} and ${six}: not good, 1 error`)
  writeFileSync(six, map(6, '2001:db8::/64'))
  t.match(await whio('check', '-c', four, '-c', six), {
    code: 0,
    stdout: `${four} and ${six}: good`,
  })
  const absent = join(at, 'absent.conf')
  t.match((await whio('leases', four, absent)).stderr, `${absent} cannot be read`)
})

t.test('explain', async (t) => {
  const [list, message, reason, ofBoth, unknown] = await Promise.all([
    whio('explain'),
    whio('explain', 'JOURNAL_FAILED'),
    whio('explain', 'no-free-address'),
    whio('explain', 'not-for-us'),
    whio('explain', 'toString'),
  ])
  t.equal(list.code, 0)
  const listed = list.stdout.trimEnd().split('\n')
  t.same(
    new Set(listed.map((line) => line.split(' ', 1)[0])),
    new Set([MESSAGES, REASONS4, REASONS6].flatMap((rows) => Object.keys(rows))),
  )
  t.equal(listed.length, new Set(listed).size, 'nothing is said twice')
  const { level, text, help } = MESSAGES.JOURNAL_FAILED
  t.same(message, {
    code: 0,
    stdout: `JOURNAL_FAILED (${level}): ${text}\n\n${help}\n`,
    stderr: '',
  })
  t.ok(reason.stdout.endsWith(`${REASONS4['no-free-address'].help}\n`))
  t.match(ofBoth.stdout, REASONS4['not-for-us'].help, 'what differs by family is told of both')
  t.match(ofBoth.stdout, REASONS6['not-for-us'].help)
  t.match(unknown, { code: 1, stdout: '', stderr: /nothing is known as 'toString'/ })
  // The fields of a line stand beside its text: nothing puts them into the text.
  for (const [id, { text }] of Object.entries(MESSAGES)) t.notMatch(text, /[{}]/, id)
})

/** Three clients by both families, in whatever order. */
async function allBound(lab: Whio): Promise<void> {
  const bound = { v4: 0, v6: 0 }
  const wanted = { v4: 3, v6: hasLoopback6() ? 3 : 0 }
  while (bound.v4 < wanted.v4 || bound.v6 < wanted.v6) {
    const line = await lab.line(/^client-\d: bound \S+ for 20 s$/)
    if (/ 192\.0\.2\.\d+ /.test(line)) bound.v4++
    if (/ 2001:db8::[0-9a-f]+ /.test(line)) bound.v6++
  }
}

t.test('lab', async (t) => {
  t.test('a pair: goes on until it is interrupted, all clients bound', async (t) => {
    const TMPDIR = folder(t)
    const lab = start(t, ['lab', '--clients', '3'], { TMPDIR })
    await lab.line(/^a pair, load-balancing, its journals in \S+$/)
    await allBound(lab)
    lab.signal('SIGINT')
    const { code, stdout, stderr } = await lab.ended
    t.equal(code, 0, stderr)
    t.match(stdout, /^server\d: load-balancing: each server serves its own clients$/m)
    t.match(stdout.trimEnd().split('\n').at(-1), /^3 of 3 clients bound, server1 \S+, server2 \S+$/)
    t.same(readdirSync(TMPDIR), [], 'it leaves nothing behind')
  })

  t.test('a single server', async (t) => {
    const TMPDIR = folder(t)
    const lab = start(t, ['lab', '--single', '--clients', '3'], { TMPDIR })
    await lab.line(/^server: serving 192\.0\.2\.0\/24 on 127\.0\.0\.1:\d+, journal .*sqlite$/)
    await allBound(lab)
    lab.signal('SIGINT')
    const { code, stdout, stderr } = await lab.ended
    t.equal(code, 0, stderr)
    t.match(stdout.trimEnd().split('\n').at(-1), /^3 of 3 clients bound, \d+ discover, \d+ offer/)
    t.same(readdirSync(TMPDIR), [], 'it leaves nothing behind')
  })

  for (const kind of [['--single'], []])
    t.test(`ends by itself, and says when a client is without address ${kind}`, async (t) => {
      const { code, stdout } = await whio('lab', '--for', '1ms', '--clients', '100', ...kind)
      t.equal(code, 1)
      t.match(stdout, /^\d+ of 100 clients bound/m)
    })

  t.test('ends when nobody reads any more', async (t) => {
    const TMPDIR = folder(t)
    const lab = start(t, ['lab', '--for', '1h'], { TMPDIR })
    await lab.line(/a pair/)
    lab.closeStdout()
    const { stderr } = await lab.ended
    t.equal(stderr, '')
    t.same(readdirSync(TMPDIR), [])
  })
})

t.test('serve', async (t) => {
  t.test('not with a bad file', async (t) => {
    const at = folder(t)
    const file = configure(at, { 'valid-lifetime': -1, 'parked-packet-limit': 5 })
    const [{ code, stdout, stderr }, list] = await Promise.all([
      whio('serve', '-c', file, '-p', '0'),
      whio('leases', file),
    ])
    t.same([code, stdout], [1, ''])
    t.match(stderr, /^info: \S+ Dhcp4.parked-packet-limit: without effect in Whio \(/m)
    t.notMatch(list.stderr, 'info: ', 'is for those who serve the file')
    t.match(stderr, `error: ${file}:`)
    t.match(stderr, `whio: ${file} cannot be served as it is: 1 error\n`)
    t.notOk(existsSync(join(at, 'leases.sqlite')))
  })

  t.test('not without the leases it was told of', async (t) => {
    const at = folder(t)
    const csv = join(at, 'kea-leases4.csv')
    writeFileSync(csv, 'not leases\n')
    const file = configure(at, { 'lease-database': { type: 'memfile', name: csv } })
    const { code, stderr } = await whio('serve', '-c', file, '-p', '0')
    t.equal(code, 1)
    t.match(stderr, `whio: the leases of Kea in ${csv} cannot be read in: ${csv} is no lease file`)
    t.same(
      readdirSync(at).filter((name) => name.includes('.csv.sqlite') && !name.endsWith('.lock')),
      [],
    )
  })

  t.test('a life: second server, leases, signals, stop', async (t) => life(t))
})

async function life(t: Test): Promise<void> {
  const at = folder(t)
  const csv = join(at, 'kea-leases4.csv')
  const row = '198.18.0.10,02:00:00:00:00:0a,01:02:03,3600,4102444800,1,0,0,printer,0,,0'
  writeFileSync(csv, `${CSV4_HEADER}\n${row}\n`)
  const database = { type: 'memfile', name: csv }
  const file = configure(at, { 'lease-database': database })
  const daemon = start(t, ['serve', '-c', file, '-p', '0'])
  t.match(await daemon.log('JOURNAL_IMPORTED'), { level: 'info', leases: 1, unusable: 0 })
  t.match(await daemon.log('DHCP4_STARTED'), { leases: 1 })
  t.match(await daemon.log('DHCP4_INTERFACE_SERVING'), { interface: 'lo' })

  const [second, list, importing] = await Promise.all([
    whio('serve', '-c', file, '-p', '0'),
    whio('leases', file),
    whio('import', '-c', file, csv),
  ])
  const holder = new RegExp(
    `leases4\\.csv\\.sqlite is in use by process ${daemon.pid} on \\S+ since`,
  )
  t.match(second, { code: 1, stdout: '', stderr: holder })
  t.match(importing, { code: 1, stdout: '', stderr: holder })
  t.equal(list.code, 0)
  t.match(
    list.stdout,
    /^ADDRESS +STATE +.*\n198\.18\.0\.10 +assigned +1 +02:00:00:00:00:0a +2\d\d\d-\d\d-\d\d \d\d:\d\d:\d\d +\d+ days.* +printer +01:?02:?03\n\S+: 1 lease\n$/,
  )

  daemon.signal('SIGUSR1')
  const { status } = await daemon.log('STATUS')
  t.match(JSON.parse(status as string), { state: 'serving', subnets: [{ id: 1, assigned: 1 }] })

  t.comment('a reload that is good')
  const two = [
    { id: 1, subnet: '198.18.0.0/24' },
    { id: 2, subnet: '198.18.1.0/24' },
  ]
  configure(at, { 'lease-database': database, subnet4: two })
  daemon.signal('SIGHUP')
  t.match(await daemon.log('DHCP4_CONFIG_COMPLETE'), { subnets: 2 })

  t.comment('one that is bad')
  configure(at, { 'lease-database': database, 'valid-lifetime': -1 })
  daemon.signal('SIGHUP')
  t.match(await daemon.log('DHCP4_CONFIG_ERROR'), {
    level: 'error',
    problem: new RegExp(`^${file}:\\d+:\\d+ Dhcp4.valid-lifetime: -1 is out of range`),
  })
  t.match(await daemon.log('DHCP4_CONFIG_REFUSED'), { level: 'error', file })
  daemon.signal('SIGUSR1')
  const after = JSON.parse((await daemon.log('STATUS')).status as string)
  t.equal(after.subnets.length, 2, 'the former one is in force')

  t.comment('one that moves the log')
  const log = join(at, 'logs', 'whio.log')
  const loggers = [{ name: 'kea-dhcp4', 'output-options': [{ output: log }] }]
  configure(at, { 'lease-database': database, loggers })
  daemon.signal('SIGHUP')
  // A stop does not wait for a reload that is under way.
  while (!existsSync(log)) await new Promise((resolve) => setTimeout(resolve, 20))
  daemon.signal('SIGTERM')
  const { code, stdout, stderr } = await daemon.ended
  t.same([code, stderr], [0, ''])
  const moved = `${stdout}${readFileSync(log, 'utf8')}`.trimEnd().split('\n')
  t.match(JSON.parse(moved.at(-1)!), { id: 'DHCP4_STOPPED' })
}

t.test('leases and import', async (t) => {
  const at = folder(t)
  const file = configure(at)
  const csv = join(at, 'from-kea.csv')
  const row = (last: number, client: number) =>
    `198.18.0.${last},02:00:00:00:00:${client},,3600,4102444800,1,0,0,,0,,0`
  const write = (...rows: string[]) => writeFileSync(csv, `${[CSV4_HEADER, ...rows].join('\n')}\n`)
  const journal = join(at, 'leases.sqlite')
  t.same(await whio('leases', file), {
    code: 1,
    stdout: '',
    stderr: `whio leases: there is no journal at ${journal} (yet)\n`,
  })
  const relay = '{ "ISC": { "relay-agent-info": { "sub-options": "0x0102FF00020474657374" } } }'
  write(row(10, 10), row(11, 11).replace(/,,0$/, `,${relay.replaceAll(',', '&#x2c')},0`))
  t.same(await whio('import', '-c', file, csv), {
    code: 0,
    stdout: `${journal}: 2 leases read in (${csv})\n`,
    stderr: '',
  })
  write(row(10, 99), 'nonsense', row(12, 12))
  const second = await whio('import', '-c', file, csv)
  t.equal(second.code, 1)
  t.same(second.stdout.split('\n'), [
    `${csv}:3: address is not an IPv4 address`,
    '198.18.0.10: not for 02:00:00:00:00:99, the journal has it leased to another client, or declined',
    `${journal}: 1 lease read in, 1 left out, 1 row unusable (${csv})`,
    '',
  ])
  const [list, absent, memory] = await Promise.all([
    whio('leases', '-c', file),
    whio('import', '-c', file, join(at, 'absent.csv')),
    whio('leases', 'examples/pxe-lab.json'),
  ])
  t.same(
    list.stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ +/).slice(0, 4).join(' ')),
    [
      'ADDRESS STATE SUBNET HARDWARE',
      '198.18.0.10 assigned 1 02:00:00:00:00:10',
      '198.18.0.11 assigned 1 02:00:00:00:00:11',
      '198.18.0.12 assigned 1 02:00:00:00:00:12',
      `${journal}: 3 leases`,
    ],
  )
  t.match(list.stdout, /198\.18\.0\.11 .* circuit-id=ff:00 remote-id=test\n/)
  t.match(await whio('leases', file, '--address', '198.18.0.x'), {
    code: 2,
    stderr: /--address: '198\.18\.0\.x' is no address/,
  })
  const filters: readonly (readonly [string, number[]])[] = [
    ['--address 198.18.0.1', []],
    ['--address 198.18.0.1*', [10, 11, 12]],
    ['--client 0200.0000.0011', [11]],
    ['--subnet 1 --state assigned --client 12', [12]],
    ['--subnet 2', []],
    ['--state expired', []],
    ['--name x*', []],
    ['--sort=-mac', [12, 11, 10]],
  ]
  await inPairs([...filters], async ([args, expected]) => {
    const { stdout } = await whio('leases', file, '--json', ...args.split(' '))
    const rows = stdout
      .split('\n')
      .filter(Boolean)
      .map((text) => JSON.parse(text))
    t.same(
      rows.map(({ address }) => address),
      expected.map((last) => `198.18.0.${last}`),
      args,
    )
    for (const { left, ends, subnet } of rows)
      t.match([left > 0, ends, subnet], [true, /^2\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, 1])
  })
  t.match(await whio('leases', file, '--client', '11'), { stdout: `${journal}: 1 of 3 leases\n` })
  t.match(await whio('leases', file, '--sort', 'x'), { code: 2, stderr: /--sort: one of addr/ })
  t.match(await whio('leases', file, '--state', 'x'), { code: 2, stderr: /--state: one of assig/ })
  for (const client of ['laptop', 'zz', ':', ''])
    t.match(
      await whio('leases', file, '--client', client),
      { code: 2, stdout: '', stderr: `whio leases: --client: '${client}' is no hardware address` },
      'it does not list everybody',
    )
  t.match(await whio('leases', join(at, 'dhcp.conf')), {
    code: 1,
    stderr: `whio leases: ${at}/dhcp.conf cannot be read: no such file or directory\n`,
  })
  t.match(absent, { code: 1, stderr: `whio import: ${at}/absent.csv: there is no such file\n` })
  t.match(memory, {
    code: 1,
    stderr: 'whio leases: examples/pxe-lab.json keeps leases in memory only\n',
  })
})

const old = oldNode()

t.test(
  'an old Node is told in words',
  { skip: old === undefined && 'no Node 20 here' },
  async (t) => {
    // There are no types in this file, so its text is what is built; Node 20 does not know `.ts`.
    const at = folder(t)
    const file = join(at, 'bin', 'whio.mjs')
    mkdirSync(join(at, 'bin'))
    writeFileSync(file, readFileSync(join(ROOT, 'bin/whio.ts')))
    const child = { code: 0, stderr: '' }
    try {
      const env = { PATH: process.env.PATH }
      execFileSync(old!, [file, 'check', 'x'], { encoding: 'utf8', stdio: 'pipe', env })
    } catch (error) {
      const { status, stderr } = error as { status: number; stderr: string }
      Object.assign(child, { code: status, stderr })
    }
    t.equal(child.code, 1)
    t.match(child.stderr, `whio needs Node.js 22.18 or newer; ${old} is v20.`)
    t.match(child.stderr, /`npm ci` installs a fitting one/)
  },
)

/** A Node 20 on PATH. */
function oldNode(): string | undefined {
  const candidates = (process.env.PATH ?? '').split(delimiter).map((at) => join(at, 'node'))
  return candidates.find((file) => {
    if (!existsSync(file)) return false
    const env = { PATH: process.env.PATH }
    return /^v20\./.test(
      execFileSync('env', ['-u', 'NODE_OPTIONS', file, '-v'], { encoding: 'utf8', env }),
    )
  })
}

/** Two at a time: there may be no more processors. */
async function inPairs<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += 2) await Promise.all(items.slice(at, at + 2).map(run))
}

t.test('leases in PostgreSQL without the package pg are refused by name', async (t) => {
  const at = folder(t)
  const database = { type: 'postgresql', host: '/nowhere', name: 'dhcp' }
  const file = configure(at, { 'lease-database': database })
  const hook = join(ROOT, 'test/system/without-pg.ts')
  // Only root could write to the host's.
  const before = process.getuid?.() === 0 ? withState(join(at, 'state')) : []
  const words = ['-u', 'NODE_OPTIONS', ...before, process.execPath, '--import', hook, 'bin/whio.ts']
  const without = spawnSync('env', [...words, 'serve', '-c', file], { cwd: ROOT, encoding: 'utf8' })
  t.equal(without.status, 1)
  t.match(without.stderr, /needs the package pg.*npm install pg/)
  const { code, stderr } = await new Whio(['serve', '-c', file], {}, before).ended
  t.equal(code, 1)
  t.match(stderr, /postgresql database dhcp at \/nowhere: .*no such file/, 'nobody is there')
})
