// How config-get of Kea 2.2 and of Whio differ for one configuration, each with its reason.

import type { Members } from './kea-witness.ts'

const NEWER = 'Kea 2.2 does not know it, 3.x shows it'
const RENAMED = 'called otherwise since 2.7'
const OWN = 'a default of its own, which the key table and the README tell'

/** Members that one of the two shows alone, or otherwise: the end of the path, and why. */
export const DIFFERENCES: readonly (readonly [path: RegExp, why: string])[] = [
  [/\.(control-sockets?|client-class(es)?|require-client-classes)$/, RENAMED],
  [/\.(evaluate-additional-classes|only-if-required|only-in-additional-list)$/, RENAMED],
  [/\.ddns-(use-conflict-resolution|conflict-resolution-mode)$/, RENAMED],
  [/\.(allocator|pd-allocator|never-send|stash-agent-options|extended-info-checks)$/, NEWER],
  [/\.(subnet[46]|shared-networks)\[\]\.cache-threshold$/, NEWER],
  [/\.enable-multi-threading$/, 'on by default since 2.3.5'],
  [/\.sender-ip$/, 'Kea writes the address that means any, here nothing is written'],
  [/\.service-sockets-/, 'Kea shows them where they are set'],
  [/\.(dhcp-socket-type|outbound-interface)$/, 'Kea shows them where they are set otherwise'],
  [/\.mac-sources$/, OWN],
  [/preferred-lifetime$/, 'since 3.0 it follows from the valid lifetime where nobody sets it'],
  [/\.server-id$/, 'where nothing is said the server keeps the DUID that it has'],
  [/\.relay-supplied-options$/, 'Kea adds option 65, which is always allowed'],
  [/\.pools\[\]\.pool$/, 'Kea writes a range that is a prefix as a prefix'],
  [/\.(boot-file-name|server-hostname|rapid-commit)$/, 'Kea shows it where it is set'],
  [/\.option-data\[\]\.(data|csv-format)$/, 'Kea shows an option without a value in hexadecimal'],
  [/\.lease-database\b/, 'Kea shows what memfile has by itself'],
]

/** Paths at which the two differ, indexes left out. */
export function differences(kea: unknown, own: unknown, path = ''): string[] {
  if (Array.isArray(kea) && Array.isArray(own)) {
    if (kea.length !== own.length) return [path]
    const [one, other] = [inOrder(kea), inOrder(own)]
    return one.flatMap((element, index) => differences(element, other[index], `${path}[]`))
  }
  if (isMap(kea) && isMap(own)) {
    const keys = [...new Set([...Object.keys(kea), ...Object.keys(own)])]
    return keys.flatMap((key) => differences(kea[key], own[key], `${path}.${key}`))
  }
  return JSON.stringify(kea) === JSON.stringify(own) ? [] : [path]
}

export function isMap(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Kea shows options by space, subnets by id and reservations by what it finds them by. */
function inOrder(list: readonly unknown[]): readonly unknown[] {
  const rank = (one: unknown): string => {
    if (!isMap(one)) return ''
    if ('always-send' in one) return `${one.space} ${String(one.code).padStart(6, '0')}`
    if ('encapsulate' in one) return `${one.space} ${String(one.code).padStart(6, '0')}`
    if ('subnet' in one) return String(one.id).padStart(10, '0')
    const kinds = ['hw-address', 'duid', 'client-id', 'circuit-id', 'flex-id']
    const kind = kinds.find((key) => key in one)
    return kind === undefined ? '' : `${kind} ${one[kind]}`
  }
  return list.toSorted((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0))
}
