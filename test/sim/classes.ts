// In some worlds clients say what they are, and pools, subnets and lifetimes are for some of them
// only. Versions differ in what the classes mean and in whom the pools are for. admission.ts says
// who may have what by them.

import type {
  ClassDocument,
  Dhcp4Document,
  SubnetDocument,
} from '../../lib/config/keys/document4.ts'
import { chance, happens, oneOf } from '../../lib/lab/chance.ts'
import type { Draw } from '../../lib/time/draw.ts'
import { type Cast, endsOf, netOf, withSubnets } from './documents.ts'

/** What is known of a client where tests of classes are judged by hand. */
export interface Traits {
  readonly hwAddress: string
  readonly vendorClass: string
}

type IsIn = (name: string) => boolean

/** The tests by which guards are told, each in both languages. */
export const TESTS: Readonly<Record<string, (one: Traits, isIn: IsIn) => boolean>> = {
  "substring(option[60].hex, 0, 5) == 'phone'": ({ vendorClass }) =>
    vendorClass.startsWith('phone'),
  "option[60].text == 'phone1' or substring(pkt4.mac, 5, 1) == 0x03": (one) =>
    one.vendorClass === 'phone1' || one.hwAddress.charCodeAt(5) === 3,
  "option[60].hex == 'phone2'": ({ vendorClass }) => vendorClass === 'phone2',
  "not member('phone') and option[60].exists": ({ vendorClass }, isIn) =>
    !isIn('phone') && vendorClass !== '',
  "member('KNOWN') and not member('phone')": (_, isIn) => isIn('KNOWN') && !isIn('phone'),
  "member('HA_server1') and not member('phone')": (_, isIn) => isIn('HA_server1') && !isIn('phone'),
  "not (option[60].hex == 'guest')": ({ vendorClass }) => vendorClass !== 'guest',
  "option[60].hex == 'banned'": ({ vendorClass }) => vendorClass === 'banned',
  "option[60].hex == 'banned' or option[60].hex == 'phone2'": ({ vendorClass }) =>
    vendorClass === 'banned' || vendorClass === 'phone2',
}

const TEXTS = Object.keys(TESTS)
const [PHONE, PHONE_TOO, OTHER_PHONE, DESK, KEPT, OWN, ALLOWED, BANNED, MORE_BANNED] = TEXTS

const VENDORS = ['', 'phone1', 'phone1', 'phone2', 'desk', 'desk', 'guest', 'banned']

/** The template class `make` spawns a class for each of these. */
export const MAKE_LENGTH = 4

/** For whom the two halves of a pool are; nobody named = everybody. */
const LAYOUTS: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['phone'], []],
  [['phone'], ['desk']],
  [['KNOWN'], ['UNKNOWN']],
  [['kept', 'UNKNOWN'], ['phone']],
  [['SPAWN_make_phon'], ['desk', 'KNOWN']],
  [['VENDOR_CLASS_phone1', 'gold'], []],
  [['phone', 'desk'], ['ALL']],
  [['own'], []],
]

/** With its own chance: what else a seed decides stays as it is. */
export function withClasses<Document extends Partial<Dhcp4Document>>(
  seed: number,
  { documents, clients }: Cast<Document>,
): Cast<Document> {
  const draw = chance(seed, 'classes')
  if (!happens(draw, 0.4)) return { documents, clients }
  const world = {
    layout: oneOf(draw, LAYOUTS),
    refusal: oneOf(draw, ['DROP', 'DROP', 'REJECT']),
    isSubnetGuarded: happens(draw, 0.3),
    isEarly: happens(draw, 0.2),
  }
  return {
    documents: documents.map((document, version) => classified(draw, document, world, version)),
    clients: clients.map((client) => ({ ...client, vendorClass: oneOf(draw, VENDORS) })),
  }
}

interface World {
  readonly layout: (typeof LAYOUTS)[number]
  readonly refusal: string
  readonly isSubnetGuarded: boolean
  readonly isEarly: boolean
}

function classified<Document extends Partial<Dhcp4Document>>(
  draw: Draw,
  document: Document,
  world: World,
  version: number,
): Document {
  const layout = version > 0 && happens(draw, 0.4) ? oneOf(draw, LAYOUTS) : world.layout
  const guards = version > 0 && happens(draw, 0.2) ? !world.isSubnetGuarded : world.isSubnetGuarded
  return {
    ...withSubnets(document, (subnet) => guarded(draw, subnet, layout, guards)),
    'client-classes': classesOf(draw, world, version),
    ...(world.isEarly ? { 'early-global-reservations-lookup': true } : {}),
  }
}

function classesOf(draw: Draw, { refusal }: World, version: number): ClassDocument[] {
  const phones = version === 0 ? PHONE! : oneOf(draw, [PHONE!, PHONE_TOO!, OTHER_PHONE!])
  const banned = version > 0 && happens(draw, 0.2) ? MORE_BANNED! : BANNED!
  return [
    { name: 'phone', test: phones, ...lifetimesOf(draw) },
    { name: 'desk', test: DESK!, ...lifetimesOf(draw) },
    { name: 'make', 'template-test': `substring(option[60].hex, 0, ${MAKE_LENGTH})` },
    { name: 'kept', test: KEPT!, ...lifetimesOf(draw) },
    { name: 'gold', ...lifetimesOf(draw) },
    { name: 'allowed', test: ALLOWED! },
    { name: 'far', test: 'not (pkt4.giaddr == 0.0.0.0)', ...lifetimesOf(draw) },
    {
      name: 'late',
      test: "member('phone') or member('gold')",
      'only-in-additional-list': true,
      'option-data': [{ name: 'domain-name', data: 'late.example' }],
    },
    { name: 'own', test: OWN! },
    { name: refusal, test: banned },
  ]
}

function lifetimesOf(draw: Draw): Partial<ClassDocument> {
  if (!happens(draw, 0.4)) return {}
  const lifetime = oneOf(draw, [40, 90, 300])
  return {
    'valid-lifetime': lifetime,
    ...(happens(draw, 0.4) ? { 'max-valid-lifetime': 2 * lifetime } : {}),
    ...(happens(draw, 0.4) ? { 'offer-lifetime': oneOf(draw, [0, 1, 20]) } : {}),
  }
}

function guarded(
  draw: Draw,
  subnet: SubnetDocument,
  layout: World['layout'],
  isGuarded: boolean,
): SubnetDocument {
  const net = netOf(subnet)
  const pools = (subnet.pools ?? []).flatMap(({ pool, 'client-classes': servers = [] }) => {
    const [first, last] = endsOf(pool)
    const middle = (first + last) >> 1
    const halves =
      first === last
        ? [[first, last]]
        : [
            [first, middle],
            [middle + 1, last],
          ]
    return halves.map(([from, to], index) => ({
      pool: `${net}.${from} - ${net}.${to}`,
      'client-classes': guardOf(draw, servers, layout[index]!),
      ...(happens(draw, 0.3) ? { 'evaluate-additional-classes': ['late'] } : {}),
    }))
  })
  const reservations = (subnet.reservations ?? []).map((one) =>
    happens(draw, 0.5) ? { ...one, 'client-classes': ['gold'] } : one,
  )
  return {
    ...subnet,
    pools,
    reservations,
    ...(isGuarded ? { 'client-classes': ['allowed'] } : {}),
    ...(happens(draw, 0.3) ? { 'evaluate-additional-classes': ['late'] } : {}),
  }
}

/** Where a pool is for the clients of one server, others may use it too, or fewer of these. */
function guardOf(draw: Draw, servers: readonly string[], others: readonly string[]) {
  if (servers.length === 0) return [...others]
  if (servers.includes('HA_server1') && happens(draw, 0.3)) return ['own']
  return happens(draw, 0.5) ? [...servers, ...others] : [...servers]
}
