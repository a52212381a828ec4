// A pgbouncer of the distribution before a PostgreSQL of the tests, gone when the test ends.

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Owner } from './netns.ts'
import { isRoot, ownerOf, type Postgres, unprivileged } from './postgres.ts'

const PROGRAM = '/usr/sbin/pgbouncer'

/** Why a test that needs it cannot run here, or false: for tap's `skip`. */
export function poolerSkip(): string | false {
  const reason = existsSync(PROGRAM) ? false : `needs ${PROGRAM}`
  if (reason !== false && process.env.CI === 'true') throw new Error(`CI must not skip: ${reason}`)
  return reason
}

/** Runs until the test ends; returns the folder of its socket, the port of which is 5432. */
export async function startPooler(
  owner: Owner,
  { folder: database }: Postgres,
  mode: 'session' | 'transaction',
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `whio-pooler-${process.pid}-`))
  const file = join(folder, 'pooler.ini')
  const lines = [
    '[databases]',
    `* = host=${database} port=5432 user=postgres`,
    '[pgbouncer]',
    'listen_addr =',
    'listen_port = 5432',
    `unix_socket_dir = ${folder}`,
    'auth_type = any',
    `pool_mode = ${mode}`,
  ]
  await writeFile(file, `${lines.join('\n')}\n`)
  if (isRoot()) await chown(folder, ...ownerOf())
  const [program, ...args] = unprivileged(PROGRAM, file)
  const child = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  owner.after(async () => {
    child.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true, force: true })
  })
  let log = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text
      if (/process up/.test(log)) resolve()
    })
    child.once('close', () => reject(new Error(`pgbouncer ended:\n${log}`)))
  })
  return folder
}
