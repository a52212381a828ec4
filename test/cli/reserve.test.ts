// `whio reserve` and `whio unreserve`: a lease of a running server becomes a reservation, in force
// and in the operator's own file.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Ended, folder, start, type Whio, whio } from './whio.ts'

const MAC = '02:00:00:00:00:50'
const DUID = '00:03:00:01:02:00:00:00:00:50'

class Scene {
  readonly file: string
  readonly daemon: Whio

  constructor(t: Test, change = (text: string) => text) {
    this.file = join(folder(t), 'lan.conf')
    writeFileSync(this.file, change(this.text()))
    this.daemon = start(t, ['serve', '-c', this.file, '-p', '0', '--server-port6', '0'])
  }

  async serving(): Promise<void> {
    await this.daemon.log('DHCP4_INTERFACE_SERVING')
  }

  /** As a person writes it, and with reservations behind the pools. */
  text(four = '', six = ''): string {
    return `// Served on loopback only.
{
  "Dhcp4": {
    "interfaces-config": { "interfaces": ["lo/127.0.0.1"] },
    "lease-database": { "type": "memfile", "name": "${this.file}.sqlite" }, # beside it
    "subnet4": [
      {
        "id": 1, "subnet": "198.18.0.0/24", // the first floor
        "pools": [ { "pool": "198.18.0.10 - 198.18.0.99" } ]${four}
      }
    ],
    "option-data": [ { "name": "routers", "data": "198.18.0.1" } ]
  },
  "Dhcp6": {
    "interfaces-config": { "interfaces": [] },
    "subnet6": [
      {
        "id": 6, "subnet": "2001:db8::/64", // the same floor
        "pools": [ { "pool": "2001:db8::10-2001:db8::99" } ]${six}
      }
    ]
  }
}
`
  }

  get written(): string {
    return readFileSync(this.file, 'utf8')
  }

  run(line: string, ...more: string[]): Promise<Ended> {
    return whio(...line.split(' '), '-c', this.file, ...more)
  }

  async leased(): Promise<void> {
    const four = `ctl lease4-add ip-address=198.18.0.50 hw-address=${MAC} subnet-id=1 client-id=01:02:03`
    t.match(await this.run(four), { code: 0 })
  }
}

const IN_FILE = `,
        "reservations": [
          { "hw-address": "${MAC}", "ip-address": "198.18.0.50" }
        ]`

t.test('whio reserve: a lease is reserved for its client, and the file says so', async (t) => {
  const scene = new Scene(t)
  await scene.serving()
  await scene.leased()
  const { file } = scene

  const tried = await scene.run('reserve 198.18.0.50 --dry-run')
  t.same(tried, {
    code: 0,
    stdout: `198.18.0.50 would be reserved for hw-address ${MAC} in subnet 1
${file}
    9 -         "pools": [ { "pool": "198.18.0.10 - 198.18.0.99" } ]
    9 +         "pools": [ { "pool": "198.18.0.10 - 198.18.0.99" } ],
   10 +         "reservations": [
   11 +           { "hw-address": "${MAC}", "ip-address": "198.18.0.50" }
   12 +         ]
`,
    stderr: '',
  })
  t.equal(scene.written, scene.text(), 'nothing is written')
  t.match(await scene.run('ctl reservation-get-by-address ip-address=198.18.0.50'), { code: 3 })

  const unwritten = await scene.run(`reserve ${MAC} --no-write`)
  t.match(unwritten, {
    code: 0,
    stdout: `198.18.0.50 is reserved for hw-address ${MAC} in subnet 1`,
  })
  t.equal(scene.written, scene.text())
  t.match(await scene.run('ctl reservation-get-by-address ip-address=198.18.0.50'), { code: 0 })
  t.match(await scene.run('reserve 198.18.0.50'), {
    code: 0,
    stdout: `198.18.0.50 is reserved for hw-address ${MAC} in subnet 1 already\nwritten to ${file}\n`,
  })
  t.equal(scene.written, scene.text(IN_FILE), 'and nothing else in it is another')

  const gone = await scene.run('unreserve', '198.18.0.50')
  t.match(gone, {
    code: 0,
    stdout: `not reserved any more: 198.18.0.50 for hw-address ${MAC} in subnet 1\n`,
  })
  t.notMatch(scene.written, MAC)
  t.match(scene.written, '// the first floor')
  t.match(await scene.run('unreserve', MAC), {
    code: 1,
    stderr: `whio unreserve: there is no reservation of ${MAC}\n`,
  })

  const named = await scene.run('reserve 198.18.0.50 --by client-id --hostname printer')
  t.match(named, { code: 0, stdout: 'for client-id 01:02:03 in subnet 1' })
  t.match(
    scene.written,
    '{ "client-id": "010203", "hostname": "printer", "ip-address": "198.18.0.50" }',
  )
})

t.test('whio reserve: who has no lease is reserved the address that is named', async (t) => {
  const scene = new Scene(t)
  await scene.serving()
  t.match(await scene.run('reserve 02-00-00-00-00-51 --address 198.18.0.5'), {
    code: 0,
    stdout: '198.18.0.5 is reserved for hw-address 02:00:00:00:00:51 in subnet 1',
  })
  t.match(scene.written, '"02:00:00:00:00:51"')
})

t.test('whio reservations: who has what is reserved', async (t) => {
  const scene = new Scene(t, (text) =>
    text.replace(
      '198.18.0.99" } ]',
      `198.18.0.99" } ], "reservations": [
        { "hw-address": "${MAC}", "ip-address": "198.18.0.50", "hostname": "printer" },
        { "hw-address": "02:00:00:00:00:61", "ip-address": "198.18.0.51" },
        { "client-id": "010203", "ip-address": "198.18.0.5" },
        { "hw-address": "02:00:00:00:00:63", "hostname": "guest" }
      ]`,
    ),
  )
  await scene.serving()
  await scene.leased()
  const other = 'ctl lease4-add ip-address=198.18.0.51 hw-address=02:00:00:00:00:99 subnet-id=1'
  t.match(await scene.run(other), { code: 0 })
  const [table, csv, json, six] = await Promise.all([
    scene.run('reservations'),
    scene.run('reservations --csv --subnet 198.18.0.0/24'),
    scene.run('reservations PRINTER --json'),
    scene.run('reservations --subnet 6'),
  ])
  t.same(
    table.stdout.split('\n').map((line) => line.split(/ {2,}/).join(' | ')),
    [
      'ADDRESS | USE | SUBNET | BY | CLIENT | NAME | HAS IT',
      `198.18.0.50 | active | 1 | hw-address | ${MAC} | printer | -`,
      '198.18.0.51 | waiting | 1 | hw-address | 02:00:00:00:00:61 | - | 02:00:00:00:00:99',
      '198.18.0.5 | unused | 1 | client-id | 010203 | - | -',
      '- | - | 1 | hw-address | 02:00:00:00:00:63 | guest | -',
      '4 reservations',
      '',
    ],
  )
  t.match(csv.stdout, `198.18.0.50,active,1,hw-address,${MAC},printer,,file\n`)
  t.match(JSON.parse(json.stdout), { address: '198.18.0.50', use: 'active', subnet: 1 })
  t.same(six, { code: 0, stdout: '0 reservations\n', stderr: '' })
})

t.test('whio reserve: of DHCPv6 for the DUID', async (t) => {
  const scene = new Scene(t)
  await scene.serving()
  const add = `ctl lease6-add subnet-id=6 duid=${DUID} iaid=7 hw-address=${MAC}`
  t.match(await scene.run(`${add} ip-address=2001:db8::50`), { code: 0 })
  await scene.leased()
  t.match(await scene.run(`reserve ${MAC}`), {
    code: 1,
    stderr: `whio reserve: ${MAC} has several leases, name one: 198.18.0.50, 2001:db8::50\n`,
  })
  t.match(await scene.run('reserve 2001:db8:0::50'), {
    code: 0,
    stdout: `2001:db8::50 is reserved for duid ${DUID} in subnet 6\n`,
  })
  t.equal(
    scene.written,
    scene.text(
      '',
      `,
        "reservations": [
          { "duid": "${DUID}", "ip-addresses": ["2001:db8::50"] }
        ]`,
    ),
  )
  t.match(await scene.run(`reserve ${MAC} --address 2001:db8::7`), { code: 0 })
  t.match(scene.written, '"ip-addresses": ["2001:db8::50", "2001:db8::7"]', 'one client has both')
})

t.test('whio reserve: what cannot be reserved, and why', async (t) => {
  const scene = new Scene(t)
  await scene.serving()
  await scene.leased()
  t.match(await scene.run('reserve 02:00:00:00:00:51 --address 198.18.0.60'), { code: 0 })
  const before = scene.written
  const cases: readonly (readonly [line: string, why: string])[] = [
    [
      'reserve 198.18.0.51',
      'nobody has 198.18.0.51; name the client: whio reserve MAC --address 198.18.0.51',
    ],
    ['reserve 02:00:00:00:00:99', '02:00:00:00:00:99 has no lease; say which address: --address'],
    [
      `reserve ${MAC} --address 192.0.2.1`,
      '192.0.2.1 is not in subnet 1 (198.18.0.0/24), where the client is',
    ],
    ['reserve 02:00:00:00:00:99 --address 192.0.2.1', '192.0.2.1 is in no subnet'],
    [
      `reserve ${MAC} --address 198.18.0.60`,
      'it is reserved already: 198.18.0.60 for hw-address 02:00:00:00:00:51 in subnet 1',
    ],
    [
      'reserve 02:00:00:00:00:51 --address 198.18.0.61',
      'the client has another reservation: 198.18.0.60 for hw-address 02:00:00:00:00:51 in subnet 1; `whio unreserve` takes it away',
    ],
    ['reserve 198.18.0.50 --by duid', 'the lease of 198.18.0.50 has no duid'],
  ]
  await Promise.all(
    cases.map(async ([line, why]) => {
      const { code, stderr } = await scene.run(line)
      t.same([code, stderr], [1, `whio reserve: ${why}\n`], line)
    }),
  )
  t.equal(scene.written, before)
  t.match(await scene.run('reserve', 'nonsense'), { code: 2, stderr: /is no address/ })
  t.match(await scene.run('reserve 198.18.0.50 --by name'), { code: 2, stderr: /--by: one of/ })
})

t.test("whio reserve: a server's own address is nobody else's", async (t) => {
  const scene = new Scene(t, (text) =>
    text.replace('198.18.0.0/24', '127.0.0.0/8').replace(/198\.18\.0\.(10|99)\b/g, '127.9.0.$1'),
  )
  await scene.serving()
  const { code, stderr } = await scene.run(`reserve ${MAC} --address 127.0.0.1`)
  t.same([code, stderr], [1, "whio reserve: 127.0.0.1 is an address of this server's host\n"])
})

t.test('whio reserve: without a server nothing is done', async (t) => {
  const file = join(folder(t), 'lan.conf')
  writeFileSync(
    file,
    JSON.stringify({ Dhcp4: { 'lease-database': { type: 'memfile', name: `${file}.sqlite` } } }),
  )
  t.match(await whio('reserve', '198.18.0.50', '-c', file), {
    code: 1,
    stderr: /^whio reserve: no server runs with /,
  })
})
