// What commands ask of their arguments. Kea's commands grew one by one, so that each family of them
// has words of its own for the same fault; those that several share are here.

import { isMap } from '../config/text/map.ts'
import type { Asked } from './command.ts'
import { CommandRefused } from './refused.ts'
import { kindOf } from './request.ts'

export type Arguments = Readonly<Record<string, unknown>>

/** The arguments where there must be some, as class-* and others want them. */
export function mapOf({ command, arguments: given }: Asked): Arguments {
  const wrong = (what: string) => new CommandRefused(`invalid command '${command}': ${what}`)
  if (given === undefined) throw wrong('no arguments specified')
  if (!isMap(given)) throw wrong(`expected 'arguments' to be a map, got ${kindOf(given)} instead`)
  if (Object.keys(given).length === 0) throw wrong("'arguments' is empty")
  return given
}

/** Arguments that may be absent; `otherwise` is what is said where they are no map. */
export function optionalMapOf({ arguments: given }: Asked, otherwise: string): Arguments {
  if (given === undefined) return {}
  if (!isMap(given)) throw new CommandRefused(otherwise)
  return given
}

/** An integer as JSON has it, also one that only a BigInt holds. */
export function isInteger(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || Number.isInteger(value)
}
