// Option 81, the fully qualified domain name of a client (RFC 4702).
//
//   octet 0  flags: 0 0 0 0 N E O S     octets 1, 2  rcodes, 255 from servers     then the name

import type { Octets } from '../bytes/octets.ts'

/** The server does (client: should do) the A record update. */
const FLAG_S = 1
/** The server overrides the client's wish about S. */
const FLAG_O = 2
/** The name is in the encoding of RFC 1035 §3.1; else in ASCII, which is deprecated. */
const FLAG_E = 4
/** The server does (client: should do) no update at all. */
const FLAG_N = 8

const NAME_AT = 3
const LABEL_MAX = 63
const RCODES = '\xff\xff'

export interface Fqdn {
  readonly flags: number
  /**
   * Labels joined by dots, not sanitised, without a final dot; '' when the server shall find one.
   */
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
  return decodeLabels(flags, value)
}

function decodeLabels(flags: number, value: Octets): Fqdn | undefined {
  let name = ''
  let at = NAME_AT
  while (at < value.length) {
    const length = value.charCodeAt(at)
    const end = at + 1 + length
    if (length === 0) return end === value.length ? { flags, name, complete: true } : undefined
    // RFC 4702 §3.3.1: no compression, so no length above 63.
    if (length > LABEL_MAX || end > value.length) return undefined
    const label = value.slice(at + 1, end)
    if (label.includes('.')) return undefined
    name += name === '' ? label : `.${label}`
    at = end
  }
  return { flags, name, complete: false }
}

/**
 * The answer of a server that does no DNS updates, about the client's option `asked`. `name` is
 * empty or a name with labels of 1 to 63 characters. `complete`: it is fully qualified and ends so.
 */
export function encodeFqdnReply(asked: Fqdn, name: string, complete = asked.complete): Octets {
  // RFC 4702 §4: N set means that S MUST be clear; O tells that the client's S was not followed;
  // the encoding is the client's.
  const overridden = (asked.flags & FLAG_S) !== 0 ? FLAG_O : 0
  const flags = FLAG_N | overridden | (asked.flags & FLAG_E)
  const head = String.fromCharCode(flags) + RCODES
  if ((flags & FLAG_E) === 0) return head + (complete && name !== '' ? `${name}.` : name)
  let labels = ''
  if (name !== '')
    for (const label of name.split('.')) labels += String.fromCharCode(label.length) + label
  return head + labels + (complete ? '\0' : '')
}
