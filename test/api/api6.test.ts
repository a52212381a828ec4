// DHCPv6 through the public API, on loopback and without rights: what a relay sends is answered.

import dgram from 'node:dgram'
import { once } from 'node:events'
import t from 'tap'
import { ipv6FromText } from '../../lib/address/ipv6.ts'
import { createServer } from '../../lib/index.ts'
import { encodeMessage6, encodeRelayForward } from '../../lib/wire/v6/builder.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../../lib/wire/v6/codes.ts'
import { decode6, Message6 } from '../../lib/wire/v6/reader.ts'

t.test('port6: a server of DHCPv6 on any free port', async (t) => {
  const config = {
    Dhcp6: {
      'interfaces-config': { interfaces: ['lo'] },
      'lease-database': { type: 'memfile', persist: false },
      'server-id': { type: 'EN', persist: false },
      subnet6: [{ id: 1, subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::/80' }] }],
    },
  }
  const server = createServer(config, { port6: 0, stateDirectory: t.testdir() })
  t.teardown(() => server.stop())
  await server.start()
  const [served] = server.ports()
  t.match(served, { interface: 'lo' })
  const socket = dgram.createSocket('udp6')
  t.teardown(() => socket.close())
  socket.bind(0, '::1')
  await once(socket, 'listening')
  const query = encodeMessage6(MESSAGE_TYPE6.informationRequest, 7, [])
  const linkAddress = ipv6FromText('2001:db8:1::1')!
  // RFC 8357: a relay that does not listen on port 547 says so.
  const options = [[OPTION6.relaySourcePort, '\0\0'] as const]
  const relayed = encodeRelayForward(query, { linkAddress, options })
  socket.send(relayed, served!.port, '::1')
  const [bytes, from] = (await once(socket, 'message')) as [Buffer, dgram.RemoteInfo]
  t.equal(from.port, served!.port)
  t.equal(bytes[0], MESSAGE_TYPE6.relayReply)
  const inner = bytes.subarray(bytes.indexOf(Buffer.from([7, 0, 0, 7])))
  const message = new Message6()
  t.equal(decode6(message, inner, 0, inner.length), undefined)
  t.match({ type: message.type, xid: message.xid }, { type: MESSAGE_TYPE6.reply, xid: 7 })
})

t.test('leases(): those of both families', async (t) => {
  const config = {
    Dhcp4: {
      'interfaces-config': { interfaces: ['lo'] },
      'lease-database': { type: 'memfile', persist: false },
      subnet4: [{ id: 1, subnet: '198.18.0.0/24', pools: [{ pool: '198.18.0.10 - 198.18.0.19' }] }],
    },
    Dhcp6: {
      'interfaces-config': { interfaces: ['lo'] },
      'server-id': { type: 'EN', persist: false },
      subnet6: [
        {
          id: 1,
          subnet: '2001:db8:1::/64',
          'rapid-commit': true,
          pools: [{ pool: '2001:db8:1::10/128' }],
        },
      ],
    },
  }
  const ports = { port: 0, port6: 0 }
  const server = createServer(config, { ...ports, stateDirectory: t.testdir() })
  t.teardown(() => server.stop())
  await server.start()
  t.same(
    server.ports().map(({ family }) => family),
    [4, 6],
  )
  const socket = dgram.createSocket('udp6')
  t.teardown(() => socket.close())
  const duid = '\0\x03\0\x01\x02\0\0\0\0\x01'
  const query = encodeMessage6(MESSAGE_TYPE6.solicit, 8, [
    [OPTION6.clientId, duid],
    [OPTION6.rapidCommit, ''],
    [OPTION6.iaNa, '\0\0\0\x01\0\0\0\0\0\0\0\0'],
  ])
  const linkAddress = ipv6FromText('2001:db8:1::1')!
  const told = once(server, 'lease')
  socket.send(encodeRelayForward(query, { linkAddress }), server.ports()[1]!.port, '::1')
  await told
  t.match(server.leases(), [{ address: '2001:db8:1::10', type: 'IA_NA', iaid: 1 }])
})
