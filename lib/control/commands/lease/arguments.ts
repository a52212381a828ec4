// Arguments of commands on leases, one by one, with Kea's words where they are wrong.

import type { Octets } from '../../../bytes/octets.ts'
import { CommandRefused } from '../../refused.ts'

export type Members = Readonly<Record<string, unknown>>

/** Undefined where it is no map. */
export function membersOf(value: unknown): Members | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return value as Members
}

export function membersOr(value: unknown, trouble: string): Members {
  const members = membersOf(value)
  if (members === undefined) throw new CommandRefused(trouble)
  return members
}

export function has(members: Members, name: string): boolean {
  return Object.hasOwn(members, name)
}

export function string(members: Members, name: string): string {
  const value = present(members, name)
  if (typeof value !== 'string') throw wrongType(name)
  return value
}

export function flag(members: Members, name: string, usual: boolean): boolean {
  if (!has(members, name)) return usual
  const value = members[name]
  if (typeof value !== 'boolean') throw wrongType(name)
  return value
}

/** A whole number from 0 to `max`. */
export function count(members: Members, name: string, max = 0xffffffff): number {
  const value = whole(members, name)
  if (value < 0 || value > max)
    throw new CommandRefused(`out of range value (${value}) specified for parameter '${name}'`)
  return Number(value)
}

/** Of whatever size and sign. */
export function whole(members: Members, name: string): number | bigint {
  const value = present(members, name)
  if (typeof value === 'bigint' || Number.isInteger(value)) return value as number | bigint
  throw wrongType(name)
}

/** `01:02`, maybe one digit an octet. */
export function hardware(text: string): Octets {
  if (text === '') return ''
  if (!/^[0-9a-f]+(:[0-9a-f]+)*$/i.test(text)) {
    const bad = /[^0-9a-f:]/i.exec(text)?.[0]
    throw new CommandRefused(
      bad === undefined || bad === '-' || /^[-.\s]$/.test(bad)
        ? `invalid format of the decoded string '${text}'`
        : `'${bad}' is not a valid hexadecimal digit in decoded string '${text}'`,
    )
  }
  const octets = text.split(':')
  if (octets.some((octet) => octet.length > 2))
    throw new CommandRefused(`invalid format of the decoded string '${text}'`)
  if (octets.length > 16) throw new CommandRefused('address vector size exceeds MAX_HWADDR_LEN')
  return octets.map((octet) => String.fromCharCode(Number.parseInt(octet, 16))).join('')
}

/** A client-id or DUID: hexadecimal, with colons or without any. */
export function identifier(text: string): Octets {
  if (text === '') throw new CommandRefused('Empty DUIDs are not allowed')
  const isSeparated = text.includes(':')
  const form = isSeparated ? /^[0-9a-f]{1,2}(:[0-9a-f]{1,2})*$/i : /^[0-9a-f]+$/i
  if (!form.test(text))
    throw new CommandRefused(`'${text}' is not a valid string of hexadecimal digits`)
  const even = text.length % 2 === 0 ? text : `0${text}`
  const octets = isSeparated ? text.split(':') : even.match(/../g)!
  return octets.map((octet) => String.fromCharCode(Number.parseInt(octet, 16))).join('')
}

function present(members: Members, name: string): unknown {
  if (!has(members, name)) throw new CommandRefused(`missing parameter '${name}'`)
  return members[name]
}

function wrongType(name: string): CommandRefused {
  return new CommandRefused(`invalid type specified for parameter '${name}'`)
}
