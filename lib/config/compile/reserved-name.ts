// The name that a reservation gives to its client.

import { isLegalName, lowerCase, withoutFinalDot } from '../../names/names.ts'
import type { Site } from '../text/site.ts'

/**
 * RFC 1035 §2.3.4 lengths; letters, digits, hyphen and (Kea allows it) underscore. What else people
 * call their devices is sent as it stands, as by Kea, if it fits into option 12 and disturbs no
 * log.
 */
export function compileReservedName(text: string | undefined, site: Site): string {
  const whole = (text ?? '').trim()
  const name = withoutFinalDot(whole)
  if (name === '') return ''
  if (/^[a-z0-9._-]+$/i.test(name) && isLegalName(name)) return lowerCase(whole)
  const at = site.at('hostname')
  const hint = 'labels of letters, digits and hyphens, at most 63 each and 253 in all'
  const isText = new TextEncoder().encode(name).length <= 253 && !/[\p{C}\p{Zl}\p{Zp}]/u.test(name)
  if (isText) at.warning('hostname', `'${text}' is no host name and is sent so`, hint)
  else at.error('hostname', `${JSON.stringify(text)} is not a host name`, hint)
  return isText ? whole : ''
}
