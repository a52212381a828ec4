// Clients with one odd value in a message that is good otherwise: they get their addresses.

import t from 'tap'
import { encodeMessage4 } from '../../lib/wire/v4/builder.ts'
import { decode4, Message4 } from '../../lib/wire/v4/reader.ts'
import {
  addressOf,
  client,
  DECLINE,
  DISCOVER,
  documentWith,
  ip,
  kindOf,
  RELEASE,
  REQUEST,
  requestList,
  SERVER,
  TestServer,
  uint32,
} from './test-server.ts'

const NOBODY = uint32(0)

t.test('option 54 of 0.0.0.0 names no server', async (t) => {
  t.test('a client that copies siaddr gets the address it was offered', async (t) => {
    const server = new TestServer()
    const { address } = server.discover(client(1))
    const reply = server.send(REQUEST, client(1), { 50: uint32(ip(address)), 54: NOBODY })
    t.equal(kindOf(reply), 'ack')
    t.equal(addressOf(reply), address)
  })

  t.test('nor does one that leaves it out get less', async (t) => {
    const server = new TestServer()
    const { address } = server.discover(client(1))
    t.equal(kindOf(server.reboot(client(1), address)), 'ack')
  })

  t.test('in a shared network, too', async (t) => {
    const subnet4 = ['192.0.2', '198.51.100'].map((net, at) => {
      return { id: at + 1, subnet: `${net}.0/24`, pools: [{ pool: `${net}.10 - ${net}.10` }] }
    })
    const server = new TestServer({ 'shared-networks': [{ name: 'link', subnet4 }] })
    server.lease(client(1))
    const { address } = server.discover(client(2))
    t.equal(address, '198.51.100.10')
    const reply = server.send(REQUEST, client(2), { 50: uint32(ip(address)), 54: NOBODY })
    t.equal(addressOf(reply), address)
  })

  t.test('who was offered another address, or none, is met with silence as before', async (t) => {
    const server = new TestServer()
    const { address } = server.discover(client(1))
    for (const number of [1, 2]) {
      const other = ip(address) + (number === 1 ? 1 : 0)
      const reply = server.send(REQUEST, client(number), { 50: uint32(other), 54: NOBODY })
      t.equal(kindOf(reply), 'unknown-client')
    }
  })

  t.test('a RELEASE and a DECLINE with it count', async (t) => {
    const server = new TestServer()
    const [released, declined] = [server.lease(client(1)), server.lease(client(2))]
    const ciaddr = ip(released)
    t.equal(server.send(RELEASE, { ...client(1), ciaddr }, { 54: NOBODY }), 'changes')
    const options = { 50: uint32(ip(declined)), 54: NOBODY }
    t.equal(server.send(DECLINE, client(2), options), 'changes')
  })
})

t.test('option 50 of 0.0.0.0 asks for no address', async (t) => {
  t.test('a REQUEST that names this server gets its offer', async (t) => {
    const server = new TestServer()
    const { address } = server.discover(client(1), { 50: NOBODY })
    const reply = server.send(REQUEST, client(1), { 50: NOBODY, 54: uint32(SERVER) })
    t.equal(addressOf(reply), address)
  })

  t.test('a renewal is one', async (t) => {
    const server = new TestServer()
    const address = server.lease(client(1))
    for (const options of [{ 50: NOBODY }, { 50: NOBODY, 54: uint32(SERVER) }])
      t.equal(addressOf(server.renew(client(1), address, options)), address)
  })
})

t.test('links of 0.0.0.0 select nothing: options 118, 82.5 and 82.11', async (t) => {
  const server = new TestServer()
  const { address } = server.discover(client(1))
  const relay = `\x05\x04${NOBODY}\x0b\x04${NOBODY}`
  const offer = server.discover(client(1), { 82: relay, 118: NOBODY })
  t.equal(offer.address, address)
  t.equal(offer.message.octets(54), uint32(SERVER))
})

t.test('a last option that runs past the end', async (t) => {
  const whole = encodeMessage4(client(1), [
    [53, '\x01'],
    [12, 'printer'],
  ])
  const end = whole.lastIndexOf(255)
  const tails: Record<string, number[]> = {
    'no length': [60],
    'too long': [60, 200, 97],
    'a message type again': [53, 9],
  }
  for (const [name, tail] of Object.entries(tails)) {
    const bytes = new Uint8Array([...whole.slice(0, end), ...tail])
    const server = new TestServer()
    t.equal(kindOf(server.sendBytes(bytes)), 'offer', name)
    const message = new Message4()
    t.equal(decode4(message, bytes, 0, bytes.length, 'usual'), undefined)
    t.same([message.type, message.octets(12), message.isCut], [1, 'printer', true], name)
    t.equal(decode4(message, bytes, 0, bytes.length, 'strict'), 'bad-option', 'the strict mode')
  }

  t.test('in file or sname, too', async (t) => {
    const bytes = encodeMessage4({ ...client(1), sname: '\x0c\xff' }, [
      [53, '\x01'],
      [52, '\x02'],
    ])
    t.equal(kindOf(new TestServer().sendBytes(bytes)), 'offer')
  })

  t.equal(kindOf(new TestServer().send(DISCOVER, client(1), { 50: 'abc' })), 'bad-option')
})

t.test('a reserved name with blanks, accents or empty labels', async (t) => {
  for (const [hostname, labels] of [
    ['front desk', '\nfront desk\0'],
    ['café.lan', '\x05caf\xc3\xa9\x03lan\0'],
    ['a..b', undefined],
  ] as const) {
    const reservation = { 'hw-address': '02:00:5e:10:00:01', hostname }
    const server = new TestServer(documentWith({ reservations: [reservation] }))
    const octets = Buffer.from(hostname).toString('latin1')
    const offer = server.discover(client(1), requestList(12))
    t.equal(offer.message.octets(12), octets)
    const asked = server.discover(client(1), { 81: '\x04\0\0\x03abc\0' })
    t.equal(asked.message.octets(81)?.slice(3), labels, 'option 81')
    server.lease(client(1))
    t.equal(server.row(offer.address)?.hostname, hostname)
  }
})

t.test('the NAK to a renewal with an option 50 of 0.0.0.0 is told with its address', async (t) => {
  const server = new TestServer()
  const address = server.lease(client(1))
  t.equal(kindOf(server.renew(client(2), address)), 'nak')
  const ciaddr = ip(address)
  const renewal = client(2, { ciaddr })
  t.equal(kindOf(server.send(REQUEST, renewal, { 50: NOBODY }, { address: ciaddr })), 'nak')
  const { outcome } = server
  t.equal(outcome.kind === 'reply' && outcome.address, ciaddr)
})
