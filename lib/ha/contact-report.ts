// What people and programs are told of the contact with the partner.

import type { HaState } from '../config/plan/ha-plan.ts'
import type { Millis } from '../time/units.ts'
import type { ContactFacts, ContactKind } from './contact-kinds.ts'

/** The fields of status are Kea's, but `inTouch` means what it says. */
export interface ContactReport {
  readonly kind: ContactKind
  /** Whole seconds since the partner's last sign of life, or since the start of the process. */
  readonly age: number
  readonly inTouch: boolean
  readonly communicationInterrupted: boolean
  /** '' before the first one. */
  readonly lastState: HaState | ''
  readonly lastScopes: readonly string[]
  readonly analyzedPackets: number
  readonly connectingClients: number
  readonly unackedClients: number
  /**
   * How many more clients must wait in vain before the takeover; 0 when that does not count now.
   */
  readonly unackedClientsLeft: number
  /** Until its clients may be served from here, 0: they may be now; undefined while connected. */
  readonly takeoverIn: Millis | undefined
}

export interface ContactDetails {
  /** Since the last valid frame. */
  readonly silence: Millis
  /** Frames still arrive: the other direction is what is missing. */
  readonly isHeard: boolean
  /** Since the link ended; undefined: it is open, or there was none. */
  readonly sinceClosed: Millis | undefined
  /** Clients of the partner that wait in vain. */
  readonly unacked: number
}

/** The contact in words, for the log and for status. */
export function contactWords(
  kind: ContactKind,
  facts: ContactFacts,
  details: ContactDetails,
): string {
  switch (kind) {
    case 'connected':
      return 'the partner is connected'
    case 'refused':
      return 'the partner refused the connection'
    case 'left':
      return facts.hasLeft
        ? 'the partner said that it stops'
        : 'the partner does not store what it is sent'
    case 'never':
      return `the partner has not been met since the start${dialWords(facts)}${clientWords(details)}`
    case 'silent':
      return silenceWords(details) + dialWords(facts) + clientWords(details)
  }
}

function silenceWords({ silence, isHeard, sinceClosed }: ContactDetails): string {
  if (isHeard) return 'the partner is heard, but does not hear this server'
  const closed = sinceClosed === undefined ? '' : `, the link ended ${seconds(sinceClosed)} ago`
  return `no sign of the partner for ${seconds(silence)}${closed}`
}

function dialWords({ dial }: ContactFacts): string {
  if (dial === 'rejected') return ', it rejects this server'
  return dial === 'unreachable' ? ', its host does not answer' : ''
}

function clientWords({ unacked }: ContactDetails): string {
  return unacked === 0 ? '' : `, ${unacked} of its clients wait in vain`
}

function seconds(time: Millis): string {
  return `${(time / 1000).toFixed(1)} s`
}
