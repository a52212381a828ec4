// Each command of the table, for each role, through each kind of door: who may give it is answered
// by it, and nobody else has it carried out.

import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { RolePlan } from '../../lib/config/plan/control-plan.ts'
import { plainRole, ROLE_LEVELS, type RoleLevel } from '../../lib/config/plan/role.ts'
import type { Command } from '../../lib/control/command.ts'
import { COMMANDS } from '../../lib/control/table.ts'
import { asked, DoorsWorld, http } from './doors-world.ts'
import { makeCertificates, tlsOf } from './link-world.ts'

/** Those of an operator, by hand, beside all that only reads. */
const OPERATED = new RegExp(
  [
    '^(?:lease[46]-|reservation-|dhcp-(?:en|dis)able$|leases-reclaim$)',
    '^ha-maintenance-(?:start|cancel|notify)$',
  ].join('|'),
)

function may(level: RoleLevel, { name, access }: Command): boolean {
  if (level === 'admin' || access === 'read') return true
  return level === 'operator' && OPERATED.test(name)
}

/** Of the same name and kind, and doing nothing. */
const NOTHING: readonly Command[] = [...COMMANDS.values()].map((command) => ({
  ...command,
  isHere: () => true,
  run: (_asked, _room, answer) => answer({ result: 0, text: 'done' }),
}))

async function opened(t: Test) {
  const folder = t.testdir()
  makeCertificates(folder, 'server=127.0.0.1')
  const tls = { ...tlsOf(folder, 'server'), isCertRequired: false }
  const users = {
    realm: 'lab',
    list: ROLE_LEVELS.map((user) => ({ user, password: 'x' })),
  }
  const world = new DoorsWorld(t, undefined, NOTHING)
  const [plain, secure] = [await http('dhcp4', { users }), await http('dhcp4', { users, tls })]
  const unix = ROLE_LEVELS.map((level) => world.unix(level))
  const roles = ROLE_LEVELS.map(
    (level): RolePlan => ({
      ...plainRole(level),
      ...{
        users: [level],
        certificates: [],
        networks: [],
        tokens: [],
        sockets: [join(world.folder, level)],
      },
    }),
  )
  await world.use([plain, secure, { ...unix[0]! }], roles)
  return { world, plain, secure, roles, unix }
}

/** A connection each, since a handshake takes longer than a command. */
const AGENTS = {
  http: new HttpAgent({ keepAlive: true, maxSockets: 1 }),
  https: new HttpsAgent({ keepAlive: true, maxSockets: 1 }),
}

/** The status, and the body. */
function post(
  ask: typeof httpRequest | typeof httpsRequest,
  port: number,
  level: RoleLevel,
  command: string,
): Promise<readonly [number, string]> {
  return new Promise((resolve, reject) => {
    const auth = `${level}:x`
    const agent = ask === httpRequest ? AGENTS.http : AGENTS.https
    const target = { port, auth, host: '127.0.0.1', method: 'POST' }
    const options = { ...target, agent, rejectUnauthorized: false }
    const request = ask(options, (response) => {
      let body = ''
      response.on('data', (part: Buffer) => {
        body += part.toString()
      })
      response.on('end', () => resolve([response.statusCode!, body]))
    })
    request.on('error', reject)
    request.end(JSON.stringify({ command }))
  })
}

const DONE = /"done"/
const commands = NOTHING.filter(({ personas }) => personas.includes('dhcp4'))

t.test('through HTTP and HTTPS', async (t) => {
  t.teardown(() => {
    AGENTS.http.destroy()
    AGENTS.https.destroy()
  })
  const { plain, secure } = await opened(t)
  t.ok(commands.length > 60)
  for (const [ask, { port }] of [
    [httpRequest, plain],
    [httpsRequest, secure],
  ] as const)
    for (const level of ROLE_LEVELS) {
      const wrong: string[] = []
      for (const command of commands) {
        const [status, body] = await post(ask, port, level, command.name)
        const isRight = may(level, command)
          ? status === 200 && DONE.test(body)
          : status === 403 && body === '{ "result": 403, "text": "Forbidden" }'
        if (!isRight) wrong.push(`${command.name}: ${status} ${body}`)
      }
      t.same(wrong, [], `${level} on ${port === plain.port ? 'http' : 'https'}`)
    }
})

t.test('through unix sockets', async (t) => {
  const { world, roles, unix } = await opened(t)
  for (const [index, level] of ROLE_LEVELS.entries()) {
    const { path } = unix[index]!
    await world.use([{ ...unix[index]! }], roles)
    const wrong: string[] = []
    for (const command of commands) {
      const heard = await asked(path, JSON.stringify({ command: command.name }))
      const isDone = DONE.test(heard)
      if (isDone !== may(level, command)) wrong.push(`${command.name}: ${heard}`)
      if (!isDone && !/"result": 1, "text": "'.*' is not permitted/.test(heard)) wrong.push(heard)
    }
    t.same(wrong, [], level)
  }
})
