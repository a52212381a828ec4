// What stands at one name is asked for, and compared with what leases want there at that time.

import type { Octets } from '../../bytes/octets.ts'
import type { NameServerPlan } from '../../config/plan/names-plan.ts'
import { RCODE, RR_TYPE, rcodeName } from '../../ddns/codes.ts'
import {
  type Difference,
  differenceOf,
  FORWARD_TYPES,
  REVERSE_TYPES,
  type Standing,
  standingOf,
} from '../../ddns/compare.ts'
import type { DnsAnswer, DnsRecord } from '../../ddns/message.ts'
import { troubleInWords } from '../../ddns/trouble.ts'
import { addressType } from '../../ddns/update.ts'
import type { Key } from '../../leases/keys/key.ts'
import { textFromKey } from '../../leases/keys/key-text.ts'
import { textOfName } from '../../names/names.ts'
import type { Instant } from '../../time/units.ts'
import type { Found } from './sweep-report.ts'
import { keyOfOctets, type SweepScope, type WantedName } from './sweep-scope.ts'
import { addressOctets } from './wishes.ts'

/** Asks a server; what it answers comes later. */
export type AskDns = (
  server: NameServerPlan,
  name: Octets,
  type: number,
  answer: (answer: DnsAnswer) => void,
) => void

export interface LookDuties {
  readonly ask: AskDns
  now(): Instant
  found(found: Found): void
  /** `trouble`: the server has not told; '' = it has. */
  done(trouble: string): void
}

export interface LookedAt {
  readonly owner: Octets
  /** Of a lease that wants it; undefined: something stands there that may be nobody's. */
  readonly key: Key | undefined
  /** Something is known to be wrong: else who leads where it should is asked no more. */
  readonly isDoubted: boolean
}

/** What is as it should be takes one question, unless it is doubted. */
export function look(
  { isDoubted, key, owner }: LookedAt,
  scope: SweepScope,
  server: NameServerPlan,
  duties: LookDuties,
): void {
  const since = duties.now()
  const all = scope.direction === 'forward' ? FORWARD_TYPES : REVERSE_TYPES
  const first = key === undefined || scope.direction === 'reverse' ? all[0] : typeOf(key)
  const types = [first, ...all.filter((type) => type !== first)]
  const records: DnsRecord[] = []
  const next = (): void => {
    const type = types.shift()
    if (type === undefined) {
      judge(key, owner, standingOf(records), since, scope, duties)
      return duties.done('')
    }
    duties.ask(server, owner, type, (answer) => {
      const trouble = troubleOf(answer)
      if (answer.kind === 'silence' || trouble !== '') return duties.done(trouble)
      records.push(...answersOf(answer.answers, owner, type))
      if (!isDoubted && type === first && isAsWanted(key, owner, standingOf(records), scope))
        return duties.done('')
      // There is no such name, so there is nothing else at it.
      if (answer.rcode === RCODE.NXDOMAIN) types.length = 0
      next()
    })
  }
  next()
}

/** '' = it is an answer. */
export function troubleOf(answer: DnsAnswer): string {
  if (answer.kind === 'silence') return troubleInWords({ ...answer, kind: 'retry' })
  const { rcode } = answer
  return rcode === RCODE.NOERROR || rcode === RCODE.NXDOMAIN ? '' : `it answers ${rcodeName(rcode)}`
}

/** Also those that an alias leads to (RFC 2317). */
function answersOf(answers: readonly DnsRecord[], owner: Octets, type: number): DnsRecord[] {
  const isAlias = answers.some((one) => one.type === RR_TYPE.cname && one.name === owner)
  return answers.filter((one) => one.type === type && (isAlias || one.name === owner))
}

function typeOf(key: Key): number {
  return addressType(addressOctets(key))
}

/** Whose the name is need not be asked: whoever had taken it would have taken the address away. */
function isAsWanted(
  key: Key | undefined,
  owner: Octets,
  { values }: Standing,
  scope: SweepScope,
): boolean {
  const wanted = key === undefined ? undefined : scope.wantedAt(key)
  return wanted?.owner === owner && values.length === 1 && values[0] === wanted.value
}

function judge(
  key: Key | undefined,
  owner: Octets,
  standing: Standing,
  since: Instant,
  scope: SweepScope,
  duties: LookDuties,
): void {
  const { direction } = scope
  const isForward = direction === 'forward'
  const keys = new Set(isForward ? scope.ledger.keysOf(owner) : [])
  const at = isForward ? key : (key ?? scope.keyOfOwner(owner))
  if (at !== undefined) keys.add(at)
  /** Values that are seen to by adding what should be there. */
  const replaced = new Set<Octets>()
  const isNobodys = (value: Octets): boolean => {
    const of = isForward ? keyOfOctets(value) : at
    return of !== undefined && scope.isGivenHere(of) && !scope.isClaimed(of, owner)
  }
  for (const one of keys) {
    const wanted = scope.wantedAt(one)
    // What has changed since it was asked for is on its way.
    if (wanted === undefined || wanted.at >= since) continue
    if (isForward && wanted.owner !== owner) continue
    const difference = differenceOf(wanted, standing, direction, (value) =>
      isForward ? isNobodys(value) : true,
    )
    if (difference === undefined) continue
    for (const value of difference.others) replaced.add(value)
    duties.found(foundOf(wanted, difference, scope))
  }
  const [dhcid = ''] = standing.dhcids
  if (dhcid === '') return
  for (const value of standing.values)
    if (!replaced.has(value) && isNobodys(value)) {
      const [of, name] = isForward ? [keyOfOctets(value), owner] : [at!, value]
      const isFormer = scope.isOfClient(of, name, dhcid)
      const why = isFormer ? 'a client of the address had it' : 'no lease has it'
      duties.found({ kind: 'orphan', direction, key: of, name, dhcid, isOwed: false, why })
    }
}

function foundOf(wanted: WantedName, difference: Difference, { direction }: SweepScope): Found {
  const { fqdn, isOwed, key } = wanted
  const why = whyOf(difference, direction)
  return { kind: difference.kind, direction, key, name: fqdn, isOwed, why, dhcid: '' }
}

const WHOSE = {
  own: '',
  none: 'it has no DHCID, so somebody has written it',
  other: 'its DHCID is another client’s',
} as const

function whyOf({ dhcid, kind, others }: Difference, direction: Found['direction']): string {
  const named = others.map((one) =>
    direction === 'forward' ? textFromKey(keyOfOctets(one)) : textOfName(one),
  )
  const leads = named.length === 0 ? '' : `it leads to ${named.slice(0, 3).join(', ')}`
  const whose = kind === 'missing' && dhcid === 'none' ? '' : WHOSE[dhcid]
  return [leads, whose].filter((words) => words !== '').join('; ')
}
