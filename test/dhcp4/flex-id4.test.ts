// libdhcp_flex_id: clients that are known by an expression, and leases that go by it.

import t from 'tap'
import { octetsFromBytes } from '../../lib/bytes/octets.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'
import { LEASE_STATE } from '../../lib/leases/lease.ts'
import {
  client,
  documentWith,
  hex,
  ip,
  kindOf,
  type Options,
  RELEASE,
  SERVER,
  TestServer,
  uint32,
} from './test-server.ts'

const X = '192.0.2.15'
/** The port of the switch, as relays tell it. */
const BY_PORT = 'relay4[1].hex'
const PORT7: Options = { 82: '\x01\x05port7' }
const PORT8: Options = { 82: '\x01\x05port8' }

function libraryOf(parameters: Record<string, unknown>) {
  return [{ library: '/usr/lib/kea/hooks/libdhcp_flex_id.so', parameters }]
}

function serverOf(
  parameters: Record<string, unknown>,
  reservations: object[] = [],
  more: object = {},
): TestServer {
  return new TestServer(
    documentWith(
      { reservations },
      {
        'hooks-libraries': libraryOf({ 'identifier-expression': BY_PORT, ...parameters }),
        'host-reservation-identifiers': ['flex-id', 'hw-address'],
        ...more,
      },
    ),
  )
}

function octets(text: string): string {
  return octetsFromBytes(new TextEncoder().encode(text))
}

t.test('identifier-expression: a reservation is found by its value', async (t) => {
  const reservation = { 'flex-id': "'port7'", 'ip-address': X, hostname: 'at-port7' }
  const server = serverOf({}, [reservation])
  t.equal(server.lease(client(1), PORT7), X)
  t.not(server.lease(client(2), PORT8), X)
  t.not(server.lease(client(3)), X, 'without a relay there is no value to find')
})

t.test('identifier-expression: what fails for a message is no value', async (t) => {
  const failing = 'addrtotext(option[60].hex)'
  const reservation = { 'flex-id': "'192.0.2.77'", 'ip-address': X }
  const server = serverOf({ 'identifier-expression': failing }, [reservation])
  t.not(server.lease(client(1), { 60: 'abc' }), X)
  t.equal(server.discover(client(2), { 60: uint32(ip('192.0.2.77')) }).address, X)
})

t.test('host-reservation-identifiers: a flex-id that is not listed finds nobody', async (t) => {
  const reservation = { 'flex-id': "'port7'", 'ip-address': X }
  const server = serverOf({}, [reservation], { 'host-reservation-identifiers': ['hw-address'] })
  t.not(server.lease(client(1), PORT7), X)
})

t.test(
  'replace-client-id: leases go by the value, whatever the client says of itself',
  async (t) => {
    for (const [asDuid, prefix] of [
      [false, '\0'],
      [true, '\xff\0\0\0\0'],
    ] as const) {
      const server = serverOf({ 'replace-client-id': true, 'cid-as-rfc4361-duid': asDuid })
      const address = server.lease(client(1), { ...PORT7, 61: hex('010a0b') })
      t.equal(server.row(address)?.clientId, prefix + octets('port7'))
      t.equal(server.row(address)?.hwAddress, client(1).hwAddress)
      server.advance(20)
      t.equal(
        server.lease(client(2), { ...PORT7, 61: hex('010c0d') }),
        address,
        'a new device there',
      )
      t.not(server.lease(client(3), PORT8), address)
      const other = server.lease(client(4), { 61: hex('010e0f') })
      t.equal(server.row(other)?.clientId, hex('010e0f'), 'where there is no value nothing changes')
    }
  },
)

t.test('replace-client-id: the client gets its own identifier back, or none', async (t) => {
  for (const echo of [true, false]) {
    const server = serverOf({ 'replace-client-id': true }, [], { 'echo-client-id': echo })
    const offer = server.discover(client(1), { ...PORT7, 61: hex('010a0b') })
    t.equal(offer.message.octets(61), hex('010a0b'), `echo-client-id ${echo}`)
    t.equal(server.discover(client(2), PORT7).message.octets(61), undefined)
  }
})

t.test('replace-client-id: client-id and duid of reservations are of the value', async (t) => {
  const asDuid = { 'replace-client-id': true, 'cid-as-rfc4361-duid': true }
  const rows: [Record<string, unknown>, object][] = [
    [{ 'replace-client-id': true }, { 'client-id': `00${Buffer.from('port7').toString('hex')}` }],
    [asDuid, { duid: "'port7'" }],
  ]
  for (const [parameters, identity] of rows) {
    const order = { 'host-reservation-identifiers': ['duid', 'client-id'] }
    const server = serverOf(parameters, [{ ...identity, 'ip-address': X }], order)
    t.equal(server.lease(client(1), { ...PORT7, 61: hex('010a0b') }), X, JSON.stringify(identity))
  }
})

t.test('replace-client-id: a RELEASE counts from where the lease was given', async (t) => {
  const server = serverOf({ 'replace-client-id': true })
  const address = server.lease(client(1), PORT7)
  server.advance(60)
  const message = { ...client(1), ciaddr: ip(address) }
  const elsewhere = server.send(RELEASE, message, { 54: uint32(SERVER), ...PORT8 })
  t.equal(elsewhere, 'not-owner')
  t.equal(server.send(RELEASE, message, { 54: uint32(SERVER), ...PORT7 }), 'changes')
  t.equal(server.row(address)?.state, LEASE_STATE.released)
})

t.test('replace-client-id: a value that is longer than a client identifier', async (t) => {
  const long = `'${'x'.repeat(300)}'`
  const server = serverOf({ 'identifier-expression': long, 'replace-client-id': true })
  t.equal(kindOf(server.send(1, client(1))), 'bad-option')
})

t.test('what is wrong with the parameters is told where it stands', async (t) => {
  const at = 'Dhcp4.hooks-libraries[0].parameters'
  const rows: [Record<string, unknown>, RegExp | undefined][] = [
    [{ 'identifier-expression': BY_PORT }, undefined],
    [{ 'identifier-expression': "substring('a'" }, /identifier-expression: column 14/],
    [{ 'identifier-expression': 7 }, /identifier-expression: 7 is not a text/],
    [{}, /^Dhcp4\.hooks-libraries\[0\]\.parameters: nothing is computed/],
    [{ 'identifier-expression': BY_PORT, 'ignore-iaid': true }, /ignore-iaid: without effect/],
    [{ 'identifier-expression': BY_PORT, 'no-such': true }, /no-such/],
  ]
  for (const [parameters, says] of rows) {
    const Dhcp4 = {
      'interfaces-config': { interfaces: ['*'] },
      'hooks-libraries': libraryOf(parameters),
      subnet4: [{ id: 1, subnet: '192.0.2.0/24' }],
    }
    const { problems } = loadPlanFromObject({ Dhcp4 }, { stateDirectory: '/nowhere' })
    const lines = problems.map(formatProblem)
    t.ok(
      lines.every((line) => line.startsWith(at)),
      JSON.stringify(lines),
    )
    t.match(lines, says === undefined ? [] : [says])
  }
})

t.test('both servers of a pair must compute the same client', async (t) => {
  const printOf = (parameters: Record<string, unknown>) => {
    const Dhcp4 = { ...documentWith({}), 'hooks-libraries': libraryOf(parameters) }
    return loadPlanFromObject({ Dhcp4 }, { stateDirectory: '/nowhere' }).plan?.fingerprint
  }
  const [one, other] = [BY_PORT, 'pkt4.mac'].map((text) => ({ 'identifier-expression': text }))
  const replaces = { 'replace-client-id': true }
  t.equal(printOf(one!), printOf(other!), 'leases do not go by it')
  t.not(printOf({ ...one, ...replaces }), printOf({ ...other, ...replaces }))
  t.not(printOf({ ...one, ...replaces }), printOf(one!))
})

t.test(
  'replace-client-id, stash-agent-options: who is known by the relay’s words renews past the relay',
  async (t) => {
    const stash = { 'store-extended-info': true, 'stash-agent-options': true }
    const server = serverOf({ 'replace-client-id': true }, [], stash)
    const address = server.lease(client(1), PORT7)
    server.advance(100)
    t.equal(kindOf(server.renew(client(1), address)), 'ack')
    t.equal(server.row(address)?.clientId, '\x00port7', 'as the same client')
    t.not(kindOf(server.renew(client(2), address)), 'ack', 'another device is somebody else')
  },
)
