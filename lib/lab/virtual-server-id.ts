// Who a simulated server of DHCPv6 is: a DUID that follows from its name, or what the plan says,
// kept by its host whatever happens to its disk.

import type { Octets } from '../bytes/octets.ts'
import type { ServerIdPlan } from '../config/plan/plan6.ts'
import type { ServerId } from '../ports/server-id.ts'
import { duidEn, duidLl } from '../wire/v6/duid.ts'

/** ISC's, which Kea's servers have. */
const ENTERPRISE = 2495

export class VirtualServerId implements ServerId {
  #kept: Octets = ''
  readonly #hwAddress: Octets

  constructor(hwAddress: Octets) {
    this.#hwAddress = hwAddress
  }

  get kept(): Octets {
    return this.#kept
  }

  duidOf({ type, identifier, htype, enterprise }: ServerIdPlan): Octets {
    if (type === 'EN' && identifier !== '')
      this.#kept = duidEn(enterprise || ENTERPRISE, identifier)
    else if (identifier !== '') this.#kept = duidLl(htype || 1, identifier)
    else if (this.#kept === '') this.#kept = duidLl(1, this.#hwAddress)
    return this.#kept
  }
}
