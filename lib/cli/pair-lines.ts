// What a server says of its pair, in lines for people: the lab's view and `whio status` show the
// same facts, the latter with what to do next.

import type { FormerPairStatus } from '../server/pair/former-pair.ts'
import type { PairStatus, PeerStatus } from '../server/pair/pair-status.ts'
import type { Millis } from '../time/units.ts'
import { adviceLine, dueLine, warningLines } from './advice.ts'
import { amountText } from './amounts.ts'
import { durationWords, forecastLine } from './forecast.ts'

/**
 * Who serves whom, the partner, what new clients can be given, what to do; most lines fit 80
 * columns. `isCutOff`: this server serves no interface.
 */
export function pairLines(ha: PairStatus, now: Date = new Date(), isCutOff = false): string[] {
  return [
    `${ha.name} (${ha.role}, ${ha.mode}): ${ha.state}, ${ha.words}`,
    `answers clients of ${ha.scopes.length === 0 ? 'nobody' : ha.scopes.join(' and ')}`,
    contactLine(ha),
    ...ha.peers.filter(({ role }) => role === 'backup').map(backupLine),
    ...(ha.sharesDatabase ? freeInDatabase(ha) : freeLines(ha)),
    forecastLine(ha, now),
    ...rightsLines(ha),
    ...warningLines(ha),
    adviceLine(ha, isCutOff),
  ].filter((line) => line !== '')
}

/** `partner server2 connected, lag 0`; or why it is not, and when its clients are taken over. */
export function partnerLine({ partner, peers }: PairStatus): string {
  if (partner === undefined) return ''
  const { name, kind, isTurningAway, takeoverIn, lastState } = partner
  const lag = lagWords(partner.kind, peers.find((peer) => peer.name === name)?.lag ?? 0)
  if (kind === 'connected') return `partner ${name} connected (${lastState})${lag}`
  const words = isTurningAway ? 'is there, but they refuse each other' : KINDS[kind]
  return `partner ${name} ${words}${takeoverWords(takeoverIn)}${lag}`
}

const KINDS = {
  silent: 'is silent',
  refused: 'is gone',
  left: 'has stopped in good order',
  never: 'has not been met since the start',
} as const

type Kind = NonNullable<PairStatus['partner']>['kind']

/** The same with since when. */
function contactLine(ha: PairStatus): string {
  const line = partnerLine(ha)
  const { partner } = ha
  if (partner === undefined || partner.kind === 'connected' || partner.age < 10) return line
  const age = durationWords(partner.age * 1000)
  if (partner.kind !== 'never') return `${line}, heard last ${age} ago`
  return partner.isTurningAway ? line : `${line}, ${age} ago`
}

/** Of a partner that was not met since the start nobody knows what it has. */
function lagWords(kind: Kind, lag: number): string {
  if (kind === 'connected') return `, lag ${lag}`
  return kind === 'never' || lag === 0 ? '' : `, it misses ${lag} change${lag === 1 ? '' : 's'}`
}

function takeoverWords(takeoverIn: number | undefined): string {
  if (takeoverIn === undefined || takeoverIn === 0) return ''
  return `, takeover in ${(takeoverIn / 1000).toFixed(1)} s`
}

/** Either server gives what is free there. */
function freeInDatabase({ free }: PairStatus): string[] {
  return linesOfFree(free, (rows, what) => `free for new clients: ${here(rows)}${what}`)
}

/**
 * What new clients can still be given, with the partner and without; of DHCPv6 in lines of its own,
 * since the number of its addresses says nothing about the others.
 */
export function freeLines({ free }: Pick<PairStatus, 'free'>): string[] {
  return linesOfFree(free, freeLine)
}

function linesOfFree(
  free: PairStatus['free'],
  line: (rows: PairStatus['free'], what: string) => string,
): string[] {
  if (free.every(({ family }) => family === 4)) return [line(free, '')]
  return FREE_KINDS.flatMap(({ family, kind, name }) => {
    const rows = free.filter((row) => row.family === family && row.kind === kind)
    return rows.length === 0 ? [] : [line(rows, ` ${name}`)]
  })
}

const FREE_KINDS = [
  { family: 4, kind: 'address', name: 'IPv4 addresses' },
  { family: 6, kind: 'address', name: 'IPv6 addresses' },
  { family: 6, kind: 'prefix', name: 'prefixes' },
] as const

function freeLine(rows: PairStatus['free'], what: string): string {
  const there = amountText(rows.reduce((sum, row) => sum + row.partner, 0))
  return `free for new clients: ${here(rows)}${what} here, ${there} only through the partner`
}

function here(rows: PairStatus['free']): string {
  return amountText(rows.reduce((sum, row) => sum + row.here, 0))
}

/** A server whose file names no pair, and whose database belongs to one. */
export function formerPairLines(status: FormerPairStatus): string[] {
  return [
    'the file names no partner, the lease database belongs to a pair',
    ...rightsLines({ ...status, conflicts: 0, partner: undefined }),
    dueLine(status),
  ].filter((line) => line !== '')
}

/** Rights that are not the usual ones. */
export function rightsLines({
  rights,
  noneBecause,
  doubtLeft,
  conflicts,
  partner,
  free,
  sharesDatabase = false,
}: Pick<PairStatus, 'rights' | 'noneBecause' | 'doubtLeft' | 'conflicts' | 'partner'> &
  Partial<Pick<PairStatus, 'free' | 'sharesDatabase'>>): string[] {
  const lines: string[] = []
  if (sharesDatabase) lines.push('leases are in a database that both servers write')
  else if (rights === 'sole') lines.push('every address is given from here')
  if (rights === 'shared' && partner === undefined)
    lines.push("only this server's own part of the addresses is given from here")
  if (rights === 'none') lines.push(`it has no rights: ${REASONS[noneBecause]}`)
  lines.push(...doubtLines(doubtLeft, free))
  if (conflicts > 0) lines.push(`${conflicts} conflicts: see HA_LEASE_CONFLICT in the log`)
  return lines
}

/**
 * Free addresses that a lost database may have given: how many, for how long, and which word ends
 * it.
 */
function doubtLines(doubtLeft: Millis, free: PairStatus['free'] | undefined): string[] {
  if (doubtLeft === 0) return []
  const count =
    free === undefined ? '' : `${amountText(free.reduce((sum, { resting }) => sum + resting, 0))}, `
  const line = `at rest after a lost database: ${count}`
  // For ever is null in JSON.
  if (!Number.isFinite(doubtLeft))
    return [`${line}until \`whio end-doubt\` or \`whio forget-lifetime\``]
  return [`${line}for ${durationWords(doubtLeft)}; \`whio end-doubt\` ends that`]
}

const REASONS = {
  fresh: 'it has not met its partner yet',
  lost: 'its database is new or an older copy',
  'handed-over': 'everything was handed to the partner',
  apart: 'its lease database is not that of the partner, and the partner is the primary',
} as const

function backupLine({ name, isConnected, lag }: PeerStatus): string {
  return `backup ${name} ${isConnected ? 'connected' : 'not connected'}, lag ${lag}`
}
