// What a server does in each of its states, a row a state, and how to say it to people.

import type { HaPlan, HaState } from '../config/plan/ha-plan.ts'
import { ownScopes, type ScopeMask } from './scopes.ts'

export interface StateRow {
  /**
   * none      nobody is answered
   * own       its own scope: primary and secondary one each, a standby none
   * failover  the partner's clients too (in partner-down only as `auto-failover` says)
   */
  readonly serves: 'none' | 'own' | 'failover'
  /** Without rights the state cannot be held: the server goes back to waiting. */
  readonly needsRights: boolean
  /**
   * Watches whether the partner's clients are answered; else silence alone proves that it is gone.
   */
  readonly watchesClients: boolean
  /**
   * Its changes are streamed to the partner. A RELEASE may change a row in states that serve
   * nobody.
   */
  readonly sendsRows: boolean
  /** While connected, replies wait until the partner has stored the rows they rest on. */
  readonly awaitsPartner: boolean
  /** What to add to whom it serves; '' when that says it all. */
  readonly remark: string
}

// biome-ignore format: a table
export const STATES: Readonly<Record<HaState, StateRow>> = {
  waiting:                  row('none',     '-',      '-',       'sends', 'awaits', 'waiting for the partner'),
  syncing:                  row('none',     '-',      '-',       'sends', 'awaits', 'receiving what it missed'),
  ready:                    row('none',     'rights', '-',       'sends', 'awaits', 'ready, waiting for the partner to share'),
  'load-balancing':         row('own',      'rights', 'watches', 'sends', 'awaits', ''),
  'hot-standby':            row('own',      'rights', 'watches', 'sends', 'awaits', ''),
  'communication-recovery': row('own',      'rights', 'watches', 'sends', 'awaits', 'contact lost'),
  // A partner that returns gets every new row, and a lease acknowledged while it is connected is on
  // its disk too.
  'partner-down':           row('failover', 'rights', 'watches', 'sends', 'awaits', 'partner down'),
  'partner-in-maintenance': row('failover', 'rights', 'watches', 'sends', 'awaits', 'partner in maintenance'),
  // It gives its rights away when its last reply has left.
  'in-maintenance':         row('none',     '-',      '-',       'sends', 'awaits', 'in maintenance'),
  // The partner takes no rows any more and serves its own clients.
  terminated:               row('own',      'rights', 'watches', '-',     '-',      'partner terminated'),
  'passive-backup':         row('own',      'rights', '-',       '-',     '-',      'no partner'),
  backup:                   row('none',     '-',      '-',       '-',     '-',      'keeps a copy'),
}

/**
 * `active`, `standby`, `serving both halves, partner down`: for people, who read states otherwise
 * than machines.
 */
export function wordsFor(plan: HaPlan, state: HaState, served: ScopeMask): string {
  const { remark } = STATES[state]
  const service = plan.mode === 'load-balancing' ? halves(plan, served) : duty(state, served)
  return remark === '' ? service : `${service}, ${remark}`
}

function halves(plan: HaPlan, served: ScopeMask): string {
  if ((served & 3) === 3) return 'serving both halves'
  if ((served & 3) === 0) return 'not serving'
  return (served & ownScopes(plan)) !== 0 ? 'serving its own half' : "serving the partner's half"
}

function duty(state: HaState, served: ScopeMask): string {
  if ((served & 1) === 1) return 'active'
  return STATES[state].serves === 'none' ? 'not serving' : 'standby'
}

function row(
  serves: StateRow['serves'],
  rights: 'rights' | '-',
  watches: 'watches' | '-',
  sends: 'sends' | '-',
  awaits: 'awaits' | '-',
  remark: string,
): StateRow {
  return {
    serves,
    needsRights: rights === 'rights',
    watchesClients: watches === 'watches',
    sendsRows: sends === 'sends',
    awaitsPartner: awaits === 'awaits',
    remark,
  }
}
