// Commands through a unix socket: where one begins and ends, what its sender must and need not do,
// and the files of the socket.

import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { RolePlan } from '../../lib/config/plan/control-plan.ts'
import { plainRole } from '../../lib/config/plan/role.ts'
import { Slices } from '../../lib/platform/control/slices.ts'
import { UnixDoor } from '../../lib/platform/control/unix-door.ts'
import { asked, DoorsWorld, Line, until } from './doors-world.ts'

async function opened(t: Test, persona: 'dhcp4' | 'dhcp6' = 'dhcp4') {
  const world = new DoorsWorld(t)
  const plan = world.unix('sock', persona)
  await world.use([plan])
  return { world, path: plan.path }
}

const VERSION = '{ "result": 0, "text": "dhcp4" }'

t.test('a command ends where its brackets balance', async (t) => {
  const { path } = await opened(t)
  const whole: readonly string[] = [
    '{"command":"version-get"}',
    ' \t\r\n{"command":"version-get"}',
    '# a remark\n{"command":"version-get"}',
    '// a remark { [ "\n{"command":"version-get"}',
    '/* a } remark ** / */{"command":"version-get"}',
    '{"command":/* } */"version-get" # ]}\n}',
    '{"command":"version-get","arguments":{"a":"}]\\"}"}}',
    '{"command":"version-get","arguments":{"a":"\\\\"}}',
    '{"command":"version-get"}{"command":"echo"}',
    '{"command":"version-get"}\n\n',
  ]
  for (const text of whole) {
    t.equal(await asked(path, text), VERSION, text)
    const line = new Line(path)
    for (const one of text) line.say(one)
    t.equal(await line.ended, VERSION, `byte by byte: ${text}`)
  }
})

t.test('what is no command is told so', async (t) => {
  const { path } = await opened(t)
  const cases: readonly (readonly [string, string])[] = [
    ['hello', 'invalid first character h'],
    [' \n}', 'invalid first character }'],
    ['"command"', 'invalid first character \\"'],
    ['é{}', 'invalid first character é'],
    ['[]', 'invalid command: expected toplevel entry to be a map, got list instead'],
    ['{}', "does not contain mandatory 'command'"],
    ['{"command":1}', "expected 'command' to be a string, got"],
    ['{"command":"foo-bar"}', "'foo-bar' command not supported."],
    ['{"command": }', 'error: '],
    ['{"command": ]', 'error: '],
    ['[}', 'error: '],
    [`${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'levels'],
  ]
  for (const [text, words] of cases) {
    const heard = Buffer.from(await asked(path, text), 'latin1').toString()
    t.match(heard, /^\{ "result": [12], "text": ".*" \}$/, text.slice(0, 40))
    t.ok(heard.includes(words), `${text.slice(0, 40)}: ${heard}`)
  }
})

t.test('an error of ours is an answer, or ends one that has begun', async (t) => {
  const { world, path } = await opened(t)
  const broken = (rows: number) => `{"command":"broken","arguments":{"rows":${rows}}}`
  const FAULT = '{ "result": 1, "text": "an error of the server, which its log tells" }'
  t.equal(await asked(path, broken(0)), FAULT)
  const half = await asked(path, broken(300_000))
  t.match(half, /^\{ "arguments": /)
  t.notMatch(half, /\}$/)
  t.equal(await asked(path, '{"command":"version-get"}'), VERSION)
  t.equal(world.count('INTERNAL_ERROR'), 2)
})

t.test('the service that is named plays no part', async (t) => {
  const { path } = await opened(t, 'dhcp6')
  for (const service of ['["dhcp4"]', '["d2","dhcp4"]', '"x"', '7'])
    t.equal(
      await asked(path, `{"command":"version-get","service":${service}}`),
      '{ "result": 0, "text": "dhcp6" }',
    )
})

t.test('who says no more', async (t) => {
  const { path } = await opened(t)
  const after = new Line(path).say('{"command":"version-get"}')
  after.socket.end()
  t.equal(await after.ended, VERSION, 'after a command is answered')
  for (const text of ['', '{"command":', ' ']) {
    const before = new Line(path).say(text)
    before.socket.end()
    t.equal(await before.ended, '', `before it is not: ${text}`)
  }
})

t.test('who stops in a command is told, and gone', async (t) => {
  const world = new DoorsWorld(t)
  const plan = world.unix()
  const asks: string[] = []
  const house = {
    desk: {
      ask: (text: string) => void asks.push(text),
      askHttp: () => {},
      askApi: () => {},
      pieces: (answer: unknown) => [JSON.stringify(answer)].values(),
    },
    roles: [],
    health: { troubles: () => [], unready: () => [] },
    describe: () => ({}),
  }
  const events = { onTrouble: () => {}, onRefusedLogin: () => {} }
  const door = new UnixDoor(plan as never, () => house, new Slices(t.error), events, 50)
  await door.open()
  t.teardown(() => door.close())
  const words = 'Connection over control channel timed out'
  const silent = new Line(plan.path)
  t.same(JSON.parse(await silent.ended), { result: 1, text: words })
  const stopped = new Line(plan.path).say('{"command":"ver')
  t.same(JSON.parse(await stopped.ended), {
    result: 1,
    text: `${words}, discarded partial command of 15 bytes`,
  })
  // A command takes as long as it takes.
  const slow = new Line(plan.path).say('{"command":"slow"}')
  await until(() => asks.length === 1)
  await new Promise((resolve) => setTimeout(resolve, 200))
  t.equal(slow.socket.readyState, 'open')
  slow.socket.destroy()
})

t.test('a thousand connections that say nothing keep nobody out', async (t) => {
  const { path } = await opened(t)
  const idle = Array.from({ length: 1000 }, () => new Line(path).say('{'))
  t.teardown(() => {
    for (const { socket } of idle) socket.destroy()
  })
  // The kernel keeps some five hundred of them waiting, and sends the others away.
  await until(() => idle.every(({ socket }) => socket.readyState !== 'opening'))
  t.equal(await asked(path, '{"command":"version-get"}'), VERSION)
  const open = (): number => idle.filter(({ socket }) => socket.readyState === 'open').length
  await until(() => open() <= 256)
  t.ok(open() > 0, 'the last ones may yet ask')
})

t.test('a long answer comes whole, at the pace of who reads it', async (t) => {
  const { path } = await opened(t)
  const line = new Line(path).say('{"command":"long","arguments":{"rows":200000}}')
  line.socket.pause()
  await new Promise((resolve) => setTimeout(resolve, 50))
  line.socket.resume()
  const { arguments: given } = JSON.parse(await line.ended)
  t.equal(given.rows.length, 200_000)
})

t.test('a command of any length is read, up to 32 MiB', async (t) => {
  const { path } = await opened(t)
  const words = Array.from({ length: 4000 }, () => 'x'.repeat(500))
  const request = { command: 'echo', arguments: { words } }
  t.same(JSON.parse(await asked(path, JSON.stringify(request))).arguments, { words })
  const line = new Line(path).say('{"a":"')
  const part = Buffer.alloc(1 << 20, 0x78)
  for (let sent = 0; sent < 33; sent++) line.say(part)
  t.match(JSON.parse(await line.ended), { result: 1, text: /more than 33554432 bytes/ })
})

t.test('the files of the socket', async (t) => {
  const world = new DoorsWorld(t)
  const plan = world.unix()
  writeFileSync(plan.path, 'left behind')
  await world.use([plan])
  t.equal(statSync(plan.path).mode & 0o777, 0o660)
  t.equal(statSync(`${plan.path}.lock`).mode & 0o777, 0o600)
  t.equal(await asked(plan.path, '{"command":"version-get"}'), VERSION)

  const other = new DoorsWorld(t)
  other.doors.use({ doors: [plan], roles: [] })
  await until(() => other.count('CONTROL_SOCKET_TROUBLE') > 0)
  t.match(other.doors.closed, [{ name: plan.path, trouble: 'another server has it' }])
  t.equal(await asked(plan.path, '{"command":"version-get"}'), VERSION, 'it is left alone')
  await world.doors.close()
  await until(() => other.doors.closed.length === 0)
  t.equal(await asked(plan.path, '{"command":"version-get"}'), VERSION, 'and taken over in turn')
  t.equal(other.count('CONTROL_SOCKET_TROUBLE'), 1, 'the trouble is told once')
  await other.doors.close()
  t.notOk(existsSync(plan.path))
  t.notOk(existsSync(`${plan.path}.lock`))

  const deep = world.unix('made/sock')
  await world.use([deep])
  t.equal(statSync(join(world.folder, 'made')).mode & 0o777, 0o750, 'a folder is made')
})

t.test('a reload leaves open what stays, and answers who has asked', async (t) => {
  const world = new DoorsWorld(t)
  const [one, two, three] = ['one', 'two', 'three'].map((name) => world.unix(name))
  await world.use([one!, two!])
  const inode = statSync(one!.path).ino
  const asking = new Line(two!.path).say('{"command":"hold"}')
  const idle = new Line(two!.path).say('{')
  const staying = new Line(one!.path).say('{"command":')
  await until(() => world.held.length === 1)
  await world.use([one!, three!])
  t.equal(await idle.ended, '', 'who has not asked is gone with its socket')
  t.notOk(existsSync(two!.path))
  world.held[0]!()
  t.match(await asking.ended, '"held"', 'who has asked is answered')
  t.equal(await staying.say('"version-get"}').ended, VERSION, 'who is elsewhere notices nothing')
  t.equal(statSync(one!.path).ino, inode, 'a socket that stays is not opened again')
  t.equal(await asked(three!.path, '{"command":"version-get"}'), VERSION)
  t.equal(world.count('CONTROL_SOCKET_OPEN'), 3)
  t.equal(world.count('CONTROL_SOCKET_CLOSED'), 1)
})

t.test('a socket may have a role', async (t) => {
  const world = new DoorsWorld(t)
  const [one, two] = [world.unix('one'), world.unix('two')]
  const viewer: RolePlan = {
    ...plainRole('viewer'),
    ...{ users: [], certificates: [], networks: [], tokens: [], sockets: [two.path] },
  }
  await world.use([one, two], [viewer])
  t.match(await asked(one.path, '{"command":"who"}'), '|admin|unix')
  t.match(await asked(two.path, '{"command":"who"}'), '|viewer|unix')
  t.match(await asked(one.path, '{"command":"change"}'), '"changed"')
  t.match(await asked(two.path, '{"command":"change"}'), "'change' is not permitted")
  await world.use([one, two])
  t.match(await asked(two.path, '{"command":"change"}'), '"changed"', 'until the next reload')
})
