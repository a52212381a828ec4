// Slips of an operator who copies files between two hosts: each is told with what to do about it.

import t from 'tap'
import type { CompileContext, KnownServer } from '../../lib/config/plan/compile-context.ts'
import { CONTEXT, lines, load, type Members, peer, planOf, relationship } from './ha-documents.ts'

const ELSEWHERE = { ...CONTEXT, localAddresses: ['127.0.0.1', '::1', 'fe80::1%eth0', '10.9.9.9'] }

t.test('the name of the other host', async (t) => {
  const named = (name: string) => relationship({ 'this-server-name': name })
  t.same(lines(load(named('server1'))), [])
  t.same(lines(load(named('server2'))), [
    "warning ha.this-server-name: this machine does not have the address 192.0.2.2 of 'server2' (it has 192.0.2.1; without this key each host finds itself)",
  ])
  t.same(lines(load(named('server2'), {}, { ...CONTEXT, localAddresses: [] })), [], 'unknown')
  const { localAddresses: _, ...unknown } = CONTEXT
  t.same(lines(load(named('server2'), {}, unknown)), [], 'not looked at')
  t.same(lines(load(named('server1'), {}, { ...CONTEXT, thisServer: 'server2' })), [], 'said aloud')
})

t.test('a url of neither host', async (t) => {
  t.same(lines(load(relationship(), {}, ELSEWHERE)), [
    'error ha: no url of a peer has an address of this machine, so it cannot tell which peer it is (it has 10.9.9.9: mend a url, or write "this-server-name": "server1" or "server2")',
  ])
})

t.test('an address that is gone for a while', async (t) => {
  const known = { name: 'server2', host: '192.0.2.2', port: 8000 }
  const was = (server: KnownServer, here: CompileContext = ELSEWHERE) => ({
    ...here,
    knownAs: () => server,
  })
  const stays = load(relationship(), {}, was(known))
  t.equal(planOf(stays).ha?.thisServer.name, 'server2')
  t.same(lines(stays), [
    'warning ha: no address of this machine tells which peer it is, so it stays \'server2\', as before (192.0.2.2 is on no interface, or not alone; "this-server-name" says it for good)',
  ])
  t.equal(planOf(load(relationship(), {}, was(known, CONTEXT))).ha?.thisServer.name, 'server1')
  const both = { ...CONTEXT, localAddresses: ['192.0.2.1', '192.0.2.2'] }
  t.equal(planOf(load(relationship(), {}, was(known, both))).ha?.thisServer.name, 'server2')
  for (const other of [{ name: 'server1' }, { host: '192.0.2.9' }, { port: 8001 }])
    t.equal(load(relationship(), {}, was({ ...known, ...other })).plan, undefined)
})

t.test('a user whose password is called something else', async (t) => {
  const slip: Members = { 'basic-auth-user': 'u', 'basic-auth-pasword': 'p' }
  const peers = [peer(1, 'primary', slip), peer(2, 'secondary', { 'basic-auth-user': 'u' })]
  const hint = '(add basic-auth-password)'
  const message = 'a user without a password: an empty one is asked for'
  t.same(
    lines(load(relationship({ peers }))).filter((line) => !line.includes('unknown key')),
    [0, 1].map((index) => `warning ha.peers[${index}].basic-auth-user: ${message} ${hint}`),
  )
})

t.test('the password of the example is known to everybody', async (t) => {
  const auth: Members = { 'basic-auth-user': 'pair', 'basic-auth-password': 'change-me' }
  const peers = [peer(1, 'primary', auth), peer(2, 'secondary', auth)]
  t.same(
    lines(load(relationship({ peers }))),
    [0, 1].map(
      (index) =>
        `warning ha.peers[${index}].basic-auth-password: the password of the example is known to everybody (\`openssl rand -base64 24\` makes another)`,
    ),
  )
})
