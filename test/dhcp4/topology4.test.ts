// Whatever subnets, shared networks, pools and reservations overlap: who was offered an address
// gets it, keeps it in every state of a REQUEST, and is the only one that has it.

import fc from 'fast-check'
import t from 'tap'
import { maskOfLength, textFromIpv4 } from '../../lib/address/ipv4.ts'
import type { Dhcp4Document } from '../../lib/config/keys/document4.ts'
import { client, DISCOVER, ip, kindOf, REQUEST, SERVER, TestServer, uint32 } from './test-server.ts'

/** All addresses lie in 10.0.0.0/24, so that much overlaps. */
const BASE = ip('10.0.0.0')

interface SubnetPlan {
  readonly id: number
  readonly link: number
  readonly length: number
  /** Offset of an address inside. */
  readonly at: number
  /** Offsets in the prefix. */
  readonly pools: readonly { readonly first: number; readonly size: number }[]
  readonly reserved: readonly { readonly who: number; readonly at: number }[]
  readonly matchClientId: boolean
}

const offset = fc.nat(255)
const subnetPlan: fc.Arbitrary<SubnetPlan> = fc.record({
  id: fc.integer({ min: 1, max: 40 }),
  link: fc.nat(2),
  length: fc.integer({ min: 24, max: 29 }),
  at: offset,
  pools: fc.array(fc.record({ first: offset, size: fc.integer({ min: 1, max: 6 }) }), {
    minLength: 1,
    maxLength: 2,
  }),
  reserved: fc.array(fc.record({ who: fc.nat(9), at: offset }), { maxLength: 3 }),
  matchClientId: fc.boolean(),
})

interface Visit {
  readonly who: number
  readonly link: number
  /** Offset of the address that is asked for, where one is. */
  readonly wish: number | undefined
}

const visit: fc.Arbitrary<Visit> = fc.record({
  who: fc.nat(9),
  link: fc.nat(2),
  wish: fc.option(offset, { nil: undefined }),
})

/** One shared network a link, found by its relay; a link of one subnet may have none. */
function documentOf(plans: readonly SubnetPlan[], isShared: boolean): Dhcp4Document {
  const ids = new Set<number>()
  const prefixes = new Set<string>()
  const byLink = [0, 1, 2].map((): object[] => [])
  for (const plan of plans) {
    const prefix = (BASE + plan.at) & maskOfLength(plan.length)
    const text = `${textFromIpv4(prefix >>> 0)}/${plan.length}`
    if (ids.has(plan.id) || prefixes.has(text)) continue
    ids.add(plan.id)
    prefixes.add(text)
    byLink[plan.link]!.push(subnetOf(plan, prefix >>> 0, text))
  }
  const relay = (link: number) => ({ relay: { 'ip-addresses': [relayOf(link)] } })
  const networks = byLink.flatMap((subnet4, link) =>
    subnet4.length > 1 || (isShared && subnet4.length > 0)
      ? [{ name: `link${link}`, ...relay(link), subnet4 }]
      : [],
  )
  const alone = byLink.flatMap((subnet4, link) =>
    subnet4.length === 1 && !isShared ? [{ ...subnet4[0], ...relay(link) }] : [],
  )
  return { 'shared-networks': networks, subnet4: alone } as unknown as Dhcp4Document
}

function subnetOf(plan: SubnetPlan, prefix: number, text: string): object {
  const size = 2 ** (32 - plan.length)
  const taken: [number, number][] = []
  for (const { first, size: count } of plan.pools) {
    const start = first % size
    const end = Math.min(size - 1, start + count - 1)
    if (taken.every(([from, to]) => end < from || to < start)) taken.push([start, end])
  }
  const address = (at: number) => textFromIpv4(prefix + (at % size))
  const unique = new Set<string>()
  const reservations = plan.reserved.flatMap(({ who, at }) => {
    const keys = [`who ${who}`, `at ${at % size}`]
    if (keys.some((key) => unique.has(key))) return []
    for (const key of keys) unique.add(key)
    return [{ 'hw-address': `02:00:5e:10:00:0${who}`, 'ip-address': address(at) }]
  })
  return {
    id: plan.id,
    subnet: text,
    pools: taken.map(([from, to]) => ({ pool: `${address(from)} - ${address(to)}` })),
    reservations,
    'match-client-id': plan.matchClientId,
  }
}

const relayOf = (link: number) => `172.16.${link}.1`

/** What goes wrong for the client, or ''. */
function trouble(server: TestServer, { who, link, wish }: Visit): string {
  const giaddr = ip(relayOf(link))
  const options = { 61: `\x01client${who}` }
  const asked = wish === undefined ? {} : { 50: uint32(BASE + wish) }
  const through = { address: giaddr, to: SERVER }
  const offer = server.send(DISCOVER, client(who, { giaddr }), { ...options, ...asked }, through)
  if (typeof offer === 'string') return ''
  const { address } = offer
  const ciaddr = ip(address)
  const [us, mine] = [{ 54: uint32(SERVER) }, { 50: uint32(ciaddr) }]
  const steps: [string, () => ReturnType<TestServer['send']>][] = [
    [
      'SELECTING',
      () => server.send(REQUEST, client(who, { giaddr }), { ...options, ...mine, ...us }, through),
    ],
    [
      'INIT-REBOOT',
      () => server.send(REQUEST, client(who, { giaddr }), { ...options, ...mine }, through),
    ],
    [
      'RENEWING',
      () => server.send(REQUEST, client(who, { ciaddr }), options, { address: ciaddr, to: SERVER }),
    ],
    ['REBINDING', () => server.send(REQUEST, client(who, { giaddr, ciaddr }), options, through)],
    ['DISCOVER', () => server.send(DISCOVER, client(who, { giaddr }), options, through)],
  ]
  let subnetId: number | undefined
  for (const [state, step] of steps) {
    const reply = step()
    const expected = state === 'DISCOVER' ? 'offer' : 'ack'
    if (kindOf(reply) !== expected) return `${state} of ${address}: ${kindOf(reply)}`
    if (typeof reply === 'string' || reply.address !== address) return `${state}: another address`
    const row = server.row(address)
    subnetId ??= row?.subnetId
    if (row?.subnetId !== subnetId) return `${state}: the subnet changed`
    server.advance(10)
  }
  return ''
}

t.test('who was offered an address keeps it, whatever overlaps', async () => {
  fc.assert(
    fc.property(
      fc.array(subnetPlan, { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      fc.array(visit, { minLength: 1, maxLength: 12 }),
      (plans, isShared, visits) => {
        const document = documentOf(plans, isShared)
        const server = new TestServer(document)
        const holders = new Map<string, string>()
        for (const each of visits) {
          const found = trouble(server, each)
          if (found !== '') throw new Error(`${found}\n${JSON.stringify(document)}`)
          for (const { address, clientId, hwAddress } of server.table.walk('rows').next(1000)) {
            const text = textFromIpv4(address)
            const holder = JSON.stringify([clientId, hwAddress])
            if (clientId === '' && hwAddress === '') continue
            if ((holders.get(text) ?? hwAddress) !== hwAddress)
              throw new Error(`two have ${text}: ${holder}`)
            holders.set(text, hwAddress)
          }
        }
      },
    ),
    { numRuns: 400, seed: 8128 },
  )
})
