// The management side of `whio serve`: what commands see of server and process, put together, and
// the doors through which they come.

import type { Plan } from '../config/plan/plan.ts'
import type { ControlRoom } from '../control/command.ts'
import { Dispatcher } from '../control/dispatcher.ts'
import { metricsOf } from '../control/metrics/metrics.ts'
import { openApiOf } from '../control/openapi.ts'
import { pieces } from '../control/print.ts'
import { Statistics } from '../control/statistics/statistics.ts'
import { COMMANDS } from '../control/table.ts'
import { configHostOf } from '../platform/configuration/config-host.ts'
import { Doors } from '../platform/control/doors.ts'
import { Slices } from '../platform/control/slices.ts'
import { leaseFiles } from '../platform/lease-files.ts'
import { METRICS_TYPE, metricsText } from '../platform/metrics/metrics-text.ts'
import { zoneOffset } from '../platform/time-text.ts'
import { type Log, tell } from '../ports/log.ts'
import type { Server } from '../server/server.ts'
import { hostFaceOf } from './host-face.ts'
import { troublesOf, unreadyOf } from './readiness.ts'

export interface ManagementSettings {
  readonly server: Server
  readonly log: Log
  /** An orderly stop begins. */
  readonly stop: () => void
}

export class Management {
  readonly #doors: Doors
  /** What the process ends with after an orderly stop. */
  exitCode = 0

  constructor({ server, log, stop }: ManagementSettings) {
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
      log,
    }
    const slices = new Slices(({ stack = '' }) => tell(log, 'INTERNAL_ERROR', { error: stack }))
    const dispatcher = new Dispatcher(room, COMMANDS, (part) => slices.add(part))
    this.#doors = new Doors(
      {
        desk: {
          ask: (...request) => dispatcher.ask(...request),
          askHttp: (...request) => dispatcher.askHttp(...request),
          pieces,
        },
        health: {
          troubles: () => troublesOf(server.status()),
          unready: () => unreadyOf(server.status(), this.#doors.closed),
        },
        metrics: async () => {
          const text = await metricsText(metricsOf(server, host))
          return { type: METRICS_TYPE, text }
        },
        describe: () => openApiOf({ version: host.version, commands: COMMANDS.values() }),
      },
      log,
    )
  }

  /** Opens and closes doors as this plan has them. */
  use(plan: Plan): void {
    this.#doors.use(plan)
  }

  /** Whoever has asked is answered yet. */
  close(): Promise<void> {
    return this.#doors.close()
  }
}
