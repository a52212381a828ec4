// An edit with long lists in its value is judged in parts: what is found wrong, and what is left of
// the value, is what a judgement of the whole document finds.

import fc from 'fast-check'
import t from 'tap'
import { checkConfig } from '../../lib/config/check.ts'
import { checkedEdit, checkedSoon } from '../../lib/config/edit-check.ts'
import { type Edit, edited, editedBy, isProblem } from '../../lib/config/edits.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import { formatProblem, type Problem } from '../../lib/config/text/problem.ts'

type Members = Readonly<Record<string, unknown>>

const OFFICE = {
  Dhcp4: {
    subnet4: [
      { id: 1, subnet: '192.0.2.0/24' },
      { id: 2, subnet: '198.51.100.0/24', reservations: [{ 'hw-address': '02:00:00:00:00:01' }] },
    ],
    'shared-networks': [{ name: 'floor', subnet4: [{ id: 3, subnet: '203.0.113.0/24' }] }],
  },
} as unknown as ConfigDocument

function hosts(count: number): Members[] {
  return Array.from({ length: count }, (_, at) => ({
    'hw-address': `02:00:00:00:${(at >> 8).toString(16)}:${(at & 255).toString(16)}`,
    hostname: `host-${at}`,
  }))
}

function subnets(count: number): Members[] {
  return Array.from({ length: count }, (_, at) => ({
    id: 100 + at,
    subnet: `10.0.${at}.0/24`,
    reservations: hosts(at % 40 === 7 ? 120 : 2),
  }))
}

const FAULTS: readonly ((element: Members) => unknown)[] = [
  (element) => ({ ...element, 'no-such-key': 1 }),
  (element) => ({ ...element, hostname: 17 }),
  (element) => ({
    ...element,
    'option-data': [{ name: 'routers', data: '192.0.2.1', wrong: true }],
  }),
  (element) => ({ ...element, 'user-context': { note: 'kept' } }),
  (element) => ({ ...element, 'client-class': 'older-spelling' }),
  () => 'no map',
  () => ({}),
]

const fault = fc.record({ which: fc.nat(FAULTS.length - 1), at: fc.nat(200), host: fc.nat(200) })

/** Places of the value, and the value as it is without faults. */
const EDITS: readonly Edit[] = [
  { path: ['Dhcp4', 'subnet4', { id: 1 }, 'reservations'], value: hosts(130) },
  {
    path: ['Dhcp4', 'subnet4', { id: 2 }],
    value: { id: 2, subnet: '198.51.100.0/24', reservations: hosts(170) },
  },
  { path: ['Dhcp4', 'subnet4'], value: subnets(110) },
  {
    path: ['Dhcp4', 'shared-networks', { name: 'floor' }],
    value: { name: 'floor', subnet4: subnets(60) },
  },
  {
    path: ['Dhcp4', 'shared-networks'],
    value: [
      { name: 'one', subnet4: subnets(3) },
      { name: 'two', subnet4: subnets(70) },
    ],
  },
  { path: ['Dhcp4'], value: { subnet4: subnets(60), reservations: hosts(140) } },
]

function spoilt(
  value: unknown,
  { at, host, which }: { at: number; host: number; which: number },
): unknown {
  if (Array.isArray(value)) {
    const index = at % value.length
    const element = value[index] as Members
    const isDeeper =
      host % 2 === 0 && (Array.isArray(element.reservations) || Array.isArray(element.subnet4))
    return value.with(
      index,
      isDeeper ? spoilt(element, { at: host, host: at + 1, which }) : FAULTS[which]!(element),
    )
  }
  const members = value as Members
  const key = Array.isArray(members.subnet4) && host % 3 > 0 ? 'subnet4' : 'reservations'
  if (!Array.isArray(members[key])) return members
  return { ...members, [key]: spoilt(members[key], { at, host, which }) }
}

function words(problems: readonly Problem[]): string[] {
  return problems
    .filter(({ code, severity }) => code !== 'subnet-without-id' && severity !== 'info')
    .map((problem) => `${problem.severity} ${formatProblem(problem)}`)
    .sort()
}

t.test('in parts the same is found as in one', async (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom(...EDITS),
      fc.array(fault, { maxLength: 3 }),
      ({ path, value }, faults) => {
        const edit = { path, value: faults.reduce(spoilt, value) }
        const document = edited(OFFICE, edit.path, edit.value)
        if (isProblem(document)) throw new Error(document.message)
        const whole = checkConfig(document)
        const parts = checkedEdit(OFFICE, edit)
        t.strictSame(words(parts.problems), words(whole.problems))
        if (whole.problems.every(({ severity }) => severity !== 'error'))
          t.strictSame(editedBy(OFFICE, parts.edits), whole.document)
      },
    ),
    { numRuns: 120 },
  )
})

t.test('a long list is judged in many steps, and one that is there already in none', async (t) => {
  const path = ['Dhcp4', 'subnet4', { id: 1 }, 'reservations']
  const value = hosts(1000)
  const steps = [...checkedSoon(OFFICE, { path, value })]
  t.ok(steps.length >= 20, `${steps.length} steps`)
  const office = edited(OFFICE, path, value) as ConfigDocument
  const { reservations } = office.Dhcp4!.subnet4![0]!
  const subnet = { id: 1, subnet: '192.0.2.0/24', 'valid-lifetime': 600, reservations }
  const edit = { path: path.slice(0, 3), value: subnet }
  t.equal([...checkedSoon(office, edit)].length, 0)
  t.strictSame(checkedEdit(office, edit).edits, [edit])
})
