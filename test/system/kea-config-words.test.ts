// What is wrong with a configuration, as kea-dhcp4 and kea-dhcp6 say it: here it is said in the
// same words, but for what is listed with its reason.

import t from 'tap'
import { faultText } from '../../lib/control/kea-words.ts'
import { loadedFrom } from '../config/canonical-documents.ts'
import { basedOn, type Members, startKea } from './kea-witness.ts'
import { systemSkip } from './netns.ts'

/** Kea's words, and why they are not said here. */
const OTHERWISE: readonly (readonly [words: RegExp, why: string])[] = [
  [/^intValue\(\) called on/, 'the name of a function of Kea; the key and its type are told'],
  [/^listValue\(\) called on/, 'the same'],
  [/^the value of min-valid-lifetime/, 'the key, its value and the bound are told'],
  [/^subnet configuration failed: the value of min-valid/, 'the same'],
  [/^expression: /, 'what is wrong in the expression is told, with its column'],
  [/^Can't add class/, 'the class and the first definition are told'],
  [/^option data does not match/, 'what is wrong in the value is told'],
  [/^Failed to create pool/, 'which address is which is told'],
  [/^unknown backend database type/, 'what to write is told'],
  [/overlaps with an existing pool/, 'the other pool is told'],
  [/^missing parameter/, 'the key is told, and what it is for'],
]

const HOST = { 'hw-address': '02:00:00:00:00:01' }

function faulty(version: 4 | 6): readonly Members[] {
  const list = `subnet${version}`
  const prefix = version === 4 ? '192.0.2.0/24' : '2001:db8:1::/64'
  const own = version === 4 ? '192.0.2.' : '2001:db8:1::'
  const foreign = version === 4 ? '10.0.0.' : '3000::'
  const subnet = { id: 1, subnet: prefix }
  const within = (members: Members) => ({ [list]: [{ ...subnet, ...members }] })
  const pools = (...texts: string[]) => within({ pools: texts.map((pool) => ({ pool })) })
  const hosts = (...reservations: Members[]) => within({ reservations })
  const address = (text: string) =>
    version === 4 ? { 'ip-address': text } : { 'ip-addresses': [text] }
  return [
    { foo: 1 },
    within({ foo: 1 }),
    hosts({ ...HOST, foo: 1 }),
    { [list]: [{ id: 1 }] },
    { [list]: [subnet, { ...subnet, subnet: version === 4 ? '10.0.0.0/8' : '3000::/64' }] },
    { [list]: [subnet, { ...subnet, id: 2 }] },
    { [list]: [{ ...subnet, subnet: 'x' }] },
    { [list]: [{ ...subnet, id: 'x' }] },
    { [list]: {} },
    within({ 'valid-lifetime': 'x' }),
    { 'valid-lifetime': 'x' },
    { 'valid-lifetime': 10, 'min-valid-lifetime': 20 },
    within({ 'valid-lifetime': 10, 'min-valid-lifetime': 20 }),
    pools('x'),
    pools(`${foreign}1 - ${foreign}5`),
    pools(`${own}9 - ${own}1`),
    pools(`${own}1 - ${own}9`, `${own}5 - ${own}8`),
    hosts({ ...HOST, ...address(`${foreign}1`) }),
    hosts({ ...HOST, 'ip-address': '3000::1' }),
    hosts(address(`${own}1`)),
    hosts({ 'hw-address': 'zz', ...address(`${own}1`) }),
    hosts({ ...HOST, ...address(`${own}1`) }, { ...HOST, ...address(`${own}2`) }),
    { 'option-data': [{ name: 'nothing', data: '1' }] },
    { 'option-data': [{ code: version === 4 ? 6 : 23, data: 'x' }] },
    { 'client-classes': [{ name: 'a', test: 'foo' }] },
    { 'client-classes': [{ name: 'a' }, { name: 'a' }] },
    { 'shared-networks': [{ name: 'a' }, { name: 'a' }] },
    { 'shared-networks': [{ name: 'a', foo: 1 }] },
    { 'shared-networks': [{}] },
    { 'lease-database': { type: 'foo' } },
  ]
}

for (const version of [4, 6] as const) {
  const skip = systemSkip(`kea-dhcp${version}`)
  t.test(`faults are told as by kea-dhcp${version}`, { skip }, async (t) => {
    const kea = await startKea(t, version)
    let same = 0
    for (const map of faulty(version)) {
      const given = { ...basedOn(map, kea, version), ...pick(map, 'lease-database') }
      const keas = await kea.faultOf(given)
      const { problems } = loadedFrom({ [`Dhcp${version}`]: map })
      const own = faultText(problems, { [`Dhcp${version}`]: map })
      t.not(keas, '', `Kea refuses ${JSON.stringify(map)}`)
      t.ok(problems.some(({ severity }) => severity === 'error'))
      if (own.startsWith(keas)) same++
      else if (!OTHERWISE.some(([words]) => words.test(keas)))
        t.fail(`of ${JSON.stringify(map)} Kea says "${keas}", and here is said "${own}"`)
    }
    t.ok(same >= 12, `${same} are told in the same words`)
  })
}

function pick(map: Members, key: string): Members {
  return map[key] === undefined ? {} : { [key]: map[key] }
}
