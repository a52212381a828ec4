// Hardware addresses that hosts of the lab have.

import type { Octets } from '../bytes/octets.ts'

const SECOND = { 4: 0xff, 6: 0xfd } as const

/** A locally administered one that follows from the name of a host: a card for each family. */
export function hwAddressOf(family: 4 | 6, name: string, index: number): Octets {
  let hash = 0
  for (let at = 0; at < name.length; at++) hash = (hash * 31 + name.charCodeAt(at)) >>> 0
  const own = [(hash >>> 16) & 255, (hash >>> 8) & 255, hash & 255, index]
  return String.fromCharCode(2, SECOND[family], ...own)
}
