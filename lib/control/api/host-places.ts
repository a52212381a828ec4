// Where the reservations of a request stand in the document.

import { identifierFromText } from '../../config/compile/reservation-identity.ts'
import type { ConfigDocument } from '../../config/keys/document.ts'
import type { Steps } from '../../config/plan/steps.ts'
import type { Members } from '../../config/text/map.ts'
import {
  among,
  byIdentifier,
  type HostList,
  hostList,
  type IdentifierType,
  indexingHosts,
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

/** Throws ApiRefused. Of long lists it is made first what finds a host in them, once for each. */
export function* placeSoon(key: HostKey, document: ConfigDocument): Steps<HostPlace> {
  yield* indexingHosts(new Places(document, key.family), key.subnet)
  return placeOf(key, document)
}

/** The same at once. */
export function placeOf(key: HostKey, document: ConfigDocument): HostPlace {
  const { path, hosts } = listOf(key, document)
  const { type, id } = key
  const some = among(hosts, byIdentifier(type, identifierFromText(id)!))
  // As it stands there, or in another spelling.
  const host = some.find((one) => one[type] === id) ?? some[0]
  return { path, host, at: host === undefined ? -1 : hosts.indexOf(host) }
}

/** Throws ApiRefused. */
export function listOf({ family, subnet }: HostKey, document: ConfigDocument): HostList {
  const list = hostList(new Places(document, family), subnet)
  if (list === undefined) throw new ApiRefused(404, `there is no subnet with the id ${subnet}`)
  return list
}
