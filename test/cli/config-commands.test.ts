// The configuration of a running server in the hands of a client of Kea: read, changed, written
// into the operator's own file, read again.

import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { folder, start, type Whio } from './whio.ts'

type Members = Record<string, unknown>

interface Reply {
  readonly result: number
  readonly text?: string
  readonly arguments?: Members
}

interface Subnet extends Members {
  readonly id: number
  readonly reservations: readonly Members[]
}

const HOST = { 'hw-address': '02:00:00:00:00:01', 'ip-address': '198.18.0.5' }

class Scene {
  readonly file: string
  daemon: Whio
  readonly #socket: string

  readonly #t: Test

  constructor(t: Test) {
    const at = folder(t)
    this.#t = t
    this.file = join(at, 'lan.conf')
    this.#socket = join(at, 'kea4')
    writeFileSync(this.file, this.text())
    chmodSync(this.file, 0o600)
    this.daemon = start(t, ['serve', '-c', this.file, '-p', '0'])
  }

  /** The process dies, and another one is started. */
  async killed(): Promise<void> {
    this.daemon.signal('SIGKILL')
    await this.daemon.ended
    this.daemon = start(this.#t, ['serve', '-c', this.file, '-p', '0'])
    await this.serving()
  }

  async serving(): Promise<void> {
    await this.daemon.log('CONTROL_SOCKET_OPEN')
    await this.daemon.log('DHCP4_STARTED')
  }

  /** As a person writes it. */
  text(more = ''): string {
    return `// Served on loopback only.
{
  "Dhcp4": {
    "interfaces-config": { "interfaces": ["lo/127.0.0.1"] },
    "lease-database": { "type": "memfile", "name": "${this.file}.sqlite" }, # beside it
    "control-socket": { "socket-type": "unix", "socket-name": "${this.#socket}" },
    "subnet4": [
      {
        "id": 1, "subnet": "198.18.0.0/24", // the first floor${more}
        "pools": [ { "pool": "198.18.0.10 - 198.18.0.99" } ]
      }
    ]
  }
}
`
  }

  ask(command: string, given?: unknown): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(this.#socket)
      let text = ''
      socket.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      socket.on('error', reject).on('end', () => resolve(JSON.parse(text)))
      socket.write(JSON.stringify({ command, arguments: given }))
    })
  }

  async got(): Promise<Members> {
    const { result, arguments: given } = await this.ask('config-get')
    if (result !== 0) throw new Error('config-get is refused')
    return given!
  }
}

function subnetIn(given: Members): Subnet {
  return (given.Dhcp4 as { subnet4: Subnet[] }).subnet4[0]!
}

t.test(
  'a reservation by config-set is in force, in the file, and there after a reload',
  async (t) => {
    const scene = new Scene(t)
    await scene.daemon.log('CONTROL_SOCKET_OPEN')
    const before = await scene.got()
    const { Dhcp4 } = structuredClone(before) as { Dhcp4: { subnet4: Subnet[] } }
    Object.assign(Dhcp4.subnet4[0]!, { reservations: [HOST] })
    const set = await scene.ask('config-set', { Dhcp4 })
    t.match(set, { result: 0, text: 'Configuration successful.', arguments: { hash: String } })
    t.not(set.arguments!.hash, before.hash)
    const after = await scene.got()
    t.match(subnetIn(after).reservations, [HOST])
    t.equal(readFileSync(scene.file, 'utf8'), scene.text(), 'not yet in the file')

    const written = await scene.ask('config-write')
    t.match(written, {
      result: 0,
      text: `Configuration written to ${scene.file} successful`,
      arguments: { filename: scene.file, size: statSync(scene.file).size },
    })
    t.equal(
      readFileSync(scene.file, 'utf8'),
      scene.text().replace(
        '"198.18.0.10 - 198.18.0.99" } ]',
        `"198.18.0.10 - 198.18.0.99" } ],
        "reservations": [
          { "hw-address": "02:00:00:00:00:01", "ip-address": "198.18.0.5" }
        ]`,
      ),
      'and there nothing else is another',
    )
    t.equal(statSync(scene.file).mode & 0o777, 0o600)
    const reloaded = await scene.ask('config-reload')
    t.strictSame(reloaded, {
      result: 0,
      text: 'Configuration successful.',
      arguments: { hash: after.hash },
    })
    t.strictSame(await scene.got(), after)
  },
)

t.test('what was not written is gone with a reload, which says so', async (t) => {
  const scene = new Scene(t)
  await scene.daemon.log('CONTROL_SOCKET_OPEN')
  const before = await scene.got()
  const { Dhcp4 } = structuredClone(before) as { Dhcp4: Members }
  await scene.ask('config-set', { Dhcp4: { ...Dhcp4, 'valid-lifetime': 600 } })
  t.match(await scene.ask('config-reload'), {
    result: 0,
    text: /^Configuration successful. \d edits? that w.* not written .* gone.$/,
    arguments: { hash: before.hash },
  })
  t.strictSame(await scene.got(), before)
})

t.test(
  'a broken file leaves what was in force in force, and is told with its faults',
  async (t) => {
    const scene = new Scene(t)
    await scene.daemon.log('CONTROL_SOCKET_OPEN')
    const before = await scene.got()
    writeFileSync(scene.file, scene.text('\n "foo": 1, "bar": 2,'))
    const refused = await scene.ask('config-reload')
    t.equal(refused.result, 1)
    t.match(refused.text, `Config reload failed: configuration error using file '${scene.file}': `)
    t.match(refused.text, /'foo'.*'bar'/)
    t.strictSame(await scene.got(), before)
    t.match(await scene.ask('status-get'), { result: 0 })
    const write = await scene.ask('config-write', { filename: '/tmp/whio-elsewhere.conf' })
    t.match(write, { result: 1, text: /not allowed to write config into \/tmp$/ })
    const set = await scene.ask('config-set', { Dhcp4: { subnet4: [{ id: 1 }] } })
    t.match(set, { result: 1, text: /mandatory 'subnet' parameter is missing/ })
    t.strictSame(await scene.got(), before)
  },
)

t.test('what was answered is there after a kill, at once and again and again', async (t) => {
  const scene = new Scene(t)
  await scene.serving()
  const second = { id: 2, subnet: '198.18.1.0/24' }
  t.match(await scene.ask('subnet4-add', { subnet4: [second] }), { result: 0 })
  await scene.killed()
  const reservation = { ...HOST, 'subnet-id': 1 }
  t.match(await scene.ask('reservation-add', { reservation }), { text: 'Host added.' })
  await scene.killed()
  t.match(await scene.ask('subnet4-list'), { text: '2 IPv4 subnets found' })
  t.match(await scene.ask('reservation-get-all', { 'subnet-id': 1 }), {
    text: '1 IPv4 host(s) found.',
  })
  t.equal(readFileSync(scene.file, 'utf8'), scene.text(), 'the file is as it was')
  t.match(await scene.ask('config-reload'), { text: /2 edits that were not written are gone/ })
  await scene.killed()
  t.match(await scene.ask('subnet4-list'), { text: '1 IPv4 subnet found' })
})
