// Which DUID a server has (RFC 9915 §11): it is made once, and what was kept stays, whatever
// becomes of the interface whose address is in it. `server-id` changes only what it names.

import { uintFromOctets } from '../bytes/cursor.ts'
import type { Octets } from '../bytes/octets.ts'
import type { ServerIdPlan } from '../config/plan/plan6.ts'
import { DUID_TIME_ZERO, DUID_TYPE, duidEn, duidLl, duidLlt, typeOfDuid } from '../wire/v6/duid.ts'

/** What a DUID is made of where there is none yet. */
export interface DuidSource {
  /** Of a network card of this host; undefined: it has none. */
  hardware(): { readonly htype: number; readonly address: Octets } | undefined
  /** Seconds of Unix. */
  time(): number
  /** So many octets that nobody has drawn before. */
  random(length: number): Octets
}

/** Kea's, of the Internet Systems Consortium. */
const ENTERPRISE = 2495

/** Octets of an identifier that is drawn. */
const IDENTIFIER_LENGTH = 6

const TYPES = { LLT: DUID_TYPE.llt, EN: DUID_TYPE.en, LL: DUID_TYPE.ll } as const

/** `kept`: the one that this server had before, '' = none. */
export function serverDuid(plan: ServerIdPlan, kept: Octets, source: DuidSource): Octets {
  const { type } = plan
  if (type === undefined && kept !== '') return kept
  const former = partsOf(kept)
  if (type === 'EN') return enterprise(plan, former, source)
  const named = plan.identifier === '' ? undefined : plan.identifier
  const own = former !== undefined && former.type === TYPES[type ?? 'LLT'] ? former : undefined
  const found = named === undefined && own === undefined ? source.hardware() : undefined
  const address = named ?? own?.identifier ?? found?.address
  if (address === undefined) return enterprise(plan, former, source)
  const htype = plan.htype || own?.htype || found?.htype || 1
  if (type === 'LL') return duidLl(htype, address)
  const made = own?.time ?? Math.max(0, source.time() - DUID_TIME_ZERO)
  return duidLlt(htype, (plan.time || made) + DUID_TIME_ZERO, address)
}

function enterprise(plan: ServerIdPlan, former: Parts | undefined, source: DuidSource): Octets {
  const own = former?.type === DUID_TYPE.en ? former : undefined
  const number = plan.enterprise || own?.enterprise || ENTERPRISE
  const named = plan.type === 'EN' ? plan.identifier : ''
  return duidEn(number, named || own?.identifier || source.random(IDENTIFIER_LENGTH))
}

interface Parts {
  readonly type: number
  readonly htype: number
  /** Seconds since 2000. */
  readonly time: number
  readonly enterprise: number
  readonly identifier: Octets
}

/** Undefined: none of the types that a server may be given. */
function partsOf(duid: Octets): Parts | undefined {
  const type = typeOfDuid(duid)
  const none = { type, htype: 0, time: 0, enterprise: 0 }
  if (type === DUID_TYPE.en && duid.length > 6)
    return { ...none, enterprise: uintFromOctets(duid, 2, 4), identifier: duid.slice(6) }
  if (type === DUID_TYPE.ll && duid.length > 4)
    return { ...none, htype: uintFromOctets(duid, 2, 2), identifier: duid.slice(4) }
  if (type !== DUID_TYPE.llt || duid.length <= 8) return undefined
  const time = uintFromOctets(duid, 4, 4)
  return { ...none, htype: uintFromOctets(duid, 2, 2), time, identifier: duid.slice(8) }
}
