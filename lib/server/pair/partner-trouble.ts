// What stands between this server and its partner, as status tells it.

import { isUnspecified } from '../../config/ha/url.ts'
import type { HaUrl } from '../../config/plan/ha-plan.ts'
import type { DialFailure } from '../../ports/link.ts'

interface Obstacle {
  /** In words, '' where there is none. */
  readonly trouble: string
  /** The partner is there, and one of the two refuses the other. */
  readonly isTurningAway: boolean
}

const NONE: Obstacle = { trouble: '', isTurningAway: false }

export class PartnerTrouble {
  /** Why nobody can connect to this server, '' where they can. */
  listener = ''
  /**
   * The partner listens elsewhere than the file here says: the two are connected only as long as it
   * can call. '' where that is not so, or not known.
   */
  wrongUrl = ''
  #withPartner = NONE

  get withPartner(): Obstacle {
    return this.#withPartner
  }

  met(): void {
    this.#withPartner = NONE
  }

  dialFailed(failure: DialFailure, trouble: string): void {
    this.#withPartner = { trouble, isTurningAway: failure === 'rejected' }
  }

  /** The connection has ended. */
  lost(trouble: string): void {
    this.#withPartner = { trouble, isTurningAway: false }
  }

  /** A hello of the partner was refused here, or this server's there. */
  refused(trouble: string): void {
    this.#withPartner = { trouble, isTurningAway: true }
  }
}

/**
 * Why a server that says where it listens cannot be called by the url that is configured here, ''
 * where it can.
 */
export function urlTrouble(configured: HaUrl, listens: string | undefined): string {
  const own = endpointOf(configured)
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(listens ?? '') ?? []
  if (port === '') return ''
  const isAnywhere = isUnspecified(host.replace(/^\[(.*)\]$/, '$1'))
  const isSame = isAnywhere ? Number(port) === configured.port : listens === own
  return isSame ? '' : `the file here calls it at ${own}, and it listens at ${listens}`
}

/** `192.0.2.1:8000`, `[2001:db8::1]:8000`. */
export function endpointOf({ host, port }: HaUrl): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
