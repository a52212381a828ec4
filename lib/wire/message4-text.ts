// A DHCPv4 message as a listing.

import type { Message4 } from './message4-reader.ts'

export function describe4(_message: Message4): string {
  return ''
}
