// Whether an address is asked for on the wire before it is offered: the parameters of
// libdhcp_ping_check, and what the user-context of a subnet says else.

import type { Dhcp4Document, SubnetDocument } from '../keys/document4.ts'
import { CONTEXTS4, LIBRARIES4 } from '../keys/library-rows.ts'
import type { AddressCheckPlan } from '../plan/plan4.ts'
import type { Site } from '../text/site.ts'
import { type Checked, checkedMap, findLibrary, parameterOf } from './library.ts'

const NAME = 'libdhcp_ping_check'
const LEVEL = LIBRARIES4[NAME]
const CONTEXT = 'ping-check'

/** A client repeats its DISCOVER when it has heard nothing for so long (RFC 2131 §4.1). */
const PATIENCE = 4000

/** Nobody waits for longer. */
const WAIT_MAX = 60_000

/** What the library is told: undefined where the document does not name it. */
export type AddressChecks = Checked | undefined

/** `site` is that of the global level. */
export function compileAddressChecks(document: Dhcp4Document, site: Site): AddressChecks {
  const library = findLibrary(document, NAME, LEVEL, site)
  if (library === undefined) return undefined
  planOf(library.parameters, library.site)
  return library.parameters
}

/** Of a subnet; undefined: its addresses are offered unasked. */
export function compileAddressCheck(
  { 'user-context': context }: SubnetDocument,
  checks: AddressChecks,
  site: Site,
): AddressCheckPlan | undefined {
  const own = context?.[CONTEXT]
  const at = site.at('user-context').at(CONTEXT)
  if (checks === undefined) {
    if (own !== undefined) {
      const message = 'nothing is asked before an address is offered'
      at.warning('library-missing', message, `name ${NAME}.so in hooks-libraries`)
    }
    return undefined
  }
  if (own === undefined) return planOf(checks, undefined)
  return planOf({ ...checks, ...checkedMap(own, CONTEXTS4[CONTEXT], at) }, at)
}

/** Without a site nothing is told. */
function planOf(map: Checked, site: Site | undefined): AddressCheckPlan | undefined {
  const value = <Value>(key: string): Value => parameterOf<Value>(map, LEVEL, key)
  if (!value<boolean>('enable-ping-check')) return undefined
  const requests = value<number>('min-ping-requests')
  const replyWait = value<number>('reply-timeout')
  const total = requests * replyWait
  const message = `a client waits ${total} ms for an OFFER`
  if (total > WAIT_MAX) site?.error('check-too-long', message, `at most ${WAIT_MAX} ms in all`)
  else if (total > PATIENCE)
    site?.warning('check-too-long', message, `it asks again after ${PATIENCE} ms`)
  return { requests, replyWait, recent: value<number>('ping-cltt-secs') }
}
