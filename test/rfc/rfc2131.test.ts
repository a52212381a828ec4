// RFC 2131, requirement by requirement, as far as they bind a server. Titles carry the section.

import t from 'tap'
import { BROADCAST } from '../../lib/address/ipv4.ts'
import {
  ACK,
  addressOf,
  client,
  DECLINE,
  DISCOVER,
  DOCUMENT,
  documentWith,
  hex,
  INFORM,
  ip,
  kindOf,
  NAK,
  OFFER,
  RELEASE,
  REQUEST,
  type Reply,
  requestList,
  SERVER,
  TestServer,
  uint16,
  uint32,
} from '../dhcp4/test-server.ts'

const A = '192.0.2.10'
const B = '192.0.2.11'
const RELAY = ip('192.0.2.9')
const ROUTER = { name: 'routers', data: '192.0.2.1' }
const NTP = { name: 'ntp-servers', data: '192.0.2.123' }

/** An OFFER, an ACK, a NAK and the ACK of an INFORM to one client that asks for everything. */
function everyReply(fields: object = {}): {
  offer: Reply
  ack: Reply
  nak: Reply
  informed: Reply
} {
  const always = { 'always-send': true }
  const options = [ROUTER, { ...NTP, ...always }]
  const server = new TestServer({ ...DOCUMENT, 'option-data': options })
  const all = Array.from({ length: 254 }, (_, index) => index + 1)
  const asks = { ...requestList(...all), 57: uint16(1500), 61: hex('01aabb') }
  const mine = client(1, { xid: 0xfeedbeef, secs: 7, ...fields })
  const offer = server.reply(DISCOVER, mine, asks)
  const select = { ...asks, 54: uint32(SERVER) }
  const ack = server.reply(REQUEST, mine, { ...select, 50: uint32(ip(offer.address)) })
  const nak = server.reply(REQUEST, mine, { ...select, 50: uint32(ip('198.51.100.1')) })
  const informed = server.reply(INFORM, { ...mine, ciaddr: ip('192.0.2.99') }, asks)
  return { offer, ack, nak, informed }
}

t.test('§2 a reply fits 576 octets with its headers unless the client takes more', async (t) => {
  const data = '00'.repeat(250)
  const big = [224, 225, 226].map((code) => ({ code, 'csv-format': false, data }))
  const server = new TestServer({ ...DOCUMENT, 'option-data': big })
  t.ok(server.discover(client(1), requestList(224, 225, 226)).bytes.length <= 576 - 28)
})

t.test('§3 the options field starts with the magic cookie', async (t) => {
  for (const { bytes } of Object.values(everyReply()))
    t.same([...bytes.slice(236, 240)], [99, 130, 83, 99])
})

t.test('§3 every reply holds option 53', async (t) => {
  const { offer, ack, nak, informed } = everyReply()
  t.same(
    [offer, ack, nak, informed].map(({ message }) => message.uint(53)),
    [OFFER, ACK, NAK, ACK],
  )
})

t.test('§3.1 step 2 an address that is in use or offered is not offered', async (t) => {
  const server = new TestServer(documentWith({ pools: [{ pool: '192.0.2.10 - 192.0.2.12' }] }))
  server.lease(client(1))
  t.equal(server.discover(client(2)).address, B)
  t.equal(server.discover(client(3)).address, '192.0.2.12')
})

t.test('§3.1 step 3 a REQUEST that names another server declines the offer', async (t) => {
  const server = new TestServer()
  server.discover(client(1))
  const elsewhere = { 50: uint32(ip('192.0.2.77')), 54: uint32(ip('192.0.2.2')) }
  t.equal(server.send(REQUEST, client(1), elsewhere), 'not-for-us')
  t.equal(kindOf(server.select(client(2), A)), 'ack', 'its address is free at once')
})

t.test('§3.1 step 4 the ACK agrees with the OFFER', async (t) => {
  const { offer, ack } = everyReply()
  t.equal(ack.address, offer.address)
  t.same(ack.codes, offer.codes)
  for (const code of ack.codes)
    if (code !== 53) t.equal(ack.message.octets(code), offer.message.octets(code), `option ${code}`)
})

t.test('§3.1 step 4 a REQUEST that cannot be satisfied any more gets a NAK', async (t) => {
  const server = new TestServer()
  server.lease(client(1))
  t.equal(kindOf(server.select(client(2), A)), 'nak')
})

t.test(
  '§3.2 step 3 a server does not check an INIT-REBOOT address for use before it ACKs',
  async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    t.equal(kindOf(server.reboot(client(1), A)), 'ack')
  },
)

t.test('§3.3 a lifetime of all ones is infinite', async (t) => {
  const server = new TestServer({ ...DOCUMENT, 'valid-lifetime': 0xffffffff })
  server.lease(client(1))
  server.now *= 1e6
  t.equal(kindOf(server.select(client(2), A)), 'nak')
})

t.test('§4.1 the last option is END', async (t) => {
  for (const { bytes } of Object.values(everyReply())) {
    let at = 240
    while (bytes[at] !== 255) at += bytes[at] === 0 ? 1 : 2 + bytes[at + 1]!
    t.ok(at < bytes.length)
    t.ok(bytes.slice(at + 1).every((byte) => byte === 0))
  }
})

t.test('§4.1 each option appears once', async (t) => {
  const server = new TestServer({ ...DOCUMENT, 'option-data': [ROUTER, NTP] })
  const { bytes } = server.discover(client(1), requestList(3, 3, 42, 3, 42, 1, 1, 53, 54, 51))
  const seen: number[] = []
  for (let at = 240; bytes[at] !== 255; at += 2 + bytes[at + 1]!) seen.push(bytes[at]!)
  t.same(seen, [...new Set(seen)])
})

t.test(
  '§4.1 replies go to the relay, to ciaddr, to everybody or to the hardware address',
  async (t) => {
    const to = (fields: object) => everyReply(fields).ack.destination
    t.match(to({ giaddr: RELAY }), { address: RELAY, port: 67, hwAddress: '' })
    t.match(to({ flags: 0x8000 }), { address: BROADCAST, port: 68, hwAddress: '' })
    t.match(to({}), { address: ip(A), port: 68, hwAddress: client(1).hwAddress })
    const server = new TestServer()
    server.lease(client(1))
    const renewed = server.renew(client(1), A) as Reply
    t.match(renewed.destination, { address: ip(A), port: 68, hwAddress: '' })
  },
)

t.test('§4.1 when giaddr is zero, a NAK is always broadcast', async (t) => {
  for (const fields of [{}, { flags: 0x8000 }, { ciaddr: ip('192.0.2.200') }])
    t.equal(everyReply(fields).nak.destination.address, BROADCAST)
})

t.test('§4.1 any address of the server identifies it', async (t) => {
  const server = new TestServer()
  const second = ip('203.0.113.1')
  const addresses = [
    { address: SERVER, length: 24 },
    { address: second, length: 24 },
  ]
  for (const { address } of addresses) {
    const options = { 50: uint32(ip(A)), 54: uint32(address) }
    const reply = server.send(REQUEST, client(1), options, { link: { name: 'eth0', addresses } })
    t.equal(kindOf(reply), 'ack')
  }
})

t.test('§4.1 xid, flags, giaddr and chaddr are the client’s; hops and secs are 0', async (t) => {
  const fields = { giaddr: RELAY, flags: 0x8000, hops: 3 }
  for (const { message, destination } of Object.values(everyReply(fields))) {
    // What goes straight to a client that asks by INFORM is no relay's to forward.
    const giaddr = destination.address === RELAY ? RELAY : 0
    t.match(message, { op: 2, htype: 1, hlen: 6, xid: 0xfeedbeef, flags: 0x8000, giaddr })
    t.match(message, { hops: 0, secs: 0 })
    t.equal(message.hwAddress, client(1).hwAddress)
  }
})

t.test('§4.2 a client that gives a client identifier is known by it', async (t) => {
  const server = new TestServer()
  t.equal(server.lease(client(1), { 61: hex('0011') }), A)
  t.equal(server.lease(client(2), { 61: hex('0011') }), A)
  t.equal(server.lease(client(1), { 61: hex('0022') }), B)
})

t.test('§4.2 a client without client identifier is known by chaddr', async (t) => {
  const server = new TestServer()
  t.equal(server.lease(client(1)), A)
  t.equal(server.lease(client(2)), B)
  t.equal(server.lease(client(1)), A)
})

t.test('§4.2 a client identifier may be used in each subnet', async (t) => {
  const other = { id: 2, subnet: '198.51.100.0/24', pools: [{ pool: '198.51.100.64/26' }] }
  const server = new TestServer({ ...DOCUMENT, subnet4: [...DOCUMENT.subnet4!, other] })
  const options = { 61: hex('0011') }
  t.equal(server.lease(client(1), options), A)
  const giaddr = ip('198.51.100.1')
  t.match(server.lease(client(1, { giaddr }), options), /^198\.51\.100\./)
  t.equal(server.lease(client(1), options), A)
})

t.test('§4.3.1 order of preference: current, former, requested, free', async (t) => {
  const server = new TestServer()
  t.equal(server.discover(client(1), { 50: uint32(ip(B)) }).address, B, 'requested')
  t.equal(server.lease(client(1)), B)
  t.equal(server.discover(client(1), { 50: uint32(ip(A)) }).address, B, 'current')
  server.advance(5000)
  t.equal(server.discover(client(1)).address, B, 'former')
})

t.test('§4.3.1 the address comes from the subnet of giaddr, else of the interface', async (t) => {
  const other = { id: 2, subnet: '198.51.100.0/24', pools: [{ pool: '198.51.100.64/26' }] }
  const server = new TestServer({ ...DOCUMENT, subnet4: [...DOCUMENT.subnet4!, other] })
  const relayed = server.discover(client(1, { giaddr: ip('198.51.100.1') }))
  t.match(relayed.address, /^198\.51\.100\./)
  t.match(server.discover(client(1)).address, /^192\.0\.2\./)
})

t.test('§4.3.1 lifetime: what the client asks within what policy allows', async (t) => {
  const bounds = { 'min-valid-lifetime': 600, 'max-valid-lifetime': 7200 }
  const server = new TestServer(documentWith(bounds))
  const given = (options: object) => server.discover(client(1), { ...options }).message.uint(51)
  t.equal(given({}), 4000)
  t.equal(given({ 51: uint32(1000) }), 1000)
  t.equal(given({ 51: uint32(100_000) }), 7200)
})

t.test('§4.3.1 a requested parameter is sent if configured, and not made up if not', async (t) => {
  const server = new TestServer({ ...DOCUMENT, 'option-data': [NTP] })
  const { message } = server.discover(client(1), requestList(42, 4))
  t.equal(message.uint(42), ip('192.0.2.123'))
  t.notOk(message.has(4))
})

t.test('§4.3.1 table 3: OFFER and ACK', async (t) => {
  const { offer, ack } = everyReply()
  for (const { message } of [offer, ack]) {
    for (const code of [51, 54]) t.ok(message.has(code), `MUST ${code}`)
    for (const code of [50, 55, 57]) t.notOk(message.has(code), `MUST NOT ${code}`)
    t.equal(message.yiaddr, ip(A))
    t.equal(message.ciaddr, 0)
  }
  const server = new TestServer()
  server.lease(client(1))
  t.equal((server.renew(client(1), A) as Reply).message.ciaddr, ip(A), 'ACK: ciaddr of the REQUEST')
})

t.test('§4.3.1 table 3: NAK', async (t) => {
  const { message, codes } = everyReply().nak
  t.match(message, { ciaddr: 0, yiaddr: 0, siaddr: 0 })
  t.equal(message.serverName() + message.bootFile(), '')
  // RFC 6842 returns option 61, which table 3 forbade.
  t.same(codes, [53, 54, 56, 61])
})

t.test('§4.3.2 SELECTING: the address is the one of the OFFER', async (t) => {
  const server = new TestServer()
  const offer = server.discover(client(1))
  t.equal(addressOf(server.select(client(1), offer.address)), offer.address)
})

t.test('§4.3.2 INIT-REBOOT: an address on the wrong network is refused', async (t) => {
  const server = new TestServer({ ...DOCUMENT, authoritative: true })
  t.equal(kindOf(server.reboot(client(1), '198.51.100.7')), 'nak')
})

t.test('§4.3.2 INIT-REBOOT: a wrong notion of the address is refused', async (t) => {
  const server = new TestServer()
  server.lease(client(1))
  t.equal(kindOf(server.reboot(client(1), B)), 'nak')
})

t.test('§4.3.2 INIT-REBOOT: silence about a client without record', async (t) => {
  const server = new TestServer()
  t.equal(server.reboot(client(1), A), 'unknown-client')
  server.lease(client(2))
  t.equal(server.reboot(client(1), A), 'unknown-client', 'even if the address is another’s')
})

t.test('§4.3.2 a NAK through a relay has the broadcast bit and goes to the relay', async (t) => {
  const { nak } = everyReply({ giaddr: RELAY })
  t.equal(nak.message.flags & 0x8000, 0x8000)
  t.match(nak.destination, { address: RELAY, port: 67, hwAddress: '' })
})

t.test(
  '§4.3.2 RENEWING and REBINDING: the lease is extended and the ACK goes to ciaddr',
  async (t) => {
    const server = new TestServer()
    server.lease(client(1))
    const end = server.row(A)!.end
    server.advance(2000)
    const reply = server.renew(client(1), A) as Reply
    t.equal(reply.type, ACK)
    t.equal(reply.destination.address, ip(A))
    t.equal(server.row(A)?.end, end + 2_000_000)
  },
)

t.test('§4.3.3 DECLINE: the address becomes unavailable', async (t) => {
  const server = new TestServer()
  server.lease(client(1))
  server.send(DECLINE, client(1), { 50: uint32(ip(A)), 54: uint32(SERVER) })
  t.equal(server.discover(client(1), { 50: uint32(ip(A)) }).address, B)
  t.equal(kindOf(server.select(client(2), A)), 'nak')
})

t.test('§4.3.4 RELEASE: the address is free and remembered for its client', async (t) => {
  const server = new TestServer()
  server.lease(client(1))
  server.lease(client(2))
  server.advance(60)
  server.send(RELEASE, client(2, { ciaddr: ip(B) }), { 54: uint32(SERVER) })
  t.equal(server.discover(client(2)).address, B)
  server.now += 60_000
  t.equal(kindOf(server.select(client(3), B)), 'ack')
})

t.test('§4.3.5 INFORM: answered at ciaddr without lease times and yiaddr', async (t) => {
  const { informed } = everyReply()
  t.equal(informed.destination.address, ip('192.0.2.99'))
  t.equal(informed.message.yiaddr, 0)
  for (const code of [51, 58, 59]) t.notOk(informed.message.has(code), `option ${code}`)
})

t.test('§4.3.5 INFORM: leases are not looked at', async (t) => {
  const server = new TestServer()
  server.lease(client(1))
  const ack = server.reply(INFORM, client(2, { ciaddr: ip(A) }))
  t.equal(ack.type, ACK)
  t.equal(server.row(A)?.hwAddress, client(1).hwAddress)
})

t.test('§4.4.5 T1 is earlier than T2, and T2 than the end of the lease', async (t) => {
  const timesOf = (renew: number, rebind: number) => {
    const timers = { 'renew-timer': renew, 'rebind-timer': rebind }
    const { message } = new TestServer({ ...DOCUMENT, ...timers }).discover(client(1))
    return [message.uint(58), message.uint(59)]
  }
  t.same(timesOf(1000, 2000), [1000, 2000])
  t.same(timesOf(1000, 4000), [1000, undefined])
  t.same(timesOf(4000, 4000), [undefined, undefined])
  const { message } = new TestServer({ ...DOCUMENT, 'calculate-tee-times': true }).discover(
    client(1),
  )
  t.same([message.uint(58), message.uint(59)], [2000, 3500])
})
