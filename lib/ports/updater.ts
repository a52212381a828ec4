// Kea's updater of DNS, which takes requests and answers none: that nobody listens for them is the
// only thing that is ever heard.

import type { D2Plan } from '../config/plan/names-plan.ts'
import type { Registration } from '../ddns/registration.ts'
import type { WallTime } from '../time/units.ts'

export interface UpdaterRequest extends Omit<Registration, 'aliases' | 'known'> {
  readonly action: 'add' | 'remove'
  /** When the lease ends. */
  readonly expires: WallTime
}

export interface UpdaterSink {
  /** `trouble`: why it was not taken; '' = nothing speaks against it. */
  onRequestSent(ticket: number, trouble: string): void
}

export interface Updater {
  open(sink: UpdaterSink): void
  /** Each ticket is told of once, in a later turn. */
  send(ticket: number, to: D2Plan, request: UpdaterRequest): void
  /** Nothing is told any more. */
  close(): void
}
