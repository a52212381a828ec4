// The classes of a pair where lists of classes name them: HA_ and the name of the server that owns
// the client.

import {
  type ClassMask,
  canMeet,
  HA_CLASSES,
  inBoth,
  isOfPair,
  maskOf,
} from '../../classify/class-set.ts'
import type { HaMode, HaRole } from '../plan/ha-plan.ts'
import { nearest } from '../text/nearest.ts'
import type { Site } from '../text/site.ts'
import { SECOND_ROLE } from './roles.ts'

/** A server as its guard sees it; its place in the list is the number of its class. */
export interface GuardServer {
  readonly name: string
  readonly role: HaRole
}

/**
 * none: there is no pair. wrong: there is one, but it is reported as wrong, so that nothing more is
 * said of what refers to it.
 */
export type GuardPair =
  | 'none'
  | 'wrong'
  | { readonly mode: HaMode; readonly servers: readonly GuardServer[] }

const PREFIX = 'HA_'

export class Guards {
  readonly #pair: GuardPair

  constructor(pair: GuardPair) {
    this.#pair = pair
  }

  /** Whether every list of classes means the same to both. */
  isLike(guards: Guards): boolean {
    const pair = this.#pair
    const other = guards.#pair
    if (typeof pair === 'string' || typeof other === 'string') return pair === other
    const { servers } = other
    return (
      pair.mode === other.mode &&
      pair.servers.length === servers.length &&
      pair.servers.every(
        ({ name, role }, number) =>
          name === servers[number]!.name && role === servers[number]!.role,
      )
    )
  }

  /** Names of the classes by their numbers, '' where no client is in one. */
  get owners(): readonly string[] {
    const pair = this.#pair
    if (typeof pair === 'string') return []
    const { servers, mode } = pair
    return servers
      .slice(0, HA_CLASSES)
      .map(({ name, role }) => (isActive(role, mode) ? `${PREFIX}${name}` : ''))
  }

  /** Whether some client is in the class, which stands at `site`; else that is told. */
  accepts(name: string, site: Site): boolean {
    const pair = this.#pair
    if (pair === 'wrong') return false
    if (pair !== 'none') return this.#isOwner(name.slice(PREFIX.length), pair, site)
    this.#reportNoPair(name, site)
    return false
  }

  /** `uppers`: the guards of the levels above. Classes of other kinds leave it open. */
  warnOfContradiction(guard: ClassMask, uppers: readonly ClassMask[], site: Site): void {
    const pair = this.#pair
    if (typeof pair === 'string' || !isOfPair(guard)) return
    const owners = ownersOf(pair)
    const upper = uppers.filter(isOfPair).reduce<ClassMask>(inBoth, undefined)
    if (!canMeet(upper, owners) || !canMeet(guard, owners)) return
    if (canMeet(inBoth(guard, upper), owners)) return
    const message = 'no client has one of these classes and one of those of the level above'
    site.warning('guard', message, 'nothing is ever given here')
  }

  #reportNoPair(name: string, site: Site): void {
    const message = `${name} is a class of a pair, and this server has no partner`
    const hint = 'name libdhcp_ha.so in hooks-libraries, or leave the class out'
    site.gap('guard', message, hint, [site.path[0]!, 'hooks-libraries'])
  }

  #isOwner(name: string, pair: Exclude<GuardPair, string>, site: Site): boolean {
    const { servers, mode } = pair
    const number = servers.findIndex((server) => server.name === name)
    if (number < 0) {
      const guess = nearest(
        name,
        servers.map((server) => server.name),
      )
      const known = activeOf(pair).map((server) => `"${PREFIX}${server.name}"`)
      const hint =
        guess === undefined ? `one of ${known.join(', ')}` : `did you mean "HA_${guess}"?`
      site.error('guard', `no peer of the pair is called '${name}'`, hint)
      return false
    }
    const { role } = servers[number]!
    if (!isActive(role, mode)) {
      const owners = activeOf(pair).map((server) => `${PREFIX}${server.name}`)
      const message = `no client belongs to '${name}', the ${role}: nothing is ever given by this class`
      const hint = `in ${mode} every client is one of ${owners.join(' or ')}`
      site.warning('guard', message, hint)
    }
    return isActive(role, mode)
  }
}

function activeOf({ servers, mode }: Exclude<GuardPair, string>): readonly GuardServer[] {
  return servers.filter(({ role }) => isActive(role, mode))
}

function ownersOf({ servers, mode }: Exclude<GuardPair, string>): ClassMask {
  return maskOf([...servers.keys()].filter((number) => isActive(servers[number]!.role, mode)))
}

/** Whether clients belong to servers of this role: a standby serves those of the primary. */
function isActive(role: HaRole, mode: HaMode): boolean {
  return role === 'primary' || (mode === 'load-balancing' && role === SECOND_ROLE[mode])
}
