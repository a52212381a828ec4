// The password of the link: proved by both ends, told to nobody, and without certificates the key
// of everything.

import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { LinkSecret } from '../../lib/platform/link/secret.ts'
import {
  makeCertificates,
  meet,
  openPlace,
  type PeerWish,
  Raw,
  rawServer,
  tlsOf,
  upgradeRequest,
} from './link-world.ts'

const PASSWORD = 'pässword: with a colon'
const basicAuth = { user: 'whio', password: PASSWORD }
const own = { name: 'server1', basicAuth }

/** What a dial of `server1` comes to. */
async function verdictOf(t: Test, peer: PeerWish): Promise<string> {
  const { link, sink } = await openPlace(t, { peers: { server1: peer } })
  link.dial('server1')
  await sink.until(() => sink.events.length > 1)
  const [failed] = sink.all('dial-failed')
  return failed === undefined ? 'opened' : `${failed.failure}: ${failed.detail}`
}

t.test('who does not know the password is not let in', async (t) => {
  const { link, sink } = await openPlace(t, { own })
  const { port } = link
  const wrong = { ...basicAuth, password: 'password' }
  t.equal(await verdictOf(t, { port, basicAuth: wrong }), 'rejected: password refused')
  const stranger = { ...basicAuth, user: 'other' }
  t.equal(await verdictOf(t, { port, basicAuth: stranger }), 'rejected: user or name refused')
  t.equal(await verdictOf(t, { port }), 'rejected: password refused (401)')
  t.same(
    sink.all('stranger').map(({ why }) => why),
    ['wrong password', 'wrong user, or it has another name for this server', 'no password'],
  )
  t.equal(sink.all('opened').length, 0)
  t.equal(await verdictOf(t, { port, basicAuth }), 'opened')
})

t.test(
  'who stands at the address of the partner and does not know the password is not met',
  async (t) => {
    const impostor = await openPlace(t, {
      own: { ...own, basicAuth: { ...basicAuth, password: '' } },
    })
    const { port } = impostor.link
    t.equal(await verdictOf(t, { port, basicAuth }), 'rejected: password refused')
    const open = await openPlace(t, { own: { name: 'server1' } })
    t.match(
      await verdictOf(t, { port: open.link.port, basicAuth }),
      'rejected: it answers without TLS',
    )
    t.equal(impostor.sink.all('opened').length, 0)
  },
)

t.test('who passes a dial on to the server that dials gets nowhere', async (t) => {
  const self = await openPlace(t, {
    own,
    peers: { server2: { port: await mirror(t, () => self.link.port), basicAuth } },
  })
  self.link.dial('server2')
  t.equal((await self.sink.next('dial-failed')).detail, 'user or name refused')
  t.equal(self.sink.all('opened').length, 0)
})

t.test('nothing that is said can be read on the way', async (t) => {
  const host = await openPlace(t, { own })
  const seen: Buffer[] = []
  const port = await mirror(t, () => host.link.port, seen)
  const dialler = await openPlace(t, { peers: { server1: { port, basicAuth } } })
  dialler.link.dial('server1')
  const { connection } = await dialler.sink.next('opened')
  connection.send('a hello in the open')
  t.equal((await host.sink.next('message')).message, 'a hello in the open')
  const all = Buffer.concat(seen)
  t.ok(all.length > 500)
  for (const text of ['a hello', 'whio', 'GET', PASSWORD, btoa(`whio:${encodeURI(PASSWORD)}`)])
    t.equal(all.indexOf(text), -1, text)
})

t.test('an older Whio is told what to do, at both ends', async (t) => {
  const { link, sink } = await openPlace(t, { own })
  const old = new Raw(t, link.port)
  const coded = Buffer.from(`whio:${PASSWORD}`).toString('base64')
  old.socket.write(upgradeRequest([`Authorization: Basic ${coded}`]))
  t.match(await old.rest(), /^HTTP\/1\.1 426 Upgrade Required: .*the same version/)
  t.match((await sink.next('stranger')).why, /as text, as an older Whio does/)
  // It does not understand what it hears.
  const port = await rawServer(t, (socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  })
  t.match(await verdictOf(t, { port, basicAuth }), /answers without TLS: .*or an older Whio/)
})

t.test('certificates and a password: both are proved', async (t) => {
  const folder = join(t.testdir(), 'pair')
  makeCertificates(folder, 'server1=127.0.0.1', 'server2=127.0.0.1')
  const mine = { ...own, tls: tlsOf(folder, 'server1') }
  const theirs = { basicAuth, tls: tlsOf(folder, 'server2') }
  const { host, here, there } = await meet(t, { own: mine }, { own: theirs })
  t.ok(here.certificateNames?.includes('server1') && there.certificateNames?.includes('server1'))
  const { port } = host.link
  const wrong = { ...basicAuth, password: 'password' }
  const refused = 'rejected: password refused (401)'
  t.equal(await verdictOf(t, { ...theirs, port, basicAuth: wrong }), refused)
  t.equal(await verdictOf(t, { ...theirs, port, basicAuth: undefined }), refused)
  t.same(
    host.sink.all('stranger').map(({ why }) => why),
    ['wrong user or password', 'no password'],
  )
  t.equal(host.sink.all('opened').length, 1)
  // A certificate alone does not make a partner.
  const deaf = await openPlace(t, { own: { ...mine, basicAuth: undefined } })
  t.equal(
    await verdictOf(t, { ...theirs, port: deaf.link.port }),
    'rejected: it does not prove that it knows the password',
  )
})

t.test('a key is of one password, one user and one server', async (t) => {
  const identities = [
    new LinkSecret(basicAuth, 'server1'),
    new LinkSecret(basicAuth, 'server2'),
    new LinkSecret({ ...basicAuth, user: 'other' }, 'server1'),
  ].map((secret) => secret.identity)
  t.equal(new Set(identities).size, 3)
  // RFC 4279 §5.3: as much as every implementation takes.
  t.ok(identities.every((identity) => identity.length <= 128))
})

/** Passes connections on to a port that is known later, and notes what goes over it. */
function mirror(t: Test, port: () => number, seen: Buffer[] = []): Promise<number> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    const other = connect({ host: '127.0.0.1', port: port() })
    for (const [one, two] of [
      [socket, other],
      [other, socket],
    ] as const) {
      sockets.push(one)
      one.on('error', () => two.destroy())
      one.on('data', (bytes) => seen.push(bytes))
      one.pipe(two)
    }
  })
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  )
}
