// A sweep of names in DNS as programs are told of it.

import { textFromKey } from '../leases/keys/key-text.ts'
import { textOfName } from '../names/names.ts'
import type { SweepFinding, SweepReport, SweptZone } from '../server/names/sweep-report.ts'

/** With so many of its findings, behind the first `from`. */
export function shownSweep(report: SweepReport, from: number, limit: number): object {
  const { counts, findings, kind, number, seconds, state, why, zones } = report
  return {
    ...{ sweep: number, kind, state, seconds, ...(why === '' ? {} : { why }) },
    zones: zones.map(shownZone),
    counts: { ...counts },
    findings: findings.slice(from, from + limit).map(shownFinding),
    ...(findings.length > from + limit ? { next: from + limit } : {}),
  }
}

function shownZone({ direction, name, server, state, wanted, way, why }: SweptZone): object {
  return {
    ...{ direction, zone: zoneText(name), state, wanted },
    ...(server === '' ? {} : { server }),
    ...(way === '' ? {} : { way }),
    ...(why === '' ? {} : { why }),
  }
}

function shownFinding(finding: SweepFinding): object {
  const { direction, isOwed, key, kind, mended, name, why, zone } = finding
  return {
    ...{ kind, direction, zone: zoneText(zone) },
    ...{ 'ip-address': textFromKey(key), name: `${textOfName(name)}.` },
    ...(isOwed ? { waits: true } : {}),
    ...(why === '' ? {} : { why }),
    ...(mended === '' ? {} : { mended }),
  }
}

function zoneText(name: string): string {
  return name === '' ? '*' : `${textOfName(name)}.`
}
