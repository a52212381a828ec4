// The management side of `whio serve`: what commands see of server and process, put together, and
// the doors through which they come.

import { ALLOWED, refused } from '../catalogue/order-result.ts'
import type { Plan } from '../config/plan/plan.ts'
import { plainRole } from '../config/plan/role.ts'
import { Api } from '../control/api/api.ts'
import { ConfigHistory } from '../control/api/config-history.ts'
import { withRoutes } from '../control/api/describe.ts'
import { routesWith } from '../control/api/routes.ts'
import type { Asker, ControlRoom, Persona } from '../control/command.ts'
import { Dispatcher } from '../control/dispatcher.ts'
import type { EventRing } from '../control/events/event-ring.ts'
import { type ControlEvent, valueOfEvent } from '../control/events/event-words.ts'
import { LeaseWatch } from '../control/events/lease-watch.ts'
import { metricsOf } from '../control/metrics/metrics.ts'
import { openApiOf } from '../control/openapi.ts'
import { parsed } from '../control/parse.ts'
import { pieces } from '../control/print.ts'
import { Statistics } from '../control/statistics/statistics.ts'
import { COMMANDS } from '../control/table.ts'
import { configHostOf } from '../platform/configuration/config-host.ts'
import { Doors } from '../platform/control/doors.ts'
import { Slices } from '../platform/control/slices.ts'
import { historyLook } from '../platform/journal/history-look.ts'
import { readPast } from '../platform/journal/past-look.ts'
import { ClientFile } from '../platform/known-clients.ts'
import { leaseFiles } from '../platform/lease-files.ts'
import { historyPlace } from '../platform/lease-journal.ts'
import { zoneOffset } from '../platform/time-text.ts'
import { WebhookPlaces } from '../platform/webhook-places.ts'
import { Webhooks } from '../platform/webhooks.ts'
import { type Log, tell } from '../ports/log.ts'
import type { EventBook } from '../server/event-book.ts'
import type { ServerEvent } from '../server/events.ts'
import type { Server } from '../server/server.ts'
import type { AskOwn } from './control.ts'
import { hostFaceOf } from './host-face.ts'
import { troublesOf, unreadyOf } from './readiness.ts'

export interface ManagementSettings {
  readonly server: Server
  readonly log: Log
  /** What happens at the server is noted there. */
  readonly events: EventRing
  /** As the server has it. */
  readonly eventBook: EventBook
  /** An orderly stop begins. */
  readonly stop: () => void
}

const OPERATOR: Asker = { user: '', role: plainRole('admin'), from: 'whio ctl', door: 'own' }

/** Of an answer, which goes in one piece here. */
const OWN_MAX = 4 * 1024 * 1024
const TOO_LONG =
  'the answer is too long for this way: say --socket or --url of a socket that the configuration names'

export class Management {
  readonly #doors: Doors
  readonly #events: EventRing
  readonly #webhooks: Webhooks
  readonly #dispatcher: Dispatcher
  readonly #watch: LeaseWatch
  #clients: ClientFile | undefined
  #plan: Plan | undefined
  /** What the process ends with after an orderly stop. */
  exitCode = 0

  constructor({ server, log, events, eventBook, stop }: ManagementSettings) {
    this.#events = events
    const value = (event: ControlEvent) => valueOfEvent(event, server)
    const { path, persist } = server.plan.database
    events.remember({
      get isKnown() {
        return eventBook.isBegun
      },
      get start() {
        return eventBook.start
      },
      get told() {
        return eventBook.told
      },
      keep: (event) => eventBook.keep(event),
      read: (wish, page) => readPast(historyPlace(server.plan), wish, page),
      value,
    })
    this.#webhooks = new Webhooks({
      follow: (names, told) => events.called(names, told, value),
      places: new WebhookPlaces(persist ? path : undefined),
      log,
    })
    this.#watch = new LeaseWatch(
      server,
      () => (this.#clients ??= new ClientFile(path)),
      (event) => events.note(event),
    )
    const configuration = server.configuration!
    const host = hostFaceOf({
      read: () => configuration.status.read,
      stop: (exitCode) => {
        this.exitCode = exitCode
        stop()
      },
    })
    const configHost = configHostOf(configuration.status.files)
    const room: ControlRoom = {
      server,
      configuration,
      configHost,
      statistics: new Statistics(server, zoneOffset),
      host,
      leaseFiles: leaseFiles(),
      leaseHistory: historyLook(),
      log,
    }
    const slices = new Slices(({ stack = '' }) => tell(log, 'INTERNAL_ERROR', { error: stack }))
    const dispatcher = new Dispatcher(room, COMMANDS, (part) => slices.add(part))
    this.#dispatcher = dispatcher
    const history = new ConfigHistory(configuration, () => Math.floor(server.wall() / 1000))
    configuration.watch(({ version, by }) => events.note({ kind: 'config', version, by }))
    const routes = routesWith(history, events)
    const api = new Api(room, dispatcher, routes)
    this.#doors = new Doors(
      {
        desk: {
          ask: (...request) => dispatcher.ask(...request),
          askHttp: (...request) => dispatcher.askHttp(...request),
          askApi: (...request) => api.askText(...request),
          pieces,
        },
        health: {
          troubles: () => troublesOf(server.status()),
          unready: () => unreadyOf(server.status(), this.#doors.closed),
        },
        metrics: async () => {
          // Its library takes a good part of a start, and many servers are never asked.
          const { METRICS_TYPE, metricsText } = await import('../platform/metrics/metrics-text.ts')
          const text = await metricsText(metricsOf(server, host))
          return { type: METRICS_TYPE, text }
        },
        describe: () =>
          withRoutes(openApiOf({ version: host.version, commands: COMMANDS.values() }), routes),
      },
      log,
    )
  }

  /** An operator of this machine asks, who may do everything. */
  readonly askOwn: AskOwn = (request, answer) => {
    this.#dispatcher.ask(request, personaOf(request, this.#plan), OPERATOR, (given) => {
      let text = ''
      try {
        for (const piece of pieces(given)) {
          text += piece
          if (text.length > OWN_MAX) return answer(refused(TOO_LONG))
        }
      } catch (error) {
        return answer(refused(`the answer cannot be made: ${(error as Error).message}`))
      }
      answer({ ...ALLOWED, told: text })
    })
  }

  /** Something has happened at the server. */
  noticed(event: ServerEvent): void {
    if (event.kind === 'lease' && this.#events.isHeard) this.#watch.noticed(event)
  }

  /** Opens and closes doors as this plan has them. */
  use(plan: Plan): void {
    this.#plan = plan
    const isHttp = plan.doors.some(({ kind }) => kind === 'http')
    const isHeard = isHttp || plan.webhooks.length > 0
    this.#events.open(isHeard)
    // Now rather than at the first lease: of a large network it takes a moment to be read.
    if (isHeard) this.#watch.prepare()
    this.#doors.use(plan)
    this.#webhooks.use(plan.webhooks)
  }

  /** Whoever has asked is answered yet, and who is called is told what is left. */
  async close(): Promise<void> {
    this.#events.end()
    this.#clients?.close()
    await Promise.all([this.#webhooks.close(), this.#doors.close()])
  }
}

/** Whom a command is for: `service` says it, or the family in its name, or what is served. */
function personaOf(request: string, plan: Plan | undefined): Persona {
  const { command = '', service } = (parsed(request).value ?? {}) as Partial<Request>
  const named = PERSONAS.find((persona) => persona === service?.[0])
  if (named !== undefined) return named
  const family = /([46])-/.exec(command)?.[1]
  const isSix = family === '6' || (family === undefined && plan?.dhcp4 === undefined)
  return isSix ? 'dhcp6' : 'dhcp4'
}

const PERSONAS: readonly Persona[] = ['dhcp4', 'dhcp6', 'd2', 'ca']

interface Request {
  readonly command: string
  readonly service: readonly string[]
}
