// Whether a message of DHCPv4 is taken: the loop's reasons first, then the pair's.

import type { Reason4 } from '../catalogue/reasons.ts'
import type { Engine4 } from '../dhcp4/engine4.ts'
import { waitedOf } from '../dhcp4/waited.ts'
import { NO_OWNER, ownerOf } from '../ha/hash.ts'
import type { Instant } from '../time/units.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import { MESSAGE_TYPE4 } from '../wire/v4/message.ts'
import type { Message4 } from '../wire/v4/reader.ts'
import { clientOf, type Question4, type Waiting4 } from './question4.ts'
import type { ServiceDuties } from './service.ts'
import { isRenewal4 } from './shared/resting4.ts'

export class Admission4 {
  readonly #message: Message4
  /** Its owner is who the client of the message belongs to: see ownerOf. */
  readonly #question: Question4
  readonly #duties: Pick<ServiceDuties, 'pair' | 'refusal' | 'shared'>
  /** Of the plan in force. */
  readonly #engine: () => Engine4

  constructor(
    question: Question4,
    duties: Pick<ServiceDuties, 'pair' | 'refusal' | 'shared'>,
    engine: () => Engine4,
  ) {
    this.#message = question.query
    this.#question = question
    this.#duties = duties
    this.#engine = engine
  }

  /** Why the message that was decoded last is not taken. Notes the owner. */
  refusal(arrival: Waiting4['arrival'], now: Instant): Reason4 | undefined {
    const message = this.#message
    const isRelease = message.type === MESSAGE_TYPE4.release
    const { pair, shared } = this.#duties
    const why = this.#duties.refusal(4, isRelease, now)
    const reason = shared?.isBridging && isRenewal4(message) ? undefined : why
    if (reason !== undefined || pair === undefined) return reason
    const owner = ownerOf(pair.plan, message.octets(OPTION4.clientIdentifier), message.hwAddress)
    if (owner === NO_OWNER) return 'no-client-identity'
    this.#question.owner = owner
    if (why !== undefined) return undefined
    const refusal = pair.admits(owner, isRelease || message.type === MESSAGE_TYPE4.decline)
    // Whom no server would answer waits in vain for any.
    if (refusal === 'not-in-scope' && pair.watchesClients(now) && !this.#isDenied(arrival, now))
      pair.heard(clientOf(message), waitedOf(message.secs), now)
    return refusal
  }

  #isDenied(arrival: Waiting4['arrival'], now: Instant): boolean {
    try {
      return this.#engine().isDenied(this.#question.about(arrival, now))
    } catch {
      // Whoever serves the client has the same error, and tells of it.
      return false
    }
  }
}
