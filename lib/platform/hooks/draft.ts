// A reply as a hook changes it: checked as it is changed, so that what cannot be sent is an error
// in the hook, and not in the reply.

import type { Ipv4 } from '../../address/ipv4.ts'
import { bytesFromOctets, type Octets, octetsFromBytes } from '../../bytes/octets.ts'
import type { DraftReply } from '../../dhcp/steps.ts'
import { OPTION4 } from '../../wire/v4/codes.ts'
import { OPTION6 } from '../../wire/v6/codes.ts'
import type { DraftMessage } from './hook-module.ts'
import { typeName4, typeName6 } from './views.ts'

/** What the protocol is made of: the lease, who says it to whom, and how it is to be read. */
const FIXED4: ReadonlySet<number> = new Set([
  ...[0, OPTION4.leaseTime, OPTION4.overload, OPTION4.messageType, OPTION4.serverIdentifier],
  ...[OPTION4.clientIdentifier, OPTION4.relayAgentInformation, OPTION4.end],
])
const FIXED6: ReadonlySet<number> = new Set([
  ...[0, OPTION6.clientId, OPTION6.serverId, OPTION6.iaNa, OPTION6.iaTa, OPTION6.iaAddress],
  ...[OPTION6.relayMessage, OPTION6.auth, OPTION6.statusCode, OPTION6.rapidCommit],
  ...[OPTION6.interfaceId, OPTION6.reconfigureMessage, OPTION6.reconfigureAccept],
  ...[OPTION6.iaPd, OPTION6.iaPrefix],
])

/** Octets of an option: more fits into no reply. */
const VALUE_MAX = { 4: 1024, 6: 16_384 } as const

const SNAME_MAX = 63
const FILE_MAX = 127

export class Draft implements DraftMessage {
  readonly #reply: DraftReply
  readonly #family: 4 | 6
  readonly #ipv4: (text: string) => Ipv4 | undefined
  #isOver = false

  constructor(reply: DraftReply, ipv4: (text: string) => Ipv4 | undefined) {
    this.#reply = reply
    this.#family = reply.fields === undefined ? 6 : 4
    this.#ipv4 = ipv4
    Object.freeze(this)
  }

  /** The callout is over: the reply is on its way. */
  close(): void {
    this.#isOver = true
  }

  get type(): string {
    const { type } = this.#reply
    return this.#family === 4 ? typeName4(type) : typeName6(type)
  }

  codes(): readonly number[] {
    return [...this.#reply.options.keys()]
  }

  option(code: number): Uint8Array | undefined {
    const value = this.#reply.options.get(code)?.[0]
    return value === undefined ? undefined : bytesFromOctets(value)
  }

  setOption(code: number, value: Uint8Array): void {
    this.#check(code)
    if (!(value instanceof Uint8Array)) throw new TypeError('an option is a Uint8Array')
    const most = VALUE_MAX[this.#family]
    if (value.length > most) throw new RangeError(`an option has ${most} bytes at most`)
    this.#reply.options.set(code, [octetsFromBytes(value)])
  }

  deleteOption(code: number): void {
    this.#check(code)
    this.#reply.options.delete(code)
  }

  setField(field: 'next-server' | 'server-hostname' | 'boot-file-name', value: string): void {
    const { fields } = this.#reply
    if (this.#isOver) throw new Error(OVER)
    if (fields === undefined) throw new Error('replies of DHCPv6 have no such fields')
    if (field === 'server-hostname') fields.sname = textFor(value, SNAME_MAX)
    else if (field === 'boot-file-name') fields.file = textFor(value, FILE_MAX)
    else if (field === 'next-server') {
      const address = this.#ipv4(String(value))
      if (address === undefined) throw new TypeError(`'${value}' is no IPv4 address`)
      fields.siaddr = address
    } else throw new TypeError(`'${String(field)}' is no field`)
  }

  #check(code: number): void {
    if (this.#isOver) throw new Error(OVER)
    const isFour = this.#family === 4
    if (!Number.isInteger(code) || code < 0 || code > (isFour ? 255 : 65_535))
      throw new RangeError(`${String(code)} is no code of an option`)
    if ((isFour ? FIXED4 : FIXED6).has(code))
      throw new Error(`option ${code} is not a hook's to change`)
  }
}

const OVER = 'the callout is over: a reply is changed within it'

function textFor(value: unknown, most: number): Octets {
  if (typeof value !== 'string' || !/^[\x20-\x7e]*$/.test(value))
    throw new TypeError('a field is text in ASCII')
  if (value.length > most) throw new RangeError(`the field has room for ${most} characters`)
  return value
}
