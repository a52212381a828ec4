// Sockets for commands: what the keys of both servers and of Kea's agent become, and what is said
// of them.

import t from 'tap'
import { MARK, withoutSecrets } from '../../lib/config/keys/secrets.ts'
import { loadPlanFromObject, loadPlanFromSources } from '../../lib/config/load.ts'
import type { CompileContext, FileLook } from '../../lib/config/plan/compile-context.ts'
import type { DoorPlan } from '../../lib/config/plan/control-plan.ts'

const FILES: Readonly<Record<string, string>> = {
  '/s/ca': '-----BEGIN CERTIFICATE-----',
  '/s/cert': '-----BEGIN CERTIFICATE-----',
  '/s/key': '-----BEGIN PRIVATE KEY-----',
  '/s/user': 'ops\n',
  '/s/password': 's:cret\nmore',
  '/s/both': 'eve:pass:word\n',
  '/s/nobody': ':word',
  '/s/half': 'eve',
}

const CONTEXT: CompileContext = {
  stateDirectory: '/nowhere',
  look: (path): FileLook => {
    const text = FILES[path]
    if (text !== undefined) return { kind: 'file', text }
    return { kind: 'trouble', trouble: 'there is no such file' }
  },
}

interface Loaded {
  /** Undefined where the file is not served. */
  readonly doors: readonly DoorPlan[] | undefined
  readonly said: readonly string[]
}

function load(document: object): Loaded {
  const { plan, problems } = loadPlanFromObject({ Dhcp4: {}, ...document }, CONTEXT)
  const about = problems.filter(({ path }) =>
    /control|Control|roles|authentication/.test(path.join()),
  )
  return {
    doors: plan?.doors,
    said: about.map(({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`),
  }
}

function sockets(...list: readonly object[]): Loaded {
  return load({ Dhcp4: { 'control-sockets': list } })
}

const TLS = { 'trust-anchor': '/s/ca', 'cert-file': '/s/cert', 'key-file': '/s/key' }
const BASIC = { type: 'basic', clients: [{ user: 'ops', password: 'x' }] }
const OPEN = { tls: undefined, users: undefined, headers: [] }

t.test('what is opened', async (t) => {
  const cases: readonly (readonly [string, object, readonly object[]])[] = [
    ['nothing', {}, []],
    [
      'a unix socket for each server',
      {
        Dhcp4: { 'control-sockets': [{ 'socket-type': 'unix', 'socket-name': '/run/4' }] },
        Dhcp6: { 'control-sockets': [{ 'socket-name': '/run/6' }] },
      },
      [
        { kind: 'unix', persona: 'dhcp4', path: '/run/4' },
        { kind: 'unix', persona: 'dhcp6', path: '/run/6' },
      ],
    ],
    [
      'the one socket of older files',
      { Dhcp4: { 'control-socket': { 'socket-type': 'unix', 'socket-name': '/run/4' } } },
      [{ kind: 'unix', persona: 'dhcp4', path: '/run/4' }],
    ],
    [
      'a name alone, in the folder of sockets',
      { Dhcp4: { 'control-sockets': [{ 'socket-type': 'unix', 'socket-name': 'kea4' }] } },
      [{ kind: 'unix', persona: 'dhcp4', path: '/var/run/kea/kea4' }],
    ],
    [
      'a port',
      { Dhcp4: { 'control-sockets': [{ 'socket-type': 'http' }] } },
      [{ kind: 'http', persona: 'dhcp4', address: '127.0.0.1', port: 8000, ...OPEN }],
    ],
    [
      'the agent',
      { 'Control-agent': {} },
      [{ kind: 'http', persona: 'ca', address: '127.0.0.1', port: 8000, ...OPEN }],
    ],
    [
      'everything that is said of a port',
      {
        'Control-agent': {
          ...{ 'http-host': '::', 'http-port': 8443, ...TLS, 'cert-required': false },
          'http-headers': [{ name: 'X-A', value: 'b' }],
          authentication: { ...BASIC, realm: 'lab' },
          'control-sockets': { dhcp4: { 'socket-type': 'unix', 'socket-name': '/run/4' } },
        },
      },
      [
        {
          ...{ kind: 'http', persona: 'ca', address: '::', port: 8443 },
          tls: {
            ...{ trustAnchor: '/s/ca', certFile: '/s/cert', keyFile: '/s/key' },
            isCertRequired: false,
          },
          users: { realm: 'lab', list: [{ user: 'ops', password: 'x' }] },
          headers: [{ name: 'X-A', value: 'b' }],
        },
      ],
    ],
  ]
  for (const [what, document, doors] of cases) t.same(load(document).doors, doors, what)
})

t.test('who may come in', async (t) => {
  const users = (authentication: object) => {
    const { doors, said } = sockets({ 'socket-type': 'http', authentication })
    const [door] = doors ?? []
    return { users: door?.kind === 'http' ? door.users : 'closed', said }
  }
  const clients = (...list: readonly object[]) => users({ type: 'basic', clients: list })
  t.equal(users({ type: 'basic' }).users, undefined, 'nobody is named: everybody')
  t.same(users(BASIC).users, {
    realm: 'kea-dhcpv4-server',
    list: [{ user: 'ops', password: 'x' }],
  })
  const files = clients(
    { 'user-file': '/s/user', 'password-file': '/s/password' },
    { user: 'me', 'password-file': '/s/password' },
    { 'password-file': '/s/both' },
    { user: 'nothing' },
  )
  t.match(files.users, {
    list: [
      { user: 'ops', password: 's:cret' },
      { user: 'me', password: 's:cret' },
      { user: 'eve', password: 'pass:word' },
      { user: 'nothing', password: '' },
    ],
  })
  const folder = { type: 'basic', directory: '/s/', clients: [{ 'password-file': 'both' }] }
  t.match(users(folder).users, { list: [{ user: 'eve' }] })

  const at = 'Dhcp4.control-sockets.0.authentication.clients.0'
  const absent = clients({ 'user-file': '/s/absent', password: 'x' })
  t.equal(absent.users, 'closed', 'where a file cannot be read the door stays closed')
  t.same(absent.said, [`error ${at}.user-file: '/s/absent' cannot be read`])
  const wrong: readonly (readonly [object, string])[] = [
    [{ password: 'x' }, `error ${at}: the user has no name`],
    [{ user: '', password: 'x' }, `error ${at}: the user has no name`],
    [{ user: 'a:b', password: 'x' }, `error ${at}: a user name with a colon cannot be said`],
    [{ 'password-file': '/s/half' }, `error ${at}.password-file: the user has no name`],
    [{ 'password-file': '/s/nobody' }, `error ${at}: the user has no name`],
    [
      { user: 'a', 'user-file': '/s/user' },
      `error ${at}.user-file: user and user-file say the same thing`,
    ],
  ]
  for (const [client, said] of wrong) {
    const found = clients(client)
    t.same(found.said, [said])
    t.equal(found.users, 'closed', 'the file is not served')
  }
})

t.test('what is wrong', async (t) => {
  const at = 'Dhcp4.control-sockets'
  const long = `/${'x'.repeat(107)}`
  const errors: readonly (readonly [string, readonly object[]])[] = [
    [`${at}.0: the socket has no name`, [{ 'socket-type': 'unix' }]],
    [
      `${at}.0.socket-name: a path of a socket has no more than 107 bytes, and this one has 108`,
      [{ 'socket-name': long }],
    ],
    [`${at}.1: a second unix socket`, [{ 'socket-name': '/a' }, { 'socket-name': '/b' }]],
    [
      `${at}.1.socket-port: port 8000 of 127.0.0.1 is named twice`,
      [{ 'socket-type': 'http' }, { 'socket-type': 'http' }],
    ],
    [
      `${at}.0.socket-address: 'localhost' is no address`,
      [{ 'socket-type': 'http', 'socket-address': 'localhost' }],
    ],
    [
      `${at}.0: trust-anchor and cert-file and key-file are missing for TLS`,
      [{ 'socket-type': 'https' }],
    ],
    [`${at}.0: key-file is missing for TLS`, [{ 'socket-type': 'http', ...TLS, 'key-file': '' }]],
    [
      `${at}.0.http-headers.0.name: 'a b' is no name of a header`,
      [{ 'socket-type': 'http', 'http-headers': [{ name: 'a b', value: 'c' }] }],
    ],
    [
      `${at}.0.http-headers.0.name: Content-Length is not to be set`,
      [{ 'socket-type': 'http', 'http-headers': [{ name: 'Content-Length', value: '1' }] }],
    ],
    [
      `${at}.0.http-headers.0.value: it does not fit into a line`,
      [{ 'socket-type': 'http', 'http-headers': [{ name: 'X', value: 'a\r\nY: b' }] }],
    ],
  ]
  for (const [said, list] of errors) {
    const found = sockets(...list)
    t.same(found.said, [`error ${said}`])
    t.equal(found.doors, undefined, 'the file is not served')
  }
  const name = { 'socket-name': '/a' }
  const twice = load({
    Dhcp4: { 'control-sockets': [name] },
    Dhcp6: { 'control-sockets': [name] },
  })
  t.same(twice.said, [`error Dhcp6.control-sockets.0.socket-name: '/a' is named twice`])
  const port = load({
    Dhcp4: { 'control-sockets': [{ 'socket-type': 'http' }] },
    'Control-agent': {},
  })
  t.same(port.said, ['error Control-agent.http-port: port 8000 of 127.0.0.1 is named twice'])
})

t.test('what is doubtful', async (t) => {
  const at = 'Dhcp4.control-sockets.0'
  const open = 'whoever reaches the port may change everything'
  const anywhere = { 'socket-type': 'http', 'socket-address': '0.0.0.0' }
  t.same(sockets(anywhere).said, [`warning ${at}: ${open}`])
  t.equal(sockets(anywhere).doors?.length, 1, 'it is opened, as by Kea')
  t.same(sockets({ ...anywhere, authentication: BASIC }).said, [])
  t.same(sockets({ ...anywhere, ...TLS }).said, [])
  t.same(sockets({ ...anywhere, ...TLS, 'cert-required': false }).said, [`warning ${at}: ${open}`])
  t.same(sockets({ ...anywhere, 'socket-address': '::1' }).said, [])
  t.same(sockets({ 'socket-name': '/a', 'socket-port': 1 }).said, [
    `warning ${at}.socket-port: without effect on a socket of the type unix`,
  ])
  t.same(sockets({ 'socket-type': 'http', 'socket-name': '/a' }).said, [
    `warning ${at}.socket-name: without effect on a socket of the type http`,
  ])
  const absent = sockets({ 'socket-type': 'https', ...TLS, 'cert-file': '/s/absent' })
  t.same(absent.said, [`error ${at}.cert-file: '/s/absent' cannot be read`])
  t.equal(absent.doors?.length, 1, 'it is served, and the door tried again and again')
})

t.test('the port of a pair is not one for commands', async (t) => {
  const peer = (name: string, role: string, port: number) => ({
    ...{ name, role, url: `http://127.0.0.1:${port}/` },
  })
  const pair = {
    ...{ 'this-server-name': 'a', mode: 'load-balancing' },
    peers: [peer('a', 'primary', 8000), peer('b', 'secondary', 8001)],
  }
  const parameters = { 'high-availability': [pair] }
  const Dhcp4 = { 'hooks-libraries': [{ library: 'libdhcp_ha.so', parameters }] }
  const agent = (more: object) => load({ Dhcp4, 'Control-agent': more })
  const said = 'the pair listens on port 8000 of 127.0.0.1, and takes no commands there'
  t.same(agent({}), { doors: [], said: [`warning Control-agent.http-port: ${said}`] })
  t.equal(agent({ 'http-port': 8001 }).doors?.length, 1)
  t.equal(agent({ 'http-host': '192.0.2.1' }).doors?.length, 1)
  t.equal(agent({ 'http-host': '0.0.0.0' }).doors?.length, 0)
})

t.test('roles', async (t) => {
  const roles = (...list: readonly object[]) => {
    const { plan, problems } = loadPlanFromObject({ Dhcp4: {}, Whio: { roles: list } }, CONTEXT)
    const errors = problems.filter(({ severity }) => severity === 'error')
    return plan?.roles ?? errors.map(({ path, message }) => `${path.join('.')}: ${message}`)
  }
  t.same(roles(), [])
  const addresses = ['192.0.2.1', '198.51.100.0/24', '2001:db8::/32']
  t.same(roles({ name: 'desk', users: ['eve'], addresses, allow: ['lease4-del'] }), [
    {
      ...{ name: 'desk', level: 'viewer', allow: ['lease4-del'], deny: [] },
      ...{ users: ['eve'], certificates: [], tokens: [], sockets: [] },
      networks: [
        { version: 4, address: '192.0.2.1', length: 32 },
        { version: 4, address: '198.51.100.0', length: 24 },
        { version: 6, address: '2001:db8::', length: 32 },
      ],
    },
  ])
  const sum = 'a'.repeat(64)
  t.match(roles({ name: 'grafana', tokens: [sum.toUpperCase(), `sha256:${sum}`] }), [
    { tokens: [sum, sum] },
  ])
  for (const token of ['', 'sesame', sum.slice(1)])
    t.same(roles({ name: 'grafana', tokens: [token] }), [
      'Whio.roles.0.tokens.0: it is no SHA-256 in hexadecimal',
    ])
  t.same(withoutSecrets({ roles: [{ name: 'grafana', tokens: [sum] }] }), {
    roles: [{ name: 'grafana', tokens: MARK }],
  })
  for (const address of ['', 'x', '192.0.2.0/33', '192.0.2.0/', '192.0.2/24', '::/129', '::/1/1'])
    t.same(roles({ name: 'desk', addresses: [address] }), [
      `Whio.roles.0.addresses.0: '${address}' is no address or prefix`,
    ])
})

t.test('the agent may stand in a file of its own, beside those of the servers', async (t) => {
  const agent = { text: '{"Control-agent": {}}', file: 'agent.conf' }
  const server = { text: '{"Dhcp4": {}}', file: 'dhcp4.conf' }
  const include = () => undefined
  const loaded = loadPlanFromSources([agent, server], include, CONTEXT)
  t.match(loaded.plan?.doors, [{ persona: 'ca' }])
  const alone = loadPlanFromSources([agent], include, CONTEXT)
  t.equal(alone.plan, undefined)
  t.match(alone.problems, [{ severity: 'error', path: ['Dhcp4'], message: 'the key is missing' }])
  t.match(loadPlanFromObject({ 'Control-agent': {} }, CONTEXT), {
    plan: undefined,
    problems: [{ path: ['Dhcp4'] }],
  })
})
