// What is in force becomes the user's own file: comments, order, includes and layout stay, and only
// the edited places change.

import { deepStrictEqual, strictEqual } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { canonical } from '../../lib/config/canonical/canonical.ts'
import { edited, type Step } from '../../lib/config/edits.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import { loadPlan } from '../../lib/config/load.ts'
import { rewritten } from '../../lib/config/write.ts'
import { FILES, loaded, loadedFrom } from './canonical-documents.ts'
import { dhcp4, dhcp6 } from './random-documents.ts'

type EditRow = readonly [path: readonly Step[], value: unknown]

function documentOf(text: string, files: Readonly<Record<string, string>> = {}): ConfigDocument {
  const { document } = loadPlan(text, 'lan.json', (path) => files[path], { stateDirectory: '/x' })
  if (document === undefined) throw new Error('it is not read')
  return document
}

function withEdits(document: ConfigDocument, edits: readonly EditRow[]): ConfigDocument {
  let result = document
  for (const [path, value] of edits) {
    const next = edited(result, path, value)
    if ('message' in next) throw new Error(next.message as string)
    result = next
  }
  return result
}

/** The file after the edits. */
function written(text: string, edits: readonly EditRow[], files: Record<string, string> = {}) {
  const wanted = withEdits(documentOf(text, files), edits)
  const result = rewritten([{ text, file: 'lan.json' }], (path) => files[path], wanted)
  if (result.trouble !== undefined) throw new Error(result.trouble)
  const texts = { ...files, ...Object.fromEntries(result.texts) }
  const now = texts['lan.json'] ?? text
  t.strictSame(
    canonical(documentOf(now, texts), 4),
    canonical(wanted, 4),
    'read again, it says what is in force',
  )
  return texts['lan.json'] === undefined && result.texts.size === 0 ? text : { ...texts, now }.now
}

const LAN = `# The office.
{
  "Dhcp4": {
    "valid-lifetime": 4000, // an hour and a bit
    /* who is served */
    "subnet4": [
      {
        "subnet": "192.0.2.0/24", "id": 1, # ground floor
        "pools": [ { "pool": "192.0.2.10 - 192.0.2.99" } ],
        "reservations": [
          // the printer
          { "hw-address": "02:00:00:00:00:01", "ip-address": "192.0.2.5" },
          { "hw-address": "02:00:00:00:00:02", "ip-address": "192.0.2.6" } // the scanner
        ]
      },
      { "subnet": "198.51.100.0/24", "id": 2 }, # first floor
      { "subnet": "203.0.113.0/24", "id": 3 }
    ],
    "interfaces-config": {},
  }
}
`

const SUBNET: readonly Step[] = ['Dhcp4', 'subnet4', { id: 1 }]

t.test('nothing is written where nothing was edited', async (t) => {
  t.equal(written(LAN, []), LAN)
})

t.test('a value is replaced where it stands', async (t) => {
  t.equal(written(LAN, [[['Dhcp4', 'valid-lifetime'], 7]]), LAN.replace('4000,', '7,'))
})

t.test('a reservation is put behind the others, laid out as they are', async (t) => {
  const host = { 'hw-address': '02:00:00:00:00:03', 'ip-address': '192.0.2.7' }
  const now = written(LAN, [[[...SUBNET, 'reservations', { 'hw-address': '02:3' }], host]])
  t.equal(
    now,
    LAN.replace(
      '"192.0.2.6" } // the scanner',
      '"192.0.2.6" }, // the scanner\n' +
        '          { "hw-address": "02:00:00:00:00:03", "ip-address": "192.0.2.7" }',
    ),
  )
})

t.test('what goes takes its line and its comma along', async (t) => {
  t.equal(
    written(LAN, [[['Dhcp4', 'subnet4', { id: 2 }], undefined]]),
    LAN.replace('      { "subnet": "198.51.100.0/24", "id": 2 }, # first floor\n', ''),
  )
  t.equal(
    written(LAN, [[['Dhcp4', 'subnet4', { id: 3 }], undefined]]),
    LAN.replace('"id": 2 }, #', '"id": 2 } #').replace(
      '      { "subnet": "203.0.113.0/24", "id": 3 }\n',
      '',
    ),
  )
})

t.test('members come into maps: with others, with none, and behind a comma too many', async (t) => {
  t.equal(
    written(LAN, [[['Dhcp4', 'subnet4', { id: 3 }, 'valid-lifetime'], 9]]),
    LAN.replace('"id": 3 }', '"id": 3, "valid-lifetime": 9 }'),
  )
  t.equal(
    written(LAN, [[['Dhcp4', 'interfaces-config', 'interfaces'], ['lan0']]]),
    LAN.replace(
      '"interfaces-config": {}',
      '"interfaces-config": {\n      "interfaces": ["lan0"]\n    }',
    ),
  )
  const now = written(LAN, [[['Dhcp4', 'renew-timer'], 900]])
  t.match(now, '"interfaces-config": {},\n    "renew-timer": 900\n  }')
})

t.test('what was got and set with one change is that change in the file', async (t) => {
  const got = JSON.parse(JSON.stringify(canonical(documentOf(LAN), 4)))
  got.subnet4[1]['valid-lifetime'] = 600
  got.subnet4[1]['min-valid-lifetime'] = 600
  got.subnet4[1]['max-valid-lifetime'] = 600
  const document = { Dhcp4: got } as ConfigDocument
  const result = rewritten([{ text: LAN, file: 'lan.json' }], () => undefined, document)
  t.equal(
    result.trouble ?? result.texts.get('lan.json'),
    LAN.replace('"id": 2 }', '"id": 2, "valid-lifetime": 600 }'),
  )
})

t.test('a list in a file of its own is changed there', async (t) => {
  const text = '{ "Dhcp4": { "subnet4": [ <?include "subnets.json"?> ] } }\n'
  const files = { 'subnets.json': '{ "subnet": "192.0.2.0/24", "id": 1 }\n' }
  const wanted = withEdits(documentOf(text, files), [
    [['Dhcp4', 'subnet4', { id: 2 }], { id: 2, subnet: '198.51.100.0/24' }],
  ])
  const source = { text, file: 'lan.json' }
  const result = rewritten([source], (path) => files[path as 'subnets.json'], wanted)
  t.strictSame(Object.fromEntries(result.trouble === undefined ? result.texts : []), {
    'subnets.json':
      '{ "subnet": "192.0.2.0/24", "id": 1 },\n{ "id": 2, "subnet": "198.51.100.0/24" }\n',
  })
})

t.test('an old spelling that is edited becomes the present one, others stay', async (t) => {
  const text = `{ "Dhcp4": {
    "control-socket": { "socket-type": "unix", "socket-name": "/a" },
    "subnet4": [ { "subnet": "192.0.2.0/24", "id": 1, "client-class": "red" } ],
    "client-classes": [ { "name": "red" }, { "name": "blue" } ]
  } }`
  const edit: EditRow = [['Dhcp4', 'subnet4', 0, 'client-classes'], ['blue']]
  t.equal(
    written(text, [edit]),
    text.replace('"client-class": "red"', '"client-classes": ["blue"]'),
  )
})

t.test('whatever one document was, its file comes to say another', async (t) => {
  let served = 0
  const pairs = fc.tuple(dhcp4, dhcp4, dhcp6, dhcp6, fc.boolean())
  fc.assert(
    fc.property(pairs, ([one, other, six, otherSix, isGot]) => {
      const [before, after] = [
        loadedFrom({ Dhcp4: one, Dhcp6: six }),
        loadedFrom({ Dhcp4: other, Dhcp6: otherSix }),
      ]
      if (before.plan === undefined || after.plan === undefined) return
      served++
      const text = JSON.stringify({ Dhcp4: one, Dhcp6: six }, null, 2)
      const got = { Dhcp4: canonical(after.document!, 4), Dhcp6: canonical(after.document!, 6) }
      const wanted = (isGot ? loadedFrom(got).document : after.document)!
      const { texts, trouble } = rewritten([{ text, file: 'f' }], () => undefined, wanted) as {
        texts?: ReadonlyMap<string, string>
        trouble?: string
      }
      strictEqual(trouble, undefined)
      const again = documentOf(texts!.get('f') ?? text)
      deepStrictEqual(canonical(again, 4), canonical(after.document!, 4))
      deepStrictEqual(canonical(again, 6), canonical(after.document!, 6))
    }),
    { numRuns: 40, seed: 5 },
  )
  t.ok(served > 15, `${served} pairs could be served`)
})

t.test('edits of files that people have keep every comment', async (t) => {
  const comments = /#[^\n]*|\/\/[^\n]*/g
  for (const file of FILES) {
    const { document } = loaded(file)
    const version = document?.Dhcp4 === undefined ? 6 : 4
    if (document === undefined || /<\?include/.test(file.text)) continue
    const name = `Dhcp${version}`
    const wanted = withEdits(document, [
      [[name, 'valid-lifetime'], 4321],
      [[name, 'comment'], 'edited'],
    ])
    if ('comment' in ((document as never)[name] as object)) continue
    const { 'user-context': context } = (document as never)[name] as Record<string, unknown>
    if (context !== undefined) continue
    const result = rewritten([{ text: file.text, file: file.name }], () => undefined, wanted)
    if (result.trouble !== undefined) {
      t.fail(`${file.name}: ${result.trouble}`)
      continue
    }
    const now = result.texts.get(file.name)!
    t.strictSame(now.match(comments), file.text.match(comments), file.name)
    const lines = new Set(file.text.split('\n').map((line) => line.replace(/,\s*$/, '')))
    const others = now.split('\n').filter((line) => !lines.has(line.replace(/,\s*$/, '')))
    t.ok(others.length <= 4, `${file.name}: ${others.length} lines are others`)
  }
})
