// Whether somebody outside agrees to what is about to be offered or given: see dhcp/asking.ts.

import { type Ipv4, textFromIpv4 } from '../address/ipv4.ts'
import { type Gate, nameOf } from '../dhcp/asking.ts'
import type { Exchange4 } from './exchange4.ts'
import { drop, type Outcome4 } from './outcome4.ts'
import type { Place } from './place.ts'

/** Undefined: it may be; else the outcome for now. 'refused': and the client is to know it. */
export function agreementTo(
  { arrival, asks, heard, query, settings }: Exchange4,
  gate: Gate,
  { subnet }: Place,
  address: Ipv4,
): Outcome4 | 'refused' | undefined {
  if ((asks & gate) === 0) return undefined
  const proposal = { subnetId: subnet.id, addresses: [textFromIpv4(address)] }
  if (heard?.judged === nameOf(proposal)) return heard.isRefused ? 'refused' : undefined
  const said = settings.asker!.ask(gate, query, arrival, proposal, heard)
  if (typeof said === 'number') return { kind: 'wait', ticket: said }
  return said === 'go-on' ? undefined : drop(said)
}
