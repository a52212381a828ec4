// How a server is, in one line and an exit code as monitoring plugins have them: `whio status
// --check`.

import type { FreeStatus, PairStatus } from '../server/pair/pair-status.ts'
import { needsRestartWords } from '../server/same-plan.ts'
import type { ServerStatus, SubnetStatus } from '../server/status.ts'
import type { DaemonStatus } from './daemon.ts'
import type { Silence } from './find-server.ts'
import { counted } from './load.ts'
import { dnsLines, sinkLine } from './names-lines.ts'
import { partnerLine } from './pair-lines.ts'

export const LEVELS = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const

export interface Health {
  /** The exit code: an index of LEVELS. */
  readonly level: 0 | 1 | 2 | 3
  /** `CRITICAL: leases cannot be stored (disk full)`. */
  readonly line: string
}

interface Finding {
  readonly level: 1 | 2
  readonly text: string
}

/** States in which a server that is well may answer nobody: the other one does. */
const IDLE_STATES: ReadonlySet<string> = new Set(['hot-standby', 'load-balancing', 'backup'])

const NAMED_MAX = 3

/** Of a server that has nobody to ask. */
export const OLDER = 'an older copy of the lease database was put back: later leases are not known'

/** So long must free addresses last while the partner is away. */
const LASTS_MIN = 24 * 3_600_000

/** `fileTrouble`: why the next start would fail, '' where it would not. */
export function healthOf(status: DaemonStatus, fileTrouble: string): Health {
  const findings = [
    ...serverFindings(status),
    ...poolFindings(status),
    ...namesFindings(status),
    ...(status.ha ? pairFindings(status.ha) : []),
    ...dueFindings(status.ha?.partner === undefined ? (status.ha ?? status.formerPair) : undefined),
    ...fileFindings(status, fileTrouble),
  ]
  if (findings.length === 0) return { level: 0, line: `OK: ${wellWords(status)}` }
  const isCritical = findings.some(({ level }) => level === 2)
  const sorted = [...findings].sort((one, other) => other.level - one.level)
  const level = isCritical ? 2 : 1
  return { level, line: `${LEVELS[level]}: ${sorted.map(({ text }) => text).join('; ')}` }
}

/** Nobody has answered. */
export function healthOfSilence({ kind, why }: Silence): Health {
  const level = kind === 'unknown' ? 3 : 2
  return { level, line: `${LEVELS[level]}: ${why}` }
}

function wellWords({ ha, interfaces }: ServerStatus): string {
  const served = new Set(interfaces.filter(({ serving }) => serving).map(({ name }) => name))
  const pair = ha === undefined ? '' : `, ${ha.state}, ${partnerLine(ha) || 'no partner'}`
  return `serving on ${[...served].join(' ')}${pair}`
}

function serverFindings(status: ServerStatus): Finding[] {
  const { state, journalTrouble, hasOlderDatabase, ha } = status
  const findings: Finding[] = []
  if (journalTrouble !== '') findings.push(critical(`leases cannot be stored (${journalTrouble})`))
  else if (state !== 'serving') findings.push(critical(`server ${state}`))
  if (hasOlderDatabase && ha?.partner === undefined) findings.push(warning(OLDER))
  const off = (status.hooks ?? []).filter((hook) => hook.state === 'off')
  for (const { hook, whyOff } of off)
    findings.push(warning(`hook ${hook} is switched off, since ${whyOff}`))
  for (const { database, isAwaited, trouble } of status.hosts ?? [])
    if (trouble !== '')
      findings.push((isAwaited ? critical : warning)(`${database} is away (${trouble})`))
  return [...findings, ...interfaceFindings(status)]
}

/** Where a family is served nowhere, its clients get nothing, whatever the other one does. */
function interfaceFindings({ interfaces }: ServerStatus): Finding[] {
  const families = new Set(interfaces.map(({ family }) => family))
  const isServed = (wanted: 4 | 6) =>
    interfaces.some(({ family, serving }) => serving && family === wanted)
  const by = (family: 4 | 6) => (families.size > 1 ? ` by DHCPv${family}` : '')
  const unserved = interfaces.filter(({ serving }) => !serving)
  const misfits = interfaces.filter(({ misfit }) => misfit !== '')
  return [
    ...unserved.map(({ name, family, trouble }): Finding => {
      const why = trouble === '' ? '' : ` (${trouble})`
      const text = `interface ${name} is not served${by(family)}${why}`
      return { level: isServed(family) ? 1 : 2, text }
    }),
    ...misfits.map(({ name, misfit }) => warning(`interface ${name}: ${misfit}`)),
  ]
}

/** A name server that was restarted is nothing to wake anybody for. */
const NAMES_WAIT_MAX = 600

function namesFindings({ names }: ServerStatus): Finding[] {
  if (names === undefined) return []
  const dns = names.oldest < NAMES_WAIT_MAX ? [] : dnsLines(names)
  const sinks = names.sinks.filter(({ away }) => away >= NAMES_WAIT_MAX).map(sinkLine)
  return [...dns, ...sinks].map(warning)
}

/**
 * A pool that is full while nobody asks is worth a look; one where clients go away with nothing is
 * an outage.
 */
function poolFindings({ subnets, refusedLately, ha }: DaemonStatus): Finding[] {
  // Of many subnets some are not counted: there the partner may have addresses yet.
  const partnerMay = ({ family, id }: SubnetStatus, kind: FreeStatus['kind']) =>
    ha !== undefined &&
    ha.rights !== 'sole' &&
    ha.free.find((row) => row.family === family && row.subnet === id && row.kind === kind)
      ?.partner !== 0
  // In a pair that has lost its partner, `stock` tells it.
  if (ha?.partner !== undefined && ha.partner.kind !== 'connected') return []
  const full = (family: 4 | 6, kind: FreeStatus['kind']) => {
    const places = new Map<string, boolean>()
    for (const subnet of subnets) {
      const { isSpent, count } = spentOf(subnet, kind)
      if (count === 0 || subnet.family !== family) continue
      const place = subnet.network === '' ? subnet.subnet : `network ${subnet.network}`
      const isEmpty = isSpent && !partnerMay(subnet, kind)
      places.set(place, (places.get(place) ?? true) && isEmpty)
    }
    const names = [...places].flatMap(([place, isFull]) => (isFull ? [place] : []))
    return names.length === 0 ? [] : [`no ${kind} is free in ${namesOf(names)}`]
  }
  const where = [...full(4, 'address'), ...full(6, 'address'), ...full(6, 'prefix')].join(' and ')
  if (where === '') return []
  if (refusedLately === 0) return [warning(where)]
  return [
    critical(`${where}, and clients are refused (${counted(refusedLately, 'message')} lately)`),
  ]
}

function spentOf(subnet: SubnetStatus, kind: FreeStatus['kind']) {
  if (kind === 'address') return { isSpent: subnet.isExhausted, count: subnet.addresses }
  return { isSpent: subnet.arePrefixesExhausted === true, count: subnet.prefixes ?? 0 }
}

/** What stays in force is not what is in the file. */
function fileFindings({ configuration }: DaemonStatus, fileTrouble: string): Finding[] {
  const { refused, needsRestart, unusable, databases = [] } = configuration
  return [
    ...databases
      .filter(({ trouble }) => trouble !== '')
      .map(({ database, trouble }) => warning(`configuration in ${database}: ${trouble}`)),
    ...(refused === '' ? [] : [warning(`the last reload was refused: ${refused}`)]),
    ...(needsRestart.length === 0 ? [] : [warning(needsRestartWords(needsRestart))]),
    ...unusable.map((why) => warning(`an edit is not in force: ${why}`)),
    ...(fileTrouble === '' || refused !== ''
      ? []
      : [warning(`the next start would fail: ${fileTrouble}`)]),
  ]
}

/** Some of them, where there are many. */
function namesOf(names: readonly string[]): string {
  const some = names.slice(0, NAMED_MAX).join(', ')
  return names.length > NAMED_MAX ? `${some} and ${names.length - NAMED_MAX} more` : some
}

/** No partner is looked for, and only a word gives this server more than its database does. */
function dueFindings(status: Pick<PairStatus, 'rights' | 'due'> | undefined): Finding[] {
  if (status === undefined || status.due === '') return []
  const due = `due when the other server of the pair is off: whio ${status.due}`
  if (status.rights === 'none') return [critical(`no client is answered (${due})`)]
  return [warning(`only this server's own part of the addresses is given (${due})`)]
}

function pairFindings(ha: PairStatus): Finding[] {
  const findings: Finding[] = []
  const { partner } = ha
  if (ha.listenerTrouble !== '') findings.push(warning(`no listener: ${ha.listenerTrouble}`))
  if (ha.wrongUrl !== '') findings.push(warning(`wrong url of the partner: ${ha.wrongUrl}`))
  if (ha.configDiffers) findings.push(warning('the partner has another configuration'))
  if (ha.conflicts > 0) findings.push(warning(`${ha.conflicts} conflicts`))
  for (const { name, role, isConnected } of ha.peers)
    if (role === 'backup' && !isConnected) findings.push(warning(`backup ${name} not connected`))
  if (ha.scopes.length === 0 && !IDLE_STATES.has(ha.state) && partner?.kind === 'connected')
    findings.push(warning(`no client is answered from here (${ha.state})`))
  if (ha.state === 'partner-in-maintenance')
    findings.push(warning(`${partner?.name} is in maintenance, this server is alone`))
  if (partner === undefined || partner.kind === 'connected') return findings
  const trouble = partner.trouble === '' ? '' : ` (${partner.trouble})`
  if (ha.rights === 'none')
    findings.push(critical(`no client is answered: ${partnerLine(ha)}${trouble}`))
  else findings.push(warning(`${ha.state}, ${partnerLine(ha)}${trouble}`), ...stock(ha.free))
  return findings
}

function stock(rows: readonly FreeStatus[]): Finding[] {
  return rows.flatMap(({ kind, addresses, here, prefix, takenPerHour, lastsFor }) => {
    if (addresses === 0) return []
    if (here === 0) return [critical(`no ${kind} left for new clients in ${prefix}`)]
    if (takenPerHour === 0 || lastsFor >= LASTS_MIN) return []
    const hours = (lastsFor / 3_600_000).toFixed(1)
    const what = kind === 'prefix' ? 'prefixes' : 'addresses'
    return [warning(`${what} for new clients in ${prefix} last ${hours} h`)]
  })
}

function critical(text: string): Finding {
  return { level: 2, text }
}

function warning(text: string): Finding {
  return { level: 1, text }
}
