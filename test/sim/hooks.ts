// In some worlds somebody outside is asked about every message, and in some about every offer and
// lease, too: answers come late, in another order, or never. In some, hooks have a say in the steps
// of a query, and say something else each time: they refuse, fail, and change subnet, lifetime,
// name and options.

import { isInside } from '../../lib/address/prefix6.ts'
import { ASKING } from '../../lib/dhcp/asking.ts'
import { isInSubnet } from '../../lib/dhcp4/places.ts'
import { chance, happens, oneOf } from '../../lib/lab/chance.ts'
import type { Lab, LabSettings } from '../../lib/lab/lab.ts'
import { type HookRow, type HookTables, VirtualHooks } from '../../lib/lab/virtual-hooks.ts'
import type { StepTable } from '../../lib/lab/virtual-steps.ts'
import { ANSWER_WAIT, WAITS_MAX } from '../../lib/server/waiting-room.ts'
import type { Millis } from '../../lib/time/units.ts'

/** Most answers are good ones, so that clients are served in the end. */
const TABLES: readonly (readonly HookRow[])[] = [
  // Late, and overtaking each other.
  [
    { answer: 'go-on', delay: 0 },
    { answer: 'go-on', delay: 1 },
    { answer: 'go-on', delay: 300 },
    { answer: 'go-on', delay: ANSWER_WAIT - 1 },
  ],
  // Too late, never, or no.
  [
    { answer: 'go-on', delay: 5 },
    { answer: 'go-on', delay: 50 },
    { answer: 'go-on', delay: 1500 },
    { answer: 'go-on', delay: ANSWER_WAIT + 500 },
    { answer: 'never', delay: 0 },
    { answer: 'drop', delay: 20 },
  ],
]

/**
 * Beside messages, about offers and leases: a client is served when three answers in a row are good
 * ones that come soon enough together.
 */
const GATED: readonly (readonly HookRow[])[] = [
  [
    { answer: 'go-on', delay: 0 },
    { answer: 'go-on', delay: 1 },
    { answer: 'go-on', delay: 300 },
  ],
  [
    ...[5, 5, 20, 50, 50, 200, 600].map((delay) => ({ answer: 'go-on', delay }) as const),
    { answer: 'go-on', delay: ANSWER_WAIT + 500 },
    { answer: 'never', delay: 0 },
    { answer: 'drop', delay: 20 },
  ],
]

/** Whatever there is: until the last fault, since nobody is served by such hooks for long. */
const HOSTILE: readonly HookRow[] = [
  ...[0, 0, 1, 5, 20].map((delay) => ({ answer: 'go-on', delay }) as const),
  { answer: { found: 'something' }, delay: 3 },
  { answer: 'drop', delay: 0 },
  { answer: 'refuse', delay: 20 },
  { answer: 'failed', delay: 1 },
  { answer: 'too-slow', delay: 1000 },
  { answer: 'in-use', delay: 100 },
  { answer: 'never', delay: 0 },
]

/** What a message says of its client otherwise: of DHCPv4 and of DHCPv6. */
const SUPPLIED = [
  { supply: { 16: '\0\0\0\x09\0\x02ab', 55: '\x03\x06', 124: '\0\0\0\x09\x02ab' } },
  { supply: { 6: '\0\x17', 17: undefined, 124: undefined } },
]

/** No lifetime is longer than what worlds have anyway: clients wait for the ends of leases. */
const STEPS: Required<StepTable> = {
  received: [...calm(10), ...SUPPLIED, 'drop', 'refuse', 'throw', { assign: 'nobody-defines-it' }],
  classified: [...calm(12), 'drop', 'refuse', 'throw'],
  identify: ['', 'port 1'],
  // Subnet 2 is on another link, or there is none.
  selectSubnet: [...calm(8), 0, 1, 2, 77, 'drop', 'throw'],
  // Of no subnet of these worlds: whoever may have what stays as it is.
  reserve: [
    ...calm(8),
    ...(['drop', 'throw'] as const),
    ...[{ addresses: [] }, { addresses: ['198.51.100.9'] }, { addresses: ['no address'] }],
  ],
  lease: [
    ...calm(6),
    ...(['drop', 'refuse', 'throw'] as const),
    ...[{ lifetime: 7 }, { lifetime: 35 }, { lifetime: 0 }, { lifetime: Number.NaN }],
    ...[{ hostname: 'hooked' }, { hostname: 'no name' }, { hostname: '' }],
    ...[{ userContext: '{"port":7}' }, { userContext: '{"Whio":1}' }, { userContext: '[' }],
  ],
  names: [
    ...calm(6),
    'throw',
    ...[{ hostname: 'hooked.example.org' }, { hostname: '..' }, { forward: true, reverse: false }],
  ],
  reply: [
    ...calm(6),
    ...(['drop', 'refuse', 'throw'] as const),
    { options: { 67: 'boot.efi' } },
    { options: { 67: 'x'.repeat(900), 43: 'x'.repeat(900), 66: 'x'.repeat(255) } },
  ],
}

const CALM: StepTable = { lease: calm(1) }

function calm(rows: number): 'go-on'[] {
  return Array(rows).fill('go-on')
}

/** With its own chance: what else a seed decides stays as it is. */
function gatesOf(seed: number) {
  const draw = chance(seed, 'asked')
  if (!happens(draw, 0.25)) return undefined
  const { query, offer, grant } = ASKING
  const points = oneOf(draw, [query, query | offer, query | offer | grant])
  const good = oneOf(draw, points === query ? TABLES : GATED)
  const isHostile = happens(chance(seed, 'hostile-gates'), 0.5)
  return { points, good, bad: isHostile ? HOSTILE : good }
}

/** Only some of the steps: those that come first keep the others from being reached. */
function stepsOf(seed: number): StepTable | undefined {
  const draw = chance(seed, 'hook-steps')
  if (!happens(draw, 0.25)) return undefined
  return Object.fromEntries(Object.entries(STEPS).filter(() => happens(draw, 0.6)))
}

/** Whether somebody outside is asked: a client may wait for it longer than for other things. */
export function isAsked(seed: number): boolean {
  return gatesOf(seed) !== undefined
}

/** Whether clients get names from hooks, by chance. */
export function givesNames(seed: number): boolean {
  return stepsOf(seed) !== undefined
}

/** `until`: of the world, when hooks begin to behave. */
export function hooksOf(seed: number, until: Millis): Pick<LabSettings, 'ports'> {
  const gates = gatesOf(seed)
  const steps = stepsOf(seed)
  if (gates === undefined && steps === undefined) return {}
  const tablesOf = (rows: readonly HookRow[] | undefined, table: StepTable): HookTables => ({
    ...(rows !== undefined && { gates: rows }),
    ...(steps !== undefined && { steps: table }),
  })
  const bad = tablesOf(gates?.bad, steps ?? CALM)
  const good = tablesOf(gates?.good, CALM)
  return {
    ports: (own, { node }) => {
      const tables = () => (node.world.now < until ? bad : good)
      return { ...own, hooks: new VirtualHooks(node, { tables, points: gates?.points ?? 0 }) }
    },
  }
}

/** Both have a part of the world of a server. */
export function bothPorts(
  one: Pick<LabSettings, 'ports'>,
  other: Pick<LabSettings, 'ports'>,
): Pick<LabSettings, 'ports'> {
  if (one.ports === undefined) return other
  if (other.ports === undefined) return one
  const { ports } = one
  const more = other.ports
  return { ports: (own, server) => more(ports(own, server), server) }
}

/** Of what spoils a world, or of nothing. */
export function portsOf({ ports }: Pick<LabSettings, 'ports'>): Pick<LabSettings, 'ports'> {
  return ports === undefined ? {} : { ports }
}

/** Hooks have given clients what is of other links: those ask anew where they are. */
export function sendHome(lab: Lab): void {
  const { dhcp4, dhcp6 } = lab.server().plan
  for (const client of lab.clients) {
    const isOf = dhcp4!.subnets.filter((subnet) => isInSubnet(subnet, client.ipv4))
    if (isOf.length > 0 && isOf.every(({ id }) => lab.link(id) !== client.link)) beginAnew(client)
  }
  for (const client of lab.clients6) {
    const elsewhere = dhcp6!.subnets.filter(({ id }) => lab.link6(id) !== client.link)
    const isElsewhere = client.leases.some(({ key }) =>
      elsewhere.some((one) => isInside(key, one.prefix) || one.pdPoolOf(key) !== undefined),
    )
    if (isElsewhere) beginAnew(client)
  }
}

function beginAnew(client: { stop(): void; forget(): void; start(): void }): void {
  client.stop()
  client.forget()
  client.start()
}

/** Every message that waited for somebody outside has been dropped or answered: sentences. */
export function stillWaiting(lab: Lab): string[] {
  for (const client of [...lab.clients, ...lab.clients6]) client.stop()
  // A message may be on its way, and a server may be held up for a moment.
  lab.advance(ANSWER_WAIT * WAITS_MAX + 20_000)
  return lab.servers.flatMap(({ name, server }) => {
    const waiting = server?.status().waiting ?? 0
    return waiting === 0 ? [] : [`${name} still has ${waiting} messages that wait for somebody`]
  })
}
