// The parameters of libdhcp_lease_query.

import { type Ipv4Prefix, ipv4FromText, prefixFromText } from '../../address/ipv4.ts'
import type { GlobalDocument } from '../keys/common-document.ts'
import { ADVANCED_QUERIES, LIBRARIES4 } from '../keys/library-rows.ts'
import type { BulkQueryPlan, LeaseQueryPlan } from '../plan/lease-query-plan.ts'
import type { Site } from '../text/site.ts'
import { type Checked, checkedMap, findLibrary, parameterOf } from './library.ts'

const NAME = 'libdhcp_lease_query'

/** Where it is left to the server how many queries of one connection are under way. */
const QUERIES_USUAL = 4

/** Undefined where the document does not name the library. `site` is that of the global level. */
export function compileLeaseQuery(
  document: GlobalDocument,
  site: Site,
): LeaseQueryPlan | undefined {
  const library = findLibrary(document, NAME, LIBRARIES4[NAME], site)
  if (library === undefined) return undefined
  const { parameters, site: at } = library
  const texts = (parameters.requesters ?? []) as readonly string[]
  const requesters = requestersOf(texts, at.at('requesters'))
  if (texts.length === 0) {
    const hint = 'list the addresses of relays and concentrators in requesters'
    at.error('lease-query', 'nobody may ask', hint)
  }
  return { requesters, bulk: compileBulk(parameters.advanced ?? {}, at.at('advanced')) }
}

function requestersOf(texts: readonly string[], site: Site): readonly Ipv4Prefix[] {
  return texts.flatMap((text, index) => {
    const address = ipv4FromText(text)
    const prefix = address === undefined ? prefixFromText(text) : { address, length: 32 }
    if (prefix !== undefined) return [prefix]
    site.at(index).error('lease-query', `'${text}' is no IPv4 address or prefix`)
    return []
  })
}

function compileBulk(given: unknown, site: Site): BulkQueryPlan | undefined {
  const map = checkedMap(given, ADVANCED_QUERIES, site)
  const value = <Value>(key: string) => parameterOf<Value>(map, ADVANCED_QUERIES, key)
  if (!value<boolean>('bulk-query-enabled')) {
    warnOfUnused(map, site)
    return undefined
  }
  return {
    address: value('lease-query-ip'),
    port: value('lease-query-tcp-port'),
    connectionsMax: value('max-requester-connections'),
    queriesMax: value<number>('max-concurrent-queries') || QUERIES_USUAL,
    idle: value<number>('max-requester-idle-time') * 1000,
    leasesPerFetch: value('max-leases-per-fetch'),
  }
}

function warnOfUnused(map: Checked, site: Site): void {
  if (map['lease-query-ip'] === undefined && map['lease-query-tcp-port'] === undefined) return
  const message = 'nothing is listened to'
  site.warning('lease-query', message, 'bulk-query-enabled is not true')
}
