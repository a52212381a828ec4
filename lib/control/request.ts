// A request as Kea's servers take it: a map with `command`, `arguments` and `service`. What is
// wrong with one is told in the words that clients compare.

import { isMap } from '../config/text/map.ts'
import { CommandRefused } from './refused.ts'

export interface Request {
  readonly command: string
  /** Undefined where there are none. */
  readonly arguments: unknown
  /** As it was sent; undefined where it was not. */
  readonly service: unknown
}

/** `remote-address` is what an agent adds; whoever asks through a door of ours is known by it. */
const KEYS: ReadonlySet<string> = new Set(['command', 'arguments', 'service', 'remote-address'])

/** Throws CommandRefused. */
export function requestOf(value: unknown): Request {
  if (!isMap(value))
    throw wrong(`expected toplevel entry to be a map, got ${kindOf(value)} instead`)
  const { command, arguments: given, service } = value
  if (command === undefined) throw wrong("does not contain mandatory 'command'")
  for (const key of Object.keys(value).sort())
    if (!KEYS.has(key)) throw wrong(`unsupported parameter '${key}'`)
  // Kea names the kind of the whole request here, and clients compare the words.
  if (typeof command !== 'string') throw wrong("expected 'command' to be a string, got map instead")
  return { command, arguments: given, service }
}

/** What Kea calls the kind of a value. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'real'
  return KINDS[typeof value] ?? typeof value
}

const KINDS: Readonly<Record<string, string>> = { object: 'map', bigint: 'integer' }

function wrong(what: string): CommandRefused {
  return new CommandRefused(`Error during command processing: invalid command: ${what}`)
}
