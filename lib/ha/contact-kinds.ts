// What kind of contact there is with the partner, as tables. It decides who answers clients and
// whether replies wait, never what may be given to them: that follows the keys, however wrong this
// may be.

/**
 * connected  hello done, and the partner proves that it hears this server
 * silent     nothing proves that; a link may be open or not
 * refused    the partner's host says that nobody listens there: its process is gone
 * left       the partner said that it stops, or does not store what it is sent, so that it serves
 *            nobody
 * never      not met since this process has started
 */
export type ContactKind = 'connected' | 'silent' | 'refused' | 'left' | 'never'

/** How an attempt to dial ended: nobody listens, somebody does not want this server, no answer. */
export type DialFailure = 'refused' | 'rejected' | 'unreachable'

/** What is known from dialling since the partner was heard last. */
export type DialResult = DialFailure | 'none'

export interface ContactFacts {
  readonly link: 'never' | 'closed' | 'open'
  /** One of this server's messages was proven received within max-response-delay. */
  readonly isEchoed: boolean
  readonly dial: DialResult
  /** The partner said that it stops, and there has been no hello since. */
  readonly hasLeft: boolean
  /** It was sent rows and did not store them for too long, and there has been no hello since. */
  readonly isStuck: boolean
}

interface ContactRow {
  readonly when: Partial<ContactFacts>
  readonly kind: ContactKind
}

/** The first row whose facts hold decides. */
export const CONTACT_KINDS: readonly ContactRow[] = [
  { when: { hasLeft: true }, kind: 'left' },
  { when: { isStuck: true }, kind: 'left' },
  // A refused dial beside a link that works is a fault of the listener, not of the partner.
  { when: { link: 'open', isEchoed: true }, kind: 'connected' },
  // Even if a link still seems open: its other end was forgotten when the partner's host started
  // anew.
  { when: { dial: 'refused' }, kind: 'refused' },
  { when: { link: 'never' }, kind: 'never' },
  { when: {}, kind: 'silent' },
]

/**
 * What a new failure makes of what was known. A process that is gone stays gone while its host
 * cannot be reached: that is no sign of life. A listener that rejects this server is one.
 */
export const DIAL_AFTER: Readonly<Record<DialResult, Readonly<Record<DialFailure, DialResult>>>> = {
  none: { refused: 'refused', rejected: 'rejected', unreachable: 'unreachable' },
  refused: { refused: 'refused', rejected: 'rejected', unreachable: 'refused' },
  rejected: { refused: 'refused', rejected: 'rejected', unreachable: 'unreachable' },
  unreachable: { refused: 'refused', rejected: 'rejected', unreachable: 'unreachable' },
}

export function kindOf(facts: ContactFacts): ContactKind {
  for (const { when, kind } of CONTACT_KINDS) {
    if (when.link !== undefined && when.link !== facts.link) continue
    if (when.isEchoed !== undefined && when.isEchoed !== facts.isEchoed) continue
    if (when.dial !== undefined && when.dial !== facts.dial) continue
    if (when.hasLeft !== undefined && when.hasLeft !== facts.hasLeft) continue
    if (when.isStuck !== undefined && when.isStuck !== facts.isStuck) continue
    return kind
  }
  return 'silent'
}
