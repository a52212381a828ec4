// By what a client knows a RECONFIGURE of its server (RFC 9915 §16.11, §20.4.3): the key that came
// with its leases, and a replay value above all before.

import { uintFromOctets } from '../bytes/cursor.ts'
import { hmacMd5 } from '../bytes/md5.ts'
import { bytesFromOctets, type Octets, octetsFromBytes } from '../bytes/octets.ts'
import { MESSAGE_TYPE6, OPTION6 } from '../wire/v6/codes.ts'
import { optionAt6 } from '../wire/v6/octets6.ts'
import type { Message6 } from '../wire/v6/reader.ts'

/** Protocol, algorithm and way of replay detection. */
const PROTOCOL = '\x03\x01\x00'
const REPLAY_AT = 3
const TYPE_AT = 11
const VALUE_AT = 12
const SIZE = 28
const [OF_KEY, OF_DIGEST] = [1, 2]
/** Of a message that is in no relay's. */
const OPTIONS_AT = 4

export class ReconfigureTrust6 {
  #key: Octets = ''
  #replay = -1

  /** A REPLY that is taken: why it is no message of now, or ''. Takes the key that it brings. */
  onReply(reply: Message6): string {
    const auth = reply.option(OPTION6.auth)
    if (auth === undefined || !isOf(auth, OF_KEY)) return ''
    if (!this.#isNew(auth)) return 'its replay value is not higher than those before'
    this.#key = auth.slice(VALUE_AT)
    return ''
  }

  /** The type of the message that the RECONFIGURE asks for, or why it is not obeyed. */
  onReconfigure(message: Message6, bytes: Uint8Array, start: number, end: number): number | string {
    const asks = message.option(OPTION6.reconfigureMessage)?.charCodeAt(0) ?? 0
    if (message.serverId === '' || message.xid !== 0) return 'it is not of a server'
    if (!ASKED.has(asks)) return 'it does not say what to do'
    const octets = octetsFromBytes(bytes, start, end)
    const at = optionAt6(octets, OPTIONS_AT, OPTION6.auth)
    const auth = at < 0 ? '' : octets.slice(at, at + SIZE)
    if (!isOf(auth, OF_DIGEST) || this.#key === '') return 'it is not signed with a known key'
    const digestAt = at + VALUE_AT
    const zeros = '\0'.repeat(SIZE - VALUE_AT)
    const unsigned = octets.slice(0, digestAt) + zeros + octets.slice(at + SIZE)
    const digest = hmacMd5(bytesFromOctets(this.#key), bytesFromOctets(unsigned))
    if (octetsFromBytes(digest) !== auth.slice(VALUE_AT)) return 'its digest is wrong'
    return this.#isNew(auth) ? asks : 'its replay value is not higher than those before'
  }

  /** Notes the value. */
  #isNew(auth: Octets): boolean {
    const replay = uintFromOctets(auth, REPLAY_AT, TYPE_AT - REPLAY_AT)
    if (replay <= this.#replay) return false
    this.#replay = replay
    return true
  }
}

const ASKED: ReadonlySet<number> = new Set([
  MESSAGE_TYPE6.renew,
  MESSAGE_TYPE6.rebind,
  MESSAGE_TYPE6.informationRequest,
])

function isOf(auth: Octets, type: number): boolean {
  return auth.length === SIZE && auth.startsWith(PROTOCOL) && auth.charCodeAt(TYPE_AT) === type
}
