// Documents that follow each other by random edits, compiled with what was made of the one before:
// each plan is what a compile from nothing makes of the same document, with the same problems.

import fc from 'fast-check'
import t from 'tap'
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

function start(unique: boolean, count: number): ConfigDocument {
  const many = (make: typeof host4, subnet: number) =>
    Array.from({ length: subnet === 3 ? count : subnet % 4 }, (_, at) => make(at * 7, subnet, 0))
  const subnets = Array.from({ length: SUBNETS }, (_, at) => at + 1)
  return {
    Dhcp4: {
      'ip-reservations-unique': unique,
      'reservations-global': true,
      'client-classes': [{ name: 'phones' }],
      subnet4: subnets.map((id) => ({
        id,
        subnet: `10.0.${id}.0/24`,
        pools: [{ pool: `10.0.${id}.100 - 10.0.${id}.199` }],
        reservations: many(host4, id),
      })),
    },
    Dhcp6: {
      'ip-reservations-unique': unique,
      subnet6: subnets.map((id) => ({
        id,
        subnet: `2001:db8:${hex(id)}::/64`,
        pools: [{ pool: `2001:db8:${hex(id)}::80 - 2001:db8:${hex(id)}::ff` }],
        reservations: many(host6, id),
      })),
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
    })),
  }))
  const keys4 = dhcp4!.reserved
  const at4 = dhcp4!.subnets.map((subnet) =>
    [...keys4].map((key) => dhcp4!.reservations.at(key, subnet).map(bare)),
  )
  return { families, at4, several: dhcp4!.hostsOfSeveral.map(bare), print: plan.fingerprint }
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
        compiler.compile(document, CONTEXT)
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
