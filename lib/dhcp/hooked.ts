// What hooks say in those of their steps (steps.ts) that are alike in both families. Nothing of
// this is done where no hook listens: the callers ask `listens` first.

import type { Octets } from '../bytes/octets.ts'
import type { Suppliable } from '../wire/supplied.ts'
import { type NamedClasses, STEP, type Steps } from './steps.ts'

/** What these steps need of an exchange. */
export interface Hooked<Query, Arrival, Subnet> {
  readonly query: Query
  readonly arrival: Arrival
  readonly heard: { readonly found: unknown } | undefined
  readonly listens: number
  readonly named: NamedClasses | undefined
  readonly sender: { callBy(value: Octets): void }
  readonly steps: Steps<Query, Arrival> | undefined
  readonly plan: { subnetById(id: number): Subnet | undefined }
}

/** Before any class is assigned by the message. Whether it says something else from now on. */
export function received<Query extends Suppliable, Arrival>(
  exchange: Hooked<Query, Arrival, unknown>,
): boolean {
  const { arrival, heard, listens, named, query, steps } = exchange
  const { supplied } = query
  steps!.begin(query, arrival, heard?.found)
  if ((listens & STEP.received) !== 0) steps!.received(named!)
  return query.supplied !== supplied
}

/** What hooks call the client, once it is known by what the message says. */
export function identified<Query, Arrival>({
  listens,
  sender,
  steps,
}: Hooked<Query, Arrival, unknown>): void {
  if ((listens & STEP.identify) === 0) return
  const value = steps!.identify()
  if (value !== '') sender.callBy(value)
}

/** The subnet, once hooks were asked: `located` is what the message says. */
export function selected<Query, Arrival, Subnet extends { readonly id: number }>(
  { plan, steps }: Hooked<Query, Arrival, Subnet>,
  located: Subnet | undefined,
): Subnet | undefined {
  const before = located?.id ?? 0
  const id = steps!.selectSubnet(before)
  if (id === before) return located
  if (id === 0) return undefined
  return plan.subnetById(id) ?? steps!.wrong(`the configuration has no subnet ${id}`)
}
