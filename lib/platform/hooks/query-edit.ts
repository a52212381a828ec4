// A message as a hook makes the server read it: what it came with stays what it is on the wire.

import { type Octets, octetsFromBytes } from '../../bytes/octets.ts'
import { fixedLength4 } from '../../wire/options/options4.ts'
import type { Suppliable } from '../../wire/supplied.ts'
import { OPTION4 } from '../../wire/v4/codes.ts'
import { OPTION6 } from '../../wire/v6/codes.ts'
import { isWellFormed } from '../../wire/v6/well-formed.ts'
import type { QueryOptions } from './hook-module.ts'

/** RFC 3118. */
const AUTHENTICATION = 90

/** Who asks whom for what, and for which lease: by these a pair tells whose client it is. */
const FIXED4: ReadonlySet<number> = new Set([
  ...[OPTION4.pad, OPTION4.requestedAddress, OPTION4.overload, OPTION4.messageType],
  ...[OPTION4.serverIdentifier, OPTION4.clientIdentifier, OPTION4.relayAgentInformation],
  ...[AUTHENTICATION, OPTION4.end],
])
const FIXED6: ReadonlySet<number> = new Set([
  ...[0, OPTION6.clientId, OPTION6.serverId, OPTION6.iaNa, OPTION6.iaTa, OPTION6.iaAddress],
  ...[OPTION6.elapsedTime, OPTION6.relayMessage, OPTION6.auth, OPTION6.statusCode],
  ...[OPTION6.rapidCommit, OPTION6.interfaceId, OPTION6.reconfigureMessage],
  ...[OPTION6.reconfigureAccept, OPTION6.iaPd, OPTION6.iaPrefix],
])

const CODE_MAX = 255
/** Octets of an option: more comes in no message. */
const VALUE_MAX = 1024

export class QueryEdit implements QueryOptions {
  readonly #query: Suppliable
  readonly #family: 4 | 6
  #isOver = false

  constructor(query: Suppliable, family: 4 | 6) {
    this.#query = query
    this.#family = family
    Object.freeze(this)
  }

  /** The callout is over: the message is answered. */
  close(): void {
    this.#isOver = true
  }

  set(code: number, value: Uint8Array): void {
    this.#check(code)
    if (!(value instanceof Uint8Array)) throw new TypeError('an option is a Uint8Array')
    if (value.length > VALUE_MAX) throw new RangeError(`an option has ${VALUE_MAX} bytes at most`)
    if (!isLegal(this.#family, code, value))
      throw new RangeError(`option ${code} cannot have ${value.length} bytes like these`)
    this.#supply(code, octetsFromBytes(value))
  }

  delete(code: number): void {
    this.#check(code)
    this.#supply(code, undefined)
  }

  #supply(code: number, value: Octets | undefined): void {
    const { supplied } = this.#query
    this.#query.supply(code, value)
    if (this.#query.supplied === supplied) throw new Error('the message has too many options')
  }

  #check(code: number): void {
    if (this.#isOver) throw new Error('the callout is over: a message is edited within it')
    if (!Number.isInteger(code) || code < 0 || code > CODE_MAX)
      throw new RangeError(`${String(code)} is no code of an option that can be edited`)
    if ((this.#family === 4 ? FIXED4 : FIXED6).has(code))
      throw new Error(`option ${code} of a message is not a hook's to edit`)
  }
}

function isLegal(family: 4 | 6, code: number, value: Uint8Array): boolean {
  if (family === 6) return isWellFormed(code, value, 0, value.length)
  const length = fixedLength4(code)
  return length === 0 || length === value.length
}

/** Lets a copy of a message say what hooks made the message say. */
export function supplyAll(copy: Suppliable, { supplied }: Pick<Suppliable, 'supplied'>): void {
  for (const { code, value } of supplied) copy.supply(code, value)
}
