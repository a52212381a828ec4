// TLS files and passwords of a pair: which are needed, whether they can be read, and on whose
// machine.

import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { CompileContext } from '../../lib/config/plan/compile-context.ts'
import { loadConfigFiles, thisMachine } from '../../lib/platform/config-file.ts'
import {
  CERTIFICATE,
  CONTEXT,
  haOf,
  hooks,
  lines,
  load,
  type Members,
  peer,
  peers,
  relationship,
  TLS,
} from './ha-documents.ts'

t.test('TLS files and passwords', async (t) => {
  const first = peer(1, 'primary', { url: 'https://192.0.2.1:8000/' })
  const second = peer(2, 'secondary', { url: 'https://192.0.2.2:8000/' })
  const both = { peers: [first, second] }
  const withKeys = (more: Members) => ({
    peers: [
      { ...first, ...TLS, ...more },
      { ...second, ...TLS },
    ],
  })
  const auth = (more: Members) => ({ peers: [peer(1, 'primary', more), peers()[1]] })
  const open =
    'warning ha.peers[0].url: whoever reaches this address can speak for the partner: nothing proves who calls (https with require-client-certs, or basic-auth-user)'
  const missing = 'trust-anchor, cert-file and key-file: all three, or none'
  const rows: readonly (readonly [members: Members, ...said: string[]])[] = [
    [{ ...both, ...TLS }],
    [{ ...both, ...TLS, 'trust-anchor': '/tls/cas', 'key-file': '/tls/rsa.pem' }],
    [withKeys({})],
    [
      both,
      'error ha.peers[0].url: https needs trust-anchor, cert-file and key-file (of this peer, or of all beside "peers")',
      'error ha.peers[1].url: https needs trust-anchor, cert-file and key-file (of this peer, or of all beside "peers")',
    ],
    [
      { ...both, 'cert-file': '/tls/cert.pem' },
      `error ha: trust-anchor and key-file are missing for TLS (${missing})`,
    ],
    [
      withKeys({ 'trust-anchor': '' }),
      `error ha.peers[0]: trust-anchor is missing for TLS (${missing})`,
    ],
    [
      { peers: [peer(1, 'primary'), peer(2, 'secondary')], ...TLS },
      'info ha.peers[0].url: the peer has TLS files, so its link is encrypted although the url says http (write https)',
      'info ha.peers[1].url: the peer has TLS files, so its link is encrypted although the url says http (write https)',
    ],
    [
      { ...both, ...TLS, 'cert-file': '/tls/none.pem', 'key-file': '/tls/cas' },
      "error ha.cert-file: '/tls/none.pem' cannot be read (no such file)",
      "error ha.key-file: '/tls/cas' is a folder (a file in PEM form)",
    ],
    [
      withKeys({
        'trust-anchor': '/tls/key.pem',
        'cert-file': '/tls/key.pem',
        'key-file': '/tls/ca.pem',
      }),
      "error ha.peers[0].trust-anchor: '/tls/key.pem' holds no certificate (a file in PEM form)",
      "error ha.peers[0].cert-file: '/tls/key.pem' holds no certificate (a file in PEM form)",
      "error ha.peers[0].key-file: '/tls/ca.pem' holds no private key (a file in PEM form)",
    ],
    [
      withKeys({ 'key-file': '/tls/locked.pem' }),
      "error ha.peers[0].key-file: the key in '/tls/locked.pem' is encrypted (nobody is asked for its password at a start)",
    ],
    [{ ...both, ...TLS, 'require-client-certs': false }, open],
    [auth({ 'basic-auth-user-file': '/tls/user', 'basic-auth-password-file': '/tls/password' })],
    [
      auth({
        'basic-auth-user': 'u',
        'basic-auth-user-file': '/tls/user',
        'basic-auth-password': 'p',
      }),
      'error ha.peers[0].basic-auth-user-file: basic-auth-user and basic-auth-user-file say the same thing (leave one out)',
    ],
    [
      auth({
        'basic-auth-user': 'u',
        'basic-auth-password': 'p',
        'basic-auth-password-file': '/x',
      }),
      'error ha.peers[0].basic-auth-password-file: basic-auth-password and basic-auth-password-file say the same thing (leave one out)',
    ],
    [
      auth({ 'basic-auth-user': 'a:b' }),
      'error ha.peers[0].basic-auth-user: a user name with a colon cannot be said (RFC 7617 ends the name there)',
    ],
    [
      auth({ 'basic-auth-user': 'u', 'basic-auth-password-file': '/tls/none' }),
      "error ha.peers[0].basic-auth-password-file: '/tls/none' cannot be read (no such file)",
    ],
    [
      auth({ 'basic-auth-user': 'u', 'basic-auth-password-file': '/tls/cas' }),
      "error ha.peers[0].basic-auth-password-file: '/tls/cas' cannot be read (it is a folder)",
    ],
    [
      auth({ 'basic-auth-password': 'p' }),
      'warning ha.peers[0].basic-auth-password: a password without a user is not asked for (add basic-auth-user)',
      open,
    ],
    [auth({ 'basic-auth-user': '', 'basic-auth-password': '' }), open],
  ]
  for (const [members, ...said] of rows)
    t.same(lines(load(relationship(members))).sort(), said.sort(), JSON.stringify(members))

  t.test('reach the plan', async (t) => {
    const tls = { trustAnchor: '/tls/ca.pem', certFile: '/tls/cert.pem', keyFile: '/tls/key.pem' }
    const other = { ...second, ...TLS, 'trust-anchor': '/tls/cas' }
    const plain = { ...peers()[0], 'trust-anchor': '', 'cert-file': '', 'key-file': '' }
    const ha = haOf({
      ...TLS,
      peers: [plain, other, peer(3, 'backup', { url: 'https://192.0.2.3:1/' })],
    })
    t.same(
      ha.peers.map((one) => one.tls),
      [undefined, { ...tls, trustAnchor: '/tls/cas' }, tls],
      'a peer goes before the relationship, an empty text is none',
    )
    t.same(
      ha.peers.map(({ url }) => url.secure),
      [false, true, true],
    )
    const files = {
      'basic-auth-user-file': '/tls/user',
      'basic-auth-password-file': '/tls/password',
    }
    t.same(haOf(auth(files)).thisServer.basicAuth, { user: 'kea', password: 's:e cret' })
    const blind: CompileContext = { stateDirectory: undefined, thisServer: 'server1' }
    t.same(lines(load(relationship({ ...both, ...TLS }), {}, blind)), [], 'without eyes')
    t.same(
      lines(load(relationship(auth(files)), {}, blind)).length,
      2,
      'but a password must be read',
    )
  })
})

t.test('a partner that need not prove itself is warned of', async (t) => {
  const [one, two] = peers() as [Members, Members]
  const open = { name: two.name, url: two.url, role: two.role }
  t.same(lines(load(relationship({ peers: [one, open] }))), [
    'warning ha.peers[1].url: whoever has this address can speak for the partner: nothing proves who answers (https, or basic-auth-user, for this peer too)',
  ])
})

t.test('a pair may take any certificate, which is warned of', async (t) => {
  const whio = { ha: { 'certificate-names': 'any' } }
  const loaded = load(relationship({ peers: peers() }), {}, CONTEXT, whio)
  t.equal(loaded.plan?.ha?.checksCertificateNames, false)
  t.same(lines(loaded), [
    'warning Whio.ha.certificate-names: whoever has a certificate of the trust anchor can speak for the partner ("checked", and certificates that name their servers)',
  ])
})

t.test('a file on this machine', async (t) => {
  const folder = t.testdir({
    'ca.pem': CERTIFICATE,
    'cert.pem': CERTIFICATE,
    cas: {},
    user: 'u\nx',
  })
  const document = (members: Members) =>
    JSON.stringify({
      Dhcp4: { 'interfaces-config': { interfaces: ['*'] }, ...hooks(relationship(members)) },
    })
  const context: CompileContext = { stateDirectory: '/nowhere', thisServer: 'server2' }
  const said = (members: Members): string[] => {
    const file = join(folder, 'pair.json')
    writeFileSync(file, document(members))
    return loadConfigFiles([file], context).problems.map(
      ({ message, hint }) => `${message} (${hint})`,
    )
  }
  t.same(said({}), [])
  const tls = {
    'trust-anchor': join(folder, 'cas'),
    'cert-file': join(folder, 'cert.pem'),
    'key-file': join(folder, 'key.pem'),
  }
  t.match(said(tls).at(-1)!, /^'.*key.pem' cannot be read \(there is no such file\)$/)
  t.match(said({ ...tls, 'key-file': '/dev/null' }).at(-1)!, /\(it is not a regular file\)$/)
  t.match(said({ ...tls, 'key-file': join(folder, 'ca.pem') }).at(-1)!, /holds no private key/)
  const auth = { 'basic-auth-user-file': join(folder, 'user'), 'basic-auth-password': 'p' }
  t.same(said({ peers: [peer(1, 'primary', auth), peer(2, 'secondary', auth)] }), [])
  const secret = (mode: number) => {
    const file = join(folder, 'user')
    chmodSync(file, mode)
    const auth = { 'basic-auth-user': 'u', 'basic-auth-password-file': file }
    return said({ peers: [peer(1, 'primary', auth), peer(2, 'secondary', auth)] })
  }
  t.same(secret(0o640), [])
  const open = /^every user of this machine may read '.*user' \(chmod o= on it; /
  t.match(secret(0o644), [open, open])
  const { localAddresses } = thisMachine()
  t.ok(localAddresses?.includes('127.0.0.1'))
})
