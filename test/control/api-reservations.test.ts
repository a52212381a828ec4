// Reservations of Whio's own API in numbers: as a list, as CSV there and back, as many as can be;
// and changes that are asked for twice.

import t from 'tap'
import { plainRole } from '../../lib/config/plan/role.ts'
import { csvLine, csvRows } from '../../lib/control/api/csv.ts'
import { KEYS_MAX } from '../../lib/control/api/idempotency.ts'
import type { ApiReply } from '../../lib/control/api/route.ts'
import { configStage } from './api-stage.ts'
import { ADMIN, asker } from './room.ts'

const key = (n: number) => ({ subnet: 7, type: 'hw-address', id: `02:00:00:00:00:0${n}` })
const put = (n: number) => ({ ...key(n), reservation: { 'ip-address': `192.0.2.6${n}` } })

/** Six of three lists and both families. */
function peopled() {
  const scene = configStage()
  const items = [
    ...[1, 2, 3].map(put),
    { subnet: 8, type: 'client-id', id: '01aabb', reservation: { hostname: 'a, "b"' } },
    { subnet: 0, type: 'hw-address', id: '020000000009', reservation: { 'client-classes': ['x'] } },
    {
      ...{ family: 6, subnet: 11, type: 'duid', id: '00:01:02:03' },
      reservation: { 'ip-addresses': ['2001:db8:1::9'], prefixes: ['2001:db8:8000::/56'] },
    },
  ]
  const { status } = scene.caller.ask('POST', '/reservations:batch', { body: { items } })
  t.equal(status, 201)
  return scene
}

t.test('many are found however they are written, and by any of their identifiers', async (t) => {
  const { caller, house } = configStage()
  const hosts = () => house.dhcp4.subnet4![0]!.reservations ?? []
  const batch = (items: readonly unknown[]) =>
    caller.ask('POST', '/reservations:batch', { body: { items } })
  const id = (n: number) => `02:00:00:00:0A:${(n + 16).toString(16)}`
  const one = (n: number, more: object) => ({ subnet: 7, type: 'hw-address', id: id(n), ...more })
  const numbers = Array.from({ length: 12 }, (_, n) => n)
  const made = numbers.map((n) => one(n, { reservation: { hostname: `a${n}` } }))
  t.match(batch(made), { status: 201, body: { made: 12 } })
  const other = (n: number) => id(n).replaceAll(':', '').toLowerCase()
  const changed = numbers.map((n) =>
    one(n, { id: other(n), ...(n % 3 === 0 ? {} : { reservation: { hostname: `b${n}` } }) }),
  )
  t.match(batch(changed), { status: 200, body: { made: 0, changed: 8, deleted: 4 } })
  t.same(
    hosts().map(({ hostname }) => hostname),
    numbers.filter((n) => n % 3 !== 0).map((n) => `b${n}`),
  )
  t.match(batch(changed), { status: 404 }, 'those that are gone')
  const twice = [...made, one(3, { id: other(3), reservation: {} })]
  t.match(batch(twice), { status: 400, body: { error: /named twice/ } })
})

t.test('what an item lacks is told', async (t) => {
  const { caller } = configStage()
  const ask = (item: object) =>
    caller.ask('POST', '/reservations:batch', { body: { items: [item] } })
  const { subnet: _, ...nowhere } = put(1)
  const { id: __, ...nobody } = put(1)
  const asKeaHasIt = { 'subnet-id': 7, 'hw-address': '02:00:00:00:00:01' }
  for (const item of [nowhere, asKeaHasIt])
    t.match(ask(item), { status: 400, body: { error: 'items[0]: say subnet: its id, or 0' } })
  t.match(ask(nobody), { status: 400, body: { error: 'items[0]: say id: the identifier' } })
})

t.test('reservations are listed, filtered, and paged with their total', async (t) => {
  const { caller } = peopled()
  const list = (query = '') => caller.ask('GET', `/reservations${query}`).body
  t.equal(list().total, 6)
  t.same(list('?subnet=8').reservations, [
    {
      ...{ family: 4, subnet: 8, type: 'client-id', id: '01aabb' },
      reservation: { hostname: 'a, "b"' },
    },
  ])
  t.equal(list('?family=6').total, 1)
  t.equal(list('?q=192.0.2.62').total, 1)
  t.equal(list('?q=AABB').total, 1)
  t.equal(list('?subnet=99').total, 0)
  const first = list('?limit=4')
  t.match(first, { total: 6, next: '4', previous: undefined })
  t.equal(first.reservations.length, 4)
  t.match(list('?limit=4&cursor=4'), {
    reservations: { length: 2 },
    next: undefined,
    previous: '0',
  })
  for (const wrong of ['?limit=0', '?limit=1001', '?cursor=x', '?family=5', '?subnet=x'])
    t.equal(caller.ask('GET', `/reservations${wrong}`).status, 400, wrong)
  const lines = caller.ask('GET', '/reservations', { wants: 'lines' }).lines.trim().split('\n')
  t.same(
    lines.map((line) => JSON.parse(line)),
    list().reservations,
  )
})

t.test('who only reads sees no secrets there', async (t) => {
  const { caller } = peopled()
  const reservation = { 'user-context': { password: 'tiger' } }
  caller.ask('PUT', '/reservations/7/hw-address/02:05', { body: reservation })
  const viewer = asker(plainRole('viewer'))
  for (const wants of [undefined, 'lines', 'csv'] as const) {
    const { body, lines } = caller.ask('GET', '/reservations', { who: viewer, wants })
    t.notMatch(JSON.stringify(body) ?? lines, /tiger/)
  }
})

t.test('a list as CSV is taken back as it is', async (t) => {
  const { caller, house } = peopled()
  const { lines: text } = caller.ask('GET', '/reservations', { wants: 'csv' })
  t.match(text, /^family,subnet,type,id,addresses,hostname,rest\r\n/)
  t.match(text, /^4,7,hw-address,02:00:00:00:00:01,192\.0\.2\.61,,$/m)
  const before = house.configuration.document
  t.match(caller.ask('POST', '/reservations:batch', { body: text }), {
    status: 200,
    body: { made: 0, changed: 6 },
  })
  t.same(house.configuration.document, before)
  const other = configStage()
  t.match(other.caller.ask('POST', '/reservations:batch', { body: text }), { body: { made: 6 } })
  t.same(
    other.caller.ask('GET', '/reservations').body.reservations,
    caller.ask('GET', '/reservations').body.reservations,
  )
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['a,b', /first line/],
    [text.split('\r\n')[0]!, /items/],
    [`${text}4,7,hw-address`, /line 8: seven columns/],
    [`${text}4,7,hw-address,020a,,,[1]`, /line 8: seven/],
    [`${text}4,7,hw-address,020a,,,{`, /line 8: /],
    [`${text}4,7,mac,020a,,,`, /items\[6\]: type/],
  ]
  for (const [body, error] of wrong)
    t.match(caller.ask('POST', '/reservations:batch', { body }), { status: 400, body: { error } })
  t.equal(caller.ask('PUT', '/reservations/7/hw-address/02:05', { body: text }).status, 415)
})

t.test('cells of CSV', async (t) => {
  const cells = ['', 'a', 'b,c', '"', 'd\r\ne', ' f ']
  const text = `${csvLine(cells)}\n\r\n${csvLine(['x', 'y'])}`
  t.same(csvRows(text), [
    { line: 1, cells },
    { line: 4, cells: ['x', 'y'] },
  ])
  t.same(csvRows(''), [])
  t.same(
    csvRows('a,\n').map((row) => row.cells),
    [['a', '']],
  )
})

t.test('of many the ones that can be are made, and the others told', async (t) => {
  const { caller, house } = configStage()
  const wrong = { ...key(4), reservation: { 'ip-address': 'x' } }
  const items = [put(1), put(2), wrong, put(3), { ...put(5), subnet: 99 }, key(8)]
  const { status, body } = caller.ask('POST', '/reservations:batch', {
    body: { atomic: false, items },
  })
  t.equal(status, 200)
  t.match(body, { made: 3, changed: 0, deleted: 0 })
  t.match(body.failed, [
    { index: 2, error: /ip-address/ },
    { index: 4, error: /no subnet/ },
    { index: 5, error: /no reservation/ },
  ])
  t.equal(house.dhcp4.subnet4![0]!.reservations?.length, 3)
  t.equal(caller.ask('POST', '/reservations:batch', { body: { atomic: 1, items } }).status, 400)
  const csv = `family,subnet,type,id,addresses,hostname,rest\n4,7,hw-address,0203,x,,\n4,7,hw-address,0204,,,`
  t.match(caller.ask('POST', '/reservations:batch?atomic=0', { body: csv }).body, {
    made: 1,
    failed: [{ index: 0 }],
  })
})

t.test(
  'who asks twice with one key is told what came of it, and nothing is done again',
  async (t) => {
    const { api, house } = configStage()
    const ask = (idempotencyKey: string, body: object, who = ADMIN, isStored = true) => {
      const replies: ApiReply[] = []
      const path = ['reservations', '7', 'hw-address', '02:00:00:00:00:01']
      const request = { method: 'PUT', path, query: new Map(), ifMatch: undefined, asker: who }
      api.askText({ ...request, idempotencyKey, text: JSON.stringify(body) }, (one) =>
        replies.push(one),
      )
      if (isStored) house.store()
      return replies[0]
    }
    const made = { status: 201, body: { made: 1 } }
    t.match(ask('a', { hostname: 'one' }), made)
    const { version } = house.configuration
    t.match(ask('a', { hostname: 'one' }), made, 'not changed: made')
    t.equal(house.configuration.version, version)
    t.match(ask('a', { hostname: 'two' }), { status: 422 })
    t.match(ask('', { hostname: 'two' }), { status: 400 })
    t.match(ask('a', { hostname: 'two' }, { ...ADMIN, user: 'eve' }), { status: 200 }, 'of hers')
    t.equal(ask('b', { hostname: 'three' }, ADMIN, false), undefined)
    t.match(ask('b', { hostname: 'three' }, ADMIN, false), { status: 409 }, 'under way')
    house.store()
    t.match(ask('b', { hostname: 'three' }), { status: 200, body: { changed: 1 } })
    t.match(ask('c', { color: 'red' }), { status: 422 })
    t.match(ask('c', { color: 'red' }), { status: 422 }, 'what was refused is so again')
    for (let nth = 0; nth < KEYS_MAX; nth++) ask(`key ${nth}`, { hostname: 'one' })
    t.match(ask('a', { hostname: 'one' }), { status: 200 }, 'the oldest is forgotten')
    house.world.now += 25 * 3600 * 1000
    t.match(ask(`key ${KEYS_MAX - 1}`, { hostname: 'another' }), { status: 200 }, 'after a day')
  },
)
