// Whatever the link tells, and whom it concerns: a connection on which nothing has been agreed
// belongs to the meetings, a message on one of the others to the conversations.

import type { HaPlan } from '../../config/plan/ha-plan.ts'
import type { DialFailure, LinkConnection, LinkSink } from '../../ports/link.ts'
import type { Instant } from '../../time/units.ts'
import type { Conversations } from './conversations.ts'
import type { ErrorBoundary } from './error-boundary.ts'
import type { Meetings } from './meetings.ts'
import type { PairServices } from './pair-services.ts'
import type { PartnerTrouble } from './partner-trouble.ts'
import type { Sessions } from './sessions.ts'

export interface LinkDispatchParts {
  readonly boundary: ErrorBoundary
  readonly conversations: Conversations
  readonly meetings: Meetings
  readonly partnerTrouble: PartnerTrouble
  readonly sessions: Sessions
}

export class LinkDispatch implements LinkSink {
  readonly #plan: HaPlan
  readonly #services: Pick<PairServices, 'proceed' | 'reporter'>
  readonly #parts: LinkDispatchParts
  readonly #wakeUp: () => Instant

  /** `wakeUp`: to be called first whenever something happens. */
  constructor(
    plan: HaPlan,
    services: Pick<PairServices, 'proceed' | 'reporter'>,
    parts: LinkDispatchParts,
    wakeUp: () => Instant,
  ) {
    this.#plan = plan
    this.#services = services
    this.#parts = parts
    this.#wakeUp = wakeUp
  }

  onLinkOpened(connection: LinkConnection): void {
    const { boundary, meetings } = this.#parts
    const now = this.#wakeUp()
    boundary.run(connection, '', () => meetings.opened(connection, now))
    this.#services.proceed()
  }

  onLinkMessage(connection: LinkConnection, message: string | Uint8Array): void {
    const { boundary, conversations, meetings, sessions } = this.#parts
    this.#wakeUp()
    const session = sessions.on(connection)
    if (session !== undefined) conversations.take(session, message)
    else boundary.run(connection, message, () => meetings.message(connection, message))
    this.#services.proceed()
  }

  onLinkClosed(connection: LinkConnection, reason: string): void {
    const { boundary, meetings } = this.#parts
    this.#wakeUp()
    boundary.run(connection, '', () => meetings.closed(connection, reason))
    this.#services.proceed()
  }

  onDialFailed(peer: string, failure: DialFailure, detail: string): void {
    this.#wakeUp()
    this.#parts.meetings.dialFailed(peer, failure, detail)
    this.#services.proceed()
  }

  onListener(trouble: string): void {
    const { text } = this.#plan.thisServer.url
    const { reporter } = this.#services
    this.#parts.partnerTrouble.listener = trouble
    if (trouble === '') reporter.say('HA_LISTENING', { url: text })
    else reporter.say('HA_LISTENER_TROUBLE', { url: text, trouble })
  }

  onStranger(remote: string, why: string): void {
    this.#services.reporter.say('HA_STRANGER', { remote, why })
  }
}
