// What is alike in both families where a hook reserves something for a client.

import type { Octets } from '../bytes/octets.ts'
import { type HookReservation, isHostName, type Steps } from './steps.ts'

/**
 * One thing that the client is known by is enough: no other client is the same host. `kinds` in
 * their order.
 */
export function identifiersOf<Kind extends string>(
  client: { knownBy(kind: Kind): Octets },
  kinds: readonly Kind[],
): readonly { readonly kind: Kind; readonly value: Octets }[] {
  for (const kind of kinds) {
    const value = client.knownBy(kind)
    if (value !== '') return [{ kind, value }]
  }
  return []
}

/** The name that is reserved, by the hook or before it. */
export function hostNameOf(
  steps: Pick<Steps<never, never>, 'wrong'>,
  { hostname }: HookReservation,
  own: { readonly hostname: string } | undefined,
): string {
  const name = hostname ?? own?.hostname ?? ''
  if (!isHostName(name)) steps.wrong(`'${name}' is no host name`)
  return name.toLowerCase()
}
