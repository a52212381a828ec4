// RECONFIGURE (RFC 9915 §18.3.11): the key that clients get for it, and the message.

import { createHmac } from 'node:crypto'
import t from 'tap'
import { hexFromOctets, octetsFromBytes } from '../../lib/bytes/octets.ts'
import { reconfigureMessage } from '../../lib/dhcp6/reconfigure6.ts'
import { reconfigureKeyOf, withReconfigureKey } from '../../lib/leases/reconfigure-key.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../../lib/wire/v6/codes.ts'
import type { OptionPair6 } from '../../lib/wire/v6/octets6.ts'
import { decodeReply6, Message6 } from '../../lib/wire/v6/reader.ts'
import {
  clientId,
  duid,
  hex,
  INFORMATION,
  iaNa,
  iaPd,
  RENEW,
  REQUEST,
  SERVER_DUID,
  SOLICIT,
  serverId,
} from './messages6.ts'
import { documentWith, TestServer6 } from './test-server6.ts'

const ACCEPTS: OptionPair6 = [OPTION6.reconfigureAccept, '']
const ADDRESS = '2001:db8:1::10'
const PREFIX = '2001:db8:8000::/56'
/** As the draws of a test server have it. */
const KEY = '\0'.repeat(16)

const server = (more = {}) =>
  new TestServer6(documentWith(more), {}, { 'reconfigure-accept': true })

t.test('a client that accepts it gets one key for all that it is given', async (t) => {
  const served = server()
  const offer = served.reply(SOLICIT, [clientId(), iaNa(1), ACCEPTS])
  t.same(offer.codes, [1, 2, 3, 20], 'no key with an offer')
  const reply = served.reply(REQUEST, [clientId(), serverId(), iaNa(1), iaPd(1), ACCEPTS])
  t.same(reply.codes, [1, 2, 3, 25, 11, 20])
  const auth = reply.message.option(OPTION6.auth)!
  t.equal(auth.length, 28)
  t.equal(auth.slice(0, 3), '\x03\x01\x00')
  t.equal(auth.slice(11), `\x01${KEY}`)
  for (const key of [ADDRESS, PREFIX])
    t.equal(reconfigureKeyOf(served.row(key)!.userContext), KEY, `the row of ${key} has it`)
})

t.test('who has a key keeps it, and it stays with the lease that is renewed', async (t) => {
  const served = server()
  const key = hex('00112233445566778899aabbccddeeff')
  served.give(ADDRESS, 1, { userContext: withReconfigureKey('{"x":1}', key) })
  const reply = served.reply(REQUEST, [clientId(), serverId(), iaNa(1), iaPd(1), ACCEPTS])
  t.equal(reply.message.option(OPTION6.auth)?.slice(12), key)
  t.equal(reconfigureKeyOf(served.row(PREFIX)!.userContext), key)
  const renewed = served.reply(RENEW, [clientId(), serverId(), iaNa(1, ADDRESS), ACCEPTS])
  t.same(renewed.codes, [1, 2, 3, 20], 'the client knows it')
  t.equal(reconfigureKeyOf(served.row(ADDRESS)!.userContext), key)
  t.match(served.row(ADDRESS), { userContext: /"x":1/ })
})

t.test('with rapid commit the key comes at once', async (t) => {
  const rapid: OptionPair6 = [OPTION6.rapidCommit, '']
  const reply = server({ 'rapid-commit': true }).reply(SOLICIT, [
    clientId(),
    iaNa(1),
    ACCEPTS,
    rapid,
  ])
  t.same(reply.codes, [1, 2, 3, 11, 14, 20])
})

t.test('nobody else gets one', async (t) => {
  const served = server()
  t.same(served.reply(REQUEST, [clientId(), serverId(), iaNa(1)]).codes, [1, 2, 3])
  t.equal(served.row(ADDRESS)!.userContext, '')
  const nothing = server({ pools: [] })
  const none = nothing.reply(REQUEST, [clientId(), serverId(), iaNa(1), ACCEPTS])
  t.notOk(none.codes.includes(OPTION6.auth), 'no lease, no key')
  t.same(served.reply(INFORMATION, [clientId(), ACCEPTS]).codes, [1, 2], 'nothing keeps it')
  const off = new TestServer6().reply(REQUEST, [clientId(), serverId(), iaNa(1), ACCEPTS])
  t.same(off.codes, [1, 2, 3], 'without Whio.reconfigure-accept')
})

t.test('the message: four options, signed over all of it', async (t) => {
  const key = hex('00112233445566778899aabbccddeeff')
  const replay = 2 ** 40 + 5
  const bytes = reconfigureMessage({
    serverId: SERVER_DUID,
    clientId: duid(1),
    asks: MESSAGE_TYPE6.renew,
    key,
    replay,
  })
  const message = new Message6()
  t.equal(decodeReply6(message, bytes, 0, bytes.length), undefined)
  t.equal(message.type, 10)
  t.equal(message.xid, 0)
  t.same(message.codes(), [2, 1, 19, 11])
  t.equal(message.option(19), '\x05')
  const auth = message.option(OPTION6.auth)!
  t.equal(hexFromOctets(auth.slice(0, 12)), '030100' + '0000010000000005' + '02')
  const unsigned = bytes.slice()
  unsigned.fill(0, bytes.length - 16)
  const signed = createHmac('md5', Buffer.from(key, 'latin1')).update(unsigned).digest()
  const digest = octetsFromBytes(signed)
  t.equal(hexFromOctets(auth.slice(12)), hexFromOctets(digest))
  t.equal(octetsFromBytes(bytes).slice(-16), digest)
})
