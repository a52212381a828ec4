// What can be told of a server's certificate before it is needed: `whio check` says it when the file is written,
// not the partner at three in the morning.

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { HaPlan } from '../config/ha-plan.ts'
import type { Millis } from '../time/units.ts'
import { namesOf } from './link-certificate.ts'
import { TlsFiles } from './link-tls.ts'

/** Certificates that end sooner are warned of. */
const LASTS_MIN: Millis = 30 * 86_400_000

export interface CertificateProblem {
  readonly severity: 'error' | 'warning'
  readonly text: string
}

/** Of the files of this server; nothing without TLS. `now`: milliseconds since 1970. */
export function certificateProblems(
  { thisServer, peers }: HaPlan,
  now: Millis,
): CertificateProblem[] {
  const { tls, name } = thisServer
  if (tls === undefined) return []
  try {
    new TlsFiles(tls, 0, () => {}).current()
    const certificate = new X509Certificate(readFileSync(tls.certFile))
    const others = peers.filter((peer) => peer !== thisServer).map((peer) => peer.name)
    return [nameProblem(certificate, name, others), timeProblem(certificate, now)]
      .filter((problem) => problem !== undefined)
      .map(({ severity, text }) => ({ severity, text: `${tls.certFile}: ${text}` }))
  } catch (error) {
    return [{ severity: 'error', text: (error as Error).message }]
  }
}

/** The partner refuses a certificate that names another server; one that names none says nothing of names. */
function nameProblem(
  certificate: X509Certificate,
  own: string,
  others: readonly string[],
): CertificateProblem | undefined {
  const { subject, subjectaltname } = certificate.toLegacyObject()
  const names = namesOf(subject, subjectaltname ?? '')
  const other = others.find((name) => names.includes(name))
  if (other === undefined || names.includes(own)) return undefined
  return { severity: 'error', text: `it is the certificate of '${other}', and this is '${own}'` }
}

function timeProblem(
  { validFrom, validTo }: X509Certificate,
  now: Millis,
): CertificateProblem | undefined {
  if (Date.parse(validFrom) > now)
    return { severity: 'error', text: `not valid before ${validFrom}` }
  const left = Date.parse(validTo) - now
  if (left <= 0) return { severity: 'error', text: `it ended at ${validTo}` }
  return left < LASTS_MIN ? { severity: 'warning', text: `it ends at ${validTo}` } : undefined
}
