// Where the reservations of a request stand in the document.

import type { Octets } from '../../bytes/octets.ts'
import { mapsOf } from '../../config/canonical/members.ts'
import { identifierFromText } from '../../config/compile/reservation-identity.ts'
import type { ConfigDocument } from '../../config/keys/document.ts'
import type { Steps } from '../../config/plan/steps.ts'
import type { Members } from '../../config/text/map.ts'
import {
  byIdentifier,
  type HostList,
  hostList,
  type IdentifierType,
} from '../commands/edit/host-find.ts'
import { type EditFamily, Places } from '../commands/edit/places.ts'
import { ApiRefused } from './route.ts'

export interface HostKey {
  readonly family: EditFamily
  /** 0: the global list. */
  readonly subnet: number
  readonly type: IdentifierType
  readonly id: string
}

export interface HostPlace {
  readonly path: HostList['path']
  /** Undefined: there is none. */
  readonly host: Members | undefined
  /** In the list; -1: nowhere. */
  readonly at: number
}

/** Throws ApiRefused. */
export function placeOf(key: HostKey, document: ConfigDocument): HostPlace {
  const { path, hosts } = listOf(key, document)
  const { type, id } = key
  const written = hosts.findIndex((host) => host[type] === id)
  // As it stands there, or in another spelling.
  const at = written >= 0 ? written : hosts.findIndex(byIdentifier(type, identifierFromText(id)!))
  return { path, host: hosts[at], at }
}

/** Throws ApiRefused. */
export function listOf({ family, subnet }: HostKey, document: ConfigDocument): HostList {
  const list = hostList(new Places(document, family), subnet)
  if (list === undefined) throw new ApiRefused(404, `there is no subnet with the id ${subnet}`)
  return list
}

/** The first one of a list that is known by this, as it is written and as what it means. */
interface Known {
  readonly list: HostList
  readonly written: ReadonlyMap<unknown, number>
  readonly meant: ReadonlyMap<Octets, number>
}

/** Hosts of a step: well below a millisecond. */
const STEP = 500

/** The same for many: each list is gone through once, and not once for each of them. */
export class HostIndex {
  readonly #document: ConfigDocument
  readonly #known = new Map<string, Known>()

  constructor(document: ConfigDocument) {
    this.#document = document
  }

  *placeOf(key: HostKey): Steps<HostPlace> {
    const { family, id, subnet, type } = key
    const name = `${family.version} ${subnet} ${type}`
    let known = this.#known.get(name)
    if (known === undefined) {
      known = yield* knownBy(type, listOf(key, this.#document))
      this.#known.set(name, known)
    }
    const { list, meant, written } = known
    const at = written.get(id) ?? meant.get(identifierFromText(id)!) ?? -1
    return { path: list.path, host: list.hosts[at], at }
  }
}

function* knownBy(type: IdentifierType, list: HostList): Steps<Known> {
  const written = new Map<unknown, number>()
  const meant = new Map<Octets, number>()
  for (const [at, host] of list.hosts.entries()) {
    if (at % STEP === STEP - 1) yield
    if (!written.has(host[type])) written.set(host[type], at)
    for (const identity of [host, ...mapsOf(host.identifiers)]) {
      const text = identity[type]
      const octets = typeof text === 'string' ? identifierFromText(text) : undefined
      if (octets !== undefined && !meant.has(octets)) meant.set(octets, at)
    }
  }
  return { list, written, meant }
}
