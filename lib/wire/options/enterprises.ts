// Options of enterprises, 124 and 125 (RFC 3925): blocks of an enterprise number, a length, and
// what that enterprise says.

import { octetsFromUint, uintFromOctets } from '../../bytes/cursor.ts'
import type { Octets } from '../../bytes/octets.ts'

const HEAD = 5

/** Most octets that a block has behind its head. */
export const BLOCK_MAX = 255

/** Cable Labs (DOCSIS), whose clients name the sub-options that they want. */
export const CABLE_LABS = 4491

/** The sub-option of Cable Labs in which the codes of the wanted ones stand. */
export const CABLE_LABS_REQUEST = 1

/** Whether no block runs past the end. What is cut short is to be ignored as a whole. */
export function hasWholeBlocks(data: Octets): boolean {
  let at = 0
  while (at < data.length) {
    if (at + HEAD > data.length) return false
    at = endOfBlock(data, at)
  }
  return at === data.length
}

/** Where the next block begins. */
export function endOfBlock(data: Octets, at: number): number {
  return at + HEAD + data.charCodeAt(at + 4)
}

export function enterpriseAt(data: Octets, at: number): number {
  return uintFromOctets(data, at, 4)
}

/** What stands in the block that begins at `at`. */
export function contentAt(data: Octets, at: number): Octets {
  return data.slice(at + HEAD, endOfBlock(data, at))
}

/** Where the value of a sub-option begins, in the block at `at`; -1 = it has none of this code. */
export function subOptionAt(data: Octets, at: number, code: number): number {
  const end = endOfBlock(data, at)
  let sub = at + HEAD
  while (sub + 2 <= end) {
    const next = sub + 2 + data.charCodeAt(sub + 1)
    if (next > end) return -1
    if (data.charCodeAt(sub) === code) return sub + 2
    sub = next
  }
  return -1
}

/** What each enterprise says, by its number; undefined where a block runs past the end. */
export function contentsIn(data: Octets): Map<number, Octets> | undefined {
  if (!hasWholeBlocks(data)) return undefined
  const contents = new Map<number, Octets>()
  for (let at = 0; at < data.length; at = endOfBlock(data, at)) {
    const enterprise = enterpriseAt(data, at)
    contents.set(enterprise, (contents.get(enterprise) ?? '') + contentAt(data, at))
  }
  return contents
}

/** A block; `content` has at most {@link BLOCK_MAX} octets. */
export function block(enterprise: number, content: Octets): Octets {
  return octetsFromUint(enterprise, 4) + octetsFromUint(content.length, 1) + content
}
