// What makes one document another.

import t from 'tap'
import { difference, shared } from '../../lib/config/difference.ts'
import { editedBy } from '../../lib/config/edits.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'

const host = (end: number, more = {}) => ({ 'hw-address': `02000000000${end}`, ...more })
const subnet = (id: number, more = {}) => ({ id, subnet: `10.0.${id}.0/24`, ...more })
const BEFORE = {
  Dhcp4: {
    'valid-lifetime': 600,
    'renew-timer': 300,
    'option-data': [{ name: 'routers', data: '10.0.0.1' }],
    'client-classes': [{ name: 'a' }, { name: 'b', test: 'true' }],
    subnet4: [subnet(1, { reservations: [host(1), host(2)] }), subnet(2), subnet(3)],
    'shared-networks': [{ name: 'floor', subnet4: [subnet(8)] }],
  },
} as unknown as ConfigDocument

const { Dhcp4 } = BEFORE
const CHANGES: [what: string, after: object, paths: unknown[]][] = [
  ['a value', { 'valid-lifetime': 700 }, [['Dhcp4', 'valid-lifetime']]],
  ['a key less', { 'renew-timer': undefined }, [['Dhcp4', 'renew-timer']]],
  ['a list without names', { 'option-data': [] }, [['Dhcp4', 'option-data']]],
  [
    'one host more, one changed',
    {
      subnet4: [
        subnet(1, { reservations: [host(1, { hostname: 'x' }), host(2), host(3)] }),
        subnet(2),
        subnet(3),
      ],
    },
    [
      ['Dhcp4', 'subnet4', { id: 1 }, 'reservations', { 'hw-address': '020000000001' }, 'hostname'],
      ['Dhcp4', 'subnet4', { id: 1 }, 'reservations', { 'hw-address': '020000000003' }],
    ],
  ],
  [
    'a subnet less, one at the end',
    { subnet4: [Dhcp4!.subnet4![0], subnet(3), subnet(4)] },
    [
      ['Dhcp4', 'subnet4', { id: 2 }],
      ['Dhcp4', 'subnet4', { id: 4 }],
    ],
  ],
  [
    'another order',
    { 'client-classes': [{ name: 'b', test: 'true' }, { name: 'a' }] },
    [['Dhcp4', 'client-classes']],
  ],
  [
    'one more in the middle',
    { subnet4: [Dhcp4!.subnet4![0], subnet(9), subnet(2), subnet(3)] },
    [['Dhcp4', 'subnet4']],
  ],
  ['nothing', {}, []],
]

for (const [what, change, paths] of CHANGES)
  t.test(`the difference: ${what}`, async (t) => {
    const after = JSON.parse(JSON.stringify({ Dhcp4: { ...Dhcp4, ...change } }))
    const edits = difference(BEFORE, after)
    t.same(
      edits.map(({ path }) => path),
      paths,
    )
    t.same(editedBy(BEFORE, edits), after)
  })

t.test('a text that was read again shares with the former what is the same', async (t) => {
  const after = structuredClone(BEFORE) as { Dhcp4: { subnet4: object[] } }
  Object.assign(after.Dhcp4.subnet4[1]!, { 'valid-lifetime': 5 })
  const result = shared(BEFORE, after as unknown as ConfigDocument)
  t.same(result, after)
  t.equal(result.Dhcp4!.subnet4![0], Dhcp4!.subnet4![0])
  t.equal(result.Dhcp4!['client-classes'], Dhcp4!['client-classes'])
  t.not(result.Dhcp4!.subnet4![1], Dhcp4!.subnet4![1])
})
