// An error of ours while another server is heard costs its connection, never the process: clients
// have nothing to do with it.

import type { LinkConnection } from '../../ports/link.ts'
import type { PairServices } from './pair-services.ts'

const INTERNAL = 'an error in the server'

export class ErrorBoundary {
  readonly #services: Pick<PairServices, 'now' | 'reporter'>
  readonly #end: (connection: LinkConnection, reason: string) => void

  /** `end`: ends a connection, whatever has been said on it. */
  constructor(
    services: Pick<PairServices, 'now' | 'reporter'>,
    end: (connection: LinkConnection, reason: string) => void,
  ) {
    this.#services = services
    this.#end = end
  }

  /** Does what follows from a message; '' where none has come. */
  run(connection: LinkConnection, message: string | Uint8Array, action: () => void): void {
    try {
      action()
    } catch (error) {
      const { reporter, now } = this.#services
      reporter.internalOnLink(error, connection.remote, message, now())
      this.#end(connection, INTERNAL)
    }
  }
}
