// A request's way to its command: what is wrong with one, whom it is for, who may, what the log
// says. Numbers in brackets are those of the well-known exchanges that clients rely on.

import t from 'tap'
import type { Role } from '../../lib/config/plan/role.ts'
import { plainRole } from '../../lib/config/plan/role.ts'
import type { Answer, Asker, ControlRoom, Persona } from '../../lib/control/command.ts'
import { Dispatcher } from '../../lib/control/dispatcher.ts'
import { printed } from '../../lib/control/print.ts'
import { COMMANDS } from '../../lib/control/table.ts'
import { createLab } from '../../lib/lab/lab.ts'
import { createPair } from '../../lib/lab/pair.ts'
import { onePool, planOfBoth } from '../sim/plans.ts'
import { ADMIN, asker, Stage } from './room.ts'

function alone(): Stage {
  return new Stage(createLab({ plan: onePool('192.0.2.10 - 192.0.2.19', 600), clients: [] }))
}

function ofBoth(): Stage {
  const plan = planOfBoth(
    { subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10 - 192.0.2.19' }] }] },
    { subnet6: [{ id: 1, subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::/80' }] }] },
  )
  return new Stage(createLab({ plan, clients: [], clients6: [] }))
}

const WRONG = 'Error during command processing: invalid command: '

t.test(
  'what is wrong before a command runs is told in the words that clients compare',
  async (t) => {
    const stage = alone()
    const rows: readonly (readonly [string, Answer])[] = [
      // (5)
      ['{"command":"foo-bar"}', { result: 2, text: "'foo-bar' command not supported." }],
      ['[]', { result: 1, text: `${WRONG}expected toplevel entry to be a map, got list instead` }],
      [
        '[{"command":"version-get"}]',
        { result: 1, text: `${WRONG}expected toplevel entry to be a map, got list instead` },
      ],
      [
        '17',
        { result: 1, text: `${WRONG}expected toplevel entry to be a map, got integer instead` },
      ],
      ['{}', { result: 1, text: `${WRONG}does not contain mandatory 'command'` }],
      ['{"foo":1}', { result: 1, text: `${WRONG}does not contain mandatory 'command'` }],
      [
        '{"command":"version-get","foo":1}',
        { result: 1, text: `${WRONG}unsupported parameter 'foo'` },
      ],
      [
        '{"command":7}',
        { result: 1, text: `${WRONG}expected 'command' to be a string, got map instead` },
      ],
      ['{"command":}', { result: 1, text: 'error: unexpected character } in <wire>:0:12' }],
      [
        '{"command":"dhcp-disable","arguments":[1]}',
        { result: 1, text: "arguments for the 'dhcp-disable' command must be a map" },
      ],
    ]
    for (const [text, answer] of rows) t.strictSame(stage.ask(text), answer, text)
  },
)

t.test(
  'comments are allowed, the last of repeated keys counts, remote-address is nothing',
  async (t) => {
    const stage = alone()
    const text = '{ # who\n "command": "foo", "command": "version-get", "remote-address": "::1" }'
    t.equal(stage.ask(text).result, 0)
  },
)

t.test('what the table says that a command needs is needed', async (t) => {
  const stage = ofBoth()
  let looked = 0
  for (const [name, { parameters, personas }] of COMMANDS) {
    const { required = [] } = parameters ?? {}
    if (required.length === 0) continue
    looked++
    const { result } = stage.ask({ command: name, arguments: {} }, personas[0]!)
    t.ok(result === 1 || result === 2, `${name}: ${result}`)
  }
  t.ok(looked > 30)
})

t.test('twenty thousand brackets are answered, and so is who asks next', async (t) => {
  const stage = alone()
  const tower = '['.repeat(20_000) + ']'.repeat(20_000)
  t.equal(stage.ask(tower).result, 1)
  t.equal(stage.ask(`{"command":"config-set","arguments":${tower}}`).result, 1)
  t.same(stage.http(tower).status, 400)
  t.equal(stage.ask({ command: 'version-get' }).result, 0)
})

t.test('parts of the configuration are told without secrets to who may not see them', async (t) => {
  const { room } = alone()
  const parts = { hosts: [{ 'user-context': { password: 'tiger', note: 'hall' } }] }
  const known = COMMANDS.get('reservation-get-all')!
  const command = {
    ...known,
    run: (...[, , answer]: Parameters<typeof known.run>) => answer({ result: 0, arguments: parts }),
  }
  const dispatcher = new Dispatcher(room, new Map([[known.name, command]]))
  const told = (who: Asker) => {
    const answers: Answer[] = []
    dispatcher.ask(`{"command":"${known.name}"}`, 'dhcp4', who, (answer) => answers.push(answer))
    return answers
  }
  t.match(told(ADMIN), [{ arguments: parts }])
  const hidden = { hosts: [{ 'user-context': { password: '*****', note: 'hall' } }] }
  t.match(told(asker(plainRole('viewer'))), [{ arguments: hidden }])
})

t.test('a long request is read a part a turn', async (t) => {
  const stage = alone()
  const turns: (() => void)[] = []
  const dispatcher = new Dispatcher(stage.room, COMMANDS, (part) => turns.push(part))
  const answers: Answer[] = []
  const long = { command: 'version-get', arguments: Array(100_000).fill(1) }
  dispatcher.ask(JSON.stringify(long), 'dhcp4', ADMIN, (answer) => answers.push(answer))
  dispatcher.ask('{"command":"version-get"}', 'dhcp4', ADMIN, (answer) => answers.push(answer))
  t.equal(answers.length, 1, 'who asks shortly does not wait for it')
  let count = 0
  for (; turns.length > 0; count++) turns.shift()!()
  t.ok(count > 3, `${count} turns`)
  t.equal(answers.length, 2)
})

t.test('an empty body of HTTP is told (11), bad JSON is a bad request (10)', async (t) => {
  const stage = alone()
  t.same(stage.http(''), {
    status: 200,
    body: [{ result: 1, text: 'Command processing failed: NULL command parameter' }],
  })
  t.same(stage.http('{"command":'), { status: 400, body: { result: 400, text: 'Bad Request' } })
})

t.test(
  'HTTP goes by service, in the order asked (7); a socket of a server has its own name',
  async (t) => {
    const both = ofBoth()
    const version = (service?: unknown) => ({ command: 'version-get', service })
    const results = (stage: Stage, request: object, door: Persona = 'ca') =>
      (stage.http(request, door).body as Answer[]).map(({ result, text }) => result || text)
    t.same(results(both, version(['dhcp4', 'dhcp6'])), ['3.2.0', '3.2.0'])
    t.same(both.http(version(['dhcp6', 'd2', 'dhcp4'])).body, [
      both.ask(version(), 'dhcp6'),
      { result: 1, text: 'forwarding socket is not configured for the server type d2' },
      both.ask(version(), 'dhcp4'),
    ])
    for (const [service, door] of [
      [['dhcp6'], 'ca'],
      [['dhcp6'], 'dhcp6'],
      [undefined, 'dhcp6'],
    ] as const)
      t.match(alone().http(version(service), door).body, [
        { result: 1, text: 'forwarding socket is not configured for the server type dhcp6' },
      ])
    const rows: readonly (readonly [unknown, Persona, string])[] = [
      [undefined, 'dhcp4', '3.2.0'],
      [[], 'dhcp4', '3.2.0'],
      [[''], 'dhcp4', '3.2.0'],
      [['dhcp4'], 'dhcp4', '3.2.0'],
      [['d2'], 'dhcp4', "unsupported service 'd2', expected 'dhcp4'"],
      [['dhcp6'], 'dhcp4', "unsupported service 'dhcp6', expected 'dhcp4'"],
      ['dhcp4', 'ca', 'service value must be a list'],
      [[4], 'ca', 'service name must be a string'],
    ]
    for (const [service, door, text] of rows)
      t.match(both.http(version(service), door).body, [{ text }], JSON.stringify([service, door]))
    t.equal(results(both, version(['dhcp4', 'dhcp6']), 'dhcp4').length, 2)
    t.strictSame(
      both.ask(version(['dhcp6', 7])),
      both.ask(version()),
      'a unix socket ignores it (6)',
    )
  },
)

t.test('the agent answers for itself, and says where a command belongs', async (t) => {
  const stage = ofBoth()
  const names = stage.ask({ command: 'list-commands' }, 'ca').arguments as string[]
  for (const name of ['build-report', 'list-commands', 'status-get', 'version-get'])
    t.ok(names.includes(name), name)
  t.notOk(names.includes('shutdown'), 'that would take the servers with it')
  t.notOk(names.includes('dhcp-disable'))
  const [answer] = stage.http({ command: 'dhcp-disable' }).body as Answer[]
  t.equal(answer!.result, 2)
  t.match(answer!.text, /^'dhcp-disable' command not supported\. You did not include "service"/)
  t.same(Object.keys(stage.ask({ command: 'status-get' }, 'ca').arguments as object), [
    'pid',
    'uptime',
    'reload',
  ])
})

t.test('commands are listed where they are answered, sorted', async (t) => {
  const listed = (stage: Stage, persona: Persona, who: Asker = ADMIN) =>
    stage.ask({ command: 'list-commands' }, persona, who).arguments as string[]
  const stage = ofBoth()
  for (const persona of ['dhcp4', 'dhcp6', 'ca'] as const) {
    const names = listed(stage, persona)
    t.same(names, [...names].sort())
    t.equal(new Set(names).size, names.length)
    for (const name of names)
      t.not(stage.dispatcher.find(name, persona), undefined, `${persona} ${name}`)
  }
  t.ok(listed(stage, 'dhcp4').includes('subnet4-select-test'))
  t.notOk(listed(stage, 'dhcp6').includes('subnet4-select-test'))
  t.notOk(
    listed(stage, 'dhcp4').some((name) => name.startsWith('ha-')),
    'without a pair',
  )
  t.equal(stage.ask({ command: 'ha-heartbeat' }).result, 2)
  const pair = createPair({ clients: 0 })
  t.ok(pair.reachNormal())
  t.equal(listed(new Stage(pair), 'dhcp4').filter((name) => name.startsWith('ha-')).length, 9)
})

const HELPDESK: Role = {
  name: 'helpdesk',
  level: 'viewer',
  allow: ['dhcp-disable'],
  deny: ['build-report'],
}

t.test(
  'a role judges every command, by its level, what it is allowed, what it is denied',
  async (t) => {
    const stage = alone()
    const roles: readonly Role[] = [
      plainRole('viewer'),
      plainRole('operator'),
      plainRole('admin'),
      HELPDESK,
    ]
    const rows: readonly (readonly [string, string])[] = [
      ['version-get', 'viewer operator admin helpdesk'],
      ['build-report', 'viewer operator admin'],
      ['dhcp-disable', 'operator admin helpdesk'],
      ['dhcp-enable', 'operator admin'],
      ['shutdown', 'admin'],
    ]
    for (const [command, may] of rows)
      for (const role of roles) {
        const isAllowed = may.split(' ').includes(role.name)
        const listed = stage.ask({ command: 'list-commands' }, 'dhcp4', asker(role)).arguments
        t.equal((listed as string[]).includes(command), isAllowed, `${role.name} sees ${command}`)
        const { status } = stage.http({ command, service: ['dhcp4'] }, 'ca', asker(role))
        t.equal(status, isAllowed ? 200 : 403, `${role.name} ${command}`)
      }
    const viewer = asker(plainRole('viewer'))
    t.same(stage.http({ command: 'shutdown' }, 'dhcp4', viewer), {
      status: 403,
      body: { result: 403, text: 'Forbidden' },
    })
    t.match(stage.ask({ command: 'shutdown' }, 'dhcp4', viewer), {
      result: 1,
      text: "'shutdown' is not permitted for the role 'viewer'",
    })
    t.equal(stage.http({ command: 'foo' }, 'dhcp4', viewer).status, 200, 'unknown is unknown')
  },
)

t.test(
  'heartbeats are not noted, and a user that is refused again and again is counted',
  async (t) => {
    const pair = createPair({ clients: 0 })
    t.ok(pair.reachNormal())
    const stage = new Stage(pair)
    stage.ask({ command: 'ha-heartbeat' })
    t.same(stage.lines, [])
    for (let time = 0; time < 100; time++)
      stage.ask({ command: 'shutdown' }, 'dhcp4', asker(plainRole('viewer'), 'ann'))
    t.equal(stage.lines.length, 10)
    pair.advance(60_000)
    stage.ask({ command: 'shutdown' }, 'dhcp4', asker(plainRole('viewer'), 'ann'))
    t.match(stage.lines.slice(10), [
      { id: 'CONTROL_FORBIDDEN_MORE', fields: { about: 'ann shutdown', suppressed: 90 } },
      { id: 'CONTROL_FORBIDDEN' },
    ])
  },
)

/** Stands for every command: notes that it was carried out. */
function noting(stage: Stage, done: string[]): Stage {
  for (const [name, command] of stage.commands)
    stage.commands.set(name, {
      ...command,
      run(_asked, _room, answer) {
        done.push(name)
        answer({ result: 0 })
      },
    })
  return stage
}

t.test('every command is judged for every role alike through unix and HTTP', async (t) => {
  const done: string[] = []
  const pair = createPair({ clients: 0 })
  t.ok(pair.reachNormal())
  const [alone, paired] = [noting(ofBoth(), done), noting(new Stage(pair), done)]
  const roles = [plainRole('viewer'), plainRole('operator'), plainRole('admin'), HELPDESK]
  const mayNot = new Map<string, string[]>(roles.map(({ name }) => [name, []]))
  for (const { name, personas, isHere } of COMMANDS.values()) {
    const stage = isHere === undefined ? alone : paired
    for (const role of roles) {
      done.length = 0
      const { text = '' } = stage.ask({ command: name }, personas[0], asker(role))
      const isRefused = text === `'${name}' is not permitted for the role '${role.name}'`
      const { status } = stage.http({ command: name }, personas[0], asker(role))
      t.equal(status, isRefused ? 403 : 200, `${role.name} ${name}`)
      t.equal(done.length, isRefused ? 0 : 2, `${role.name} ${name}`)
      if (isRefused) mayNot.get(role.name)!.push(name)
    }
  }
  const writes = [...COMMANDS.values()].filter(({ access }) => access === 'write')
  const names = writes.map(({ name }) => name)
  t.same(mayNot.get('admin'), [])
  t.same(mayNot.get('viewer'), names)
  const ofHelpdesk = ['build-report', ...names.filter((name) => name !== 'dhcp-disable')]
  t.same(mayNot.get('helpdesk')!.sort(), ofHelpdesk.sort())
  const operated = names.filter((name) => !mayNot.get('operator')!.includes(name))
  t.same([...operated].filter((name) => !/^(lease[46]|reservation)-/.test(name)).sort(), [
    'dhcp-disable',
    'dhcp-enable',
    'ha-maintenance-cancel',
    'ha-maintenance-notify',
    'ha-maintenance-start',
    'leases-reclaim',
  ])
})

t.test(
  'what changes something is told in the log, without secrets, and so is what was not permitted',
  async (t) => {
    const stage = alone()
    stage.ask({ command: 'version-get' })
    t.same(stage.lines, [], 'who reads is not noted')
    const secret = { Dhcp4: { 'control-sockets': [{ authentication: { password: 'hidden' } }] } }
    stage.ask({ command: 'dhcp-disable', arguments: { 'max-period': 5, ...secret } })
    stage.ask({ command: 'dhcp-disable', arguments: { origin: 'nobody' } })
    stage.ask({ command: 'shutdown' }, 'dhcp4', asker(HELPDESK, 'ann'))
    t.match(stage.lines, [
      {
        id: 'CONTROL_COMMAND',
        level: 'info',
        fields: {
          command: 'dhcp-disable',
          user: 'root',
          role: 'admin',
          from: 'here',
          door: 'unix',
          result: 0,
          answer: 'DHCPv4 service disabled for 5 seconds',
        },
      },
      { id: 'CONTROL_COMMAND_NOT_DONE', fields: { result: 1 } },
      { id: 'CONTROL_FORBIDDEN', level: 'warn', fields: { user: 'ann', role: 'helpdesk' } },
    ])
    t.match(stage.lines[0]!.fields.arguments, /"max-period": 5/)
    t.notMatch(printed(stage.lines), /hidden/)
    const long = 'x'.repeat(100_000)
    stage.ask({ command: 'dhcp-enable', arguments: { origin: 'user', comment: long } })
    t.ok(printed(stage.lines.at(-1)).length < 1500)
  },
)

t.test(
  'an error within a command is an answer, and its second word counts for nothing',
  async (t) => {
    const stage = alone()
    const broken = { ...COMMANDS.get('version-get')!, name: 'broken' }
    stage.commands.set('broken', {
      ...broken,
      run() {
        throw new TypeError('of ours')
      },
    })
    stage.commands.set('twice', {
      ...broken,
      name: 'twice',
      run(_asked, _room, answer) {
        answer({ result: 0 })
        answer({ result: 1 })
        throw new Error('and then')
      },
    })
    t.same(stage.ask({ command: 'broken' }), {
      result: 1,
      text: 'Error during command processing: of ours',
    })
    t.same(stage.ask({ command: 'twice' }), { result: 0 })
  },
)

t.test('what a command has waited for may be nonsense: who asked is answered', async (t) => {
  const stage = alone()
  const { server, log } = stage.room
  // Each of them calls back with nothing where something is promised.
  const callback = (...given: readonly unknown[]): void =>
    (given.findLast((one) => typeof one === 'function') as () => void)()
  const configuration = {
    ...{ document: { Dhcp4: {} }, version: 1, status: { files: [] } },
    ...{ edit: callback, replace: callback, reload: callback, written: callback },
  }
  const room = {
    ...{ ...stage.room, configuration, log },
    server: new Proxy(server, {
      get: (_, name) => (name === 'amend' ? callback : Reflect.get(server, name, server)),
    }),
    configHost: { ...stage.room.configHost, write: callback },
    leaseFiles: { write: callback },
  } as unknown as ControlRoom
  const lease = { 'ip-address': '192.0.2.10', 'hw-address': '02:00:00:00:00:01' }
  const host = { 'hw-address': '02:00:00:00:00:01', 'subnet-id': 1 }
  const rows: readonly (readonly [string, object?])[] = [
    ['lease4-add', lease],
    ['lease4-update', { ...lease, 'force-create': true }],
    ['lease4-wipe', { 'subnet-id': 1 }],
    ['lease4-write', { filename: 'leases.csv' }],
    ['reservation-add', { reservation: host }],
    ['config-set', { Dhcp4: {} }],
    ['config-reload'],
    ['config-write'],
  ]
  const dispatcher = new Dispatcher(room)
  for (const [command, given] of rows) {
    const answers: Answer[] = []
    const text = JSON.stringify({ command, ...(given && { arguments: given }) })
    dispatcher.ask(text, 'dhcp4', ADMIN, (answer) => answers.push(answer))
    stage.lab.world.advanceUntil(() => answers.length > 0, 10_000)
    t.match(answers, [{ result: 1, text: /^Error during command processing/ }], command)
  }
  const faults = stage.lines.filter(({ id }) => id === 'INTERNAL_ERROR')
  t.equal(faults.length, rows.length)
})

t.test('a text that cannot be made is an answer, and is made anew for who asks next', async (t) => {
  const stage = alone()
  let isBroken = true
  const { configHost } = stage.room
  const sum = () => {
    if (isBroken) throw new Error('no sums today')
    return configHost.sum()
  }
  const document = { Dhcp4: { subnet4: [{ id: 1, subnet: '192.0.2.0/24' }] } }
  const configuration = { document, version: 1 } as unknown as ControlRoom['configuration']
  const room = { ...stage.room, configuration, configHost: { ...configHost, sum } }
  const dispatcher = new Dispatcher(room)
  const asked = () => {
    const answers: Answer[] = []
    dispatcher.ask('{"command":"config-get"}', 'dhcp4', ADMIN, (one) => answers.push(one))
    stage.lab.world.advanceUntil(() => answers.length > 0, 10_000)
    return answers
  }
  t.match(asked(), [{ result: 1, text: /no sums today/ }])
  isBroken = false
  t.match(asked(), [{ result: 0 }])
})

t.test('a log that fails costs nobody the answer', async (t) => {
  const stage = alone()
  const log = {
    enabled: () => true,
    write: (_: unknown, id: string) => {
      if (id.startsWith('CONTROL_')) throw new Error('no room')
    },
  }
  const dispatcher = new Dispatcher({ ...stage.room, log })
  const answers: Answer[] = []
  for (const who of [ADMIN, { ...ADMIN, role: plainRole('viewer') }])
    try {
      dispatcher.ask('{"command":"dhcp-enable"}', 'dhcp4', who, (answer) => answers.push(answer))
    } catch {
      // Whoever asks has no use for it.
    }
  t.match(answers, [{ result: 0 }, { result: 1, text: /not permitted for the role/ }])
})
