// When is a client the one that a lease was given to? Kea's rule: equal client-ids decide; where
// one side has none, equal hardware addresses do.

import type { ClientIdentity } from './lease.ts'

export function isSameClient(holder: ClientIdentity, client: ClientIdentity): boolean {
  if (holder.clientId !== '' && client.clientId !== '') return holder.clientId === client.clientId
  return (
    holder.hwAddress !== '' &&
    holder.hwAddress === client.hwAddress &&
    holder.htype === client.htype
  )
}
