// How options, identifiers and addresses of a client are written on a command line, for either
// family: values of options as in a configuration, hexadecimal behind 0x, text in single quotes as
// it stands.

import { type Octets, octetsFromBytes, octetsFromHex } from '../bytes/octets.ts'
import type { OptionRegistry } from '../wire/options/registry.ts'
import { parseOptionHex, parseOptionText } from '../wire/options/text.ts'

/** What was written is no client: a sentence that says what would be. */
export class ClientTextError extends Error {
  override readonly name = 'ClientTextError'
}

/** A word of the text: `name=value`, or a hardware address by itself. */
export interface Written {
  readonly key: string
  readonly value: string
}

export function writtenIn(text: string): Written[] {
  return tokensOf(text).map((token) => {
    const at = token.indexOf('=')
    if (at >= 0) return { key: token.slice(0, at), value: token.slice(at + 1) }
    if (!/^[0-9a-f]{1,2}([:-][0-9a-f]{1,2})+$/i.test(token))
      throw new ClientTextError(
        `'${token}' is no hardware address; write NAME=VALUE, such as 93=0x0007`,
      )
    return { key: 'mac', value: token }
  })
}

/** Options of one space. `keys`: other names that a client is written with. */
export class OptionWords {
  readonly #registry: OptionRegistry
  readonly #space: 'dhcp4' | 'dhcp6'
  readonly #codeMax: number
  readonly #keys: readonly string[]

  constructor(
    registry: OptionRegistry,
    space: 'dhcp4' | 'dhcp6',
    codeMax: number,
    keys: readonly string[],
  ) {
    this.#registry = registry
    this.#space = space
    this.#codeMax = codeMax
    this.#keys = keys
  }

  codeOf(key: string): number {
    const named = /^\d+$/.test(key) ? Number(key) : this.#registry.byName(this.#space, key)?.code
    if (named !== undefined && named > 0 && named <= this.#codeMax) return named
    throw new ClientTextError(`'${key}' is no option and none of ${this.#keys.join(', ')}`)
  }

  /** `1,3,routers` */
  codesOf(list: string): number[] {
    return list
      .split(',')
      .filter((part) => part !== '')
      .map((part) => this.codeOf(part))
  }

  valueOf(code: number, value: string): Octets {
    const quoted = quotedText(value)
    if (quoted !== undefined) return quoted
    const definition = this.#registry.byCode(this.#space, code)
    const isHex = /^0x/i.test(value) || definition === undefined
    const parse = isHex ? parseOptionHex(value) : parseOptionText(definition, value)
    if ('data' in parse) return parse.data
    const more = isHex ? '' : '; or in hexadecimal, 0x...'
    throw new ClientTextError(`${definition?.name ?? `option ${code}`}: ${parse.problem}${more}`)
  }
}

/** Words between spaces; what stands in quotes stays together, and double quotes go away. */
function tokensOf(text: string): string[] {
  const tokens: string[] = []
  for (const [token] of text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+|["']/g))
    tokens.push(token.replaceAll(/"([^"]*)"/g, '$1'))
  return tokens
}

export function hardware(text: string): Octets {
  if (text === '') return ''
  const octets = octetsFromHex(text)
  if (octets !== undefined && octets.length <= 16) return octets
  throw new ClientTextError(`mac: '${text}' is no hardware address`)
}

/** Hexadecimal unless it is quoted, as for a reservation. */
export function identifier(key: string, text: string): Octets {
  const octets = quotedText(text) ?? octetsFromHex(text.replace(/^0x/i, ''))
  if (octets !== undefined && octets !== '') return octets
  const message = `${key}: '${text}' is not hexadecimal; a text stands in single quotes`
  throw new ClientTextError(message)
}

/** Text unless it says that it is hexadecimal. */
export function textOctets(text: string): Octets {
  const hex = /^0x/i.test(text) ? octetsFromHex(text.slice(2)) : undefined
  return hex ?? quotedText(text) ?? utf8(text)
}

function quotedText(text: string): Octets | undefined {
  const match = /^'([^']*)'$/.exec(text)
  return match === null ? undefined : utf8(match[1]!)
}

function utf8(text: string): Octets {
  return octetsFromBytes(new TextEncoder().encode(text))
}
