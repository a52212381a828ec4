// What delivery.ts asks of who carries outcomes out with it.

import type { Key } from '../leases/keys/key.ts'
import type { Lease } from '../leases/lease.ts'
import type { Stored } from './batch.ts'
import type { LeaseAction } from './events.ts'
import type { Parked, ParkedReply } from './parked.ts'
import type { Refusal } from './shared/shared-notes.ts'

export interface DeliveryDuties {
  /**
   * These rows are durable here and may be sent to the other servers, and the records of names with
   * them. Returns the change number that must be acknowledged before the batch's replies leave, 0 =
   * they need not wait.
   */
  durable(stored: Stored): number
  /** The batch is durable, here and where it must be: what was parked with it may leave. */
  release(parked: readonly Parked[]): void
  /** A lease has changed, durably. */
  tell(action: LeaseAction, lease: Lease<Key>): void
  /** Replies that will never leave: their changes are not durable. */
  forget(replies: readonly ParkedReply[]): void
  /**
   * Of a shared database: changes of theirs were refused. What was written for them is lost, names
   * among it, and they are to be asked anew.
   */
  refused?(refusal: Refusal): void
  /** The version of a row, before the change that is added is applied. */
  versionOf?(key: Key): number
}
