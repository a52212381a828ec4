// What can be told of a server's certificate before it is needed: `whio check` says it when the
// file is written, not the partner at three in the morning.

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { HaPeer, HaPlan } from '../../config/plan/ha-plan.ts'
import { namesPeer, wrongName } from '../../ha/certificate-names.ts'
import type { Millis } from '../../time/units.ts'
import { namesOf } from './certificate.ts'
import { TlsFiles } from './tls.ts'

/** Certificates that end sooner are warned of. */
const LASTS_MIN: Millis = 30 * 86_400_000

export interface CertificateProblem {
  readonly severity: 'error' | 'warning'
  readonly text: string
}

/** Of the files of this server; nothing without TLS. `now`: milliseconds since 1970. */
export function certificateProblems(
  { thisServer, peers, checksCertificateNames }: HaPlan,
  now: Millis,
): CertificateProblem[] {
  const { tls } = thisServer
  if (tls === undefined) return []
  try {
    new TlsFiles(tls, 0, () => {}).current()
    const certificate = new X509Certificate(readFileSync(tls.certFile))
    const names = checksCertificateNames ? nameProblem(certificate, thisServer, peers) : undefined
    return [names, timeProblem(certificate, now)]
      .filter((problem) => problem !== undefined)
      .map(({ severity, text }) => ({ severity, text: `${tls.certFile}: ${text}` }))
  } catch (error) {
    return [{ severity: 'error', text: (error as Error).message }]
  }
}

/** The partner refuses a certificate that does not name the server that shows it. */
function nameProblem(
  certificate: X509Certificate,
  own: HaPeer,
  peers: readonly HaPeer[],
): CertificateProblem | undefined {
  const { subject, subjectaltname } = certificate.toLegacyObject()
  const names = namesOf(subject, subjectaltname ?? '')
  if (namesPeer(names, own)) return undefined
  const other = peers.find((peer) => peer !== own && namesPeer(names, peer))
  const text =
    other === undefined
      ? wrongName(names, own)
      : `it is the certificate of '${other.name}', and this is '${own.name}'`
  return { severity: 'error', text }
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
