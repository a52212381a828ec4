// Commands through HTTP: what Kea answers there, more than Kea takes, who may come in, and what
// strangers try.

import { createHash } from 'node:crypto'
import t, { type Test } from 'tap'
import type { HttpDoorPlan, RolePlan } from '../../lib/config/plan/control-plan.ts'
import { plainRole } from '../../lib/config/plan/role.ts'
import { DoorsWorld, http, Line, until } from './doors-world.ts'

const VERSION = '{"command":"version-get"}'

async function opened(
  t: Test,
  more: Partial<HttpDoorPlan> = {},
  persona: HttpDoorPlan['persona'] = 'dhcp4',
  roles: readonly RolePlan[] = [],
) {
  const world = new DoorsWorld(t)
  const plan = await http(persona, more)
  await world.use([plan], roles)
  return { world, port: plan.port, plan }
}

interface Heard {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The first answer in what was heard, and what is behind it. */
function answerIn(text: string): [Heard, string] | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const [line = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((one) => {
      const colon = one.indexOf(':')
      return [one.slice(0, colon).toLowerCase(), one.slice(colon + 1).trim()]
    }),
  )
  const length = Number(headers['content-length'])
  const body = text.slice(end + 4, end + 4 + length)
  if (body.length < length) return undefined
  return [{ status: Number(line.split(' ')[1]), headers, body }, text.slice(end + 4 + length)]
}

/** Answers on a connection, one after the other. */
class Talk extends Line {
  async next(): Promise<Heard> {
    await until(() => answerIn(this.heard) !== undefined || this.socket.destroyed)
    const found = answerIn(this.heard)
    if (found === undefined) throw new Error(`ended with ${JSON.stringify(this.heard)}`)
    this.heard = found[1]
    return found[0]
  }
}

function post(
  body: string | Buffer,
  headers: readonly string[] = [],
  head = 'POST / HTTP/1.1',
): Buffer {
  const length = `Content-Length: ${Buffer.byteLength(body)}`
  const lines = [head, 'Host: x', 'Content-Type: application/json', length, ...headers]
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), Buffer.from(body)])
}

/** What is answered to these bytes on a connection of their own. */
async function told(port: number, bytes: string | Buffer): Promise<Heard> {
  const talk = new Talk({ port }).say(bytes)
  const heard = await talk.next()
  talk.socket.destroy()
  return heard
}

const OK = '[ { "result": 0, "text": "dhcp4" } ]'
const BAD = '{ "result": 400, "text": "Bad Request" }'

t.test('an answer is what Kea sends', async (t) => {
  const headers = [
    { name: 'X-Frame-Options', value: 'DENY' },
    { name: 'Strict-Transport-Security', value: 'max-age=1' },
  ]
  const { port } = await opened(t, { headers })
  const { status, headers: found, body } = await told(port, post(VERSION))
  t.equal(status, 200)
  t.equal(body, OK)
  t.match(found.date, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/)
  t.same(Object.keys(found).sort(), [
    ...['content-length', 'content-type', 'date'],
    ...['strict-transport-security', 'x-frame-options'],
  ])
  t.equal(found['content-type'], 'application/json')
  t.equal(found['content-length'], String(OK.length))
  t.equal(found['x-frame-options'], 'DENY')
})

t.test('an error of ours is an answer, or ends one that has begun', async (t) => {
  const { world, port } = await opened(t)
  const broken = (rows: number) => post(`{"command":"broken","arguments":{"rows":${rows}}}`)
  const FAULT = '{ "result": 500, "text": "Internal Server Error" }'
  for (const bytes of [broken(0), broken(3), post('', [], 'GET /api/v1/broken HTTP/1.1')]) {
    const { status, body } = await told(port, bytes)
    t.same([status, body], [500, FAULT])
  }
  world.health.metrics = 'nothing can be counted'
  const { status } = await told(port, 'GET /metrics HTTP/1.1\r\n\r\n')
  t.equal(status, 500)
  // So long that it has a file of its own.
  t.equal((await told(port, broken(300_000))).status, 500)
  t.equal(world.count('INTERNAL_ERROR'), 5)
  const { body } = await told(port, post(VERSION))
  t.equal(body, OK)
})

t.test('what is taken', async (t) => {
  const { port } = await opened(t)
  const chunked = (head: string) =>
    `${head}\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"com\r\n14\r\nmand":"version-get"}\r\n0\r\n\r\n`
  const taken: Readonly<Record<string, string | Buffer>> = {
    'any path and query': post(VERSION, [], 'POST /a/b%20c?d=e HTTP/1.1'),
    'a whole url': post(VERSION, [], 'POST http://x/ HTTP/1.1'),
    'no host': `POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 25\r\n\r\n${VERSION}`,
    'HTTP 1.0': post(VERSION, [], 'POST / HTTP/1.0'),
    'a parameter of the type': `POST / HTTP/1.1\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 25\r\n\r\n${VERSION}`,
    'another case': `POST / HTTP/1.1\r\ncontent-TYPE: Application/JSON\r\ncontent-LENGTH: 25\r\n\r\n${VERSION}`,
    'no type': `POST / HTTP/1.1\r\nContent-Length: 25\r\n\r\n${VERSION}`,
    pieces: chunked('POST / HTTP/1.1'),
    remarks: post(`# a remark\n${VERSION} // another`),
    'a name of the server': post('{"command":"version-get","service":["dhcp4"]}'),
  }
  for (const [what, bytes] of Object.entries(taken)) {
    const { status, body } = await told(port, bytes)
    t.same([status, body], [200, OK], what)
  }
  const waits = new Talk({ port }).say(
    `POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 25\r\n\r\n`,
  )
  await until(() => waits.heard !== '')
  t.equal(waits.heard, 'HTTP/1.1 100 Continue\r\n\r\n', 'who waits for leave gets it')
  waits.heard = ''
  t.equal((await waits.say(VERSION).next()).body, OK)
  waits.socket.destroy()
})

t.test('what is not taken', async (t) => {
  const { port } = await opened(t)
  const refused: Readonly<Record<string, string | Buffer>> = {
    GET: 'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    PUT: post(VERSION, [], 'PUT / HTTP/1.1'),
    OPTIONS: 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n',
    'another type': `POST / HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 25\r\n\r\n${VERSION}`,
    'half a map': post('{"command":'),
    'no JSON': post('command=version-get'),
    'text behind it': post(`${VERSION}}`),
    'a comma too many': post('{"command":"version-get",}'),
    'no HTTP': 'hello\r\n\r\n',
    TLS: Buffer.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0, 0]),
    'another version': post(VERSION, [], 'POST / HTTP/3.7'),
    'ends of lines of one byte': `POST / HTTP/1.1\nContent-Length: 25\n\n${VERSION}`,
    'a length that is none': `POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n${VERSION}`,
    'a negative length': `POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n${VERSION}`,
    'a head of 20 kB': post(VERSION, [`X: ${'y'.repeat(20_000)}`]),
    'deep nesting': post(`${'['.repeat(20_000)}${']'.repeat(20_000)}`),
  }
  for (const [what, bytes] of Object.entries(refused)) {
    const { status, body, headers } = await told(port, bytes)
    t.same([status, body, headers['content-type']], [400, BAD, 'application/json'], what)
  }
})

t.test('no request hides in another', async (t) => {
  const { port, world } = await opened(t)
  const hidden = post('{"command":"change"}')
  const smuggled: Readonly<Record<string, string>> = {
    'two lengths': `POST / HTTP/1.1\r\nContent-Length: 25\r\nContent-Length: ${25 + hidden.length}\r\n\r\n${VERSION}${hidden}`,
    'pieces and a length': `POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
    'pieces, then another coding': `POST / HTTP/1.1\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${hidden}`,
    'a blank before the colon': `POST / HTTP/1.1\r\nContent-Length : 5\r\n\r\n{}   ${hidden}`,
    'a folded line': `POST / HTTP/1.1\r\nX: y\r\n Content-Length: 5\r\n\r\n{}   ${hidden}`,
    'a piece of a wrong length': `POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${hidden}`,
    'a line end in a header': `POST / HTTP/1.1\r\nX: y\rContent-Length: 5\r\n\r\n${hidden}`,
    'a zero in a header': `POST / HTTP/1.1\r\nX: y\0z\r\nContent-Length: 0\r\n\r\n${hidden}`,
  }
  for (const [what, bytes] of Object.entries(smuggled)) {
    const line = new Line({ port }).say(bytes)
    t.match(await line.ended, /^HTTP\/1\.1 400 /, what)
  }
  t.equal(world.count('CONTROL_COMMAND'), 0, 'nothing of it was carried out')
})

t.test('codes of commands', async (t) => {
  const { port } = await opened(t)
  const lines: readonly (readonly [string, string])[] = [
    ['', '[ { "result": 1, "text": "Command processing failed: NULL command parameter" } ]'],
    ['{"command":"foo-bar"}', `[ { "result": 2, "text": "'foo-bar' command not supported." } ]`],
  ]
  for (const [body, answer] of lines) {
    const heard = await told(port, post(body))
    t.same([heard.status, heard.body], [200, answer], body)
  }
  const { body } = await told(port, post('[]'))
  t.match(JSON.parse(body), [{ result: 1, text: /expected toplevel entry to be a map/ }])
})

t.test('a connection stays for further requests', async (t) => {
  const { port } = await opened(t)
  const talk = new Talk({ port })
  for (let n = 0; n < 3; n++) t.equal((await talk.say(post(VERSION)).next()).body, OK)
  t.equal((await talk.say(post('{"command":')).next()).status, 400)
  t.equal((await talk.say(post(VERSION)).next()).body, OK, 'also behind JSON that was none')
  t.equal((await talk.say('GET /nothing HTTP/1.1\r\n\r\n').next()).status, 400)
  talk.say(
    Buffer.concat([post(VERSION), post('{"command":"echo","arguments":[1]}'), post(VERSION)]),
  )
  t.equal((await talk.next()).body, OK, 'several at once')
  t.equal(
    (await talk.next()).body,
    '[ { "arguments": [ 1 ], "result": 0 } ]',
    'are answered in turn',
  )
  t.equal((await talk.next()).body, OK)
  talk.say('what\r\n\r\n')
  t.equal((await talk.next()).body, BAD)
  await talk.ended
  t.equal(talk.heard, '', 'what is no HTTP ends it')

  const close = new Talk({ port }).say(post(VERSION, ['Connection: close']))
  const closed = await close.ended
  t.match(closed, /Connection: close/i)
  t.match(closed, OK)
  const old = await new Line({ port }).say(post(VERSION, [], 'POST / HTTP/1.0')).ended
  t.match(old, OK, 'HTTP 1.0 ends')
  const kept = new Talk({ port })
  const keep = () => kept.say(post(VERSION, ['Connection: keep-alive'], 'POST / HTTP/1.0')).next()
  t.match((await keep()).headers, { connection: 'keep-alive' }, 'unless it says otherwise')
  t.equal((await keep()).body, OK)
  kept.socket.destroy()
})

t.test('thousands of requests in a piece are answered one after the other', async (t) => {
  const { port } = await opened(t)
  const many = 3000
  const talk = new Talk({ port })
  talk.say(Buffer.concat(Array.from({ length: many }, () => post(VERSION))))
  for (let n = 0; n < many; n++) t.equal((await talk.next()).status, 200)
  talk.socket.destroy()
})

t.test('a client that counts characters for bytes is understood', async (t) => {
  const { port } = await opened(t)
  const text = '{"command":"echo","arguments":{"name":"Zoë Ångström"}}'
  const head = `POST / HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n`
  const bytes = Buffer.from(text)
  t.ok(bytes.length > text.length)
  const expected = { arguments: { name: 'Zoë Ångström' }, result: 0 }
  const parse = ({ body }: Heard) => JSON.parse(Buffer.from(body, 'latin1').toString())[0]
  t.same(
    parse(await told(port, Buffer.concat([Buffer.from(head), bytes]))),
    expected,
    'in one piece',
  )
  const closing = head.replace('\r\n', '\r\nConnection: close\r\n')
  const once = await told(port, Buffer.concat([Buffer.from(closing), bytes]))
  t.same(parse(once), expected, 'also where it is the last request')
  const cut = new Talk({ port }).say(head).say(bytes.subarray(0, text.length))
  await new Promise((resolve) => setTimeout(resolve, 50))
  for (const byte of bytes.subarray(text.length)) cut.say(Buffer.from([byte]))
  t.same(parse(await cut.next()), expected, 'in several')
  await cut.ended
  t.equal(cut.heard, '', 'and goes: what else it says cannot be known')
})

t.test('whom a command is for', async (t) => {
  const texts = async (world: DoorsWorld, plan: HttpDoorPlan, path: string, service?: unknown) => {
    await world.use([plan])
    const body = JSON.stringify({ command: 'version-get', service })
    const heard = await told(plan.port, post(body, [], `POST ${path} HTTP/1.1`))
    return JSON.parse(heard.body).map(({ text }: { text: string }) => text)
  }
  const world = new DoorsWorld(t)
  const agent = await http('ca')
  t.same(await texts(world, agent, '/'), ['ca'])
  t.same(await texts(world, agent, '/', []), ['ca'])
  t.same(await texts(world, agent, '/', ['dhcp4']), ['dhcp4'])
  t.same(await texts(world, agent, '/', ['dhcp6', 'd2', 'dhcp4']), [
    'dhcp6',
    'forwarding socket is not configured for the server type d2',
    'dhcp4',
  ])
  for (const path of ['/dhcp6', '/dhcp6/', '/kea/dhcp6', '/kea/dhcp6?x=/dhcp4', '/%64hcp6'])
    t.same(await texts(world, agent, path), ['dhcp6'], path)
  for (const path of ['/dhcp6x', '/dhcp6/x', '/..%2fdhcp6x', '//', '/../../etc/passwd'])
    t.same(await texts(world, agent, path), ['ca'], path)
  const six = await http('dhcp6')
  t.same(await texts(world, six, '/'), ['dhcp6'])
  t.same(await texts(world, six, '/dhcp4'), ['dhcp4'], 'the path goes before the port')
  t.same(await texts(world, six, '/', ['dhcp4']), ["unsupported service 'dhcp4', expected 'dhcp6'"])
  t.same(await texts(world, six, '/', ['dhcp4', 'dhcp6']), ['dhcp4', 'dhcp6'])
  t.same(await texts(world, agent, '/', 'dhcp4'), ['service value must be a list'])
})

const USERS = {
  realm: 'lab',
  list: [
    { user: 'ops', password: 's:cret' },
    { user: 'eve', password: '' },
    { user: 'zoë', password: 'é' },
  ],
}

function basic(text: string): string {
  return `Authorization: Basic ${Buffer.from(text).toString('base64')}`
}

t.test('users and passwords', async (t) => {
  const { port, world } = await opened(t, { users: USERS })
  const who = '{"command":"who"}'
  for (const [text, name] of [
    ['ops:s:cret', 'ops'],
    ['eve:', 'eve'],
    ['zoë:é', 'zoë'],
  ] as const) {
    const { status, body } = await told(port, post(who, [basic(text)]))
    t.equal(status, 200)
    t.match(Buffer.from(body, 'latin1').toString(), `${name}|admin|http`)
  }
  const wrong = [
    ...['ops:secret', 'ops', ':s:cret', 'OPS:s:cret', 'ops:s:cret\n', ''].map(basic),
    ...['Authorization: Bearer x', 'Authorization: Basic', 'Authorization: Basic !', 'X: y'],
  ]
  const talk = new Talk({ port })
  for (const header of wrong) {
    const { status, body, headers } = await talk.say(post(who, [header])).next()
    t.same([status, body], [401, '{ "result": 401, "text": "Unauthorized" }'], header)
    t.equal(headers['www-authenticate'], 'Basic realm="lab"')
  }
  t.equal((await talk.say(post(who, [basic('eve:')])).next()).status, 200, 'it stays')
  talk.socket.destroy()
  t.equal(world.count('CONTROL_LOGIN_REFUSED'), 1, 'many of them are a line a minute')
})

t.test('roles by user and by address, through either kind of door', async (t) => {
  const nobody = { users: [], certificates: [], networks: [], tokens: [], sockets: [] }
  const roles: RolePlan[] = [
    { ...plainRole('admin'), ...nobody, users: ['ops'] },
    {
      ...plainRole('viewer'),
      ...nobody,
      users: ['eve'],
      name: 'help-desk',
      allow: ['change'],
      deny: ['echo'],
    },
  ]
  const { port, world, plan } = await opened(t, { users: USERS }, 'dhcp4', roles)
  const status = async (user: string, command: string) =>
    (await told(port, post(JSON.stringify({ command }), [basic(user)]))).status
  const table: Readonly<Record<string, readonly [echo: number, change: number]>> = {
    'ops:s:cret': [200, 200],
    'eve:': [403, 200],
    'zoë:é': [200, 403],
  }
  for (const [user, [echo, change]] of Object.entries(table)) {
    t.equal(await status(user, 'echo'), echo, `${user} echo`)
    t.equal(await status(user, 'change'), change, `${user} change`)
  }
  const { body } = await told(port, post('{"command":"change"}', [basic('zoë:é')]))
  t.equal(body, '{ "result": 403, "text": "Forbidden" }')
  t.match(world.said.findLast(({ id }) => id === 'CONTROL_FORBIDDEN')?.fields, {
    user: 'zoë',
    command: 'change',
    role: 'viewer',
    door: 'http',
  })
  const here = { version: 4, address: '127.0.0.0', length: 8 } as const
  const there = { version: 4, address: '192.0.2.0', length: 24 } as const
  const byAddress = { ...plainRole('operator'), ...nobody }
  const open = { ...plan, users: undefined }
  const who = async () => (await told(port, post('{"command":"who"}'))).body
  await world.use([open], [{ ...byAddress, networks: [there] }])
  t.match(await who(), '|viewer|http', 'who is in no role only reads')
  await world.use([open], [{ ...byAddress, networks: [there, here] }])
  t.match(await who(), '|operator|http')
  await world.use([open])
  t.match(await who(), '|admin|http', 'without roles whoever comes in may do everything')
})

t.test('a token is as good as a user, and is one of a role', async (t) => {
  const { world, port, plan } = await opened(t, { users: USERS })
  const nobody = { users: [], certificates: [], networks: [], sockets: [] }
  const tokens = [createHash('sha256').update('sesame').digest('hex')]
  const grafana = { ...plainRole('operator'), ...nobody, tokens }
  const who = async (...headers: string[]) => {
    const { status, body } = await told(port, post('{"command":"who"}', headers))
    return status === 200 ? body : status
  }
  const shown = 'Authorization: Bearer sesame'
  t.equal(await who(shown), 401, 'nobody knows it')
  await world.use([plan], [grafana])
  t.match(await who(shown), `token ${tokens[0]!.slice(0, 8)}|operator|http`)
  t.equal(await who('Authorization: Bearer Sesame'), 401)
  t.equal(await who(`Authorization: Bearer ${tokens[0]}`), 401, 'what the file has is none')
  t.equal(await who(), 401)
  await world.use([{ ...plan, users: undefined }], [grafana])
  t.match(await who(shown), '|operator|http')
  t.match(await who(), '|viewer|http')
  t.equal(await who('Authorization: Bearer other'), 401, 'worse than none')
})

t.test('the own API has addresses of its own', async (t) => {
  const { port } = await opened(t, { users: USERS })
  const ask = (head: string, headers: readonly string[], body = '') => {
    const lines = [`${head} HTTP/1.1`, 'Host: x', `Content-Length: ${body.length}`, ...headers]
    return told(port, `${lines.join('\r\n')}\r\n\r\n${body}`)
  }
  const path = '/api/v1/leases/2001%3Adb8%3A%3A%2F56?q=a%20b&sort=-x'
  t.equal((await ask(`GET ${path}`, [])).status, 401)
  const headers = [basic('eve:'), 'If-Match: "abc"', 'Accept: application/x-ndjson']
  const { body, headers: found } = await ask(`PATCH ${path}`, headers, '{"a":1}')
  t.match(JSON.parse(body), {
    ...{ method: 'PATCH', path: ['leases', '2001:db8::/56'], text: '{"a":1}', ifMatch: 'abc' },
    ...{
      query: [
        ['q', 'a b'],
        ['sort', '-x'],
      ],
      wants: 'lines',
      asker: { user: 'eve' },
    },
  })
  t.equal(found['cache-control'], 'no-store')
  for (const wrong of ['/api/v1/%zz', '/api/v1/leases/%ff'])
    t.equal((await ask(`GET ${wrong}`, [basic('eve:')])).status, 400, wrong)
  const apart = JSON.parse((await ask('GET /api/v1/../v1/leases', [basic('eve:')])).body)
  t.same(apart.path, ['leases'])
})

t.test('a page that a browser has open may not ask in the place of its user', async (t) => {
  const { port, plan, world } = await opened(t, { users: USERS })
  const from = (origin: string, host: string) =>
    told(
      port,
      `POST / HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\n${basic('eve:')}\r\nContent-Length: 25\r\n\r\n${VERSION}`,
    )
  t.equal((await from('https://elsewhere.example', 'here:8000')).status, 403)
  t.equal((await from('http://here:8000', 'here:8000')).status, 200, 'a page of this host may')
  t.equal((await from('null', 'here:8000')).status, 403)
  await world.use([{ ...plan, users: undefined }])
  t.equal((await from('http://evil.example', 'evil.example')).status, 403, 'nor by a made-up name')
  for (const host of ['127.0.0.1:8000', '[::1]:8000', 'localhost'])
    t.equal((await from(`http://${host}`, host)).status, 200, host)
})

t.test('how it is', async (t) => {
  const { port, world } = await opened(t, { users: USERS })
  const get = (path: string) => told(port, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
  t.match(await get('/healthz'), { status: 200, body: 'ok\n' })
  t.match(await get('/readyz'), { status: 200, body: 'ok\n' })
  world.health.unready.push('the journal is read yet')
  t.match(await get('/readyz'), { status: 503, body: 'the journal is read yet\n' })
  t.match(await get('/healthz'), { status: 200, body: 'ok\n' })
  world.health.troubles.push('leases cannot be stored')
  t.match(await get('/healthz'), { status: 503, body: 'leases cannot be stored\n' })
  t.match(await get('/metrics'), { status: 200, body: 'whio_up 1\n' }, 'here without a login')
  t.match(await get('/openapi.json'), { status: 401 })
  const open = await told(port, `GET /openapi.json HTTP/1.1\r\n${basic('eve:')}\r\n\r\n`)
  t.match(open, { status: 200, body: '{ "openapi": "3.1.0" }' })
})

t.test('a reload leaves open what stays, and answers who has asked', async (t) => {
  const world = new DoorsWorld(t)
  const [one, two] = [await http('dhcp4'), await http('dhcp4')]
  await world.use([one, two])
  const staying = new Talk({ port: one.port })
  t.equal((await staying.say(post(VERSION)).next()).body, OK)
  const asking = new Talk({ port: two.port }).say(post('{"command":"hold"}'))
  const idle = new Talk({ port: two.port })
  t.equal((await idle.say(post(VERSION)).next()).body, OK)
  await until(() => world.held.length === 1)
  await world.use([{ ...one, headers: [{ name: 'X-New', value: '1' }] }])
  await idle.ended
  t.equal(idle.heard, '', 'who has not asked is gone with its port')
  world.held[0]!()
  t.match((await asking.next()).body, 'held')
  await asking.ended
  t.equal(asking.heard, '', 'who has is answered, and gone then')
  t.match((await staying.say(post(VERSION)).next()).headers, { 'x-new': '1' })
  staying.socket.destroy()
})

t.test('a long answer has its length before it, and memory does not grow with it', async (t) => {
  const { port } = await opened(t)
  const rows = 1_000_000
  const talk = new Talk({ port })
  const { body } = await talk.say(post(`{"command":"long","arguments":{"rows":${rows}}}`)).next()
  t.equal(JSON.parse(body)[0].arguments.rows.length, rows)
  t.equal((await talk.say(post(VERSION)).next()).body, OK, 'the connection stays')
  talk.socket.destroy()
})

t.test('a body that is too long', async (t) => {
  const { port } = await opened(t)
  const talk = new Talk({ port })
  talk.say(`POST / HTTP/1.1\r\nContent-Length: ${40 << 20}\r\n\r\n`)
  const part = Buffer.alloc(1 << 20, 0x20)
  for (let sent = 0; sent < 33; sent++) talk.say(part)
  const { status, body } = await talk.next()
  t.same([status, body], [413, '{ "result": 413, "text": "Content Too Large" }'])
  await talk.ended
  t.equal(talk.heard, '')
})
