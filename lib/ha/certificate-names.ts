// Whom a certificate names. A chain to the trust anchor shows only that somebody there has signed
// it, which may be said of a printer's, too.

import type { HaPeer } from '../config/plan/ha-plan.ts'

const TOLD_MAX = 4

/**
 * By the name of the configuration, or by the address of the url. Names of hosts have no case (RFC
 * 4343).
 */
export function namesPeer(names: readonly string[], { name, url }: HaPeer): boolean {
  const wanted = [name.toLowerCase(), url.host]
  return names.some((one) => wanted.includes(one.toLowerCase()))
}

/** Why such a certificate is not accepted. */
export function wrongName(names: readonly string[], { name, url }: HaPeer): string {
  const told = names.length === 0 ? 'nobody' : names.slice(0, TOLD_MAX).join(', ')
  return `the certificate names ${told}, neither '${name}' nor ${url.host}`
}
