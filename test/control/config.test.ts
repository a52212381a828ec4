// The configuration by command: what is asked, what is answered, and who is shown its secrets.

import { createHash } from 'node:crypto'
import t from 'tap'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import { MARK } from '../../lib/config/keys/secrets.ts'
import { plainRole } from '../../lib/config/plan/role.ts'
import type { Members } from '../../lib/config/whole.ts'
import type { Answer } from '../../lib/control/command.ts'
import { type ConfigurationText, configurationText } from '../../lib/control/configuration-text.ts'
import { parsed } from '../../lib/control/parse.ts'
import { printed } from '../../lib/control/print.ts'
import { createLab } from '../../lib/lab/lab.ts'
import type { ConfigHost, WriteOrder } from '../../lib/ports/config-host.ts'
import type {
  ConfigAnswer,
  ConfigResult,
  RunningConfiguration,
  Tried,
} from '../../lib/server/configuration/running-configuration.ts'
import { loadedFrom } from '../config/canonical-documents.ts'
import { ConfigurationWorld, OFFICE } from '../server/configuration-world.ts'
import { onePool } from '../sim/plans.ts'
import { asker, Stage } from './room.ts'

const SECRET = 'tell nobody'

const DOCUMENT = {
  Dhcp4: {
    subnet4: [
      {
        id: 1,
        subnet: '192.0.2.0/24',
        pools: [{ pool: '192.0.2.10 - 192.0.2.20' }],
        'user-context': { door: { password: SECRET } },
      },
    ],
    'control-sockets': [
      {
        'socket-type': 'http',
        authentication: { type: 'basic', clients: [{ user: 'stork', password: SECRET }] },
      },
    ],
  },
  Dhcp6: { subnet6: [{ id: 6, subnet: '2001:db8::/64' }] },
} as unknown as ConfigDocument

const DONE: ConfigResult = { allowed: true, why: '', problems: [], needsRestart: [], dropped: 0 }

/** Of a server that has no journal and no partner: what is put in force is so at once. */
class Configuration {
  document: ConfigDocument
  version = 1
  readonly status = { files: ['/etc/whio/lan.json'] } as unknown as RunningConfiguration['status']
  /** What the next reload or change is answered. */
  next: ConfigResult | undefined
  written_: ConfigDocument | undefined

  constructor(document: ConfigDocument) {
    this.document = document
  }

  test(members: Members, answer: (tried: Tried) => void): void {
    const { plan, problems } = loadedFrom({ ...this.document, ...members })
    answer({ isServed: plan !== undefined, edits: [], problems, trouble: '' })
  }

  replace(members: Members, _author: unknown, answer: ConfigAnswer): void {
    const { document, problems } = loadedFrom({ ...this.document, ...members })
    const isWrong = problems.some(({ severity }) => severity === 'error')
    if (isWrong) return answer({ ...DONE, allowed: false, why: 'wrong', problems })
    this.document = document!
    this.version++
    answer(DONE)
  }

  reload(_author: unknown, answer: ConfigAnswer): void {
    answer(this.next ?? DONE)
  }

  written(document: ConfigDocument, answer: ConfigAnswer): void {
    this.written_ = document
    answer(DONE)
  }
}

interface Scene {
  readonly stage: Stage
  readonly configuration: Configuration
  readonly orders: WriteOrder[]
}

function scene(document = loadedFrom(DOCUMENT).document!): Scene {
  const stage = new Stage(
    createLab({ plan: onePool('192.0.2.10 - 192.0.2.20', 600), clients: [] }),
    document,
  )
  const configuration = new Configuration(document)
  const orders: WriteOrder[] = []
  const configHost: ConfigHost = {
    ...stage.room.configHost,
    write: (order, done) => {
      orders.push(order)
      done({ path: order.filename ?? '/etc/whio/lan.json', bytes: 77 })
    },
  }
  Object.assign(stage.room, { configuration, configHost })
  return { stage, configuration, orders }
}

/** As it arrives at a client. */
function answered(answer: Answer): Answer & { readonly arguments?: Record<string, unknown> } {
  return parsed(printed(answer)).value as never
}

t.test('config-get shows all that holds, with the hash, and no text', async (t) => {
  const { stage } = scene()
  const { result, text, arguments: given } = answered(stage.ask({ command: 'config-get' }))
  t.strictSame([result, text, Object.keys(given!)], [0, undefined, ['Dhcp4', 'hash']])
  const map = given!.Dhcp4 as Record<string, unknown>
  t.match(map, { 'shared-networks': [], 'option-data': [], 'valid-lifetime': 7200 })
  const six = answered(stage.ask({ command: 'config-get' }, 'dhcp6')).arguments!
  t.match(six.Dhcp6, { subnet6: [{ id: 6, 'pd-pools': [], pools: [] }] })
  const agent = answered(stage.ask({ command: 'config-get' }, 'ca')).arguments!
  t.match(agent['Control-agent'], { 'control-sockets': { dhcp4: {}, dhcp6: {} } })
})

t.test('config-set of what was got changes nothing, not even the hash', async (t) => {
  const { stage, configuration } = scene()
  const before = printed(stage.ask({ command: 'config-get' }))
  const got = parsed(before).value as { arguments: Record<string, unknown> }
  const answer = answered(stage.ask({ command: 'config-set', arguments: got.arguments }))
  t.equal(answer.text, 'Configuration successful.')
  t.equal(answer.arguments!.hash, got.arguments.hash)
  t.equal(configuration.version, 2)
  t.equal(printed(stage.ask({ command: 'config-get' })), before)
  t.strictSame(stage.ask({ command: 'config-hash-get' }), {
    result: 0,
    arguments: { hash: got.arguments.hash },
  })
})

t.test(
  'who is no admin can change everything but which hooks run, and what they are told',
  async (t) => {
    const hook = { library: '/etc/whio/hooks/a.js', parameters: { url: 'http://[::1]/' } }
    const libraries = [{ library: 'libdhcp_lease_cmds.so' }, hook]
    const document = {
      Dhcp4: { ...DOCUMENT.Dhcp4, 'hooks-libraries': libraries },
    } as ConfigDocument
    const { stage, configuration } = scene(loadedFrom(document).document!)
    const operator = asker({ ...plainRole('operator'), allow: ['config-set'] })
    const set = (Dhcp4: unknown, who = operator) =>
      stage.ask({ command: 'config-set', arguments: { Dhcp4 } }, 'dhcp4', who)
    const others = [
      [{ ...hook, library: '/tmp/b.js' }],
      [{ ...hook, library: 'whio-hook-b' }],
      [{ ...hook, parameters: { url: 'http://192.0.2.9/' } }],
      [hook, { library: '/tmp/b.js' }],
      [],
    ]
    for (const other of others) {
      const map = { ...document.Dhcp4, 'hooks-libraries': other }
      t.match(set(map), { result: 1, text: /only the level admin may change them/ })
      t.equal(configuration.version, 1)
    }
    const { 'hooks-libraries': _, ...without } = document.Dhcp4 as Record<string, unknown>
    t.match(set(without), { result: 1, text: /Dhcp4.hooks-libraries has other modules/ })
    t.match(set({ ...document.Dhcp4, 'valid-lifetime': 77, 'hooks-libraries': [hook] }), {
      result: 0,
    })
    t.match(set(without, asker(plainRole('admin'))), { result: 0 })
  },
)

t.test('another configuration has another hash, and the former one its former', async (t) => {
  const { stage } = scene()
  const hash = () => answered(stage.ask({ command: 'config-hash-get' })).arguments!.hash
  const set = (map: unknown) => stage.ask({ command: 'config-set', arguments: { Dhcp4: map } })
  const first = hash()
  set({ 'valid-lifetime': 600 })
  t.not(hash(), first)
  set(DOCUMENT.Dhcp4)
  t.equal(hash(), first)
})

t.test('arguments are refused in the words of Kea', async (t) => {
  const rows: readonly (readonly [given: unknown, text: string])[] = [
    [undefined, "Missing mandatory 'arguments' parameter."],
    [{}, "Missing mandatory 'Dhcp4' parameter."],
    [{ Logging: {} }, "Missing mandatory 'Dhcp4' parameter."],
    [{ Dhcp4: [] }, "'Dhcp4' parameter expected to be a map."],
    [{ Dhcp4: {}, Logging: {} }, "Unsupported 'Logging' parameter."],
  ]
  const { stage } = scene()
  for (const command of ['config-test', 'config-set'])
    for (const [given, text] of rows)
      t.strictSame(stage.ask({ command, arguments: given }), { result: 1, text }, text)
})

t.test('faults are told in the words of Kea, all of them, and nothing is changed', async (t) => {
  const subnet = (members: object) => ({
    subnet4: [{ id: 7, subnet: '192.0.2.0/24', ...members }],
  })
  const host = (members: object) =>
    subnet({ reservations: [{ 'hw-address': '02:00:00:00:00:01', ...members }] })
  const rows: readonly (readonly [map: object, words: string])[] = [
    [{ foo: 1 }, 'unsupported global configuration parameter: foo (Dhcp4.foo)'],
    [subnet({ foo: 1 }), "spurious 'foo' parameter"],
    [host({ foo: 1 }), "unsupported configuration parameter 'foo'"],
    [
      host({ 'ip-address': '10.0.0.1' }),
      "specified reservation '10.0.0.1' is not within the IPv4 subnet '192.0.2.0/24'",
    ],
    [host({ 'ip-address': '3000::1' }), "address '3000::1' is not a valid IPv4 address"],
    [
      subnet({ pools: [{ pool: '10.0.0.1 - 10.0.0.5' }] }),
      'a pool of type V4, with the following address range: 10.0.0.1-10.0.0.5 does not match the prefix of a subnet: 192.0.2.0/24 to which it is being added',
    ],
    [subnet({ 'valid-lifetime': 'x' }), "'valid-lifetime' parameter is not an integer"],
    [
      { subnet4: [{ id: 7 }] },
      "subnet configuration failed: mandatory 'subnet' parameter is missing",
    ],
    [
      { subnet4: [1, 2].map((n) => ({ id: 7, subnet: `192.0.${n}.0/24` })) },
      "ID of the new IPv4 subnet '7' is already in use",
    ],
    [
      { subnet4: [1, 2].map((id) => ({ id, subnet: '192.0.2.0/24' })) },
      "subnet with the prefix of '192.0.2.0/24' already exists",
    ],
    [
      { 'shared-networks': [{ name: 'floor' }, { name: 'floor' }] },
      "duplicate network 'floor' found in the configuration",
    ],
  ]
  const { stage, configuration } = scene()
  for (const command of ['config-test', 'config-set'])
    for (const [map, words] of rows) {
      const { result, text } = stage.ask({ command, arguments: { Dhcp4: map } })
      t.equal(result, 1)
      t.ok(text!.includes(words), `${command}: ${text}`)
    }
  const both = stage.ask({ command: 'config-test', arguments: { Dhcp4: { foo: 1, bar: 2 } } })
  t.match(both.text, /parameter: foo .*parameter: bar /)
  // Of the keys, and of what they say.
  const twice = [1, 2].map((n) => ({ id: 7, subnet: `192.0.${n}.0/24` }))
  for (const command of ['config-test', 'config-set']) {
    const all = stage.ask({ command, arguments: { Dhcp4: { foo: 1, subnet4: twice } } })
    t.match(all.text, /parameter: foo .*ID of the new IPv4 subnet '7' is already in use/, command)
  }
  t.equal(configuration.version, 1)
})

t.test('a number that no file may have is refused, wherever it stands', async (t) => {
  const { stage, configuration } = scene()
  const huge = '340282366920938463463374607431768211456'
  for (const map of [`{"user-context": {"n": ${huge}}}`, `{"valid-lifetime": ${huge}}`]) {
    const request = `{"command": "config-set", "arguments": {"Dhcp4": ${map}}}`
    t.match(stage.ask(request), { result: 1, text: `${huge} is too large a number` })
  }
  t.equal(configuration.version, 1)
})

t.test('nobody sees a secret, and who writes back what was shown keeps it', async (t) => {
  const { stage, configuration } = scene()
  const shown = stage.ask({ command: 'config-get' })
  t.notMatch(printed(shown), SECRET)
  t.equal(printed(shown).split(MARK).length - 1, 2)
  const read = stage.ask({ command: 'config-get' }, 'dhcp4', asker(plainRole('viewer')))
  t.equal(printed(read), printed(shown), 'whoever asks')
  const before = configuration.document.Dhcp4
  const { Dhcp4 } = JSON.parse(printed(shown.arguments)) as { Dhcp4: object }
  const changed = { ...Dhcp4, 'valid-lifetime': 4321 }
  t.match(stage.ask({ command: 'config-set', arguments: { Dhcp4: changed } }), { result: 0 })
  const after = configuration.document.Dhcp4 as unknown as Record<string, unknown>
  t.equal(after['valid-lifetime'], 4321)
  const secrets = (value: unknown) => JSON.stringify(value).split(SECRET).length - 1
  t.equal(secrets(after), secrets(before))
  t.notMatch(JSON.stringify(after), /[*]{5}/)
})

t.test('the mark of a secret that stands nowhere is never taken for one', async (t) => {
  const { stage, configuration } = scene()
  const map = { 'user-context': { door: { password: MARK } } }
  for (const command of ['config-test', 'config-set']) {
    const { result, text } = stage.ask({ command, arguments: { Dhcp4: map } })
    t.equal(result, 1)
    t.match(text, /^Dhcp4.user-context.door.password is the mark of a secret/)
  }
  t.equal(configuration.version, 1)
})

t.test('a secret that is written wrongly is not told', async (t) => {
  const [socket] = (DOCUMENT.Dhcp4 as unknown as { 'control-sockets': object[] })['control-sockets']
  const clients = [{ user: 'stork', password: 47110815 }]
  const wrong = { ...socket, authentication: { type: 'basic', clients } }
  const { problems } = loadedFrom({ Dhcp4: { 'control-sockets': [wrong] } })
  t.match(problems, [{ code: 'wrong-type' }])
  t.notMatch(JSON.stringify(problems), '47110815')
})

t.test('what is put in force is told in the log, without its secrets', async (t) => {
  const { stage } = scene()
  stage.ask({ command: 'config-set', arguments: { Dhcp4: DOCUMENT.Dhcp4 } })
  t.equal(stage.lines.length, 1)
  t.notMatch(JSON.stringify(stage.lines), SECRET)
})

t.test('a file that cannot be served is named, and what would need a restart', async (t) => {
  const { stage, configuration } = scene()
  const problems = loadedFrom({ Dhcp4: { foo: 1 } }).problems
  configuration.next = { ...DONE, allowed: false, why: 'it has 1 error', problems }
  t.match(stage.ask({ command: 'config-reload' }), {
    result: 1,
    text: /^Config reload failed: configuration error using file '\/etc\/whio\/lan.json': uns/,
  })
  configuration.next = { ...DONE, needsRestart: ['lease-database'], dropped: 2 }
  const { result, text } = stage.ask({ command: 'config-reload' })
  t.equal(result, 0)
  t.equal(
    text,
    'Configuration successful. A restart is needed for: lease-database. 2 edits that were not written are gone.',
  )
})

t.test('what stands in a file that was refused is told as the file has it', async (t) => {
  const { stage, configuration } = scene()
  const subnet = { id: 1, subnet: '192.0.2.0/99', pools: [{ pool: '192.0.2.1' }] }
  const other = { id: 1, subnet: '192.0.3.0/24', pools: [{ pool: '192.0.2.1 - 192.0.2.3' }] }
  const { problems } = loadedFrom({ Dhcp4: { subnet4: [subnet, other] } })
  configuration.next = { ...DONE, allowed: false, why: 'it has errors', problems }
  const { text } = stage.ask({ command: 'config-reload' })
  t.match(text, "'192.0.2.0/99' is not a subnet")
  t.notMatch(text, 'undefined')
})

t.test('config-write writes its own files, and then nothing stands over them', async (t) => {
  const { stage, configuration, orders } = scene()
  t.strictSame(stage.ask({ command: 'config-write' }), {
    result: 0,
    text: 'Configuration written to /etc/whio/lan.json successful',
    arguments: { filename: '/etc/whio/lan.json', size: 77 },
  })
  t.equal(configuration.written_, configuration.document)
  configuration.written_ = undefined
  stage.ask({ command: 'config-write', arguments: { filename: 'copy.json' } }, 'dhcp6')
  t.equal(configuration.written_, undefined, 'a copy is not what the next start reads')
  t.match(orders, [{ version: 4 }, { version: 6, filename: 'copy.json' }])
  t.strictSame(stage.ask({ command: 'config-write', arguments: { filename: 5 } }), {
    result: 1,
    text: "passed parameter 'filename' is not a string",
  })
})

/** Many subnets and reservations; each slice is a turn of the loop. */
t.test('the text of a large configuration is made in slices, of what is new only', async (t) => {
  const large = (changed: number): ConfigDocument => document(changed)
  const subnets = new Map<number, object>()
  const subnet = (n: number): object => ({
    id: n + 1,
    subnet: `10.${n >> 8}.${n & 255}.0/24`,
    reservations: Array.from({ length: 10 }, (_, host) => ({
      'hw-address': `02:00:00:${[n >> 8, n & 255, host].map(hex).join(':')}`,
      'ip-address': `10.${n >> 8}.${n & 255}.${host + 1}`,
    })),
  })
  const document = (changed: number) => {
    for (let n = 0; n < 2000; n++) if (!subnets.has(n)) subnets.set(n, subnet(n))
    subnets.set(changed, { ...subnet(changed), 'valid-lifetime': 600 + changed })
    return { Dhcp4: { subnet4: [...subnets.values()] } } as unknown as ConfigDocument
  }
  const work: (() => void)[] = []
  let summed = 0
  const host = {
    sum: () => {
      const hash = createHash('sha256')
      summed++
      return { add: (text: string) => hash.update(text), hex: () => hash.digest('hex') }
    },
    soon: (next: () => void) => work.push(next),
  } as unknown as ConfigHost
  const source = { document: large(1), version: 1 }
  const made = (): ConfigurationText => {
    let text: ConfigurationText | undefined
    let turns = 0
    configurationText(source, 4, host, {
      done: (given) => (text = given),
      lost: (error) => t.fail(error.message),
    })
    for (; text === undefined; turns++) work.shift()!()
    t.ok(turns >= 200, `${turns} turns`)
    return text
  }
  const first = made()
  t.equal(parsed(first.clear.join('')).value !== undefined, true)
  const before = summed
  Object.assign(source, { document: large(7), version: 2 })
  const second = made()
  t.not(second.hash, first.hash)
  t.ok(summed - before < 20, `${summed - before} maps were made anew`)
  let again: ConfigurationText | undefined
  configurationText(source, 4, host, {
    done: (given) => (again = given),
    lost: (error) => t.fail(error.message),
  })
  t.equal(again, second, 'what is made already is there at once')
})

function hex(n: number): string {
  return n.toString(16).padStart(2, '0')
}

const DDNS = {
  'forward-ddns': {
    'ddns-domains': [
      { name: 'lan.', 'key-name': 'k', 'dns-servers': [{ 'ip-address': '192.0.2.53' }] },
    ],
  },
  'tsig-keys': [{ name: 'k', algorithm: 'HMAC-SHA256', secret: 'c2VjcmV0' }],
}

t.test('the service d2: its map is told with a hash, tried, and put in force', async (t) => {
  const document = loadedFrom({ ...DOCUMENT, DhcpDdns: DDNS } as never).document!
  const { stage, configuration } = scene(document)
  const ask = (command: string, given?: unknown) =>
    answered(stage.ask({ command, ...(given !== undefined && { arguments: given }) }, 'd2'))
  const got = ask('config-get').arguments!
  const { hash } = ask('config-hash-get').arguments!
  t.match(hash, /^[0-9A-F]{64}$/)
  t.equal(got.hash, hash)
  const APPLIED = 'Configuration applied successfully.'
  t.same(ask('config-set', got), { result: 0, text: APPLIED, arguments: { hash } })
  t.same(ask('config-test', { DhcpDdns: DDNS }), {
    ...{ result: 0, text: 'Configuration check successful' },
  })
  const lab = { ...DDNS, 'forward-ddns': { 'ddns-domains': [] } }
  const done = ask('config-set', { DhcpDdns: lab })
  t.equal(done.text, APPLIED)
  t.not(done.arguments!.hash, hash)
  t.same(configuration.document.DhcpDdns, lab)

  const unknown = [{ ...DDNS['forward-ddns']['ddns-domains'][0], 'key-name': 'other' }]
  const wrong = { ...DDNS, 'forward-ddns': { 'ddns-domains': unknown } }
  for (const command of ['config-test', 'config-set']) {
    t.match(ask(command, { DhcpDdns: wrong }), { result: 1, text: /other/ })
    t.match(ask(command), { result: 1, text: "Missing mandatory 'arguments' parameter." })
    t.match(ask(command, {}), { result: 1, text: "Missing mandatory 'DhcpDdns' parameter." })
    t.match(ask(command, { DhcpDdns: DDNS, Dhcp4: {} }), { result: 1, text: /Unsupported 'Dhcp4'/ })
    const marked = {
      ...DDNS,
      'tsig-keys': [{ ...DDNS['tsig-keys'][0], name: 'other', secret: MARK }],
    }
    t.match(ask(command, { DhcpDdns: marked }), { result: 1, text: /secret/ })
  }
  t.same(configuration.document.DhcpDdns, lab, 'nothing of that is in force')
  t.match(ask('gss-tsig-get-all'), {
    result: 2,
    text: /^'gss-tsig-get-all' command not supported: GSS-TSIG is not supported, .*tsig-keys$/,
  })
  t.match(ask('extended-info4-upgrade'), { result: 2, text: /supported: .* nothing .* upgraded$/ })
})

t.test('zones that are set by command are those that names go to, at once', async (t) => {
  const house = new ConfigurationWorld({
    Dhcp4: { ...OFFICE.Dhcp4, 'dhcp-ddns': { 'enable-updates': true } },
    DhcpDdns: { ...DDNS, 'forward-ddns': { 'ddns-domains': [] } },
  })
  const answers: ConfigResult[] = []
  const author = { user: 'root', from: 'here', command: 'config-set' }
  t.same(house.world.server.plan.names.forward, [])
  house.configuration.replace({ DhcpDdns: DDNS }, author, (answer) => answers.push(answer))
  house.store()
  t.match(answers, [{ allowed: true, needsRestart: [] }])
  t.match(house.world.server.plan.names.forward, [
    { name: 'lan', servers: [{ key: { name: 'k' } }] },
  ])
})
