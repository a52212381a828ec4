// Option 81, the fully qualified domain name of a client (RFC 4702).
//
//   octet 0  flags: 0 0 0 0 N E O S     octets 1, 2  rcodes, 255 from servers     then the name
//
// RFC 4702 §2.2: what a client says in the rcodes is ignored.

import type { Octets } from '../bytes/octets.ts'
import { labelsOfName, nameInLabels } from '../names/labels.ts'

/** The name is in the encoding of RFC 1035 §3.1; else in ASCII, which is deprecated. */
const FLAG_E = 4

const NAME_AT = 3
const RCODES = '\xff\xff'

export interface Fqdn {
  readonly flags: number
  /** Labels joined by dots, as they came; '' when the server shall find one. */
  readonly name: string
  /** False: the client gave only the first labels of its name (RFC 4702 §3.3). */
  readonly complete: boolean
}

/** The value of option 81, or undefined when it is malformed. */
export function decodeFqdn(value: Octets): Fqdn | undefined {
  if (value.length < NAME_AT) return undefined
  const flags = value.charCodeAt(0)
  if ((flags & FLAG_E) === 0) {
    const text = value.slice(NAME_AT)
    return { flags, name: text, complete: text.includes('.') }
  }
  const encoded = nameInLabels(value, NAME_AT)
  return encoded && { flags, name: encoded.name, complete: encoded.complete }
}

/**
 * The answer about the client's option `asked`: who updates DNS (update-flags.ts), and the whole
 * name, with labels of 1 to 63 octets and no final dot.
 */
export function encodeFqdnReply(asked: Fqdn, updates: number, name: Octets): Octets {
  // RFC 4702 §4: the encoding is the client's.
  const flags = updates | (asked.flags & FLAG_E)
  const head = String.fromCharCode(flags) + RCODES
  if ((flags & FLAG_E) === 0) return `${head}${name}.`
  return head + labelsOfName(name)
}
