// The DHCPv6 client of the lab, by hand: what it asks when, what it has from when until when, and
// what it throws away. And the relay.

import t from 'tap'
import { type Ipv6, ipv6FromText, textFromIpv6 } from '../../lib/address/ipv6.ts'
import { prefix6FromText, textFromPrefix6 } from '../../lib/address/prefix6.ts'
import { octetsFromUint } from '../../lib/bytes/cursor.ts'
import type { Octets } from '../../lib/bytes/octets.ts'
import { Client6 } from '../../lib/lab/client6.ts'
import type { Client6Action, Client6Settings } from '../../lib/lab/client6-settings.ts'
import { messageFromBytes6 } from '../../lib/lab/packet6.ts'
import { relayedToClient6, relayedToServers6 } from '../../lib/lab/relay6.ts'
import { encodeMessage6, iaEntry6, iaOption6 } from '../../lib/wire/v6/builder.ts'
import { MESSAGE_TYPE6, OPTION6, STATUS6 } from '../../lib/wire/v6/codes.ts'
import type { OptionPair6 } from '../../lib/wire/v6/octets6.ts'
import type { Message6 } from '../../lib/wire/v6/reader.ts'
import { Writer6 } from '../../lib/wire/v6/writer.ts'

const { iaNa, iaPd } = OPTION6
const NAMES = new Map(Object.entries(MESSAGE_TYPE6).map(([name, type]) => [type as number, name]))
const ONE = '\0\x03\0\x01\x02\0\0\0\0\xfe'
const OTHER = '\0\x03\0\x01\x02\0\0\0\0\xfd'

type Lifetimes = readonly [preferred: number, valid: number]

function lease(text: string, [preferred, valid]: Lifetimes = [3000, 4000]): OptionPair6 {
  const key = prefix6FromText(text)!
  return iaEntry6(key.startsWith('\x80') ? iaNa : iaPd, key, preferred, valid)
}

function status(code: number): OptionPair6 {
  return [OPTION6.statusCode, octetsFromUint(code, 2)]
}

/** A client with its clock, and a server that says what the test wants. */
class Stage {
  readonly client: Client6
  now = 1000
  /** What the client sent last. */
  #sent: Message6 | undefined
  readonly told: string[] = []

  constructor(settings: Partial<Client6Settings> = {}) {
    // Waits are as long as they say.
    this.client = new Client6(settings, (n) => (n === 2001 ? 1000 : n === 0x1000000 ? 7 : 0))
  }

  do(actions: readonly Client6Action[]): string {
    const lines = actions.map((action) => this.#line(action))
    this.told.push(...lines)
    return lines.join('; ')
  }

  start(): string {
    return this.do(this.client.start(this.now))
  }

  /** Lets it do what is due next; returns what, with the time. */
  next(): string {
    this.now = this.client.deadline
    return `${(this.now - 1000) / 1000}: ${this.do(this.client.onDeadline(this.now))}`
  }

  answer(type: number, options: readonly OptionPair6[], server = ONE, after = 10): string {
    this.now += after
    const { xid, clientId } = this.#sent!
    const bytes = encodeMessage6(type, xid, [
      [OPTION6.clientId, clientId],
      [OPTION6.serverId, server],
      ...options,
    ])
    return this.do(this.client.onMessage(bytes, 0, bytes.length, this.now))
  }

  reply(...options: readonly OptionPair6[]): string {
    return this.answer(MESSAGE_TYPE6.reply, options)
  }

  /** Has got an address for 4000 s that is to be renewed after 1500 s. */
  bind(settings: { t1?: number; t2?: number; leases?: readonly OptionPair6[] } = {}): void {
    const { t1 = 1500, t2 = 2400, leases = [lease('2001:db8::5')] } = settings
    const ia = iaOption6(iaNa, 1, leases, { t1, t2 })
    this.start()
    this.next()
    this.answer(MESSAGE_TYPE6.advertise, [ia])
    this.reply(ia)
    this.told.length = 0
  }

  get sent(): Message6 {
    return this.#sent!
  }

  #line(action: Client6Action): string {
    switch (action.kind) {
      case 'send': {
        const { bytes } = action
        this.#sent = messageFromBytes6(bytes)!
        const named = this.#sent.ias.flatMap(({ entries }) => entries.map(({ key }) => key))
        return [NAMES.get(this.#sent.type), ...named.map(textFromPrefix6)].join(' ')
      }
      case 'bound':
      case 'extended':
        return `${action.kind} ${textFromPrefix6(action.lease.key)}`
      case 'unbound':
        return `${action.why} ${textFromPrefix6(action.lease.key)}`
      case 'refused':
        return `refused: ${action.why}`
      case 'probe':
        return `probe ${textFromPrefix6(action.key)}`
      case 'reconfigured':
        return `told to ${NAMES.get(action.asks)}`
      case 'informed':
        return `informed ${action.codes}`
      default:
        return action satisfies never
    }
  }
}

t.test('RFC 9915 §18.2.1: from SOLICIT to an address and a prefix', async (t) => {
  const stage = new Stage({
    ias: [
      { kind: iaNa, iaid: 1 },
      { kind: iaPd, iaid: 1, hint: prefix6FromText('::/56')! },
    ],
  })
  t.equal(stage.start(), '')
  t.equal(stage.next(), '0: solicit ::/56')
  t.equal(stage.next(), '1: solicit ::/56')
  t.equal(stage.next(), '3: solicit ::/56')
  t.equal(stage.sent.elapsed, 300)
  const ias = [
    iaOption6(iaNa, 1, [lease('2001:db8::5')], { t1: 100, t2: 200 }),
    iaOption6(iaPd, 1, [lease('2001:db8:7::/56')], { t1: 100, t2: 200 }),
  ]
  const { advertise } = MESSAGE_TYPE6
  t.equal(stage.answer(advertise, [iaOption6(iaNa, 1, [status(STATUS6.noAddrsAvail)])]), '')
  t.equal(stage.answer(advertise, ias), 'request 2001:db8::5 2001:db8:7::/56')
  t.equal(stage.sent.serverId, ONE)
  t.equal(stage.reply(...ias), 'bound 2001:db8::5; bound 2001:db8:7::/56')
  t.equal(stage.client.state, 'bound')
  t.equal(stage.client.holds(stage.now).length, 2)
})

t.test(
  'RFC 9915 §18.2.4, §18.2.5: renewed with its server, then with any, until it ends',
  async (t) => {
    const stage = new Stage()
    stage.bind()
    const lines: string[] = []
    while (stage.client.state === 'bound' || lines.length < 12) lines.push(stage.next())
    t.same(lines.slice(0, 4), [
      '1500.01: renew 2001:db8::5',
      '1510.01: renew 2001:db8::5',
      '1530.01: renew 2001:db8::5',
      '1570.01: renew 2001:db8::5',
    ])
    const rebind = lines.findIndex((line) => line.includes('rebind'))
    t.equal(lines[rebind], '2400.01: rebind 2001:db8::5')
    while (!lines.at(-1)?.includes('ended')) lines.push(stage.next())
    t.equal(lines.at(-1), '4000.01: ended 2001:db8::5')
    t.same([stage.client.state, stage.client.holds(stage.now)], ['init', []])
  },
)

t.test('a REBIND is answered by another server, to which it then belongs', async (t) => {
  const stage = new Stage()
  stage.bind()
  while (!stage.next().includes('rebind'));
  const ia = iaOption6(iaNa, 1, [lease('2001:db8::5')], { t1: 10, t2: 20 })
  t.equal(stage.answer(MESSAGE_TYPE6.reply, [ia], OTHER), 'extended 2001:db8::5')
  stage.next()
  t.equal(stage.sent.serverId, OTHER)
})

t.test('lifetimes count from the request, or from the arrival of its answer', async (t) => {
  for (const countsFrom of ['request', 'reply'] as const) {
    const stage = new Stage({ countsFrom })
    stage.bind()
    const [held] = stage.client.holds(stage.now)
    t.equal(held?.until, stage.now + 4_000_000 - (countsFrom === 'request' ? 10 : 0), countsFrom)
  }
})

t.test(
  'where the server leaves it to the client, half of the preferred lifetime is T1',
  async (t) => {
    const stage = new Stage()
    stage.bind({ t1: 0, t2: 0 })
    t.equal(stage.next(), '1500.01: renew 2001:db8::5')
    const endless = new Stage()
    endless.bind({ t1: 0, t2: 0, leases: [lease('2001:db8::5', [0xffff_ffff, 0xffff_ffff])] })
    t.equal(endless.client.deadline, Number.POSITIVE_INFINITY)
  },
)

t.test('what is renewed: one address goes, another comes', async (t) => {
  const stage = new Stage()
  stage.bind()
  stage.next()
  const ia = iaOption6(iaNa, 1, [lease('2001:db8::6'), lease('2001:db8::5', [0, 0])])
  t.equal(stage.reply(ia), 'bound 2001:db8::6; withdrawn 2001:db8::5')
})

t.test('RFC 9915 §18.2.10.1: who is told that there is no binding asks for one', async (t) => {
  const stage = new Stage()
  stage.bind()
  stage.next()
  t.equal(stage.reply(iaOption6(iaNa, 1, [status(STATUS6.noBinding)])), 'request 2001:db8::5')
  t.equal(stage.sent.serverId, ONE)
})

t.test('RFC 9915 §18.2.3, §18.2.12: it comes back', async (t) => {
  const stage = new Stage()
  stage.bind()
  stage.client.stop()
  t.equal(stage.start(), 'confirm 2001:db8::5')
  t.equal(stage.reply(status(STATUS6.success)), '')
  t.equal(stage.client.state, 'bound')
  t.equal(stage.start(), 'confirm 2001:db8::5')
  t.equal(stage.reply(status(STATUS6.notOnLink)), 'not-on-link 2001:db8::5')
  t.match(stage.next(), /solicit/)

  const alone = new Stage()
  alone.bind()
  alone.start()
  while (alone.client.state === 'confirming') alone.next()
  t.same([alone.client.state, alone.told.length], ['bound', 4], 'nobody answers: it goes on')
  t.match(alone.next(), /1500.01: renew/)

  const router = new Stage({ ias: [{ kind: iaPd, iaid: 1 }] })
  router.start()
  router.next()
  const ia = iaOption6(iaPd, 1, [lease('2001:db8:7::/56')])
  router.answer(MESSAGE_TYPE6.advertise, [ia])
  router.reply(ia)
  t.equal(router.start(), 'rebind 2001:db8:7::/56', 'a prefix is asked for anew')
})

t.test('RFC 9915 §18.2.7, §18.2.8: it gives back, and finds an address in use', async (t) => {
  const stage = new Stage({ probes: true })
  stage.bind()
  const released = stage.do(stage.client.release(stage.now))
  t.equal(released, 'release 2001:db8::5; released 2001:db8::5')
  t.equal(stage.client.state, 'off')
  t.equal(stage.do(stage.client.repeatRelease()), 'release 2001:db8::5')

  const other = new Stage({ probes: true })
  const ia = iaOption6(iaNa, 1, [lease('2001:db8::5')])
  other.start()
  other.next()
  other.answer(MESSAGE_TYPE6.advertise, [ia])
  t.equal(other.reply(ia), 'bound 2001:db8::5; probe 2001:db8::5')
  const found = other.client.onProbed(prefix6FromText('2001:db8::5')!, true, other.now)
  t.equal(other.do(found), 'decline 2001:db8::5; declined 2001:db8::5')
  t.match(other.next(), /solicit/)
})

t.test('rapid commit is taken by who asked for it', async (t) => {
  const ia = iaOption6(iaNa, 1, [lease('2001:db8::5')])
  for (const [rapidCommit, told] of [
    [true, 'bound 2001:db8::5'],
    [false, ''],
  ] as const) {
    const stage = new Stage({ rapidCommit })
    stage.start()
    stage.next()
    t.equal(stage.sent.has(OPTION6.rapidCommit), rapidCommit)
    t.equal(stage.reply([OPTION6.rapidCommit, ''], ia), told)
  }
})

t.test('RFC 9915 §18.2.6: it asks for options only, and again when they are old', async (t) => {
  const stage = new Stage({ ias: [] })
  stage.start()
  t.equal(stage.next(), '0: informationRequest')
  t.equal(stage.reply([23, 'x'.repeat(16)], [32, octetsFromUint(5, 4)]), 'informed 1,2,23,32')
  t.equal(stage.next(), '600.01: informationRequest', 'a server that says less is not believed')
})

t.test('answers that real clients throw away', async (t) => {
  const good = lease('2001:db8::6')
  const cases: readonly (readonly [why: RegExp, options: readonly OptionPair6[]])[] = [
    [/in no IA/, [good]],
    [/all of it has a status/, [status(STATUS6.noBinding)]],
    [/T1 is later/, [iaOption6(iaNa, 1, [good], { t1: 3, t2: 2 })]],
    [/negative/, [iaOption6(iaNa, 1, [good], { t1: 0x8000_0000, t2: 0x8000_0000 })]],
    [/preferred for longer/, [iaOption6(iaNa, 1, [lease('2001:db8::6', [5, 4])])]],
    [/not its own/, [iaOption6(iaNa, 2, [good])]],
    [/not its own/, [iaOption6(iaPd, 1, [])]],
    [/comes twice/, [iaOption6(iaNa, 1, [good]), iaOption6(iaNa, 1, [good])]],
    [/something twice/, [iaOption6(iaNa, 1, [good, good])]],
    [/before what lives/, [iaOption6(iaNa, 1, [lease('2001:db8::5', [0, 0]), good])]],
  ]
  for (const [why, options] of cases) {
    const stage = new Stage()
    stage.bind()
    stage.next()
    t.match(stage.reply(...options), why)
    t.equal(stage.client.state, 'renewing')
  }
  const stage = new Stage()
  stage.bind()
  stage.next()
  const ia = iaOption6(iaNa, 1, [good])
  t.match(stage.answer(MESSAGE_TYPE6.reply, [ia], OTHER), /another server/)
})

t.test('RFC 9915 §19.1, §19.2: through two relays there and back', async (t) => {
  const address = (text: string): Ipv6 => ipv6FromText(text)!
  const outer = { linkAddress: address('2001:db8:7::1'), servers: [], remoteId: '\0\0\0\x09x' }
  const inner = {
    linkAddress: address('::'),
    address: address('2001:db8:7::2'),
    servers: [],
    interfaceId: 'eth7',
    saysHardware: true,
  }
  const hardware: Octets = '\x02\0\0\0\0\x01'
  const query = encodeMessage6(MESSAGE_TYPE6.solicit, 5, [[OPTION6.clientId, ONE]])
  const once = relayedToServers6(query, address('fe80::1'), hardware, inner)!
  const twice = relayedToServers6(once, inner.address, '', outer)!
  const message = messageFromBytes6(twice)!
  t.same(
    message.relays.map(({ hopCount, linkAddress, peerAddress }) => [
      hopCount,
      textFromIpv6(linkAddress),
      textFromIpv6(peerAddress),
    ]),
    [
      [1, '2001:db8:7::1', '2001:db8:7::2'],
      [0, '::', 'fe80::1'],
    ],
  )
  t.equal(message.relays[1]?.option(OPTION6.interfaceId), 'eth7')
  t.equal(message.relays[1]?.option(OPTION6.clientLinkLayerAddress), `\0\x01${hardware}`)
  const out = new Uint8Array(400)
  const writer = new Writer6()
  writer.begin(out, 0, 400, MESSAGE_TYPE6.advertise, 5, message.relays)
  const reply = out.slice(0, writer.end())
  const back = relayedToClient6(reply, outer)!
  t.same([textFromIpv6(back.destination), back.port], ['2001:db8:7::2', 547])
  t.equal(relayedToClient6(back.bytes, { ...inner, interfaceId: 'eth8' }), undefined)
  const last = relayedToClient6(back.bytes, inner)!
  t.same([textFromIpv6(last.destination), last.port], ['fe80::1', 546])
  t.equal(messageFromBytes6(last.bytes)?.type, MESSAGE_TYPE6.advertise)
  let deep: Uint8Array | undefined = query
  for (let hop = 0; hop <= 8; hop++) deep = relayedToServers6(deep!, inner.address, '', inner)
  t.equal(deep?.[1], 8)
  t.equal(relayedToServers6(deep!, inner.address, '', inner), undefined, 'a circle ends')
})
