// Whio's own API in front of a server of the lab, or of one whose configuration can be changed, and
// its answers as clients read them.

import { createHash } from 'node:crypto'
import { Api } from '../../lib/control/api/api.ts'
import { ConfigHistory } from '../../lib/control/api/config-history.ts'
import type { ApiReply, ApiRequest } from '../../lib/control/api/route.ts'
import { routesWith } from '../../lib/control/api/routes.ts'
import type { Asker, ControlRoom } from '../../lib/control/command.ts'
import { Dispatcher } from '../../lib/control/dispatcher.ts'
import { EventRing } from '../../lib/control/events/event-ring.ts'
import { printed } from '../../lib/control/print.ts'
import type { ConfigHost } from '../../lib/ports/config-host.ts'
import { ConfigurationWorld } from '../server/configuration-world.ts'
import { HOUSE } from './edit-stage.ts'
import { LeaseStage } from './lease-stage.ts'
import { ADMIN } from './room.ts'

export const events = () => new EventRing('life', () => 0)

export interface Heard {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: JSON, looked at by match
  readonly body: any
  readonly etag: string | undefined
  readonly lines: string
}

export type Wish = Partial<ApiRequest> & { readonly who?: Asker }

/** `wait`: lets what must happen meanwhile happen. */
export class Caller {
  readonly #api: Api
  readonly #wait: (isDone: () => boolean) => void

  constructor(room: ControlRoom, api: Api, wait: (isDone: () => boolean) => void) {
    this.#api = api
    this.#wait = wait
    room satisfies ControlRoom
  }

  ask(method: string, target: string, { who = ADMIN, ...wish }: Wish = {}): Heard {
    const { pathname, searchParams } = new URL(target, 'http://x')
    const replies: ApiReply[] = []
    this.#api.ask(
      {
        method,
        path: pathname.slice(1).split('/').map(decodeURIComponent),
        query: new Map(searchParams),
        ...{ ifMatch: undefined, body: undefined, asker: who },
        ...wish,
      },
      (reply) => replies.push(reply),
    )
    if (replies.length === 0) this.#wait(() => replies.length > 0)
    const [reply, ...more] = replies
    if (reply === undefined || more.length > 0) throw new Error(`${replies.length} replies`)
    const body = reply.body === undefined ? undefined : JSON.parse(printed(reply.body))
    const lines = reply.lines === undefined ? '' : [...{ [Symbol.iterator]: () => reply.lines! }]
    return { status: reply.status, body, etag: reply.etag, lines: [...lines].join('') }
  }
}

export const NO_HISTORY = { versions: [], find: () => undefined } as unknown as ConfigHistory

export function leasesStage() {
  const stage = new LeaseStage()
  const { room, dispatcher } = stage.stage
  const api = new Api(room, dispatcher, routesWith(NO_HISTORY, events()))
  const caller = new Caller(room, api, (isDone) => stage.lab.world.advanceUntil(isDone, 10_000))
  const add = (last: number, more: object = {}) =>
    stage.ask('lease4-add', {
      'ip-address': `192.0.2.${last}`,
      'hw-address': `02:00:00:00:00:${String(last).padStart(2, '0')}`,
      ...more,
    })
  return { stage, caller, add }
}

/** What a configuration is read for, without a machine. */
const CONFIG_HOST = {
  sum() {
    const hash = createHash('sha256')
    return {
      add: (text: string) => void hash.update(text),
      hex: () => hash.digest('hex').toUpperCase(),
    }
  },
  soon: (work: () => void) => work(),
} as unknown as ConfigHost

export function configStage(config: unknown = HOUSE) {
  const house = new ConfigurationWorld(config)
  const lines: { id: string; fields: object }[] = []
  const room = {
    server: house.world.server,
    configuration: house.configuration,
    configHost: CONFIG_HOST,
    log: {
      enabled: () => true,
      write: (_: unknown, id: string, __: unknown, fields: object) => lines.push({ id, fields }),
    },
  } as unknown as ControlRoom
  let clock = 100
  const history = new ConfigHistory(house.configuration, () => clock++)
  const api = new Api(room, new Dispatcher(room), routesWith(history, events()))
  // Each part of a change that is made in parts is stored by itself.
  const wait = (isDone: () => boolean) => {
    for (let round = 0; round < 50 && !isDone(); round++) house.store()
  }
  return { house, lines, api, caller: new Caller(room, api, wait) }
}
