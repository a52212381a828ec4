// The other servers on the database, and whether their configurations say what this one's does of
// what is in the database: subnets, pools, reserved addresses, how long leases last. Where they do
// not, no address gets two clients; but a client is given at one server what it is refused at
// another. One server is told of a change before the other, so for a while that is nothing.

import { longestLifetimeOf } from '../../config/plan/longest-lifetime.ts'
import type { Plan } from '../../config/plan/plan.ts'
import type { SharedDatabase, SharedMember } from '../../ports/shared-journal.ts'
import type { Reporter } from '../reporter.ts'

export interface MembersServices {
  readonly database: SharedDatabase
  readonly reporter: Reporter
  plan(): Plan
}

export class Members {
  readonly #services: MembersServices
  #plan: Plan | undefined
  #own = ''
  #others: readonly SharedMember[] = []
  /** Who differed when it was told last. */
  #said = ''

  constructor(services: MembersServices) {
    this.#services = services
  }

  /** The others are told what is in force now. */
  tell(): void {
    const { database, plan } = this.#services
    if (this.#plan === plan()) return
    this.#plan = plan()
    this.#own = textOf(this.#plan)
    database.fingerprint?.(this.#own)
  }

  heard(others: readonly SharedMember[]): void {
    this.tell()
    this.#others = others
    const names = this.differing.join(', ')
    if (names !== '' && names !== this.#said)
      this.#services.reporter.say('DATABASE_CONFIG_DIFFERS', { members: names })
    this.#said = names
  }

  /** Their names. */
  get differing(): readonly string[] {
    return this.#others
      .filter(({ fingerprint }) => areComparable(fingerprint, this.#own))
      .filter(({ fingerprint }) => fingerprint !== this.#own)
      .map(({ name }) => name)
  }
}

/** Families, a digest, and how long the longest lease may last. */
function textOf(plan: Plan): string {
  const families = `${plan.dhcp4 === undefined ? '' : 4}${plan.dhcp6 === undefined ? '' : 6}`
  return `${families} ${plan.fingerprint} ${longestLifetimeOf(plan, 0)}`
}

/** A digest is of all families that are served: one process may serve DHCPv4, another DHCPv6. */
function areComparable(one: string, other: string): boolean {
  return one.split(' ', 1)[0] === other.split(' ', 1)[0]
}
