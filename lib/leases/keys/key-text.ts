// Keys as people read them.

import { textFromIpv4 } from '../../address/ipv4.ts'
import { textFromPrefix6 } from '../../address/prefix6.ts'
import type { Key } from './key.ts'

/** An address, or `2001:db8::/56`. */
export function textFromKey(key: Key): string {
  return typeof key === 'number' ? textFromIpv4(key) : textFromPrefix6(key)
}
