// IPv6 addresses as Node tells and wants them: it does so with every datagram that it reads or
// sends itself.

import { type Ipv6, ipv6FromText, textFromIpv6 } from '../address/ipv6.ts'
import { octetsFromBytes } from '../bytes/octets.ts'

const COLON = 58
const PERCENT = 37
const scratch = new Uint8Array(16)

/** The same sender mostly comes again. */
let lastText = ''
let last: Ipv6 = ''

/** An address that the kernel has printed, its zone left out: `fe80::1%eth0`. */
export function ipv6FromNode(text: string): Ipv6 {
  if (text === lastText) return last
  last = parse(text) ?? ipv6FromText(text.split('%', 1)[0]!) ?? ''
  lastText = text
  return last
}

/** `device` scopes an address of its link. */
export function nodeFromIpv6(address: Ipv6, device: string): string {
  return device === '' ? textFromIpv6(address) : `${textFromIpv6(address)}%${device}`
}

/** Undefined: it has a form that is rare. */
function parse(text: string): Ipv6 | undefined {
  scratch.fill(0)
  let at = 0
  let gap = -1
  let word = -1
  let index = 0
  for (; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === PERCENT) break
    if (code !== COLON) {
      const digit = digitOf(code)
      if (digit < 0) return undefined
      word = word < 0 ? digit : word * 16 + digit
      continue
    }
    if (word >= 0) at = put(word, at)
    else if (index > 0) gap = at
    word = -1
  }
  if (word >= 0) at = put(word, at)
  if (at > 16) return undefined
  if (gap < 0) return at === 16 ? octetsFromBytes(scratch) : undefined
  const moved = at - gap
  scratch.copyWithin(16 - moved, gap, at)
  scratch.fill(0, gap, 16 - moved)
  return octetsFromBytes(scratch)
}

function put(word: number, at: number): number {
  scratch[at] = word >> 8
  scratch[at + 1] = word & 255
  return at + 2
}

function digitOf(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  return code >= 97 && code <= 102 ? code - 87 : -1
}
