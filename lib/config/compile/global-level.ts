// The global level: what is said once for all subnets, and what was made under it. It stands as
// long as the members of Dhcp4 are the same that it was made from, whatever becomes of the subnets.

import { ClassNames } from '../../classify/class-names.ts'
import { OptionRegistry } from '../../wire/options/registry.ts'
import type { Guards } from '../ha/guards.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { Dhcp4Document, ReservationDocument } from '../keys/document4.ts'
import type { Class4 } from '../plan/class-plan.ts'
import type { FlexIdPlan } from '../plan/flex-id-plan.ts'
import { EMPTY_OPTION_SET } from '../plan/option-set.ts'
import type { InterfacesPlan, ReservationIdentifier } from '../plan/plan4.ts'
import type { Steps } from '../plan/steps.ts'
import type { Path } from '../text/problem.ts'
import { newReport, Site } from '../text/site.ts'
import { compileAddressChecks } from './address-check.ts'
import { compileGifts4 } from './class-gifts.ts'
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
  ReservationLists4,
  type ReservationPlace4,
  type ReservationsMade4,
} from './reservations.ts'
import { compileScope, outermost } from './scope.ts'
import { type StandingLevel, standingLevel } from './standing-level.ts'
import { newMemories, type UpperLevel } from './upper-level.ts'

const { 'ip-reservations-unique': UNIQUE, 'early-global-reservations-lookup': EARLY } = defaultsOf(
  'global',
  'ip-reservations-unique',
  'early-global-reservations-lookup',
)
const { 'exclude-first-last-24': EXCLUDE } = defaultsOf('compatibility', 'exclude-first-last-24')

/** What the level is made from. */
export interface GlobalParts {
  readonly document: Dhcp4Document
  readonly interfaces: InterfacesPlan
  readonly identifiers: readonly ReservationIdentifier[]
  readonly guards: Guards
  readonly naming: Naming
}

export interface GlobalLevel extends StandingLevel<Dhcp4Document> {
  readonly level: UpperLevel
  readonly classPlans: ClassPlans<Class4>
  readonly flexId: FlexIdPlan | undefined
  readonly parts: GlobalParts
}

const PATH: Path = ['Dhcp4']

/** The former level where it stands for this document, too, else a new one. */
export function globalLevel(
  parts: GlobalParts,
  site: Site,
  former: GlobalLevel | undefined,
): GlobalLevel {
  return standingLevel<Dhcp4Document, GlobalLevel>(parts, former, () => newLevel(parts), PATH, site)
}

function newLevel(parts: GlobalParts): GlobalLevel {
  const { document, identifiers, interfaces, guards, naming } = parts
  const said = newReport()
  const site = Site.of(said, PATH)
  const merge = new OptionMerge()
  const classes = new ClassLists(guards, new ClassNames(guards.owners))
  const at = site.entry.at('option-def')
  const registry = compileRegistry(document['option-def'], OptionRegistry.standard4, at)
  const terms = { registry, classes }
  const options = compileOptions(document['option-data'], site.entry.at('option-data'), terms)
  const definitions = compileClasses(
    document['client-classes'],
    compileGifts4,
    terms,
    site.at('client-classes'),
  )
  const looksUpEarly = document['early-global-reservations-lookup'] ?? EARLY
  const flexId = compileFlexId(document, terms, site)
  const reservationsUnique = document['ip-reservations-unique'] ?? UNIQUE
  const level: UpperLevel = {
    scope: compileScope(
      document,
      outermost({ ...naming, tuner: compileTuner(document, terms, site) }),
      site,
    ),
    options: merge.over(EMPTY_OPTION_SET, 'global', options),
    merge,
    classes,
    registry,
    identifiers,
    reservationsUnique,
    hasFlexId: flexId !== undefined,
    lists: new ReservationLists4(),
    excludeFirstLast24: document.compatibility?.['exclude-first-last-24'] ?? EXCLUDE,
    interfaces,
    addressChecks: compileAddressChecks(document, site),
    keepsLimits: keepsLimits(document, site),
    network: undefined,
    made: newMemories(),
  }
  const classPlans = new ClassPlans(classes, definitions, looksUpEarly)
  return { level, classPlans, flexId, parts, said, uses: 0 }
}

/** No subnet: the key of the global list among all lists. */
const GLOBAL_LIST = 0

/** The global list of a document that the level stands for. */
export function* globalReservations(
  { reservations = NO_RESERVATIONS }: Dhcp4Document,
  global: GlobalLevel,
  site: Site,
): Steps<ReservationsMade4> {
  return yield* global.level.lists.get(GLOBAL_LIST, reservations, globalPlace(global), site)
}

/** The same for all documents that the level stands for. */
export function globalPlace({ level }: GlobalLevel): ReservationPlace4 {
  const known = PLACES.get(level)
  if (known !== undefined) return known
  const { classes, hasFlexId, identifiers, registry, reservationsUnique } = level
  const judged = { classes, hasFlexId, identifiers, registry, unique: reservationsUnique }
  const place = { ...judged, keepsClientId: true, subnet: undefined, poolsPromisedFree: [] }
  PLACES.set(level, place)
  return place
}

const PLACES = new WeakMap<UpperLevel, ReservationPlace4>()

const NO_RESERVATIONS: readonly ReservationDocument[] = []
