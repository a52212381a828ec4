// How a server is, in one line and an exit code as monitoring plugins have them: `whio status --check`.

import type { FreeStatus, PairStatus } from '../server/pair-status.ts'
import type { ServerStatus } from '../server/status.ts'
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

/** So long must free addresses last while the partner is away. */
const LASTS_MIN = 24 * 3_600_000

export function healthOf(status: ServerStatus): Health {
  const findings = [...serverFindings(status), ...(status.ha ? pairFindings(status.ha) : [])]
  if (findings.length === 0) return { level: 0, line: `OK: ${wellWords(status)}` }
  const isCritical = findings.some(({ level }) => level === 2)
  const sorted = [...findings].sort((one, other) => other.level - one.level)
  const level = isCritical ? 2 : 1
  return { level, line: `${LEVELS[level]}: ${sorted.map(({ text }) => text).join('; ')}` }
}

/** Nobody has answered. */
export function healthOfSilence({ isDown, why }: { isDown: boolean; why: string }): Health {
  const level = isDown ? 2 : 3
  return { level, line: `${LEVELS[level]}: ${why}` }
}

function wellWords({ ha, interfaces }: ServerStatus): string {
  const served = interfaces.filter(({ serving }) => serving).map(({ name }) => name)
  const pair = ha === undefined ? '' : `, ${ha.state}, ${partnerLine(ha) || 'no partner'}`
  return `serving on ${served.join(' ')}${pair}`
}

function serverFindings({ state, journalTrouble, interfaces }: ServerStatus): Finding[] {
  const findings: Finding[] = []
  if (journalTrouble !== '') findings.push(critical(`leases cannot be stored (${journalTrouble})`))
  else if (state !== 'serving') findings.push(critical(`server ${state}`))
  const unserved = interfaces.filter(({ serving }) => !serving)
  const level = unserved.length === interfaces.length ? 2 : 1
  for (const { name, trouble } of unserved) {
    const why = trouble === '' ? '' : ` (${trouble})`
    findings.push({ level, text: `interface ${name} is not served${why}` })
  }
  return findings
}

function pairFindings(ha: PairStatus): Finding[] {
  const findings: Finding[] = []
  const { partner } = ha
  if (ha.listenerTrouble !== '') findings.push(warning(`no listener: ${ha.listenerTrouble}`))
  if (ha.configDiffers) findings.push(warning('the partner has another configuration'))
  if (ha.conflicts > 0) findings.push(warning(`${ha.conflicts} conflicts`))
  for (const { name, role, isConnected } of ha.peers)
    if (role === 'backup' && !isConnected) findings.push(warning(`backup ${name} not connected`))
  if (partner === undefined || partner.kind === 'connected') return findings
  const trouble = partner.trouble === '' ? '' : ` (${partner.trouble})`
  if (ha.rights === 'none')
    findings.push(critical(`no client is answered: ${partnerLine(ha)}${trouble}`))
  else findings.push(warning(`${ha.state}, ${partnerLine(ha)}${trouble}`), ...stock(ha.free))
  return findings
}

function stock(rows: readonly FreeStatus[]): Finding[] {
  return rows.flatMap(({ addresses, here, prefix, takenPerHour, lastsFor }) => {
    if (addresses === 0) return []
    if (here === 0) return [critical(`no address left for new clients in ${prefix}`)]
    if (takenPerHour === 0 || lastsFor >= LASTS_MIN) return []
    const hours = (lastsFor / 3_600_000).toFixed(1)
    return [warning(`addresses for new clients in ${prefix} last ${hours} h`)]
  })
}

function critical(text: string): Finding {
  return { level: 2, text }
}

function warning(text: string): Finding {
  return { level: 1, text }
}
