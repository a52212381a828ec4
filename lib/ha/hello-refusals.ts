// Who is no partner, from the two hellos, and why. Both ends come to the same, or one of them would
// believe that they have met.

import { SECOND_ROLE } from '../config/ha/roles.ts'
import type { HaMode, HaPeer, HaPlan, HaRole } from '../config/plan/ha-plan.ts'
import { type Hello, versionWith } from './link-messages.ts'
import type { PairRecord } from './pair-record.ts'

export interface Refused {
  readonly kind: 'refuse'
  readonly reason: string
  /**
   * These two can never be a pair: a human must look. Both go on with the rights that they have.
   */
  readonly alarm: boolean
  /** This server shares its database with others, and the partner is none of them. */
  readonly isApart?: true
}

/** Who can be met at all; undefined: it can. */
export function refusalOf(
  plan: HaPlan,
  record: PairRecord,
  mine: Hello,
  theirs: Hello,
): Refused | undefined {
  if (versionWith(mine, theirs) === undefined)
    return refuse(
      `version ${theirs.version} of the link here, ${mine.version} there: bring the older server up to date`,
      false,
    )
  if (theirs.name === mine.name) return refuse(`both servers are called '${mine.name}'`)
  const peer = plan.peers.find(({ name }) => name === theirs.name)
  if (peer === undefined) return refuse(`'${theirs.name}' is no peer of '${mine.name}'`)
  if (peer.role !== theirs.role || !canMeet(plan, peer))
    return refuse(rolesDiffer(mine, theirs, peer))
  if (!hasRole(theirs.mode, mine.role))
    return refuse(
      `'${theirs.name}' is in ${theirs.mode}, which has no ${mine.role}, as '${mine.name}' is`,
    )
  const databases = refusalOfDatabases(mine, theirs)
  if (databases !== undefined) return databases
  if (
    mine.rights !== record.rights ||
    mine.handOver !== record.handOver ||
    mine.side !== record.side
  )
    return refuse('what was said in the hello has changed', false)
  return undefined
}

/** One that both write decides between them; two must be two, and be known for such. */
function refusalOfDatabases(mine: Hello, theirs: Hello): Refused | undefined {
  const isSame = theirs.database === mine.database
  const [here, there] = [mine.sharesDatabase === true, theirs.sharesDatabase === true]
  if (here && there)
    return isSame ? undefined : apart('the two name different lease databases: they must share one')
  if (here || there) {
    const [one, other] = here ? [mine, theirs] : [theirs, mine]
    const reason = `'${one.name}' has its leases in a database that servers share, '${other.name}' has them to itself`
    return here ? apart(reason) : refuse(reason)
  }
  return isSame ? refuse('both servers have the same database or copies of it') : undefined
}

/**
 * Else the other end refuses, and this one had better do so, too, before it believes that they have
 * met.
 */
function hasRole(mode: HaMode, role: HaRole): boolean {
  return role === 'primary' || role === 'backup' || role === SECOND_ROLE[mode]
}

function canMeet({ partner, thisServer }: HaPlan, peer: HaPeer): boolean {
  if (peer.role === 'backup' || thisServer.role === 'backup') return peer.role !== thisServer.role
  return partner?.name === peer.name
}

function rolesDiffer(mine: Hello, theirs: Hello, peer: HaPeer): string {
  return `'${theirs.name}' is ${theirs.role}, '${mine.name}' is ${mine.role} and takes it for ${peer.role}`
}

/** Two that both give leases. */
export function refusalOfPair(mine: Hello, theirs: Hello): Refused | undefined {
  if (mine.role === theirs.role) return refuse(`both servers are ${mine.role}`)
  const { serverDuid } = mine
  if (serverDuid !== undefined && serverDuid === theirs.serverDuid)
    return refuse(`both servers have the DUID ${serverDuid}, by which clients of DHCPv6 know them`)
  if (mine.pairId === '' || theirs.pairId === '') return undefined
  if (mine.pairId !== theirs.pairId) return refuse('the databases belong to different pairs')
  if (mine.side === theirs.side) return refuse('the databases have the same side of the pair')
  return undefined
}

export function refuse(reason: string, alarm = true): Refused {
  return { kind: 'refuse', reason, alarm }
}

function apart(reason: string): Refused {
  return { ...refuse(reason), isApart: true }
}
