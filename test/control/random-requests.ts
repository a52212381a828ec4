// Requests by chance, from the table of commands: what its schemas allow, and what they do not,
// with values that mean something to the documents of both-servers.ts. The same seed gives the same
// requests, so that two servers can be asked the same in the same order.

import type { Command, Schema } from '../../lib/control/command.ts'
import { chance, oneOf } from '../../lib/lab/chance.ts'
import type { Draw } from '../../lib/time/draw.ts'

export interface Request {
  readonly command: string
  readonly arguments?: unknown
}

/** By the name of an argument; where one is not here, its type says what is tried. */
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  'ip-address': [
    ...['192.0.2.10', '192.0.2.10', '192.0.2.11', '192.0.2.12', '198.51.100.10'],
    ...['2001:db8:1::10', '2001:db8:1::11', '2001:db8:8000::', '10.9.9.9', 'nonsense', ''],
  ],
  'hw-address': ['02:11:22:33:44:55', '02:11:22:33:44:66', '02-11-22-33-44-55', 'zz', ''],
  'client-id': ['01:02:11:22:33:44:55', '0102112233', 'zz', ''],
  duid: ['00:01:02:03:04:05', '00:01:02:03:04:06', 'zz', ''],
  hostname: ['host-a.example.org', 'HOST-A.example.org', 'other', ''],
  'identifier-type': ['hw-address', 'client-id', 'duid', 'circuit-id', 'nonsense'],
  identifier: ['02:11:22:33:44:55', '01:02:11:22:33:44:55', '00:01:02:03:04:05', 'zz', ''],
  'subnet-id': [7, 7, 8, 11, 11, 0, 99],
  'first-subnet-id': [1, 7, 99],
  'last-subnet-id': [8, 50, 1],
  subnets: [[7], [7, 8], [8, 7, 7], [99], [], ['7'], 7],
  from: ['start', '192.0.2.10', '192.0.2.200', '2001:db8:1::10', '::', '0.0.0.0', 'nonsense'],
  limit: [1, 2, 100, 0, -1, 4294967296],
  type: ['IA_NA', 'IA_PD', 'V6', '0', '2', 'nonsense'],
  iaid: [1, 2, 0, -1],
  'prefix-len': [56, 64, 129, 0],
  'valid-lft': [600, 0, 4294967295, -1],
  'preferred-lft': [300, 0, -1],
  expire: [1_900_000_000, 1, 0],
  state: [0, 1, 2, 8, -1],
  name: ['pkt4-received', 'subnet[7].total-addresses', 'nope', ''],
  'max-samples': [1, 5],
  duration: [60, 1, 0],
  'max-period': [100, 0, -1],
  origin: ['user', 'ha-partner', 'nonsense', ''],
  'origin-id': [1, 2000],
  remove: [true, false],
  'pool-id': [0, 3],
}

const WRONG: readonly unknown[] = [[], {}, 7, 'text', true, null, 1.5]

const BY_TYPE: Readonly<Record<string, readonly unknown[]>> = {
  string: ['', 'text'],
  integer: [0, 1, 7, -1, 4294967296],
  number: [0, 1.5],
  boolean: [true, false],
  array: [[], [7], ['text']],
  object: [{}, { comment: 'text' }],
}

/** `each`: how many of every command. */
export function* randomRequests(
  commands: readonly Command[],
  each: number,
  seed: number,
): Generator<Request, void, undefined> {
  // A stream each, so that a new command leaves the others as they are.
  const draws = new Map(commands.map((command) => [command, chance(seed, command.name)]))
  for (let round = 0; round < each; round++)
    for (const [command, draw] of draws) yield requestOf(command, draw, round)
}

function requestOf({ name, parameters }: Command, draw: Draw, round: number): Request {
  // What is missing whole comes once each.
  if (round === 0) return { command: name }
  if (round === 1) return { command: name, arguments: [] }
  if (round === 2) return { command: name, arguments: {} }
  if (parameters === undefined) return { command: name, arguments: { foo: oneOf(draw, WRONG) } }
  return { command: name, arguments: mapOf(parameters, draw) }
}

function mapOf({ properties = {}, required = [] }: Schema, draw: Draw): object {
  const map: Record<string, unknown> = {}
  for (const [key, schema] of Object.entries(properties)) {
    const isMissing = draw(100) < (required.includes(key) ? 10 : 60)
    if (!isMissing) map[key] = valueFor(key, schema, draw)
  }
  return map
}

function valueFor(key: string, schema: Schema, draw: Draw): unknown {
  if (draw(100) < 8) return oneOf(draw, WRONG)
  const own = VALUES[key]
  if (own !== undefined) return oneOf(draw, own)
  const type = typeof schema.type === 'string' ? schema.type : 'string'
  if (schema.properties !== undefined) return mapOf(schema, draw)
  if (type === 'array' && schema.items?.properties !== undefined) return [mapOf(schema.items, draw)]
  return oneOf(draw, schema.enum ?? BY_TYPE[type] ?? WRONG)
}
