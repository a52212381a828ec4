// Whio's own API: leases with filters, orders and pages, reservations by their keys, the
// configuration on a condition, and who may ask what.

import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { plainRole, type RoleLevel } from '../../lib/config/plan/role.ts'
import { Api } from '../../lib/control/api/api.ts'
import { withRoutes } from '../../lib/control/api/describe.ts'
import type { ApiReply } from '../../lib/control/api/route.ts'
import { routesWith } from '../../lib/control/api/routes.ts'
import type { ControlRoom } from '../../lib/control/command.ts'
import { Dispatcher } from '../../lib/control/dispatcher.ts'
import { openApiOf } from '../../lib/control/openapi.ts'
import { COMMANDS } from '../../lib/control/table.ts'
import { Caller, configStage, events, type Heard, leasesStage, NO_HISTORY } from './api-stage.ts'
import { HOUSE } from './edit-stage.ts'
import { LeaseStage } from './lease-stage.ts'
import { ADMIN, asker } from './room.ts'

const addresses = ({ body }: Heard): string[] =>
  body.leases.map(({ address }: { address: string }) => address)

t.test('a lease is told whole', async (t) => {
  const { stage, caller, add } = leasesStage()
  add(10, { hostname: 'Printer', expire: 1_900_000_000, 'valid-lft': 600 })
  const { started, ...lease } = caller.ask('GET', '/leases/192.0.2.10').body
  t.equal(started, Math.floor(stage.stage.room.server.wall() / 1000))
  t.same(lease, {
    ...{ address: '192.0.2.10', family: 4, state: 'assigned', 'client-id': '' },
    ...{ 'hw-address': '02:00:00:00:00:10', hostname: 'printer', 'subnet-id': 7, 'pool-id': 0 },
    ...{ 'valid-lifetime': 600, expires: 1_900_000_000, 'given-by': 'us' },
  })
  const six = { 'ip-address': '2001:db8:1::100', duid: '00:01:02:03', iaid: 5 }
  stage.ask('lease6-add', six, 'dhcp6')
  t.match(caller.ask('GET', '/leases/2001:db8:1::100').body, {
    ...{ family: 6, duid: '00:01:02:03', type: 'IA_NA', iaid: 5 },
  })
  const prefix = { ...six, 'ip-address': '2001:db8:8000::', type: 'IA_PD', 'prefix-len': 56 }
  stage.ask('lease6-add', { ...prefix, 'subnet-id': 11 }, 'dhcp6')
  t.match(caller.ask('GET', '/leases/2001:db8:8000::%2F56').body, { type: 'IA_PD' })
  for (const none of ['192.0.2.99', '2001:db8::', 'x', '192.0.2.10%2F32'])
    t.equal(caller.ask('GET', `/leases/${none}`).status, 404, none)
})

t.test('filters', async (t) => {
  const { stage, caller, add } = leasesStage()
  add(10, { hostname: 'printer.example.org' })
  add(11, { 'client-id': '01:aa:bb' })
  add(12, { expire: 1_000 + Math.floor(stage.stage.room.server.wall() / 1000), 'valid-lft': 100 })
  add(13, { state: 1 })
  stage.ask(
    'lease6-add',
    { 'ip-address': '2001:db8:1::100', duid: '00:aa:bb:cc', iaid: 5 },
    'dhcp6',
  )
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['', ['192.0.2.10', '192.0.2.11', '192.0.2.12', '192.0.2.13', '2001:db8:1::100']],
    ['family=6', ['2001:db8:1::100']],
    ['family=4&state=declined', ['192.0.2.13']],
    ['subnet=11', ['2001:db8:1::100']],
    ['subnet=8', []],
    ['q=PRINTER', ['192.0.2.10']],
    ['q=aa:bb', ['192.0.2.11', '2001:db8:1::100']],
    ['q=00:00:11', ['192.0.2.11']],
    ['q=192.0.2.1', ['192.0.2.10', '192.0.2.11', '192.0.2.12', '192.0.2.13']],
    [
      `expires-before=${1_001 + Math.floor(stage.stage.room.server.wall() / 1000)}&state=assigned`,
      ['192.0.2.12'],
    ],
  ]
  for (const [query, expected] of rows) {
    const heard = caller.ask('GET', `/leases?${query}`)
    t.same(addresses(heard), expected, query)
    t.equal(heard.body.total, expected.length, query)
  }
  const wrong = ['family=5', 'subnet=0', 'subnet=x', 'state=x', 'sort=x', 'limit=0', 'limit=1001']
  for (const query of [...wrong, 'cursor=x', 'cursor=a1', 'expires-before=now', 'what=1'])
    t.equal(caller.ask('GET', `/leases?${query}`).status, 400, query)
})

t.test('orders and pages, in both directions', async (t) => {
  const { caller, add } = leasesStage()
  const names = ['d', 'b', 'b', 'a', 'e', 'c', 'b', 'f']
  for (const [index, hostname] of names.entries()) add(10 + index, { hostname })
  const orders: Readonly<Record<string, string>> = {
    address: '10 11 12 13 14 15 16 17',
    '-address': '17 16 15 14 13 12 11 10',
    hostname: '13 11 12 16 15 10 14 17',
    '-hostname': '17 14 10 15 16 12 11 13',
  }
  const lasts = (heard: Heard) => addresses(heard).map((text) => text.split('.').at(-1))
  for (const [sort, expected] of Object.entries(orders))
    for (const limit of [1, 2, 3, 7, 8, 9]) {
      const pages: string[][] = []
      let heard = caller.ask('GET', `/leases?sort=${sort}&limit=${limit}`)
      t.notOk(heard.body.previous)
      for (;;) {
        pages.push(lasts(heard) as string[])
        t.equal(heard.body.total, 8)
        if (heard.body.next === undefined) break
        heard = caller.ask('GET', `/leases?sort=${sort}&limit=${limit}&cursor=${heard.body.next}`)
      }
      t.equal(pages.flat().join(' '), expected, `${sort} by ${limit}`)
      // And back, page by page.
      for (const page of pages.slice(0, -1).reverse()) {
        const { previous } = heard.body
        heard = caller.ask('GET', `/leases?sort=${sort}&limit=${limit}&cursor=${previous}`)
        t.same(lasts(heard), page, `${sort} by ${limit}, back`)
      }
      t.notOk(heard.body.previous)
    }
})

t.test(
  'a cursor stands between leases, whatever becomes of the one that it was made of',
  async (t) => {
    const { stage, caller, add } = leasesStage()
    for (const last of [10, 12, 14, 16]) add(last)
    const { next } = caller.ask('GET', '/leases?limit=2').body
    stage.ask('lease4-del', { 'ip-address': '192.0.2.12' })
    add(13)
    t.same(addresses(caller.ask('GET', `/leases?limit=2&cursor=${next}`)), [
      '192.0.2.13',
      '192.0.2.14',
    ])
  },
)

t.test('leases as lines', async (t) => {
  const { stage, caller, add } = leasesStage()
  for (const last of [10, 11]) add(last)
  stage.ask(
    'lease6-add',
    { 'ip-address': '2001:db8:1::100', duid: '00:aa:bb:cc', iaid: 5 },
    'dhcp6',
  )
  const { status, lines } = caller.ask('GET', '/leases?subnet=7', { wants: 'lines' })
  t.equal(status, 200)
  t.same(
    lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).address),
    ['192.0.2.10', '192.0.2.11'],
  )
  t.equal(caller.ask('GET', '/leases?subnet=9', { wants: 'lines' }).lines, '')
})

t.test('a lease is taken away', async (t) => {
  const { stage, caller, add } = leasesStage()
  add(10)
  t.match(caller.ask('DELETE', '/leases/192.0.2.10'), { status: 200 })
  t.equal(caller.ask('DELETE', '/leases/192.0.2.10').status, 404)
  const prefix = {
    'ip-address': '2001:db8:8000::',
    type: 'IA_PD',
    'prefix-len': 56,
    'subnet-id': 11,
  }
  stage.ask('lease6-add', { ...prefix, duid: '00:01:02:03', iaid: 1 }, 'dhcp6')
  t.match(caller.ask('DELETE', '/leases/2001:db8:8000::%2F56'), { status: 200 })
  t.equal(caller.ask('GET', '/leases').body.total, 0)
})

t.test('a reservation is put, read and taken away by its key', async (t) => {
  const { caller, house, lines } = configStage()
  const at = '/reservations/7/hw-address/02:00:00:00:00:01'
  t.equal(caller.ask('GET', at).status, 404)
  const body = { 'ip-address': '192.0.2.60', hostname: 'printer' }
  t.match(caller.ask('PUT', at, { body }), { status: 201, body: { made: 1, changed: 0 } })
  t.same(caller.ask('GET', at).body, { ...body, 'hw-address': '02:00:00:00:00:01' })
  t.match(caller.ask('PUT', at, { body: { hostname: 'scanner' } }), {
    status: 200,
    body: { made: 0, changed: 1 },
  })
  t.match(lines.at(-1), {
    id: 'CONTROL_COMMAND',
    fields: { user: 'root', command: /^reservation-add by PUT \/reservations/, result: 0 },
  })
  t.same(house.dhcp4.subnet4![0]!.reservations, [
    { hostname: 'scanner', 'hw-address': '02:00:00:00:00:01' },
  ])
  const other = '/reservations/7/hw-address/02-00-00-00-00-01'
  t.match(caller.ask('DELETE', other), { status: 200, body: { deleted: 1 } })
  t.equal(caller.ask('DELETE', at).status, 404)
  const shared = '/reservations/8/client-id/01aabb'
  t.equal(caller.ask('PUT', shared, { body: {} }).status, 201, 'in a shared network')
  const six = '/reservations/11/duid/00:01:02:03?family=6'
  t.equal(caller.ask('PUT', six, { body: { 'ip-addresses': ['2001:db8:1::9'] } }).status, 201)
  t.equal(caller.ask('PUT', '/reservations/0/hw-address/0200', { body: {} }).status, 201, 'for all')
  const wrong: readonly (readonly [string, unknown, number])[] = [
    ['/reservations/99/hw-address/02:00', {}, 404],
    ['/reservations/x/hw-address/02:00', {}, 400],
    ['/reservations/7/mac/02:00', {}, 400],
    ['/reservations/7/hw-address/xyz', {}, 400],
    ['/reservations/7/hw-address/02:01', [], 400],
    ['/reservations/7/hw-address/02:01', { 'ip-address': 'x' }, 422],
    ['/reservations/7/hw-address/02:01', { color: 'red' }, 422],
  ]
  for (const [target, given, status] of wrong)
    t.equal(caller.ask('PUT', target, { body: given }).status, status, target)
})

t.test('many reservations are changed all or none, and may be tried', async (t) => {
  const { caller, house } = configStage()
  const key = (n: number) => ({ subnet: 7, type: 'hw-address', id: `02:00:00:00:00:0${n}` })
  const put = (n: number) => ({ ...key(n), reservation: { 'ip-address': `192.0.2.6${n}` } })
  const batch = (items: readonly unknown[], query = '') =>
    caller.ask('POST', `/reservations:batch${query}`, { body: { items } })
  const hosts = () => house.dhcp4.subnet4![0]!.reservations?.length ?? 0
  const three = [put(1), put(2), put(3)]
  t.match(batch(three, '?dry-run=1'), { status: 200, body: { ok: true, made: 3, faults: [] } })
  t.equal(hosts(), 0)
  t.match(batch(three), { status: 201, body: { made: 3, changed: 0, deleted: 0 } })
  t.match(batch([put(1), key(2), put(4)]), {
    status: 201,
    body: { made: 1, changed: 1, deleted: 1 },
  })
  t.equal(hosts(), 3)
  t.equal(batch([put(5), key(9)]).status, 404)
  t.equal(batch([put(5), put(5)]).status, 400)
  t.equal(batch([put(5), { ...put(6), subnet: 99 }]).status, 404)
  t.match(batch([put(5), { ...key(6), reservation: { 'ip-address': 'x' } }]).status, 422)
  t.match(batch([{ ...key(6), reservation: { 'ip-address': 'x' } }], '?dry-run=1').body, {
    ok: false,
  })
  t.equal(batch([]).status, 400)
  t.equal(hosts(), 3, 'of what is refused nothing is done')
})

t.test(
  'the configuration is changed on the condition that it is the one that was read',
  async (t) => {
    const { caller, house } = configStage()
    const { body, etag, status } = caller.ask('GET', '/config')
    t.equal(status, 200)
    t.match(body, { Dhcp4: { subnet4: [{ id: 7 }] }, Dhcp6: { subnet6: [{ id: 11 }] } })
    const patch = { Dhcp4: { 'valid-lifetime': 1200 } }
    t.equal(caller.ask('PATCH', '/config', { body: patch }).status, 428)
    t.equal(caller.ask('PATCH', '/config', { body: patch, ifMatch: 'another' }).status, 412)
    const done = caller.ask('PATCH', '/config', { body: patch, ifMatch: etag })
    t.match(done, { status: 200, body: { 'needs-restart': [] } })
    t.not(done.etag, etag)
    t.equal(house.dhcp4['valid-lifetime'], 1200)
    t.equal(house.dhcp4.subnet4!.length, 1, 'the rest stays')
    t.equal(caller.ask('PATCH', '/config', { body: patch, ifMatch: etag }).status, 412)
    const { ifMatch } = { ifMatch: done.etag }
    const gone = caller.ask('PATCH', '/config', {
      body: { Dhcp4: { 'valid-lifetime': null } },
      ifMatch,
    })
    t.equal(gone.status, 200)
    t.equal(house.dhcp4['valid-lifetime'] ?? 7200, 7200, 'null takes away')
    const bad = { Dhcp4: { subnet4: [{ id: 7, subnet: 'x' }] } }
    const refused = caller.ask('PUT', '/config', { body: bad, ifMatch: '*' })
    t.match(refused, { status: 422, body: { problems: [{ at: /^\/Dhcp4\/subnet4\/0/ }] } })
    for (const wrong of [
      undefined,
      [],
      {},
      { Logging: {} },
      { Dhcp4: { x: { password: '*****' } } },
    ])
      t.equal(caller.ask('PUT', '/config', { body: wrong, ifMatch: '*' }).status, 400)
    t.equal(house.dhcp4.subnet4!.length, 1)
  },
)

t.test('what a change does not know of its query keeps it from being done', async (t) => {
  const { caller, house } = configStage()
  const lifetime = () => house.dhcp4['valid-lifetime']
  const before = lifetime()
  const { etag: ifMatch } = caller.ask('GET', '/config')
  const body = { Dhcp4: { 'valid-lifetime': 1200 } }
  for (const query of ['dry-run=true', 'dry-run=', 'dry_run=1', 'dry-run=1&family=4'])
    t.match(caller.ask('PATCH', `/config?${query}`, { body, ifMatch }), { status: 400 }, query)
  t.equal(lifetime(), before)
  for (const [method, path] of [
    ['DELETE', '/leases/192.0.2.10'],
    ['POST', '/leases/192.0.2.10:reserve'],
  ] as const)
    t.match(caller.ask(method, `${path}?dry-run=1`), {
      status: 400,
      body: { error: "'dry-run' is no parameter of this address: nothing was done" },
    })
})

t.test('a change is tried, with all that it would do', async (t) => {
  const { caller, house } = configStage()
  const tried = (method: string, body: unknown) =>
    caller.ask(method, '/config?dry-run=1', { body }).body
  t.match(tried('PATCH', { Dhcp4: { 'valid-lifetime': 1200 } }), {
    ...{ ok: true, changes: ['/Dhcp4/valid-lifetime'], faults: [] },
    warnings: [{ at: '/Dhcp6/interfaces-config/interfaces' }],
  })
  const wrong = {
    subnet4: [
      { id: 7, subnet: 'x' },
      { id: 8, subnet: 'y' },
    ],
  }
  t.match(tried('PATCH', { Dhcp4: wrong }), {
    ok: false,
    faults: [{ at: '/Dhcp4/subnet4/0/subnet' }, { at: '/Dhcp4/subnet4/1/subnet' }],
  })
  t.match(tried('PATCH', { Dhcp4: { nonsense: 1 } }), {
    ok: false,
    faults: [{ at: '/Dhcp4/nonsense' }],
  })
  t.equal(house.dhcp4['valid-lifetime'], undefined)
})

t.test('what was in force comes back', async (t) => {
  const { caller, house } = configStage()
  const set = (value: number) =>
    caller.ask('PATCH', '/config', { body: { Dhcp4: { 'valid-lifetime': value } }, ifMatch: '*' })
  set(100)
  set(200)
  const { versions } = caller.ask('GET', '/config/history').body
  t.match(versions, [
    { version: 2, by: { user: 'root', command: 'PATCH /config' } },
    { version: 1 },
    { version: 0, by: { command: 'file' } },
  ])
  t.equal(caller.ask('POST', '/config/rollback/1').status, 200)
  t.equal(house.dhcp4['valid-lifetime'], 100)
  t.equal(caller.ask('POST', '/config/rollback/0').status, 200)
  t.equal(house.dhcp4['valid-lifetime'] ?? 7200, 7200)
  for (const none of ['9', 'x', '-1'])
    t.equal(caller.ask('POST', `/config/rollback/${none}`).status, 404)
})

t.test('who may ask what', async (t) => {
  const { caller, lines } = configStage({
    ...HOUSE,
    'Control-agent': {
      authentication: { type: 'basic', clients: [{ user: 'ops', password: 'secret' }] },
    },
  })
  const as = (level: RoleLevel) => ({ who: asker(plainRole(level)) })
  const host = '/reservations/7/hw-address/02:00:00:00:00:01'
  const rows: readonly (readonly [string, string, unknown, readonly number[]])[] = [
    ['GET', '/leases', undefined, [200, 200, 200]],
    ['GET', '/config', undefined, [200, 200, 200]],
    ['GET', '/config/history', undefined, [200, 200, 200]],
    ['PUT', host, {}, [403, 201, 200]],
    ['GET', host, undefined, [200, 200, 200]],
    ['DELETE', '/leases/192.0.2.99', undefined, [403, 404, 404]],
    ['PATCH', '/config', { Dhcp4: {} }, [403, 403, 428]],
    ['POST', '/config/rollback/9', undefined, [403, 403, 404]],
    ['GET', '/nothing', undefined, [404, 404, 404]],
    ['PUT', '/leases', {}, [405, 405, 405]],
  ]
  const levels = ['viewer', 'operator', 'admin'] as const
  for (const [method, target, body, statuses] of rows)
    t.same(
      levels.map((level) => caller.ask(method, target, { body, ...as(level) }).status),
      statuses,
      `${method} ${target}`,
    )
  t.equal(lines.filter(({ id }) => id === 'CONTROL_FORBIDDEN').length, 6, 'what is refused is told')
  const desk = { ...plainRole('viewer'), allow: ['lease4-del'], deny: ['config-get'] }
  t.equal(caller.ask('GET', '/config', { who: asker(desk) }).status, 403)
  t.equal(caller.ask('DELETE', '/leases/192.0.2.99', { who: asker(desk) }).status, 404)
})

t.test('many changes in one request are judged one by one, leases by their family', async (t) => {
  const { caller } = configStage(HOUSE)
  const host = '/reservations/7/hw-address/02:00:00:00:00:01'
  const secrets = { 'user-context': { note: 'hall', password: 'tiger' } }
  t.equal(caller.ask('PUT', host, { body: secrets }).status, 201)
  const as = (deny: readonly string[]) => ({ who: asker({ ...plainRole('operator'), deny }) })
  const item = { subnet: 7, type: 'hw-address', id: '02:00:00:00:00:01' }
  const batch = (items: readonly object[], deny: string) =>
    caller.ask('POST', '/reservations:batch', { body: { items }, ...as([deny]) }).status
  t.equal(batch([item], 'reservation-del'), 403)
  t.equal(batch([{ ...item, reservation: {} }], 'reservation-update'), 403)
  t.equal(caller.ask('PUT', host, { body: {}, ...as(['reservation-update']) }).status, 403)
  t.match(caller.ask('GET', host).body, secrets, 'nothing was done')
  t.match(caller.ask('GET', host, as([])).body, { 'user-context': { password: '*****' } })
  for (const target of ['/leases', '/leases?family=4'])
    t.equal(caller.ask('GET', target, as(['lease4-get-all'])).status, 403, target)
})

t.test('what a client would get is explained, and nothing is given', async (t) => {
  const { caller, add, stage } = leasesStage()
  for (const last of [10, 11]) add(last)
  const explain = (body: unknown) => caller.ask('POST', '/explain', { body })
  const told = explain({ client: 'mac=02:00:00:00:00:99 relay=192.0.2.1' })
  t.equal(told.status, 200)
  t.equal(told.body.family, 4)
  t.match(JSON.stringify(told.body.steps[0]), /192\.0\.2\.1[2-9]\b/, 'one that nobody has')
  t.equal(told.body.steps.length, 2, 'the offer, and the request that follows')
  t.equal(caller.ask('GET', '/leases').body.total, 2)
  const six = explain({ client: 'duid=00:01:02:03', family: 6 })
  t.match(six, { status: 200, body: { family: 6 } })
  t.match(explain({ packet: '00' }), { status: 200, body: { steps: [{}] } }, 'no message at all')
  for (const wrong of [
    {},
    [],
    { client: 'x=y' },
    { packet: 'zz' },
    { client: 'mac=02:00', family: 5 },
  ])
    t.equal(explain(wrong).status, 400, JSON.stringify(wrong))
  t.equal(stage.stage.lines.filter(({ id }) => id === 'INTERNAL_ERROR').length, 0)
})

t.test('an error of ours is answered, and told', async (t) => {
  const { stage } = new LeaseStage()
  const { room, dispatcher } = stage
  const as = { method: 'GET', as: 'lease4-get', summary: 'Breaks' } as const
  const fail = () => {
    throw new Error('broken')
  }
  const later: (() => void)[] = []
  const api = new Api(room, dispatcher, [
    { ...as, path: '/now', run: fail },
    { ...as, path: '/later', run: ({ goingOn }) => later.push(goingOn(fail)) },
    { ...as, path: '/command', run: ({ command }) => command('version-get', 'dhcp4', {}, fail) },
  ])
  const said: ApiReply[] = []
  const request = { method: 'GET', query: new Map(), ifMatch: undefined }
  for (const path of ['now', 'later', 'command'])
    api.ask({ ...request, path: [path], body: undefined, asker: ADMIN }, (one) => said.push(one))
  t.equal(said.length, 2)
  for (const goOn of later) goOn()
  t.match(said, [{ status: 500 }, { status: 500 }, { status: 500 }])
  t.equal(stage.lines.filter(({ id }) => id === 'INTERNAL_ERROR').length, 3)
})

t.test('nothing is told of leases before they are read', async (t) => {
  const server = { state: 'starting', plan: { dhcp4: {} } }
  const configuration = { document: { Dhcp4: {} } }
  const room = { server, configuration, log: { enabled: () => false } }
  const dispatcher = new Dispatcher(room as unknown as ControlRoom)
  const api = new Api(room as unknown as ControlRoom, dispatcher, routesWith(NO_HISTORY, events()))
  const caller = new Caller(room as unknown as ControlRoom, api, () => {})
  for (const target of ['/leases', '/leases/192.0.2.1'])
    t.equal(caller.ask('GET', target).status, 503, target)
  const given: unknown[] = []
  for (const command of ['lease4-get-all', 'lease4-add', 'stat-lease4-get', 'server-tag-get'])
    dispatcher.ask(JSON.stringify({ command }), 'dhcp4', ADMIN, (answer) => given.push(answer))
  const notYet = { result: 1, text: 'the lease database is being read: ask again' }
  t.match(given, [notYet, notYet, notYet, { result: 0 }])
})

t.test('every route stands for a command that there is', async (t) => {
  for (const { as, method, path } of routesWith(NO_HISTORY, events()))
    t.ok(COMMANDS.has(as), `${method} ${path}: ${as}`)
})

t.test('the description has every route, and is OpenAPI 3.1', async (t) => {
  const routes = routesWith(NO_HISTORY, events())
  const all = withRoutes(openApiOf({ version: '1.2.3', commands: COMMANDS.values() }), routes)
  const { valid, errors } = await new Validator().validate({ ...all })
  t.ok(valid, JSON.stringify(errors))
  const { paths } = all as { paths: Record<string, Record<string, { operationId: string }>> }
  for (const { method, path } of routes)
    t.ok(paths[`/api/v1${path}`]?.[method.toLowerCase()], `${method} ${path}`)
  const ids = Object.values(paths).flatMap((path) =>
    Object.values(path).map((one) => one.operationId),
  )
  t.equal(new Set(ids).size, ids.length, 'each operation has a name of its own')
})
