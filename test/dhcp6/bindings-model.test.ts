// Whatever is configured and whatever clients send: nobody gets what another one may be using, and
// nobody is told what is not stored. What may be given is judged here by reading the document.

import fc from 'fast-check'
import t from 'tap'
import {
  addressOf,
  isInside,
  isOverlapping,
  lengthOf,
  type Prefix6,
} from '../../lib/address/prefix6.ts'
import type {
  Dhcp6Document,
  PdPoolDocument,
  SubnetDocument6,
} from '../../lib/config/keys/document6.ts'
import { bindingOf, duidOf } from '../../lib/leases/binding.ts'
import { LEASE_STATE, type Lease6 } from '../../lib/leases/lease.ts'
import { OPTION6 } from '../../lib/wire/v6/codes.ts'
import type { Ia6 } from '../../lib/wire/v6/message.ts'
import {
  ADVERTISE,
  type Client,
  client,
  DECLINE,
  type Ia,
  key6,
  LeaseServer6,
  NA,
  PD,
  problemsOf,
  REBIND,
  RELEASE,
  RENEW,
  REQUEST,
  type Reply6,
  SOLICIT,
} from './lease-server6.ts'

const CLIENTS = [1, 2, 3]
const hw = (number: number) => `00:00:5e:00:53:0${number}`

/** What anybody may name or reserve. */
const ADDRESSES = ['::10', '::11', '::12', '::a1'].flatMap((end) => [
  `2001:db8:1${end}`,
  `2001:db8:2${end}`,
])
const PREFIXES = [
  '2001:db8:8000::/56',
  '2001:db8:8000:100::/56',
  '2001:db8:8000:200::/56',
  '2001:db8:8000:200::/60',
  '2001:db8:8000::/52',
  '2001:db8:9000::/48',
  '2001:db8:9000:10::/60',
  '::/56',
  '::/60',
]

const some = <T>(values: readonly T[]) => fc.subarray([...values])

const aReservation = fc.record({
  number: fc.constantFrom(...CLIENTS),
  byDuid: fc.boolean(),
  addresses: some(['::a1', '::11']),
  prefixes: some(['2001:db8:9000::/48', '2001:db8:8000:200::/56', '2001:db8:8000:200::/60']),
})

/** Pools of two lengths that do not overlap; reservations may be anywhere. */
const aDocument = fc
  .record({
    addresses: fc.constantFrom('::10', '::10 ::11', '::10 ::12', ''),
    prefixLength: fc.constantFrom(0, 52, 54, 55),
    smallLength: fc.constantFrom(0, 58, 59),
    reservations: fc.array(aReservation, { maxLength: 2 }),
    second: fc.boolean(),
    shared: fc.boolean(),
    perSubnet: fc.boolean(),
    rapid: fc.boolean(),
    cache: fc.boolean(),
    lifetime: fc.constantFrom(100, 1000),
  })
  .map(documentOf)
  .filter((document) => problemsOf(document).length === 0)

interface Choices {
  readonly addresses: string
  readonly prefixLength: number
  readonly smallLength: number
  readonly reservations: readonly {
    readonly number: number
    readonly byDuid: boolean
    readonly addresses: readonly string[]
    readonly prefixes: readonly string[]
  }[]
  readonly second: boolean
  readonly shared: boolean
  readonly perSubnet: boolean
  readonly rapid: boolean
  readonly cache: boolean
  readonly lifetime: number
}

function documentOf(choices: Choices): Dhcp6Document {
  const taken = new Set<string>()
  const once = (keys: readonly string[]) => {
    const own = keys.filter((key) => !taken.has(key))
    for (const key of own) taken.add(key)
    return own
  }
  const subnetOf = (id: number, pdPools: readonly PdPoolDocument[]): SubnetDocument6 => ({
    id,
    subnet: `2001:db8:${id}::/64`,
    'rapid-commit': choices.rapid,
    ...(choices.cache && { 'cache-threshold': 0.25 }),
    pools: choices.addresses === '' ? [] : [{ pool: poolOf(choices.addresses, id) }],
    'pd-pools': pdPools,
    reservations: choices.reservations.flatMap((one, at) =>
      one.number % 2 === id % 2 ||
      choices.reservations.findIndex((each) => each.number === one.number) < at
        ? []
        : [
            {
              ...(one.byDuid
                ? { duid: `00:03:00:01:${hw(one.number)}` }
                : { 'hw-address': hw(one.number) }),
              'ip-addresses': once(one.addresses.map((end) => `2001:db8:${id}${end}`)),
              prefixes: once(one.prefixes),
            },
          ],
    ),
  })
  const large = {
    prefix: '2001:db8:8000::',
    'prefix-len': choices.prefixLength,
    'delegated-len': 56,
  }
  const small = {
    prefix: '2001:db8:8001::',
    'prefix-len': choices.smallLength,
    'delegated-len': 60,
  }
  const first = subnetOf(1, choices.prefixLength === 0 ? [] : [large])
  const second = subnetOf(2, choices.smallLength === 0 ? [] : [small])
  const subnets = choices.second ? [first, second] : [first]
  const common = {
    'valid-lifetime': choices.lifetime,
    'preferred-lifetime': choices.lifetime / 2,
  }
  if (!choices.shared)
    return { ...common, subnet6: subnets.map((one) => ({ ...one, interface: `eth${one.id - 1}` })) }
  const network = {
    name: 'link',
    interface: 'eth0',
    'leases-per-ia': choices.perSubnet ? ('per-subnet' as const) : ('one' as const),
    subnet6: subnets,
  }
  return { ...common, 'shared-networks': [network] }
}

function poolOf(ends: string, id: number): string {
  const [first, last] = ends.split(' ')
  return last === undefined
    ? `2001:db8:${id}${first}/128`
    : `2001:db8:${id}${first} - 2001:db8:${id}${last}`
}

const anIa = fc.record({
  kind: fc.constantFrom(NA, PD),
  iaid: fc.constantFrom(1, 1, 2, 3),
  names: fc.nat(3),
  seed: fc.array(fc.nat(1000), { minLength: 3, maxLength: 3 }),
})

const aStep = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      type: fc.constantFrom(SOLICIT, REQUEST, REQUEST, RENEW, REBIND, RELEASE, DECLINE),
      number: fc.constantFrom(...CLIENTS),
      /** Another card under the same DUID. */
      isOtherCard: fc.nat(7).map((draw) => draw === 0),
      ias: fc.array(anIa, { minLength: 1, maxLength: 3 }),
      link: fc.constantFrom('eth0', 'eth0', 'eth1', 'eth9'),
      isRapid: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      seconds: fc.constantFrom(1, 13, 40, 90, 600, 5000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('reload' as const), document: aDocument }),
  },
)

type Step = typeof aStep extends fc.Arbitrary<infer Value> ? Value : never

/** What a client was told that it may use. */
interface Promised {
  readonly key: Prefix6
  readonly clientId: string
  readonly until: number
}

/** Judges what is said by what was said before, and by the document. */
class Judge {
  readonly #server: LeaseServer6
  #document: Dhcp6Document
  #promises: Promised[] = []
  /** What each client was told last, as it names it. */
  readonly #told = new Map<string, string[]>()

  constructor(document: Dhcp6Document) {
    this.#document = document
    this.#server = new LeaseServer6(document)
  }

  run(step: Step): void {
    if (step.kind === 'wait') return this.#server.advance(step.seconds)
    if (step.kind === 'reload') {
      this.#document = step.document
      return this.#server.reload(step.document)
    }
    this.#send(step)
  }

  #send(step: Extract<Step, { kind: 'send' }>): void {
    const { now } = this.#server
    const own = client(step.number)
    const from: Client = step.isOtherCard ? { ...own, mac: client(step.number + 5).mac } : own
    const ias: Ia[] = step.ias.map(({ kind, iaid, names, seed }) => {
      const known = [...(this.#told.get(bindingOf(kind, iaid, own.duid)) ?? [])]
      const all = [...known, ...known, ...(kind === NA ? ADDRESSES : PREFIXES)]
      return { kind, iaid, names: seed.slice(0, names).map((at) => all[at % all.length]!) }
    })
    const before = this.#rows()
    const reply = this.#server.send(step.type, from, ias, {
      arrival: { link: { name: step.link, index: 2, linkLocal: '', addresses: [] } },
      ...(step.isRapid && { options: [[OPTION6.rapidCommit, '']] }),
    })
    this.#judgeRows()
    if (typeof reply === 'string') return
    if (reply.type === ADVERTISE) expect(same(before, this.#rows()), 'an ADVERTISE stores nothing')
    if (step.type === RELEASE || step.type === DECLINE) this.#end(ias, own, now)
    else this.#judgeReply(reply, from, ias, step, now)
  }

  /** A client that gives something up does not use it any more, whatever the server makes of it. */
  #end(ias: readonly Ia[], { duid }: Client, now: number): void {
    for (const { kind, iaid, names } of ias)
      for (const name of names)
        this.#promises = this.#promises.map((one) =>
          one.key === key6(typeof name === 'string' ? name : name.key) &&
          one.clientId === bindingOf(kind, iaid, duid)
            ? { ...one, until: now }
            : one,
        )
  }

  #judgeReply(
    reply: Reply6,
    from: Client,
    asked: readonly Ia[],
    step: Extract<Step, { kind: 'send' }>,
    now: number,
  ): void {
    const isPromise = reply.type !== ADVERTISE
    const given: Prefix6[] = []
    const times = new Set<string>()
    const order = reply.message.ias.map(({ kind, iaid }) => `${kind}/${iaid}`)
    expect(new Set(order).size === order.length, 'each IA is answered once')
    for (const ia of reply.message.ias) {
      expect(
        asked.some(({ kind, iaid }) => kind === ia.kind && iaid === ia.iaid),
        'only what is asked for',
      )
      const clientId = bindingOf(ia.kind, ia.iaid, from.duid)
      const live = ia.entries.filter(({ valid }) => valid > 0)
      expect(live.length <= this.#leasesPerIa, 'no more leases an IA than there may be')
      if (live.length > 0) times.add(`${ia.t1}/${ia.t2}`)
      else expect(ia.t1 === 0 && ia.t2 === 0, 'no times without a lease')
      expect(ia.t1 <= ia.t2, 'T1 before T2')
      this.#judgeZeros(ia, asked)
      for (const { key, preferred, valid } of live) {
        expect(preferred <= valid, 'preferred within valid')
        expect(ia.t2 <= valid, 'T2 within valid')
        expect(!given.some((one) => isOverlapping(one, key)), 'no two IAs get one key')
        given.push(key)
        this.#judgeGiven(key, ia, clientId, from, step, isPromise)
        if (!isPromise) continue
        const until = now + valid * 1000
        this.#promises = [
          ...this.#promises.filter((one) => one.key !== key),
          { key, clientId, until },
        ]
        this.#told.set(clientId, [textOf(key)])
      }
      if (isPromise && live.length === 0 && ia.entries.length > 0) this.#told.delete(clientId)
    }
    expect(times.size <= 1, 'one pair of times')
  }

  get #leasesPerIa(): number {
    const [network] = this.#document['shared-networks'] ?? []
    return network?.['leases-per-ia'] === 'per-subnet' ? (network.subnet6?.length ?? 1) : 1
  }

  /** Only what the client named, and never what it has. */
  #judgeZeros(ia: Ia6, asked: readonly Ia[]): void {
    const named = asked
      .filter(({ kind, iaid }) => kind === ia.kind && iaid === ia.iaid)
      .flatMap(({ names }) => names.map((one) => key6(typeof one === 'string' ? one : one.key)))
    const live = ia.entries.filter(({ valid }) => valid > 0).map(({ key }) => key)
    for (const { key, preferred, valid } of ia.entries) {
      if (valid > 0) continue
      expect(
        preferred === 0 && named.includes(key) && !live.includes(key),
        'zero for what is named',
      )
    }
  }

  #judgeGiven(
    key: Prefix6,
    { kind, iaid }: Ia6,
    clientId: string,
    from: Client,
    step: Extract<Step, { kind: 'send' }>,
    isPromise: boolean,
  ): void {
    const { now, table } = this.#server
    expect(this.#mayHave(key, kind === NA, from, step.link), `${textOf(key)} is for the client`)
    const row = table.byAddress(key)
    const isIts = row?.clientId === clientId && row.state === LEASE_STATE.assigned
    if (isPromise) expect(isIts, 'what is promised is stored')
    for (const { key: other, clientId: holder, until } of this.#promises) {
      if (holder === clientId || until <= now || !isOverlapping(other, key)) continue
      expect(other === key && this.#isOneHost(holder, from, iaid, step), `${textOf(key)} is used`)
    }
  }

  /** A lease goes over from one binding of a client to another, which the message does not name. */
  #isOneHost(
    holder: string,
    from: Client,
    _iaid: number,
    { ias }: Extract<Step, { kind: 'send' }>,
  ): boolean {
    const isNamed = ias.some(({ kind, iaid }) => bindingOf(kind, iaid, from.duid) === holder)
    return duidOf({ clientId: holder }) === from.duid && !isNamed
  }

  #mayHave(key: Prefix6, isAddress: boolean, from: Client, link: string): boolean {
    const networks = this.#document['shared-networks'] ?? []
    const subnets =
      networks.length > 0
        ? networks.flatMap(({ subnet6 = [] }) => subnet6)
        : (this.#document.subnet6 ?? []).filter((one) => one.interface === link)
    const isReserved = (isOwn: boolean) =>
      subnets.some(({ reservations = [] }) =>
        reservations.some(
          ({ duid, 'hw-address': hardware, 'ip-addresses': addresses = [], prefixes = [] }) => {
            const isIts =
              duid === undefined ? hardware === hexOf(from.mac) : duid === hexOf(from.duid)
            return isIts === isOwn && [...addresses, ...prefixes].some((one) => key6(one) === key)
          },
        ),
      )
    if (isReserved(true)) return true
    if (isReserved(false)) return false
    return subnets.some(({ pools = [], 'pd-pools': pdPools = [] }) =>
      isAddress
        ? pools.some(({ pool }) => isInPool(key, pool))
        : pdPools.some(
            (one) =>
              lengthOf(key) === one['delegated-len'] &&
              isInside(key, key6(`${one.prefix}/${one['prefix-len']}`)),
          ),
    )
  }

  /** Never two running leases of keys that overlap, nor too many of one client. */
  #judgeRows(): void {
    const { now, table } = this.#server
    const live = this.#rows().filter((row) => row.state === LEASE_STATE.assigned && now < row.end)
    for (const [at, row] of live.entries())
      for (const other of live.slice(at + 1))
        expect(!isOverlapping(row.address, other.address), 'no two running leases overlap')
    for (const row of live) expect(table.byAddress(row.address)?.clientId === row.clientId, 'found')
  }

  #rows(): Lease6[] {
    return [...this.#server.table.walk('rows').next(1000)]
  }
}

function isInPool(key: Prefix6, pool: string): boolean {
  if (pool.includes('/')) return isInside(key, key6(pool))
  const [first, last] = pool.split(' - ')
  return key >= key6(first!) && key <= key6(last!)
}

function same(one: readonly Lease6[], other: readonly Lease6[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function hexOf(octets: string): string {
  return [...octets].map((one) => one.charCodeAt(0).toString(16).padStart(2, '0')).join(':')
}

function textOf(key: Prefix6): string {
  const words = hexOf(addressOf(key)).replaceAll(':', '').match(/..../g)!
  return `${words.join(':')}/${lengthOf(key)}`
}

function expect(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(what)
}

t.test('whatever is configured and sent', async () => {
  const histories = fc.tuple(aDocument, fc.array(aStep, { minLength: 5, maxLength: 40 }))
  const history = fc.property(histories, ([document, steps]) => {
    const judge = new Judge(document)
    for (const step of steps) judge.run(step)
  })
  fc.assert(history, { seed: 20_260_811, numRuns: 300 })
})
