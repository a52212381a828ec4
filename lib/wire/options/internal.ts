// Options whose values have a notation of their own, neither fields nor a record of them.

import type { Octets } from '../../bytes/octets.ts'
import { splitFields } from './csv.ts'
import type { OptionDefinition, OptionParse } from './definition.ts'
import { parseResolvers, parseResolvers6, readResolver6, readResolvers } from './dnr.ts'
import { parseRoutes, readRoutes } from './routes.ts'

export interface Notation {
  /** Between the parts of a value, when it is printed. */
  readonly separator: string
  parse(text: string): OptionParse
  /** The parts as text, or undefined when the value is malformed. */
  read(data: Octets): string[] | undefined
}

const ROUTES: Notation = {
  separator: ', ',
  parse: (text) => parseRoutes(splitFields(text, ',')),
  read: readRoutes,
}

const RESOLVERS: Notation = { separator: ' | ', parse: parseResolvers, read: readResolvers }

const RESOLVERS6: Notation = { separator: ' | ', parse: parseResolvers6, read: readResolver6 }

/** By code, of the space dhcp4. 249 is what Windows asks for instead of 121 (MS-DHCPE §2.2.8). */
const NOTATIONS4: ReadonlyMap<number, Notation> = new Map([
  [121, ROUTES],
  [162, RESOLVERS],
  [249, ROUTES],
])

/** Undefined for all but options of the type `internal`, and for those that only have bytes. */
export function notationOf({ space, code, type }: OptionDefinition): Notation | undefined {
  if (type !== 'internal') return undefined
  if (space === 'dhcp6') return code === 144 ? RESOLVERS6 : undefined
  return space === 'dhcp4' ? NOTATIONS4.get(code) : undefined
}
