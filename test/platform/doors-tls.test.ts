// Commands through HTTPS: certificates of the server, which may change, and of clients, which may
// be a role; and what strangers are who speak no TLS, or never get on with it.

import { readFileSync, renameSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import type { DoorTls, HttpDoorPlan, RolePlan } from '../../lib/config/plan/control-plan.ts'
import { plainRole } from '../../lib/config/plan/role.ts'
import { DoorsWorld, http, Line, until } from './doors-world.ts'
import { makeCertificates, tlsOf } from './link-world.ts'

const WHO = '{"command":"who"}'
const REQUEST = `POST / HTTP/1.1\r\nContent-Length: ${WHO.length}\r\nConnection: close\r\n\r\n${WHO}`

function certificates(t: Test): { folder: string; tls: DoorTls } {
  const folder = t.testdir()
  makeCertificates(folder, 'server=127.0.0.1', 'stork=127.0.0.2')
  return { folder, tls: { ...tlsOf(folder, 'server'), isCertRequired: true } }
}

async function opened(t: Test, tls: DoorTls, roles: readonly RolePlan[] = []) {
  const world = new DoorsWorld(t)
  const plan: HttpDoorPlan = { ...(await http('dhcp4')), tls }
  await world.use([plan], roles)
  return { world, plan, port: plan.port }
}

interface Met {
  readonly heard: string
  /** Of the server. */
  readonly serial: string
  readonly socket: TLSSocket
}

/** Asks, and hears what is said until the connection ends. */
function ask(port: number, options: ConnectionOptions): Promise<Met> {
  return new Promise((resolve) => {
    let heard = ''
    let serial = ''
    const socket = connect(
      { port, host: '127.0.0.1', rejectUnauthorized: false, ...options },
      () => {
        serial = socket.getPeerCertificate().serialNumber
        socket.write(REQUEST)
      },
    )
    socket.on('data', (part: Buffer) => {
      heard += part.toString()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve({ heard, serial, socket }))
  })
}

function shown(folder: string, name: string): ConnectionOptions {
  const file = (end: string) => readFileSync(join(folder, `${name}.${end}`))
  return { cert: file('crt'), key: file('key') }
}

t.test('a client shows a certificate of the trust anchor, or is turned away', async (t) => {
  const { folder, tls } = certificates(t)
  const other = join(folder, 'other')
  makeCertificates(other, 'stork=127.0.0.2')
  const { port } = await opened(t, tls)
  t.match((await ask(port, shown(folder, 'stork'))).heard, 'stork|admin|https')
  t.equal((await ask(port, {})).heard, '', 'without one')
  t.equal((await ask(port, shown(other, 'stork'))).heard, '', 'with one of another')
})

t.test('a certificate may be a role, and need not be shown', async (t) => {
  const { folder, tls } = certificates(t)
  const nobody = { users: [], networks: [], tokens: [], sockets: [] }
  const stork: RolePlan = { ...plainRole('operator'), ...nobody, certificates: ['stork'] }
  const { port, world, plan } = await opened(t, { ...tls, isCertRequired: false }, [stork])
  t.match((await ask(port, shown(folder, 'stork'))).heard, 'stork|operator|https')
  t.match((await ask(port, {})).heard, '|viewer|https')
  const made = join(folder, 'made')
  makeCertificates(made, 'stork=127.0.0.2')
  t.match((await ask(port, shown(made, 'stork'))).heard, '|viewer|https', 'one of another anchor')
  const byName = { ...stork, certificates: ['127.0.0.2'] }
  await world.use([plan], [byName])
  t.match((await ask(port, shown(folder, 'stork'))).heard, '|operator|https', 'by its address')
})

t.test('who speaks without TLS is told, and who says nothing goes', async (t) => {
  const { tls } = certificates(t)
  const { port } = await opened(t, tls)
  t.match(await new Line({ port }).say(REQUEST).ended, /^HTTP\/1\.1 400 Bad Request\r\n/)
})

t.test('a thousand strangers in the middle of a handshake keep nobody out', async (t) => {
  const { folder, tls } = certificates(t)
  const { port } = await opened(t, tls)
  const hello = Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])
  const strangers = Array.from({ length: 1000 }, () => {
    const socket = connectTcp(port, '127.0.0.1', () => socket.write(hello))
    return socket.on('error', () => {})
  })
  t.teardown(() => {
    for (const socket of strangers) socket.destroy()
  })
  await until(() => strangers.every(({ readyState }) => readyState !== 'opening'))
  let met: Met
  // Who comes while more than the most are there may be the one that goes.
  do met = await ask(port, shown(folder, 'stork'))
  while (met.heard === '')
  t.match(met.heard, 'stork|admin|https')
})

t.test('a certificate that was renewed is shown to who comes then, without a reload', async (t) => {
  const { folder, tls } = certificates(t)
  const { port, world, plan } = await opened(t, tls)
  const staying = connect({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...shown(folder, 'stork'),
  })
  await new Promise((resolve) => staying.once('secureConnect', resolve))
  const former = (await ask(port, shown(folder, 'stork'))).serial
  const made = join(folder, 'made')
  makeCertificates(made, 'server=127.0.0.1')
  for (const end of ['crt', 'key'])
    renameSync(join(made, `server.${end}`), join(folder, `server.${end}`))
  const { serial, heard } = await ask(port, shown(folder, 'stork'))
  t.not(serial, former)
  t.match(heard, 'stork|admin|https')
  let said = ''
  staying.on('data', (part: Buffer) => {
    said += part.toString()
  })
  staying.write(REQUEST)
  await until(() => said.includes('stork|admin|https'))
  staying.destroy()

  renameSync(join(folder, 'server.key'), join(folder, 'gone'))
  await world.use([plan])
  t.equal(world.count('CONTROL_SOCKET_TROUBLE'), 0, 'an edit of something else reads no files')
  const after = await ask(port, shown(folder, 'stork'))
  t.match(after.heard, 'stork|admin|https', 'a file that is gone leaves the former one in force')
  t.equal(world.count('CONTROL_SOCKET_TROUBLE'), 1, 'and is told')
})
