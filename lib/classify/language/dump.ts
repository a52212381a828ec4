// What `.text` is of an option that holds no text: the line that Kea writes of it for its log.

import { textFromIpv4 } from '../../address/ipv4.ts'
import { uintFromOctets } from '../../bytes/cursor.ts'
import { hexFromOctets, type Octets } from '../../bytes/octets.ts'
import { NUMBER_SIZES, type OptionDefinition } from '../../wire/options/definition.ts'
import type { Origin, Source } from './tree.ts'

/** `type=093, len=002: 7(uint16)` */
export function dumpOption({ source, definition }: Origin, value: Octets): string {
  const type = String(codeOf(source)).padStart(3, '0')
  const length = String(value.length).padStart(3, '0')
  return `type=${type}, len=${length}: ${numbers(definition, value) ?? hexFromOctets(value, ':')}`
}

function codeOf(source: Source): number {
  if (source.from === 'option') return source.code
  if ('path' in source) return source.path.codes.at(-1) ?? 0
  return source.from === 'vendor-class' ? 124 : 125
}

/** The value as numbers or addresses; undefined where it is not made of them. */
function numbers(definition: OptionDefinition | undefined, value: Octets): string | undefined {
  const type = definition?.type
  const size = type === undefined ? undefined : NUMBER_SIZES[type]
  if (size === undefined || value.length % size !== 0) return undefined
  const texts: string[] = []
  for (let at = 0; at < value.length; at += size) {
    const number = uintFromOctets(value, at, size)
    const isNegative = type?.startsWith('int') && number >= 2 ** (8 * size - 1)
    const signed = isNegative ? number - 2 ** (8 * size) : number
    texts.push(type === 'ipv4-address' ? textFromIpv4(number) : `${signed}(${type})`)
  }
  return texts.join(' ')
}
