// What people write in a test must not pass in silence when it is wrong: a name that nobody knows,
// a number that is none. Everything here throws TypeError or RangeError, with the name of what was
// wrong.

import { ipv4FromText } from '../address/ipv4.ts'
import { prefix6FromText } from '../address/prefix6.ts'
import { octetsFromHex } from '../bytes/octets.ts'
import { CLOCK_MAX } from '../ha/limits.ts'
import type { Millis } from '../time/units.ts'

interface Rule {
  readonly isGood: (value: unknown) => boolean
  readonly wanted: string
}

const BOOLEAN = typed('boolean', 'true or false')
const TEXT = typed('string', 'a text')
const FUNCTION = typed('function', 'a function')
const OBJECT: Rule = {
  isGood: (value) => typeof value === 'object' && value !== null,
  wanted: 'an object',
}
const NUMBER: Rule = { isGood: (value) => Number.isFinite(value), wanted: 'a number' }
const DURATION: Rule = {
  isGood: (value) => Number.isFinite(value) && (value as number) >= 0,
  wanted: 'a number of milliseconds from 0',
}
const PROBABILITY: Rule = {
  isGood: (value) => Number.isFinite(value) && (value as number) >= 0 && (value as number) <= 1,
  wanted: 'a number from 0 to 1',
}
const COUNT: Rule = {
  isGood: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  wanted: 'a whole number from 0',
}
const SERVERS: Rule = {
  isGood: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
  wanted: 'a whole number from 1',
}
const UINT32: Rule = {
  isGood: (value) => COUNT.isGood(value) && (value as number) <= 0xffffffff,
  wanted: 'a whole number from 0 to 4294967295',
}
const HARDWARE_ADDRESS = octets(16, 'a hardware address, such as 02:00:00:00:00:07')
const CLIENT_ID = octets(255, 'a client identifier, such as 01:02:00:00:00:00:07')
const ADDRESS: Rule = {
  isGood: (value) => typeof value === 'string' && ipv4FromText(value) !== undefined,
  wanted: 'an address, such as 192.0.2.20',
}
const CODES: Rule = {
  isGood: (value) =>
    Array.isArray(value) && value.every((code) => COUNT.isGood(code) && code < 256),
  wanted: 'a list of option codes',
}

const NETWORK = {
  loss: PROBABILITY,
  duplicate: PROBABILITY,
  delayMin: DURATION,
  delayMax: DURATION,
  late: PROBABILITY,
  lateMax: DURATION,
}
const DISK = { commitMin: DURATION, commitMax: DURATION, trouble: TEXT, syncDelay: DURATION }
const LINKS = { delayMin: DURATION, delayMax: DURATION, patience: DURATION }
const NODE = { drift: NUMBER, skew: NUMBER }

const CLIENT = {
  subnet: COUNT,
  name: TEXT,
  node: mapOf(NODE),
  start: BOOLEAN,
  hwAddress: HARDWARE_ADDRESS,
  clientId: CLIENT_ID,
  broadcast: BOOLEAN,
  probes: BOOLEAN,
  renews: BOOLEAN,
  countsFrom: oneOf(['request', 'ack']),
  trustsMemory: BOOLEAN,
  lifetime: UINT32,
  requestedAddress: ADDRESS,
  hostname: TEXT,
  vendorClass: TEXT,
  parameters: CODES,
  startDelayMax: DURATION,
  backoffMin: DURATION,
  backoffMax: DURATION,
  renewPauseMin: DURATION,
}

const IA6 = {
  kind: oneOf(['na', 'pd']),
  iaid: UINT32,
  hint: {
    isGood: (value: unknown) => typeof value === 'string' && prefix6FromText(value) !== undefined,
    wanted: 'an address or a prefix, such as ::/56',
  },
}

const CLIENT6 = {
  ...{ subnet: COUNT, name: TEXT, node: mapOf(NODE), start: BOOLEAN },
  hwAddress: HARDWARE_ADDRESS,
  duid: octets(130, 'a DUID, such as 00:03:00:01:02:00:00:00:00:07'),
  ias: listOf(mapOf(IA6)),
  rapidCommit: BOOLEAN,
  acceptsReconfigure: BOOLEAN,
  requests: {
    isGood: (value: unknown) =>
      Array.isArray(value) && value.every((code) => COUNT.isGood(code) && code < 65_536),
    wanted: 'a list of option codes',
  },
  hostname: TEXT,
  userClass: TEXT,
  probes: BOOLEAN,
  renews: BOOLEAN,
  countsFrom: oneOf(['request', 'reply']),
  startDelayMax: DURATION,
  solicitMax: DURATION,
}

const HOST = { address: ADDRESS, hwAddress: HARDWARE_ADDRESS, subnet: COUNT }

const CLIENTS: Rule = {
  isGood: (value) => COUNT.isGood(value) || Array.isArray(value),
  wanted: 'a number of clients, or a list of their settings',
}

const LAB = {
  plan: OBJECT,
  clients: CLIENTS,
  clients6: CLIENTS,
  seed: COUNT,
  network: mapOf(NETWORK),
  disk: mapOf(DISK),
  servers: SERVERS,
  plans: listOf(OBJECT),
  links: mapOf(LINKS),
  nodes: listOf(mapOf(NODE)),
  busyMax: DURATION,
  unicast: BOOLEAN,
  shared: BOOLEAN,
  logLevel: oneOf(['debug', 'info', 'warn', 'error', 'fatal']),
  ports: FUNCTION,
  configurations: listOf(FUNCTION),
  trace: BOOLEAN,
}

const PAIR = {
  config: OBJECT,
  mode: oneOf(['load-balancing', 'hot-standby', 'passive-backup']),
  backup: BOOLEAN,
  protection: oneOf(['none', 'password', 'certificates']),
  ha: OBJECT,
  dhcp4: OBJECT,
  dhcp6: OBJECT,
  whio: OBJECT,
}

const DIRECTION = oneOf(['both', 'forth'])

type Rules = Readonly<Record<string, Rule>>

/** Of a lab whose configuration is still to be read. */
export function checkConfiguredLab(settings: unknown): void {
  checkMap(settings, 'the lab')
  if ((settings as { readonly config?: unknown }).config === undefined)
    throw new TypeError("the lab needs a setting 'config': a configuration, or the path of a file")
}

export function checkLabSettings(settings: object): void {
  check(LAB, settings, 'the lab')
}

export function checkPairSettings(settings: object): void {
  check({ ...LAB, ...PAIR }, settings, 'the lab')
}

export function checkClient6Settings(settings: object): void {
  check(CLIENT6, settings, 'a client of DHCPv6')
}

export function checkClientSettings(settings: object): void {
  check(CLIENT, settings, 'a client')
}

export function checkHostSettings(settings: object): void {
  check(HOST, settings, 'a host')
}

export function checkPlan(plan: unknown): void {
  if (!OBJECT.isGood(plan)) throw new TypeError(`${inspected(plan)} is no plan`)
}

/** What is cut of a link. */
export function checkDirection(direction: unknown): void {
  if (!DIRECTION.isGood(direction))
    throw new TypeError(`direction: ${inspected(direction)} is not ${DIRECTION.wanted}`)
}

/** Throws RangeError where time cannot pass by so much, or clocks of leases show no such time. */
export function checkDuration(duration: unknown, now: Millis): void {
  if (!DURATION.isGood(duration))
    throw new RangeError(`${inspected(duration)} is not ${DURATION.wanted}`)
  const left = CLOCK_MAX - now
  if ((duration as Millis) > left)
    throw new RangeError(`${duration} milliseconds are too many: the lab ends in ${left}`)
}

function checkMap(value: unknown, what: string): void {
  if (!OBJECT.isGood(value) || Array.isArray(value))
    throw new TypeError(`settings of ${what}: ${inspected(value)} is not an object`)
}

function check(rules: Rules, settings: object, what: string): void {
  checkMap(settings, what)
  for (const [name, value] of Object.entries(settings)) {
    const rule = rules[name]
    if (rule === undefined) throw new TypeError(`${what} has no setting '${name}'`)
    if (value !== undefined && !rule.isGood(value))
      throw new TypeError(`setting '${name}' of ${what}: ${inspected(value)} is not ${rule.wanted}`)
  }
}

function mapOf(rules: Rules): Rule {
  const isGood = (value: unknown) =>
    OBJECT.isGood(value) &&
    Object.entries(value as object).every(([name, one]) => rules[name]?.isGood(one) === true)
  const names = Object.entries(rules).map(([name, { wanted }]) => `${name}: ${wanted}`)
  return { isGood, wanted: `an object of { ${names.join(', ')} }` }
}

function listOf(rule: Rule): Rule {
  const isGood = (value: unknown) => Array.isArray(value) && value.every(rule.isGood)
  return { isGood, wanted: `a list, each ${rule.wanted}` }
}

/** In hexadecimal, so many at most. */
function octets(max: number, wanted: string): Rule {
  const isGood = (value: unknown) => {
    const length = typeof value === 'string' ? (octetsFromHex(value)?.length ?? 0) : 0
    return length > 0 && length <= max
  }
  return { isGood, wanted }
}

function oneOf(values: readonly string[]): Rule {
  return {
    isGood: (value) => values.includes(value as string),
    wanted: `one of ${values.join(', ')}`,
  }
}

function typed(type: 'boolean' | 'string' | 'function', wanted: string): Rule {
  return { isGood: (value) => typeof value === type, wanted }
}

function inspected(value: unknown): string {
  return typeof value === 'number' ? `${value}` : (JSON.stringify(value) ?? `${value}`)
}
