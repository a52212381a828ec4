// Documents that follow each other by random edits, compiled with what was made of the one before:
// each plan is what a compile from nothing makes of the same document, with the same problems.

import fc from 'fast-check'
import t from 'tap'
import { addressOf } from '../../lib/address/prefix6.ts'
import { Compiler } from '../../lib/config/compile/compile.ts'
import { edited, isProblem, type Step } from '../../lib/config/edits.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { formatProblem } from '../../lib/config/text/problem.ts'

const CONTEXT = { stateDirectory: undefined }

type Members = Readonly<Record<string, unknown>>

const hex = (number: number) => number.toString(16).padStart(2, '0')
const octets = (number: number) => `02:00:00:00:${hex(number >> 8)}:${hex(number & 255)}`

/** Few of them, so that they meet: two hosts with one address, one host twice. */
function host4(number: number, subnet: number, way: number): Members {
  const address = { 'ip-address': `10.0.${subnet}.${number % 200}` }
  if (way === 1) return { 'client-id': octets(number), ...address, 'next-server': '10.0.0.9' }
  if (way === 2) return { 'hw-address': octets(number), ...address, 'client-classes': ['phones'] }
  if (way === 3)
    return { identifiers: [{ 'hw-address': octets(number) }, { duid: octets(number) }], ...address }
  if (way === 4) return { 'hw-address': octets(number), hostname: `host-${number}` }
  if (way === 5) return { 'hw-address': octets(number), 'ip-address': '192.0.2.1' }
  return { 'hw-address': octets(number), ...address }
}

function host6(number: number, subnet: number, way: number): Members {
  const address = `2001:db8:${hex(subnet)}::${hex(number % 200)}`
  if (way === 1) return { duid: octets(number), prefixes: [`2001:db8:8${hex(number % 200)}::/48`] }
  if (way === 2) return { 'hw-address': octets(number), 'ip-addresses': [address] }
  return { duid: octets(number), 'ip-addresses': [address], hostname: `host-${number}` }
}

const SUBNETS = 12

/** Around others, with their relay and pools: of which more is said than of any one. */
const WIDE4: Members = {
  id: 30,
  subnet: '10.0.0.0/16',
  relay: { 'ip-addresses': ['192.0.2.1'] },
  pools: [{ pool: '10.0.2.150 - 10.0.2.160' }],
}
const WIDE6: Members = {
  id: 30,
  subnet: '2001:db8::/32',
  relay: { 'ip-addresses': ['2001:db8:ffff::1'] },
  'interface-id': 'port1',
}
/** Its reservations are not looked up, which is said. */
const UNUSED: Members = { 'reservations-in-subnet': false, reservations: [{ duid: '01:02:03' }] }
const LINK4: Members = { name: 'link', subnet4: [{ id: 40, subnet: '10.9.0.1/24', ...UNUSED }] }
const LINK6: Members = { name: 'link', subnet6: [{ id: 40, subnet: '2001:db9::1/64', ...UNUSED }] }

function start(unique: boolean, count: number): ConfigDocument {
  const many = (make: typeof host4, subnet: number) =>
    Array.from({ length: subnet === 3 ? count : subnet % 4 }, (_, at) => make(at * 7, subnet, 0))
  const subnets = Array.from({ length: SUBNETS }, (_, at) => at + 1)
  return {
    Dhcp4: {
      'interfaces-config': { interfaces: ['eth0'] },
      'ip-reservations-unique': unique,
      'reservations-global': true,
      'client-classes': [{ name: 'phones' }],
      'shared-networks': [LINK4],
      subnet4: [
        ...subnets.map((id) => ({
          id,
          subnet: `10.0.${id}.${id === 5 ? 1 : 0}/24`,
          relay: { 'ip-addresses': [`192.0.2.${id}`] },
          pools: [{ pool: `10.0.${id}.100 - 10.0.${id}.199` }],
          reservations: many(host4, id),
        })),
        WIDE4,
      ],
    },
    Dhcp6: {
      'interfaces-config': { interfaces: ['eth0'] },
      'ip-reservations-unique': unique,
      'shared-networks': [LINK6],
      subnet6: [
        ...subnets.map((id) => ({
          id,
          subnet: `2001:db8:${hex(id)}::${id === 5 ? 1 : ''}/64`,
          ...(id % 2 === 0 ? { interface: 'eth0' } : { 'interface-id': `port${id}` }),
          pools: [{ pool: `2001:db8:${hex(id)}::80 - 2001:db8:${hex(id)}::ff` }],
          reservations: many(host6, id),
        })),
        WIDE6,
      ],
    },
  } as unknown as ConfigDocument
}

const edit = fc.record({
  family: fc.constantFrom<4 | 6>(4, 6),
  subnet: fc.nat(SUBNETS),
  number: fc.nat(260),
  way: fc.nat(6),
  kind: fc.constantFrom('put', 'put', 'take', 'subnet', 'no subnet'),
})

function stepped(
  document: ConfigDocument,
  each: typeof edit extends fc.Arbitrary<infer E> ? E : never,
) {
  const { family, kind, number, subnet, way } = each
  const list: Step[] = [`Dhcp${family}`, `subnet${family}`]
  const make = family === 4 ? host4 : host6
  let path: Step[] =
    subnet === 0 ? [list[0]!, 'reservations'] : [...list, { id: subnet }, 'reservations']
  let value: unknown = make(number, subnet, way)
  if (kind.endsWith('subnet')) {
    const id = 1 + (number % (SUBNETS + 4))
    const prefix = family === 4 ? `10.0.${id}.0/24` : `2001:db8:${hex(id)}::/64`
    path = [...list, { id }]
    value =
      kind === 'subnet' ? { id, subnet: prefix, reservations: [make(number, id, 0)] } : undefined
  } else {
    const [[key, name] = []] = Object.entries(value as Members).filter(
      ([, one]) => typeof one === 'string',
    )
    path = [...path, { [key ?? 'hw-address']: String(name) }]
    if (kind === 'take') value = undefined
  }
  const next = edited(document, path, value)
  return isProblem(next) ? document : next
}

/** What a plan says, as plain values. */
function told(plan: Plan | undefined): unknown {
  if (plan === undefined) return undefined
  const { dhcp4, dhcp6 } = plan
  const hosts = (lists: { identifiers(): Iterable<object> } | undefined) =>
    [...(lists?.identifiers() ?? [])].map((one) => JSON.stringify(one)).sort()
  const families = [dhcp4, dhcp6].map((family) => ({
    reserved: [...family!.reserved],
    written: [...family!.written],
    subnets: family!.subnets.map((subnet) => ({
      id: subnet.id,
      text: subnet.text,
      hosts: hosts(subnet.ownReservations as never),
      isFound: family!.subnetById(subnet.id) === (subnet as unknown),
      members: subnet.network?.subnets.map(({ id }) => id),
    })),
    overlaps: family!.overlaps,
  }))
  const found4 = dhcp4!.subnets.map((subnet) => [
    dhcp4!.subnetByAddress(subnet.prefix.address + 9),
    ...dhcp4!.subnetsAt(subnet.prefix.address),
    ...subnet.relayAddresses.map((relay) => dhcp4!.subnetByRelay(relay)),
  ])
  const found6 = dhcp6!.subnets.map((subnet) => [
    dhcp6!.subnetByAddress(addressOf(subnet.prefix)),
    ...dhcp6!.subnetsAt(addressOf(subnet.prefix)),
    ...subnet.pools.map(({ range }) => dhcp6!.subnetOfPool(range.first)),
    ...subnet.relayAddresses.map((relay) => dhcp6!.subnetByRelay(relay)),
    dhcp6!.subnetByInterface('eth0'),
    dhcp6!.subnetByInterfaceId(subnet.interfaceId),
  ])
  const current = new Set<unknown>([...dhcp4!.subnets, ...dhcp6!.subnets])
  const found = [found4, found6].map((family) =>
    family.map((subnets) => subnets.map((one) => [one?.id, one && current.has(one)])),
  )
  const keys4 = dhcp4!.reserved
  const at4 = dhcp4!.subnets.map((subnet) =>
    [...keys4].map((key) => dhcp4!.reservations.at(key, subnet).map(bare)),
  )
  return { families, found, at4, several: dhcp4!.hostsOfSeveral.map(bare), print: plan.fingerprint }
}

function bare(one: { readonly identifiers: readonly object[]; readonly address?: unknown }) {
  return JSON.stringify([one.identifiers, one.address])
}

t.test('what follows by edits is what is compiled from nothing', async (t) => {
  fc.assert(
    fc.property(
      fc.boolean(),
      fc.constantFrom(3, 3, 200),
      fc.array(edit, { minLength: 1, maxLength: 14 }),
      (unique, count, edits) => {
        const compiler = new Compiler()
        let document = start(unique, count)
        t.ok(compiler.compile(document, CONTEXT).plan)
        for (const each of edits) {
          document = stepped(document, each)
          const after = compiler.compile(document, CONTEXT)
          const alone = new Compiler().compile(document, CONTEXT)
          const words = (all: typeof after.problems) => all.map((one) => formatProblem(one)).sort()
          t.strictSame(words(after.problems), words(alone.problems))
          t.strictSame(told(after.plan), told(alone.plan))
        }
      },
    ),
    { numRuns: 40 },
  )
})
