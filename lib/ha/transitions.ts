// The state machine's table: my state x the partner's state -> what to do. States are Kea's, and so
// are the cells, except that nobody stops serving in order to be brought up to date: rows flow both
// ways while both serve, and what may be given is never decided here (keys do that), only who
// answers.
//
//   start     waiting -> syncing -> ready -> load-balancing | hot-standby         (both; no timer)
//   takeover  load-balancing | hot-standby -> partner-down
//   return    who was away: as at start; the other: partner-down -> load-balancing | hot-standby
//   cut       both partner-down; healed: both load-balancing | hot-standby, at once

import type { HaPlan, HaState } from '../config/plan/ha-plan.ts'
import type { PartnerState, Situation } from './situation.ts'

/** normal: load-balancing or hot-standby, as the mode says. */
type Target = HaState | 'normal'

export interface Move {
  readonly to: Target
  /** All of them must hold. */
  readonly when: readonly ConditionName[]
  /** For the log. */
  readonly why: string
  /** The reason is what is known of the contact; the log wants that too. */
  readonly isByContact: boolean
}

export const CONDITIONS = {
  isDown: (situation: Situation) => situation.isDown,
  isPartnerSlow: (situation: Situation) => situation.isPartnerSlow,
  isSynced: (situation: Situation, plan: HaPlan) => situation.isSynced || !plan.syncLeases,
  isSyncWanted: (_: Situation, plan: HaPlan) => plan.syncLeases,
  hasRights: (situation: Situation) => situation.hasRights,
  isRecoveryWanted: (_: Situation, plan: HaPlan) => plan.delayedUpdatesLimit > 0,
  isBackup: (_: Situation, plan: HaPlan) => plan.thisServer.role === 'backup',
  isPassive: (_: Situation, plan: HaPlan) => plan.mode === 'passive-backup',
} satisfies Record<string, (situation: Situation, plan: HaPlan) => boolean>

export type ConditionName = keyof typeof CONDITIONS

/** The first move whose conditions hold is made; none holds: the state stays. */
export type Cell = readonly Move[]

const stay: Cell = []
const sync = [
  move('syncing', 'the partner is there', 'isSyncWanted'),
  move('ready', 'the partner is there, nothing is to be received', 'hasRights'),
]
const done = [move('ready', 'what the partner had is stored here', 'isSynced', 'hasRights')]
const norm = [move('normal', 'each server serves its own clients')]
const term = [move('terminated', 'the partner goes on without this server', 'hasRights')]
const part = [move('partner-in-maintenance', 'the partner is in maintenance')]
// Kea has four cells for a partner that is away; here it is one, and contact.ts judges.
const gone = [contactMove('partner-down', 'takes over', 'isDown', 'hasRights')]
const lost = [...gone, contactMove('communication-recovery', 'contact lost', 'isRecoveryWanted')]
// Of a server in maintenance that goes away no proof is wanted: it was to be expected.
const off = [contactMove('partner-down', 'the partner in maintenance is gone')]
// Two servers that receive much from each other, or wait for one that does, must not leave clients
// alone.
const slow = [
  move('partner-down', 'the partner is not ready for long', 'isPartnerSlow', 'hasRights'),
]
const dOrS = [...done, ...slow]
// It serves nobody until it has what it missed. Kea stays, and the partner's clients wait.
const back = [move('partner-down', 'the partner has started anew')]
// Only the server in maintenance itself knows whether it is: the other one follows what it says.
const left = [move('partner-down', 'the partner is not in maintenance any more')]
// Kea wants a restart of both. partner-down then decides as for any partner that returns.
const free = [move('partner-down', 'the partner has left terminated')]

/** The partner's states, put together where they mean the same; the order of the columns. */
export const COLUMNS = [
  ...(['waiting', 'syncing', 'ready', 'normal', 'recovery', 'down', 'in-maintenance'] as const),
  ...(['partner-in-maintenance', 'terminated', 'unavailable', 'unknown'] as const),
] as const

type Column = (typeof COLUMNS)[number]

const COLUMN_OF: Readonly<Record<PartnerState, Column>> = {
  waiting: 'waiting',
  syncing: 'syncing',
  ready: 'ready',
  'load-balancing': 'normal',
  'hot-standby': 'normal',
  'communication-recovery': 'recovery',
  'partner-down': 'down',
  'partner-in-maintenance': 'partner-in-maintenance',
  'in-maintenance': 'in-maintenance',
  terminated: 'terminated',
  'passive-backup': 'unknown',
  backup: 'unknown',
  unavailable: 'unavailable',
  unknown: 'unknown',
}

type RowOf<Columns extends readonly unknown[]> = { readonly [K in keyof Columns]: Cell }
type Row = RowOf<typeof COLUMNS>

// biome-ignore format: a table
export const TRANSITIONS: Readonly<Record<HaState, Row>> = {
  //                         waiting syncing ready normal recov. down  in-m. part.i.m. term. unavail. unknown
  waiting:                  [sync,   sync,   sync, sync,  sync,  sync, sync, sync,     term, gone,    gone],
  syncing:                  [dOrS,   dOrS,   done, done,  done,  done, done, done,     term, gone,    gone],
  // The partner in partner-down serves all until it sees this server ready; then it moves first.
  ready:                    [slow,   slow,   norm, norm,  norm,  stay, part, stay,     term, gone,    gone],
  // A partner in partner-down lost contact for a moment and follows this server's state.
  'load-balancing':         [back,   back,   stay, stay,  stay,  stay, part, stay,     term, lost,    gone],
  'hot-standby':            [back,   back,   stay, stay,  stay,  stay, part, stay,     term, gone,    gone],
  'communication-recovery': [back,   back,   norm, norm,  norm,  norm, part, norm,     term, gone,    gone],
  'partner-down':           [stay,   stay,   norm, norm,  norm,  norm, part, stay,     term, stay,    stay],
  'partner-in-maintenance': [left,   left,   left, left,  left,  left, stay, left,     left, off,     stay],
  // It comes back by word only, or when who serves in its place is gone while it still has its
  // rights.
  'in-maintenance':         [stay,   stay,   stay, stay,  stay,  stay, stay, stay,     stay, gone,    gone],
  terminated:               [free,   free,   free, free,  free,  free, free, free,     stay, gone,    gone],
  'passive-backup':         [stay,   stay,   stay, stay,  stay,  stay, stay, stay,     stay, stay,    stay],
  backup:                   [stay,   stay,   stay, stay,  stay,  stay, stay, stay,     stay, stay,    stay],
}

/** What a server that begins does in view of its role, before it looks at the partner. */
const BEGINNING: Cell = [
  move('backup', 'the role of this server', 'isBackup'),
  move('passive-backup', 'the mode has no partner', 'isPassive', 'hasRights'),
]

/** Of a state that needs rights, when there are none. */
export const WITHOUT_RIGHTS = move('waiting', 'this server holds no rights to any address')

/** The move to make in this state, undefined: none. */
export function nextMove(
  plan: HaPlan,
  state: HaState,
  partner: PartnerState,
  situation: Situation,
): Move | undefined {
  const cell = TRANSITIONS[state][COLUMNS.indexOf(COLUMN_OF[partner])]!
  const moves = state === 'waiting' ? [...BEGINNING, ...cell] : cell
  return moves.find(({ when }) => when.every((name) => CONDITIONS[name](situation, plan)))
}

/** The state that a move leads to. */
export function targetOf(plan: HaPlan, { to }: Move): HaState {
  if (to !== 'normal') return to
  return plan.mode === 'load-balancing' ? 'load-balancing' : 'hot-standby'
}

function move(to: Target, why: string, ...when: ConditionName[]): Move {
  return { to, when, why, isByContact: false }
}

function contactMove(to: Target, why: string, ...when: ConditionName[]): Move {
  return { to, when, why, isByContact: true }
}
