// RECONFIGURE (RFC 9915 §18.3.11): the key that clients get for it, and the message.

import { createHmac } from 'node:crypto'
import t from 'tap'
import { ipv6FromText } from '../../lib/address/ipv6.ts'
import { uintFromOctets } from '../../lib/bytes/cursor.ts'
import { hexFromOctets, octetsFromBytes } from '../../lib/bytes/octets.ts'
import { keptRelays } from '../../lib/dhcp6/kept-relay.ts'
import {
  nextReplay,
  reconfigureMessage,
  replayFrom,
  writeReconfigure,
} from '../../lib/dhcp6/reconfigure6.ts'
import { StatelessClients6 } from '../../lib/dhcp6/stateless6.ts'
import type { Lease6 } from '../../lib/leases/lease.ts'
import { reconfigureNoteOf, withReconfigureNote } from '../../lib/leases/reconfigure-note.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../../lib/wire/v6/codes.ts'
import type { OptionPair6 } from '../../lib/wire/v6/octets6.ts'
import { decodeReply6, Message6 } from '../../lib/wire/v6/reader.ts'
import {
  clientId,
  duid,
  type Hop,
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

const noteOf = (served: TestServer6, key: string) => reconfigureNoteOf(served.row(key)!.userContext)

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
    t.equal(noteOf(served, key)?.key, KEY, `the row of ${key} has it`)
})

t.test('who has a key keeps it, and it stays with the lease that is renewed', async (t) => {
  const served = server()
  const key = hex('00112233445566778899aabbccddeeff')
  served.give(ADDRESS, 1, {
    userContext: withReconfigureNote('{"x":1}', { key, replay: 0, path: undefined }),
  })
  const reply = served.reply(REQUEST, [clientId(), serverId(), iaNa(1), iaPd(1), ACCEPTS])
  t.equal(reply.message.option(OPTION6.auth)?.slice(12), key)
  t.equal(noteOf(served, PREFIX)?.key, key)
  const renewed = served.reply(RENEW, [clientId(), serverId(), iaNa(1, ADDRESS), ACCEPTS])
  t.same(renewed.codes, [1, 2, 3, 20], 'the client knows it')
  t.equal(noteOf(served, ADDRESS)?.key, key)
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

t.test('RFC 9915 §18.3.6: a client without leases gets a key with its options', async (t) => {
  const stateless = new StatelessClients6()
  const served = new TestServer6(
    documentWith({}),
    { stateless, replayFrom: () => 4000 },
    { 'reconfigure-accept': true },
  )
  const hops: Hop[] = [
    { link: '2001:db8:1::1', peer: 'fe80::8', options: [[OPTION6.interfaceId, 'port']] },
  ]
  const ask = () => {
    const reply = served.reply(INFORMATION, [clientId(), ACCEPTS], hops)
    t.same(reply.codes, [1, 2, 11, 20])
    return reply.message.option(OPTION6.auth)!
  }
  const [first, second] = [ask(), ask()]
  t.equal(first.slice(11), `\x01${KEY}`)
  t.equal(second.slice(11), first.slice(11), 'it keeps its key')
  t.same(
    [first, second].map((auth) => uintFromOctets(auth, 3, 8)),
    [4000, 4002],
  )
  const noted = stateless.of(duid(1))!
  t.match(noted, { subnetId: 1, start: served.now })
  t.match(reconfigureNoteOf(noted.userContext), {
    key: KEY,
    replay: 4002,
    path: { relayPort: 547 },
  })
  t.equal(keptRelays(noted.userContext)[0]?.option(OPTION6.interfaceId), 'port', 'by its relay')

  t.comment('then it gets a lease')
  const reply = served.reply(REQUEST, [clientId(), serverId(), iaNa(1), ACCEPTS])
  const auth = reply.message.option(OPTION6.auth)!
  t.equal(auth.slice(11), first.slice(11), 'the key is the same')
  t.equal(uintFromOctets(auth, 3, 8), 4004, 'and the replay value goes on')
  const later = served.reply(INFORMATION, [clientId(), ACCEPTS])
  t.same(later.codes, [1, 2, 20], 'it knows its key')
  t.equal(stateless.of(duid(1)), noted)

  t.comment('and these get none')
  const others: OptionPair6[][] = [[ACCEPTS], [clientId(2)]]
  for (const options of others) t.notOk(served.reply(INFORMATION, options).codes.includes(11))
  t.equal(stateless.size, 1)
})

t.test('of clients without leases the ones that were heard last are remembered', async (t) => {
  const clients = new StatelessClients6()
  const note = (number: number) =>
    clients.note({
      ...{ duid: `duid ${number}`, hwAddress: '', subnetId: 1 },
      ...{ userContext: '', start: number },
    })
  note(0)
  for (let number = 1; number < 16_384; number++) note(number)
  note(0)
  note(16_384)
  t.equal(clients.size, 16_384)
  t.equal(clients.of('duid 1'), undefined, 'the one that was silent for longest')
  for (const number of [0, 2, 16_384]) t.ok(clients.of(`duid ${number}`))
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

t.test('the way to a client is noted with each lease of a client that has a key', async (t) => {
  const served = server()
  served.reply(REQUEST, [clientId(), serverId(), iaNa(1), ACCEPTS])
  const { name } = served.arrival.link
  const path = { interface: name, address: served.arrival.address, relayPort: 0 }
  t.same(noteOf(served, ADDRESS)?.path, path)
  const moved = ipv6FromText('fe80::77')!
  served.send(RENEW, [clientId(), serverId(), iaNa(1, ADDRESS), ACCEPTS], [], { address: moved })
  t.same(noteOf(served, ADDRESS)?.path, { ...path, address: moved })
})

t.test('each key comes with a higher replay value, of the side of the pair', async (t) => {
  let wall = 1000
  const settings = { replayFrom: () => replayFrom(wall, 1) }
  const served = new TestServer6(documentWith({}), settings, { 'reconfigure-accept': true })
  const ask = () => {
    const reply = served.reply(REQUEST, [clientId(), serverId(), iaNa(1), ACCEPTS])
    return uintFromOctets(reply.message.option(OPTION6.auth)!, 3, 8)
  }
  t.same([ask(), ask()], [2001, 2003], 'twice in a millisecond')
  wall = 5000
  t.equal(ask(), 10_001)
  wall = 3
  t.equal(ask(), 10_003, 'the calendar went back')
  t.equal(noteOf(served, ADDRESS)?.replay, 10_003)
})

t.test('the next value is above all that are known, and keeps its side', async (t) => {
  const known = (...replays: number[]) =>
    replays.map((replay) => ({
      userContext: withReconfigureNote('', { key: KEY, replay, path: undefined }),
    })) as Lease6[]
  const cases: [number[], number, number][] = [
    [[], 100, 100],
    [[99], 100, 100],
    [[100], 100, 102],
    [[101], 100, 102],
    [[7, 104, 3], 101, 105],
    [[105], 101, 107],
  ]
  for (const [replays, from, next] of cases)
    t.equal(nextReplay(known(...replays), from), next, `${replays} from ${from}`)
})

t.test('RFC 9915 §18.3.11, §19.3: to a relayed client it goes by its relays', async (t) => {
  const served = server({ 'store-extended-info': true })
  const hops: Hop[] = [
    { link: '::', peer: 'fe80::9', options: [[OPTION6.interfaceId, 'inner']] },
    { link: '2001:db8:1::1', peer: 'fe80::8', options: [[OPTION6.interfaceId, 'outer']] },
  ]
  served.reply(REQUEST, [clientId(), serverId(), iaNa(1), ACCEPTS], hops)
  const { userContext } = served.row(ADDRESS)!
  t.match(reconfigureNoteOf(userContext)?.path, { relayPort: 547 })
  const relays = keptRelays(userContext)
  const out = new Uint8Array(600)
  const about = { serverId: SERVER_DUID, clientId: duid(1), key: KEY, replay: 9 }
  const asks = MESSAGE_TYPE6.rebind
  const length = writeReconfigure(out, 10, { ...about, asks }, relays)
  const message = new Message6()
  t.equal(decodeReply6(message, out, 10, 10 + length), undefined)
  t.equal(message.relays.length, 2)
  const said = message.relays.map((relay) => relay.option(OPTION6.interfaceId))
  t.same(new Set(said), new Set(['inner', 'outer']))
  t.same(message.codes(), [2, 1, 19, 11])
  const bare = reconfigureMessage({ ...about, asks })
  t.same(out.slice(10 + length - bare.length, 10 + length), bare, 'signed without the relays')
  t.equal(writeReconfigure(out, 590, { ...about, asks }, relays), -1, 'no room')
})

t.test('a note that cannot be read is none', async (t) => {
  const key = hexFromOctets(KEY)
  const texts: [string, unknown][] = [
    ['', undefined],
    ['{"Whio":{"reconfigure-key":"00"}}', undefined],
    ['{"Whio":["reconfigure-key"]}', undefined],
    ['"reconfigure-key"', undefined],
    [`{"Whio":{"reconfigure-key":"${key}"}}`, { key: KEY, replay: 0, path: undefined }],
    [
      `{"Whio":{"reconfigure-key":"${key}","reconfigure-replay":-1,"reconfigure-path":{"interface":"eth0","client":"x"}}}`,
      { key: KEY, replay: 0, path: undefined },
    ],
    [
      `{"Whio":{"reconfigure-key":"${key}","reconfigure-path":{"interface":"eth0","relay":"::1","port":0}}}`,
      { key: KEY, replay: 0, path: undefined },
    ],
  ]
  for (const [text, note] of texts) t.same(reconfigureNoteOf(text), note, text)
  for (const info of ['{}', '[]', '[{"hop":1}]', '[{"hop":300,"link":"::","peer":"::"}]'])
    t.same(keptRelays(`{"ISC":{"relay-info":${info}}}`), [], info)
})
