// How names are registered, mode by mode: the messages one after the other as tables, and what each
// answer leads to. Everything else a server may answer means the same in all of them
// (transaction.ts).
//
// Every message may be sent again: one whose answer was lost finds what it left.

import type { ConflictMode } from '../names/rules.ts'
import type { RCODE } from './codes.ts'
import type { Action, Direction } from './order.ts'

/** What must hold before anything is changed (RFC 2136 §2.4). */
export type Prerequisite =
  | 'name is used'
  | 'name is free'
  | 'has a DHCID'
  | 'DHCID is the client’s'
  | 'PTR is the name'
  | 'no A'
  | 'no AAAA'
  | 'no CNAME'

/** What is changed (RFC 2136 §2.5), in this order. The address is A or AAAA, as the lease is. */
export type Change =
  | 'add address'
  | 'add DHCID'
  | 'add PTR'
  | 'delete addresses'
  | 'delete this address'
  | 'delete DHCID'
  | 'delete PTR'

/**
 * done   there is no more to do
 * next   the next message of the table
 * again  the first one again, since somebody was faster
 * whose  the DHCID is asked for: the name may be the same machine's by another identifier
 * alias  it is asked for the name that this one is an alias of
 */
export type Reaction = 'done' | 'next' | 'again' | 'whose' | 'alias'

export interface Step {
  readonly prerequisites: readonly Prerequisite[]
  readonly changes: readonly Change[]
  readonly answers: Readonly<Partial<Record<keyof typeof RCODE, Reaction>>>
}

type Steps = readonly Step[]

function step(
  prerequisites: readonly Prerequisite[],
  changes: readonly Change[],
  answers: Step['answers'],
): Step {
  return { prerequisites, changes, answers }
}

const FRESH = step(['name is free'], ['add address', 'add DHCID'], {
  NOERROR: 'done',
  YXDOMAIN: 'next',
})

/**
 * Beside a CNAME nothing is added, and the server says NOERROR (RFC 2136 §3.4.2.2). So where no
 * other prerequisite would show it, it is asked for.
 */
const FORWARD_ADD: Readonly<Record<ConflictMode, Steps>> = {
  'check-with-dhcid': [
    FRESH,
    step(['name is used', 'DHCID is the client’s'], ['delete addresses', 'add address'], {
      NOERROR: 'done',
      NXDOMAIN: 'again',
      NXRRSET: 'whose',
    }),
  ],
  'check-exists-with-dhcid': [
    FRESH,
    step(['has a DHCID'], ['delete addresses', 'delete DHCID', 'add address', 'add DHCID'], {
      NOERROR: 'done',
      NXDOMAIN: 'again',
      NXRRSET: 'whose',
    }),
  ],
  'no-check-with-dhcid': [
    step(['no CNAME'], ['delete addresses', 'delete DHCID', 'add address', 'add DHCID'], {
      NOERROR: 'done',
      YXRRSET: 'whose',
    }),
  ],
  'no-check-without-dhcid': [
    step(['no CNAME'], ['delete addresses', 'add address'], { NOERROR: 'done', YXRRSET: 'whose' }),
  ],
}

/**
 * The DHCID leaves with the last address. What else somebody put at the name stays, and a server
 * that grants no more than these types suffices.
 */
const FORWARD_REMOVE: Readonly<Record<ConflictMode, Steps>> = {
  'check-with-dhcid': [
    step(['DHCID is the client’s'], ['delete this address'], { NOERROR: 'next', NXRRSET: 'whose' }),
    step(['DHCID is the client’s', 'no A', 'no AAAA'], ['delete DHCID'], {
      NOERROR: 'done',
      YXRRSET: 'done',
      NXRRSET: 'done',
    }),
  ],
  'check-exists-with-dhcid': [
    step(['has a DHCID'], ['delete this address'], { NOERROR: 'next', NXRRSET: 'done' }),
    step(['no A', 'no AAAA'], ['delete DHCID'], { NOERROR: 'done', YXRRSET: 'done' }),
  ],
  'no-check-with-dhcid': [step([], ['delete addresses', 'delete DHCID'], { NOERROR: 'done' })],
  'no-check-without-dhcid': [step([], ['delete addresses'], { NOERROR: 'done' })],
}

/** What another server may have registered meanwhile stays, whatever the mode. */
const FORWARD_REMOVE_APART: Readonly<Record<ConflictMode, Steps>> = {
  ...FORWARD_REMOVE,
  'no-check-with-dhcid': [
    step([], ['delete this address'], { NOERROR: 'next' }),
    step(['no A', 'no AAAA'], ['delete DHCID'], { NOERROR: 'done', YXRRSET: 'done' }),
  ],
  'no-check-without-dhcid': [step([], ['delete this address'], { NOERROR: 'done' })],
}

const REVERSE_ADD_STEP = step(
  ['no CNAME'],
  ['delete PTR', 'delete DHCID', 'add PTR', 'add DHCID'],
  { NOERROR: 'done', YXRRSET: 'alias' },
)

const REVERSE_ADD: Readonly<Record<ConflictMode, Steps>> = {
  'check-with-dhcid': [REVERSE_ADD_STEP],
  'check-exists-with-dhcid': [REVERSE_ADD_STEP],
  'no-check-with-dhcid': [REVERSE_ADD_STEP],
  'no-check-without-dhcid': [
    step(['no CNAME'], ['delete PTR', 'add PTR'], { NOERROR: 'done', YXRRSET: 'alias' }),
  ],
}

const REVERSE_REMOVE_STEP = step(['PTR is the name'], ['delete PTR', 'delete DHCID'], {
  NOERROR: 'done',
  NXRRSET: 'alias',
})

const REVERSE_REMOVE: Readonly<Record<ConflictMode, Steps>> = {
  'check-with-dhcid': [REVERSE_REMOVE_STEP],
  'check-exists-with-dhcid': [REVERSE_REMOVE_STEP],
  'no-check-with-dhcid': [
    step(['no CNAME'], ['delete PTR', 'delete DHCID'], { NOERROR: 'done', YXRRSET: 'alias' }),
  ],
  'no-check-without-dhcid': [
    step(['no CNAME'], ['delete PTR'], { NOERROR: 'done', YXRRSET: 'alias' }),
  ],
}

/** The same: where it has told the address another name meanwhile, that stays. */
const REVERSE_REMOVE_APART: Readonly<Record<ConflictMode, Steps>> = {
  ...REVERSE_REMOVE,
  'no-check-with-dhcid': [REVERSE_REMOVE_STEP],
  'no-check-without-dhcid': [
    step(['PTR is the name'], ['delete PTR'], { NOERROR: 'done', NXRRSET: 'alias' }),
  ],
}

/** `isApart`: see Order. */
export function stepsOf(
  mode: ConflictMode,
  action: Action,
  direction: Direction,
  isApart = false,
): Steps {
  const isForward = direction === 'forward'
  if (action === 'add') return (isForward ? FORWARD_ADD : REVERSE_ADD)[mode]
  const [forward, reverse] = isApart
    ? [FORWARD_REMOVE_APART, REVERSE_REMOVE_APART]
    : [FORWARD_REMOVE, REVERSE_REMOVE]
  return (isForward ? forward : reverse)[mode]
}

/** Whatever there is, it is replaced: only an alias is in the way. */
export function isUnchecked(mode: ConflictMode): boolean {
  return mode === 'no-check-with-dhcid' || mode === 'no-check-without-dhcid'
}
