// What the other end of a TLS connection proved about itself.

import { isIP } from 'node:net'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import { oneLine, plainAddress } from './address.ts'

/**
 * Common names, DNS names and IP addresses of the other end's certificate, in this order and each
 * once; IPv6 in its short form. Undefined where there is no TLS, no certificate, or one whose chain
 * does not lead to the trust anchor. Other kinds of names (URI, email) name no server and are left
 * out.
 */
export function certificateNames(socket: TLSSocket): readonly string[] | undefined {
  if (!socket.authorized) return undefined
  const { subject, subjectaltname } = socket.getPeerCertificate()
  // TLS by a password alone.
  if (subject === undefined) return undefined
  return namesOf(subject, subjectaltname ?? '')
}

/** `alternatives` as Node prints them: `DNS:one, IP Address:192.0.2.1`. */
export function namesOf(
  subject: PeerCertificate['subject'] | undefined,
  alternatives: string,
): readonly string[] {
  const common = subject?.CN ?? []
  // Node quotes, as JSON, whatever could be taken for a separator (and so hide a second name).
  const entries = alternatives.match(/[^,\s"][^,"]*(?:"(?:\\.|[^"\\])*")?/g) ?? []
  const names = [common].flat().concat(entries.flatMap(nameOfEntry))
  return [...new Set(names.filter((name) => name !== ''))]
}

function nameOfEntry(entry: string): string[] {
  const [, kind, text = ''] = /^(DNS|IP Address):(.*)$/.exec(entry) ?? []
  if (kind === undefined) return []
  const name = text.startsWith('"') ? (JSON.parse(text) as string) : text
  return [isIP(name) === 0 ? name : plainAddress(name)]
}

/** Why the other end's certificate is not accepted, in words. */
export function certificateTrouble(socket: TLSSocket): string {
  // Node says an Error in its types and a code in fact.
  const code = String(socket.authorizationError)
  if (Object.keys(socket.getPeerCertificate()).length === 0) return 'no certificate'
  if (code === 'CERT_HAS_EXPIRED') return 'certificate has expired'
  if (code === 'CERT_NOT_YET_VALID') return 'certificate is not valid yet'
  return `certificate is not accepted: ${oneLine(code)}`
}
