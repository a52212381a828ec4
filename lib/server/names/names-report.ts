// What is told of names in DNS to who asks: the whole of it, and names one by one.

import type { NameEntry } from '../../ddns/name-record.ts'
import { BOTH, FORWARD, REVERSE, toAdd, toRemove } from '../../ddns/name-record.ts'
import type { Line } from '../../ddns/queue.ts'
import type { Key } from '../../leases/keys/key.ts'
import { textOfName } from '../../names/names.ts'
import type { SinkStatus } from '../../ports/name-sinks.ts'
import type { Instant } from '../../time/units.ts'
import type { CountsOfKeys } from './key-counts.ts'
import type { NameLedger } from './ledger.ts'
import type { NameZones } from './name-zones.ts'
import type {
  NameOfAddress,
  NameServerStatus,
  NamesCounts,
  NamesPage,
  NamesQuery,
  NamesStatus,
} from './names-status.ts'

export interface Reported {
  readonly ledger: NameLedger
  readonly zones: NameZones
  readonly counts: NamesCounts
  readonly keyCounts: CountsOfKeys
  readonly inFlight: number
  readonly sinks: readonly SinkStatus[]
  readonly now: Instant
  /** What is owed here and not allowed waits for that. */
  readonly waitsFor: 'database' | 'partner'
  /** Whether it is this server's to do, at this time. */
  isAllowed(key: Key, entry: NameEntry): boolean
}

export function namesStatus(reported: Reported): NamesStatus {
  const { counts, inFlight, keyCounts, ledger, now, zones } = reported
  let [owed, owedByPartner, oldest] = [0, 0, now]
  for (const key of ledger.owed) {
    const entries = ledger.of(key).filter((entry) => ledger.isOwed(key, entry))
    const own = entries.filter(({ by }) => by === 'us')
    if (own.length > 0) owed++
    else owedByPartner++
    for (const { at } of own) oldest = Math.min(oldest, at)
  }
  return {
    ...{ via: zones.plan.via, addresses: ledger.size, owed, owedByPartner, inFlight },
    oldest: seconds(now - oldest),
    conflicts: ledger.conflicts,
    zones: zones.lines.map(({ direction, line }) => ({
      direction,
      name: textOfName(line.zone.name),
      waiting: line.waiting,
      servers: line.servers.map((_, at) => serverStatus(line, at, now)),
    })),
    counts: { ...counts },
    keys: keyCounts.all(zones.plan),
    sinks: reported.sinks,
  }
}

function serverStatus({ servers }: Line, at: number, now: Instant): NameServerStatus {
  const { blockedUntil, refusal, server } = servers[at]!
  const { name } = server
  if (now < blockedUntil)
    return { name, state: 'refuses', seconds: seconds(blockedUntil - now), why: refusal }
  if (!server.isDown) return { name, state: 'well', seconds: 0, why: '' }
  const why = server.trouble
  return { name, state: 'away', seconds: seconds(now - server.downSince), why }
}

/** In the order of the table; what was asked for is found by looking through it. */
export function namesPage(reported: Reported, query: NamesQuery): NamesPage {
  const { ledger } = reported
  const { after, isOwed, key: only, max, name } = query
  const names: NameOfAddress[] = []
  let isBehind = after === undefined
  let last: Key | undefined
  const candidates = only === undefined ? (isOwed ? ledger.noted : ledger.keys) : [only]
  for (const key of candidates) {
    if (names.length >= max) return { names, next: last }
    if (isBehind)
      for (const entry of ledger.of(key))
        if (isNamed(entry, name) && (!isOwed || entry.isConflict || ledger.isOwed(key, entry)))
          names.push(nameOf(key, entry, reported))
    if (key === after) isBehind = true
    last = key
  }
  return { names, next: undefined }
}

function isNamed({ fqdn, may, wants }: NameEntry, name: string): boolean {
  // Its client has gone on with it.
  if ((may | wants) === 0) return false
  const text = textOfName(fqdn)
  return name === '' || text === name || text.endsWith(`.${name}`)
}

function nameOf(key: Key, entry: NameEntry, reported: Reported): NameOfAddress {
  const { now } = reported
  const { at, by, fqdn } = entry
  const bits = bitsOf(entry) & servedOf(key, entry, reported)
  const state = stateOf(key, entry, bits, reported)
  return {
    ...{ key, fqdn: textOfName(fqdn), state, by },
    forward: (bits & FORWARD) !== 0,
    reverse: (bits & REVERSE) !== 0,
    seconds: seconds(now - at),
    why: whyNot(key, entry, state, reported),
  }
}

/** Directions that it is about. */
function bitsOf({ may, wants }: NameEntry): number {
  return wants === 0 ? may : wants
}

/** Those of them that a zone of the configuration has. */
function servedOf(key: Key, entry: NameEntry, { zones }: Reported): number {
  return zones.plan.via === 'off' ? BOTH : zones.served(key, entry)
}

function stateOf(
  key: Key,
  entry: NameEntry,
  bits: number,
  { ledger }: Reported,
): NameOfAddress['state'] {
  if (entry.isConflict) return 'conflict'
  if (ledger.isOwed(key, entry)) return owedState(entry)
  return bits === 0 ? 'unserved' : 'done'
}

function owedState(entry: NameEntry): 'add' | 'remove' {
  return toRemove(entry) === 0 ? 'add' : 'remove'
}

/** By the directions that no zone has. */
const NO_ZONE: Readonly<Record<number, string>> = {
  0: '',
  [FORWARD]: 'no zone has the name',
  [REVERSE]: 'no zone has its address',
  [BOTH]: 'no zone has the name or its address',
}

function whyNot(
  key: Key,
  entry: NameEntry,
  state: NameOfAddress['state'],
  reported: Reported,
): string {
  const { isAllowed, now, waitsFor, zones } = reported
  if (state === 'done' || state === 'unserved')
    return NO_ZONE[bitsOf(entry) & ~servedOf(key, entry, reported)]!
  if (state === 'conflict') return 'the name is somebody else’s in DNS'
  if (!isAllowed(key, entry))
    return entry.by === 'us' ? `it waits for the ${waitsFor}` : 'the partner does it'
  const bits = state === 'add' ? toAdd(entry) : toRemove(entry)
  const bit = (bits & FORWARD) === 0 ? REVERSE : FORWARD
  const line = zones.lineOf(key, entry.fqdn, bit)
  const troubles = line?.servers.map((_, at) => serverStatus(line, at, now)) ?? []
  if (troubles.length === 0 || troubles.some((one) => one.state === 'well')) return ''
  return troubles.map(({ name, why }) => `${name}: ${why}`).join(', ')
}

function seconds(duration: number): number {
  return Math.max(0, Math.floor(duration / 1000))
}
