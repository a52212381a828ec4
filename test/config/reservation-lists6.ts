// Lists of reservations of DHCPv6 written down for tests, what becomes of them, and what is said.

import { prefix6FromText } from '../../lib/address/prefix6.ts'
import { octetsFromHex } from '../../lib/bytes/octets.ts'
import { ClassNames } from '../../lib/classify/class-names.ts'
import { ClassLists } from '../../lib/config/compile/class-lists.ts'
import {
  ReservationLists6,
  type ReservationPlace6,
  type ReservationsMade6,
} from '../../lib/config/compile/reservations6.ts'
import { Guards } from '../../lib/config/ha/guards.ts'
import type { ReservationDocument6 } from '../../lib/config/keys/document6.ts'
import type { Known6, ReservationIdentifier6 } from '../../lib/config/plan/known6.ts'
import type { Subnet6 } from '../../lib/config/plan/plan6.ts'
import { allAtOnce } from '../../lib/config/plan/steps.ts'
import { newReport, Site } from '../../lib/config/text/site.ts'
import { OptionRegistry } from '../../lib/wire/options/registry.ts'
import { saidIn, wordsIn } from './option-lists.ts'

export const key = (text: string): string => prefix6FromText(text)!

/** A client of which these things are known, in hex. */
export function known(by: Partial<Record<ReservationIdentifier6, string>>): Known6 {
  return { knownBy: (kind) => octetsFromHex(by[kind] ?? '')! }
}

export function placeOf6(own: Partial<ReservationPlace6> = {}): ReservationPlace6 {
  return {
    subnet: { prefix: key('2001:db8:1::/64'), text: '2001:db8:1::/64' },
    classes: CLASSES,
    registry: OptionRegistry.standard6,
    identifiers: ['hw-address', 'duid', 'flex-id'],
    hasFlexId: true,
    unique: true,
    poolsPromisedFree: [],
    ...own,
  }
}

const CLASSES = new ClassLists(new Guards('none'), new ClassNames())

export interface List6 {
  readonly made: ReservationsMade6
  readonly said: readonly string[]
  readonly words: string
}

export function listOf(
  documents: readonly ReservationDocument6[],
  place = placeOf6(),
  lists = new ReservationLists6(),
): List6 {
  const report = newReport()
  const made = allAtOnce(lists.get(1, documents, place, Site.of(report, ['list'])))
  return { made, said: saidIn(report), words: wordsIn(report) }
}

/** A subnet, as far as reservations are looked up in it. */
export function subnetOf(prefix: string, own?: ReservationsMade6): Subnet6 {
  return {
    prefix: key(prefix),
    ownReservations: own?.index,
    usesGlobalReservations: true,
  } as unknown as Subnet6
}
