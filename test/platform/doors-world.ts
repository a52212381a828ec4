// Doors of the management side with the real dispatcher behind them and a few commands of the
// test's own in front of no server at all.

import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { DoorPlan, HttpDoorPlan, RolePlan } from '../../lib/config/plan/control-plan.ts'
import { NO_NAMES } from '../../lib/config/plan/names-plan.ts'
import { type Command, type ControlRoom, EVERYWHERE, SERVERS } from '../../lib/control/command.ts'
import { Dispatcher } from '../../lib/control/dispatcher.ts'
import { Listing, pieces } from '../../lib/control/print.ts'
import type { House } from '../../lib/platform/control/desk.ts'
import { Doors } from '../../lib/platform/control/doors.ts'
import type { LogFields } from '../../lib/ports/log.ts'

export const BOTH = { dhcp4: {}, dhcp6: {} }

/** A line of the log, as far as tests look. */
export interface Said {
  readonly id: string
  readonly fields: LogFields
}

function command(name: string, run: Command['run'], access: Command['access'] = 'read'): Command {
  return {
    name,
    access,
    library: 'built-in',
    personas: name === 'version-get' ? EVERYWHERE : SERVERS,
    summary: 'What tests need',
    parameters: undefined,
    run,
  }
}

/** `held`: answers that `hold` was asked for, to be given by the test. */
function commandsOf(held: (() => void)[]): ReadonlyMap<string, Command> {
  const list = [
    command('version-get', ({ persona }, _, answer) => answer({ result: 0, text: persona })),
    command('echo', ({ arguments: given }, _, answer) => answer({ result: 0, arguments: given })),
    command('who', ({ asker }, _, answer) =>
      answer({ result: 0, text: `${asker.user}|${asker.role.name}|${asker.door}` }),
    ),
    command('hold', (_, __, answer) => held.push(() => answer({ result: 0, text: 'held' }))),
    command('broken', ({ arguments: given }, _, answer) => {
      let left = (given as { rows: number }).rows
      const next = (): number[] => {
        if (left-- === 0) throw new Error('a row that nobody understands')
        return [left]
      }
      answer({ result: 0, arguments: new Listing(next) })
    }),
    command('change', (_, __, answer) => answer({ result: 0, text: 'changed' }), 'write'),
    command('long', ({ arguments: given }, _, answer) => {
      let left = (given as { rows: number }).rows
      const next = (): number[] => {
        const count = Math.min(left, 500)
        left -= count
        return Array.from({ length: count }, (_, index) => left + index)
      }
      answer({ result: 0, arguments: { rows: new Listing(next) } })
    }),
  ]
  return new Map(list.map((one) => [one.name, one]))
}

export class DoorsWorld {
  readonly folder: string
  readonly said: Said[] = []
  readonly held: (() => void)[] = []
  readonly doors: Doors
  readonly health = { troubles: [] as string[], unready: [] as string[], metrics: '' }
  #plans: readonly DoorPlan[] = []

  constructor(t: Test, served: object = BOTH, commands: readonly Command[] = []) {
    this.folder = mkdtempSync(join(tmpdir(), 'whio-doors-'))
    const log = {
      enabled: () => true,
      write: (_: unknown, id: string, __: unknown, fields: LogFields) =>
        void this.said.push({ id, fields }),
    }
    const server = { plan: { names: NO_NAMES, ...served }, now: () => performance.now() }
    const room = { server, log, configuration: { document: {} } } as unknown as ControlRoom
    const dispatcher = new Dispatcher(
      room,
      commands.length === 0
        ? commandsOf(this.held)
        : new Map(commands.map((one) => [one.name, one])),
    )
    const house: Omit<House, 'roles'> = {
      desk: {
        ask: (...given) => dispatcher.ask(...given),
        askHttp: (...given) => dispatcher.askHttp(...given),
        askApi: (question, answer) => {
          if (question.path[0] === 'broken') throw new Error('an address that nobody understands')
          answer({ status: 200, body: { ...question, query: [...question.query] } })
        },
        pieces,
      },
      health: {
        troubles: () => this.health.troubles,
        unready: () => [...this.health.unready, ...this.doors.closed.map(({ name }) => name)],
      },
      describe: () => ({ openapi: '3.1.0' }),
      metrics: () => {
        const trouble = this.health.metrics
        if (trouble !== '') throw new Error(trouble)
        return { type: 'text/plain; version=0.0.4', text: 'whio_up 1\n' }
      },
    }
    this.doors = new Doors(house, log, 20)
    t.teardown(async () => {
      await this.doors.close()
      rmSync(this.folder, { recursive: true, force: true })
    })
  }

  /** Until all of them are open. */
  async use(doors: readonly DoorPlan[], roles: readonly RolePlan[] = []): Promise<void> {
    this.#plans = doors
    this.doors.use({ doors, roles })
    await until(() => this.doors.closed.length === 0)
  }

  get plans(): readonly DoorPlan[] {
    return this.#plans
  }

  count(id: string): number {
    return this.said.filter((line) => line.id === id).length
  }

  unix(
    name = 'sock',
    persona: DoorPlan['persona'] = 'dhcp4',
  ): DoorPlan & { readonly path: string } {
    return { kind: 'unix', persona, path: join(this.folder, name) }
  }
}

export async function http(
  persona: DoorPlan['persona'] = 'ca',
  more: Partial<HttpDoorPlan> = {},
): Promise<HttpDoorPlan> {
  const plan = {
    kind: 'http',
    persona,
    address: '127.0.0.1',
    tls: undefined,
    users: undefined,
  } as const
  return { ...plan, headers: [], port: await freePort(), ...more }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Waits as long as it takes. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** A connection that keeps what it hears. */
export class Line {
  readonly socket: Socket
  readonly ended: Promise<string>
  heard = ''

  constructor(to: string | { readonly port: number }) {
    const options = typeof to === 'string' ? { path: to } : { host: '127.0.0.1', ...to }
    this.socket = connect({ ...options, allowHalfOpen: true })
    this.socket.setEncoding('latin1').on('data', (part: string) => {
      this.heard += part
    })
    this.socket.on('error', () => {})
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        this.socket.destroy()
        resolve(this.heard)
      }
      this.socket.on('end', end).on('close', end)
    })
  }

  say(text: string | Buffer): this {
    this.socket.write(text)
    return this
  }
}

/** All that a unix socket says to this. */
export function asked(path: string, text: string | Buffer): Promise<string> {
  return new Line(path).say(text).ended
}
