// The global level of DHCPv6: what is said once for all subnets, and what was made under it. It
// stands as long as the members of Dhcp6 are the same that it was made from: see global-level.ts.

import { ClassNames } from '../../classify/class-names.ts'
import { OptionRegistry } from '../../wire/options/registry.ts'
import type { Guards } from '../ha/guards.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { Dhcp6Document, ReservationDocument6 } from '../keys/document6.ts'
import type { Class6 } from '../plan/class-plan.ts'
import type { FlexIdPlan } from '../plan/flex-id-plan.ts'
import { EMPTY_OPTION_SET } from '../plan/option-set.ts'
import type { Interfaces6Plan, ReservationIdentifier6 } from '../plan/plan6.ts'
import type { Steps } from '../plan/steps.ts'
import type { Path } from '../text/problem.ts'
import { newReport, Site } from '../text/site.ts'
import { compileGifts6 } from './class-gifts.ts'
import { ClassLists } from './class-lists.ts'
import { ClassPlans } from './class-plan.ts'
import { compileClasses } from './client-classes.ts'
import { compileFlexId } from './flex-id.ts'
import { keepsLimits } from './limits.ts'
import { compileTuner, type Naming } from './naming.ts'
import { compileRegistry } from './option-definitions.ts'
import { OptionMerge } from './option-merge.ts'
import { compileOptions } from './options.ts'
import {
  ReservationLists6,
  type ReservationPlace6,
  type ReservationsMade6,
} from './reservations6.ts'
import { outermost } from './scope.ts'
import { compileScope6 } from './scope6.ts'
import { type StandingLevel, standingLevel } from './standing-level.ts'
import { newMemories6, type UpperLevel6 } from './upper-level6.ts'

const { 'ip-reservations-unique': UNIQUE, 'early-global-reservations-lookup': EARLY } = defaultsOf(
  'global6',
  'ip-reservations-unique',
  'early-global-reservations-lookup',
)

/** What the level is made from. */
export interface GlobalParts6 {
  readonly document: Dhcp6Document
  readonly interfaces: Interfaces6Plan
  readonly identifiers: readonly ReservationIdentifier6[]
  readonly guards: Guards
  readonly naming: Naming
}

export interface GlobalLevel6 extends StandingLevel<Dhcp6Document> {
  readonly level: UpperLevel6
  readonly classPlans: ClassPlans<Class6>
  readonly flexId: FlexIdPlan | undefined
  readonly parts: GlobalParts6
}

const PATH: Path = ['Dhcp6']

/** The former level where it stands for this document, too, else a new one. */
export function globalLevel6(
  parts: GlobalParts6,
  site: Site,
  former: GlobalLevel6 | undefined,
): GlobalLevel6 {
  const make = () => newLevel(parts)
  return standingLevel<Dhcp6Document, GlobalLevel6>(parts, former, make, PATH, site)
}

function newLevel(parts: GlobalParts6): GlobalLevel6 {
  const { document, identifiers, interfaces, guards, naming } = parts
  const said = newReport()
  const site = Site.of(said, PATH)
  const merge = new OptionMerge()
  const classes = new ClassLists(guards, new ClassNames(guards.owners))
  const at = site.entry.at('option-def')
  const registry = compileRegistry(document['option-def'], OptionRegistry.standard6, at)
  const terms = { registry, classes }
  const options = compileOptions(document['option-data'], site.entry.at('option-data'), terms)
  const definitions = compileClasses(
    document['client-classes'],
    compileGifts6,
    terms,
    site.at('client-classes'),
  )
  const flexId = compileFlexId(document, terms, site)
  const level: UpperLevel6 = {
    scope: compileScope6(
      document,
      outermost({ ...naming, tuner: compileTuner(document, terms, site) }),
      site,
    ),
    options: merge.over(EMPTY_OPTION_SET, 'global', options),
    merge,
    classes,
    registry,
    identifiers,
    reservationsUnique: document['ip-reservations-unique'] ?? UNIQUE,
    hasFlexId: flexId !== undefined,
    lists: new ReservationLists6(),
    interfaces,
    keepsLimits: keepsLimits(document, site),
    network: undefined,
    made: newMemories6(),
  }
  const looksUpEarly = document['early-global-reservations-lookup'] ?? EARLY
  const classPlans = new ClassPlans(classes, definitions, looksUpEarly)
  return { level, classPlans, flexId, parts, said, uses: 0 }
}

/** No subnet: the key of the global list among all lists. */
const GLOBAL_LIST = 0

/** The global list of a document that the level stands for. */
export function* globalReservations6(
  { reservations = NO_RESERVATIONS }: Dhcp6Document,
  global: GlobalLevel6,
  site: Site,
): Steps<ReservationsMade6> {
  return yield* global.level.lists.get(GLOBAL_LIST, reservations, globalPlace6(global), site)
}

/** The same for all documents that the level stands for. */
export function globalPlace6({ level }: GlobalLevel6): ReservationPlace6 {
  const known = PLACES.get(level)
  if (known !== undefined) return known
  const { classes, hasFlexId, identifiers, registry, reservationsUnique } = level
  const judged = { classes, hasFlexId, identifiers, registry, unique: reservationsUnique }
  const place = { ...judged, subnet: undefined, poolsPromisedFree: [] }
  PLACES.set(level, place)
  return place
}

const PLACES = new WeakMap<UpperLevel6, ReservationPlace6>()

const NO_RESERVATIONS: readonly ReservationDocument6[] = []
