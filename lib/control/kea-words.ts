// A fault of a configuration in the words of Kea, which its clients and their tests compare; what
// Kea has no words of is told in ours.

import { isMap } from '../config/text/map.ts'
import { formatPath, formatProblem, type Problem } from '../config/text/problem.ts'

interface Fault {
  readonly version: 4 | 6
  readonly problem: Problem
  readonly key: string
  /** What stands at the path. */
  readonly value: unknown
  /** The subnet around it. */
  readonly subnet: Readonly<Record<string, unknown>> | undefined
}

type Words = (fault: Fault) => string | undefined

const KINDS: Readonly<Record<string, string>> = {
  'a whole number': 'an integer',
  'true or false': 'a boolean',
  'a text': 'a string',
  'a list': 'a list',
  'a map': 'a map',
  'a number': 'a real',
}

/** By the code of the problem. */
const WORDS: Readonly<Record<string, Words>> = {
  'unknown-key': ({ key, problem }) => {
    if (problem.path.length === 2) return `unsupported global configuration parameter: ${key}`
    return isOfHost(problem)
      ? `unsupported configuration parameter '${key}'`
      : `spurious '${key}' parameter`
  },
  'missing-key': ({ key, problem }) =>
    key === 'subnet'
      ? "subnet configuration failed: mandatory 'subnet' parameter is missing for a subnet being configured"
      : problem.path.length > 0
        ? `missing parameter '${key}'`
        : undefined,
  'wrong-type': ({ key, problem }) => {
    const wanted = Object.keys(KINDS).find((kind) => problem.message.endsWith(`is not ${kind}`))
    return wanted && `'${key}' parameter is not ${KINDS[wanted]}`
  },
  subnet: ({ value }) =>
    `subnet configuration failed: Invalid subnet syntax (prefix/len expected):${value}`,
  pool: ({ value }) =>
    /[-/]/.test(String(value))
      ? `Failed to create pool defined by: ${String(value).replaceAll(' ', '')}`
      : `invalid pool definition: ${value}. There are two acceptable formats <min address-max address> or <prefix/len>`,
  'pool-overlap': (fault) => poolWords(fault, 'overlaps with an existing pool in the subnet:'),
  'outside-subnet': (fault) =>
    isOfHost(fault.problem)
      ? `specified reservation '${fault.value}' is not within the IPv${fault.version} subnet '${fault.subnet?.subnet}'`
      : poolWords(fault, 'does not match the prefix of a subnet:'),
  address: ({ version, value, problem }) =>
    isOfHost(problem) ? `address '${value}' is not a valid IPv${version} address` : undefined,
  'reservation-identifier': ({ value, version }) =>
    typeof value === 'string'
      ? `invalid host identifier value '${value}'`
      : `one of the supported identifiers must be specified for host reservation: ${IDENTIFIERS[version]}`,
  'option-unknown': ({ version, value }) =>
    `definition for the option 'dhcp${version}.${value}' having code '0' does not exist`,
  duplicate: ({ version, key, value, problem, subnet }) => {
    const kind = isOfHost(problem) ? HOST_KINDS[key] : undefined
    if (kind !== undefined)
      return `failed to add new host using the ${kind} '${value}' to the IPv${version} subnet id '${subnet?.id ?? 0}' as this host has already been added`
    if (key === 'id') return `ID of the new IPv${version} subnet '${value}' is already in use`
    if (key === 'subnet') return `subnet with the prefix of '${value}' already exists`
    if (problem.path.includes('shared-networks') && key === 'name')
      return `duplicate network '${value}' found in the configuration`
    return undefined
  },
}

const WITHOUT_VALUE: ReadonlySet<string> = new Set(['unknown-key', 'missing-key', 'wrong-type'])

const IDENTIFIERS = {
  4: 'circuit-id, client-id, duid, flex-id, hw-address',
  6: 'duid, flex-id, hw-address',
} as const

const HOST_KINDS: Readonly<Record<string, string>> = { 'hw-address': 'HW address', duid: 'DUID' }

function isOfHost({ path }: Problem): boolean {
  return path.includes('reservations')
}

function poolWords({ version, value, subnet }: Fault, what: string): string {
  const type = version === 4 ? 'V4' : 'IA_NA'
  const range = String(value).replaceAll(' ', '')
  return `subnet configuration failed: a pool of type ${type}, with the following address range: ${range} ${what} ${subnet?.subnet} to which it is being added`
}

/**
 * The fault, then where it is and what would be right. `given`: the maps that have it, undefined
 * where they are not known.
 */
export function keaWords(problem: Problem, given: unknown): string {
  const { path, code } = problem
  const version = path[0] === 'Dhcp6' ? 6 : 4
  let value = given
  let subnet: Fault['subnet']
  for (const [depth, step] of path.entries()) {
    value = (value as Record<string | number, unknown> | undefined)?.[step]
    const isSubnet = /^subnet[46]$/.test(String(path[depth - 1]))
    if (isSubnet && isMap(value)) subnet = value
  }
  const key = String(path.findLast((step) => typeof step === 'string'))
  // Most of Kea's words repeat what stands there; of files that were read again it is not at hand.
  const canTell = given !== undefined || WITHOUT_VALUE.has(code)
  const words = canTell ? WORDS[code]?.({ version, problem, key, value, subnet }) : undefined
  return words === undefined ? formatProblem(problem) : `${words} (${formatPath(path)})`
}

/** All faults, the first one first; many are cut short. */
export function faultText(problems: readonly Problem[], given: unknown): string {
  const errors = problems.filter(({ severity }) => severity === 'error')
  const [first, ...others] = errors.map((problem) => keaWords(problem, given))
  const shown = others.slice(0, SHOWN_MAX)
  const rest = others.length - shown.length
  const more = rest > 0 ? [`and ${rest} more`] : []
  return [first ?? 'the configuration cannot be served', ...shown, ...more].join('; ')
}

const SHOWN_MAX = 20
