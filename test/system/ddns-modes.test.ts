// Every mode against BIND: what stands in its zones before and after.

import t from 'tap'
import { bytesFromOctets, type Octets } from '../../lib/bytes/octets.ts'
import { dhcidOf, identifierOf4 } from '../../lib/ddns/dhcid.ts'
import type { ConflictMode } from '../../lib/names/rules.ts'
import { openResolver } from '../../lib/platform/dns/resolver.ts'
import { hex, order } from '../ddns/golden.ts'
import { Runner } from '../ddns/run.ts'
import { Bind } from './bind.ts'
import { systemSkip } from './netns.ts'

const skip = systemSkip('named', 'dig', 'nsupdate')

const OUR_MAC = { htype: 1, hwAddress: hex('525400aa0001'), clientId: '' }
const OTHER_MAC = { htype: 1, hwAddress: hex('525400aa0002'), clientId: '' }

function dhcid(client: typeof OUR_MAC, name: string): Octets {
  return dhcidOf(identifierOf4(client), name)!
}

function base64(octets: Octets): string {
  return Buffer.from(bytesFromOctets(octets)).toString('base64')
}

const MODES: readonly ConflictMode[] = [
  'check-with-dhcid',
  'check-exists-with-dhcid',
  'no-check-with-dhcid',
  'no-check-without-dhcid',
]

/** What may stand at a name: A, AAAA, DHCID `ours` or `theirs`, anything else as it is written. */
type State = readonly string[]

const OUR_A = 'A 192.0.2.10'
const OLD_A = 'A 192.0.2.9'
const THEIR_A = 'A 192.0.2.77'
const AAAA = 'AAAA 2001:db8::9'
const OURS = 'DHCID ours'
const THEIRS = 'DHCID theirs'
const ALIAS = 'CNAME static.open.test.'
const TEXT = 'TXT "by hand"'

interface Row {
  readonly before: State
  /** By mode, in the order of MODES: the verdict, and what is there then; undefined = as before. */
  readonly outcomes: readonly (readonly [string, State?])[]
}

const DONE = 'done'
const CONFLICT = 'conflict'

const ADDS: readonly Row[] = [
  {
    before: [],
    outcomes: [
      [DONE, [OUR_A, OURS]],
      [DONE, [OUR_A, OURS]],
      [DONE, [OUR_A, OURS]],
      [DONE, [OUR_A]],
    ],
  },
  {
    before: [OLD_A, OURS],
    outcomes: [
      [DONE, [OUR_A, OURS]],
      [DONE, [OUR_A, OURS]],
      [DONE, [OUR_A, OURS]],
      [DONE, [OUR_A, OURS]],
    ],
  },
  {
    before: [THEIR_A, THEIRS],
    outcomes: [[CONFLICT], [DONE, [OUR_A, OURS]], [DONE, [OUR_A, OURS]], [DONE, [OUR_A, THEIRS]]],
  },
  {
    before: [THEIR_A],
    outcomes: [[CONFLICT], [CONFLICT], [DONE, [OUR_A, OURS]], [DONE, [OUR_A]]],
  },
  {
    before: [ALIAS],
    outcomes: [[CONFLICT], [CONFLICT], [CONFLICT], [CONFLICT]],
  },
  {
    before: [OURS],
    outcomes: [
      [DONE, [OUR_A, OURS]],
      [DONE, [OUR_A, OURS]],
      [DONE, [OUR_A, OURS]],
      [DONE, [OUR_A, OURS]],
    ],
  },
  {
    before: [TEXT],
    outcomes: [[CONFLICT], [CONFLICT], [DONE, [OUR_A, OURS, TEXT]], [DONE, [OUR_A, TEXT]]],
  },
  {
    before: [AAAA, OURS, TEXT],
    outcomes: [
      [DONE, [OUR_A, AAAA, OURS, TEXT]],
      [DONE, [OUR_A, AAAA, OURS, TEXT]],
      [DONE, [OUR_A, AAAA, OURS, TEXT]],
      [DONE, [OUR_A, AAAA, OURS, TEXT]],
    ],
  },
  {
    before: [AAAA, THEIRS],
    outcomes: [
      [CONFLICT],
      [DONE, [OUR_A, AAAA, OURS]],
      [DONE, [OUR_A, AAAA, OURS]],
      [DONE, [OUR_A, AAAA, THEIRS]],
    ],
  },
]

const REMOVES: readonly Row[] = [
  { before: [], outcomes: MODES.map(() => [DONE]) },
  {
    // The server ended between the two messages.
    before: [OURS],
    outcomes: [[DONE, []], [DONE, []], [DONE, []], [DONE]],
  },
  {
    before: [OUR_A, OURS],
    outcomes: [
      [DONE, []],
      [DONE, []],
      [DONE, []],
      [DONE, [OURS]],
    ],
  },
  {
    before: [OUR_A, AAAA, OURS],
    outcomes: [
      [DONE, [AAAA, OURS]],
      [DONE, [AAAA, OURS]],
      [DONE, [AAAA]],
      [DONE, [AAAA, OURS]],
    ],
  },
  {
    before: [OUR_A, OURS, TEXT],
    outcomes: [
      [DONE, [TEXT]],
      [DONE, [TEXT]],
      [DONE, [TEXT]],
      [DONE, [OURS, TEXT]],
    ],
  },
  {
    // The client has another address by now.
    before: [OLD_A, OURS],
    outcomes: [[DONE], [DONE], [DONE, []], [DONE, [OURS]]],
  },
  {
    before: [THEIR_A, THEIRS],
    outcomes: [[DONE], [DONE], [DONE, []], [DONE, [THEIRS]]],
  },
  {
    before: [THEIR_A],
    outcomes: [[DONE], [DONE], [DONE, []], [DONE, []]],
  },
  { before: [ALIAS], outcomes: MODES.map(() => [DONE]) },
]

t.test('RFC 4703 §5: who gets a name, by what was there', { skip }, async (t) => {
  const bind = await Bind.start(t)
  const resolver = openResolver(Date.now)
  t.after(() => resolver.close())
  const runner = new Runner(resolver)
  const cases = (['add', 'remove'] as const).flatMap((action) =>
    (action === 'add' ? ADDS : REMOVES).flatMap(({ before, outcomes }, row) =>
      MODES.map((mode, index) => {
        const [verdict, after = before] = outcomes[index]!
        const name = `${action}${row}-${index}.open.test`
        return { action, mode, before, verdict, after, name }
      }),
    ),
  )
  const written = (name: string, what: string): string =>
    what
      .replace('ours', base64(dhcid(OUR_MAC, name)))
      .replace('theirs', base64(dhcid(OTHER_MAC, name)))
  await bind.update(
    ...cases.flatMap(({ name, before }) =>
      before.map((what) => `update add ${name} 300 ${written(name, what)}`),
    ),
  )
  const verdicts = await Promise.all(
    cases.map(({ action, mode, name }) => {
      const registration = { mode, fqdn: name, dhcid: dhcid(OUR_MAC, name) }
      return runner.run(bind.server(), order({ action, registration }))
    }),
  )
  const lines = await bind.lines('open.test')
  for (const [index, { action, mode, name, before, verdict, after }] of cases.entries()) {
    const label = name.replace('.open.test', '')
    const found = lines.filter((line) => line.startsWith(`${label} `))
    const expected = after.map((what) => `${label} ${written(name, what)}`).sort()
    t.same(
      found.map((line) => line.replace(/ \d+ /, ' ')).sort(),
      expected,
      `${mode}, ${action}, before: ${before}`,
    )
    t.equal(verdicts[index]!.kind, verdict, `${mode}, ${action}, before: ${before}`)
    const added = found.find((line) => line.endsWith(OUR_A) && action === 'add')
    if (added !== undefined) t.match(added, / 1200 /)
  }
})
