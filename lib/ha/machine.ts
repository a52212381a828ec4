// The state machine of one server of a pair: transitions.ts put to work, with pauses, maintenance
// and scopes set by hand. It knows no time and no link; others say what the situation is.

import { ALLOWED, type OrderResult, refused } from '../catalogue/order-result.ts'
import type { HaPlan, HaState } from '../config/plan/ha-plan.ts'
import { IS_OUTDATED, MAINTENANCE, type MaintenanceStep } from './maintenance.ts'
import { failoverScopes, maskOfNames, ownScopes, type ScopeMask, scopesOfMask } from './scopes.ts'
import { type PartnerState, partnerSeen, type Situation } from './situation.ts'
import { STATES, type StateRow, wordsFor } from './states.ts'
import { type Move, nextMove, targetOf, WITHOUT_RIGHTS } from './transitions.ts'

export interface StateChange {
  readonly from: HaState
  readonly to: HaState
  /** For the log: `takes over: the partner refused the connection`. */
  readonly why: string
  /** The partner as it was seen then. */
  readonly partner: PartnerState
}

/** What became of a request to the partner; no-answer: it is not connected, or too slow. */
export type MaintenanceReply = 'allowed' | 'refused' | 'no-answer'

/** More than the longest way through the table: a test walks all of them. */
const MOVES_MAX = 8

export class HaMachine {
  readonly #plan: HaPlan
  readonly #onChange: (change: StateChange) => void
  readonly #paused = new Set<HaState>()
  #state: HaState = 'waiting'
  #why = 'the server has started'
  #mask: ScopeMask = 0
  #scopes: readonly number[] = []
  #isPaused = false
  #hasChanged = false
  #hasRights = false
  #partner: PartnerState = 'unknown'
  /** What both have agreed on since the last step. */
  #agreed: keyof typeof IS_OUTDATED | undefined
  /** What the partner said before that: not judged until it says something else. */
  #outdated: PartnerState | undefined
  /** What the partner has been asked and has not answered yet. */
  #asked: 'start' | 'cancel' | undefined

  /** `onChange` is told every move, those too that lead on at once; it must not call back. */
  constructor(plan: HaPlan, onChange: (change: StateChange) => void = () => {}) {
    this.#plan = plan
    this.#onChange = onChange
    this.#pauseIn(this.#state)
  }

  get state(): HaState {
    return this.#state
  }

  /** What the state means for rows and replies. */
  get row(): StateRow {
    return STATES[this.#state]
  }

  /** Why the state was entered. */
  get why(): string {
    return this.#why
  }

  /** The state for people: `active`, `serving both halves, partner down`. */
  get words(): string {
    return wordsFor(this.#plan, this.#state, this.#mask)
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** Numbers of the scopes that are served now, ascending; the same array until they change. */
  get servesScopes(): readonly number[] {
    return this.#scopes
  }

  /** Names of these scopes. */
  get scopeNames(): string[] {
    return this.#scopes.map((scope) => this.#plan.peers[scope]!.name)
  }

  /** Whether clients of this owner (ownerOf) are answered. NO_OWNER never is. */
  serves(owner: number): boolean {
    // A shift by -1 reaches bit 31, which no scope has.
    return ((this.#mask >>> owner) & 1) === 1
  }

  /**
   * Makes every move that the situation asks for. Returns whether the state or the scopes have
   * changed since the last step, by an operation too: then the partner must hear of it.
   */
  step(situation: Situation): boolean {
    this.#hasRights = situation.hasRights
    this.#partner = partnerSeen(this.#plan, situation)
    this.#judgeAge(this.#partner)
    if (!this.#hasRights) this.#serve(0)
    for (let moves = 0; moves < MOVES_MAX; moves++) {
      const move = this.#nextMove(situation)
      if (move === undefined) break
      const why = move.isByContact ? `${move.why}: ${situation.contact}` : move.why
      this.#enter(targetOf(this.#plan, move), why)
    }
    const hasChanged = this.#hasChanged
    this.#hasChanged = false
    return hasChanged
  }

  /** Ends a pause (ha-continue). Returns whether there was one; the next step moves on. */
  continue(): boolean {
    const wasPaused = this.#isPaused
    this.#isPaused = false
    return wasPaused
  }

  /** Begins anew (ha-reset); the next step moves on. Returns false when it is there already. */
  reset(): boolean {
    this.#asked = undefined
    this.#agreed = undefined
    this.#outdated = undefined
    if (this.#state === 'waiting') return false
    this.#enter('waiting', 'reset by an operator')
    return true
  }

  /** Serves these scopes until the next change of the state (ha-scopes). */
  setScopes(names: readonly string[]): OrderResult {
    const mask = maskOfNames(this.#plan, names)
    if (mask === undefined) return refused('no peer has this name')
    if (!this.#hasRights && mask !== 0) return refused(WITHOUT_RIGHTS.why)
    this.#serve(mask)
    return ALLOWED
  }

  /**
   * An operator wants to work on the partner. If allowed: ask it, then call maintenanceAnswered.
   */
  startMaintenance(): OrderResult {
    if (!this.#hasRights) return refused(WITHOUT_RIGHTS.why)
    return this.#ask('start')
  }

  /** An operator wants the partner back. If allowed: ask it, then call maintenanceAnswered. */
  cancelMaintenance(): OrderResult {
    return this.#ask('cancel')
  }

  /**
   * What came of the last request to the partner. One that cannot be reached is taken for down: an
   * operator is about to switch it off. Returns whether the state changed.
   */
  maintenanceAnswered(reply: MaintenanceReply): boolean {
    const asked = this.#asked
    this.#asked = undefined
    const former = this.#state
    const isUnderWay = former === 'partner-in-maintenance'
    if (asked === 'start' && reply === 'allowed') {
      this.#enter('partner-in-maintenance', 'an operator works on the partner')
      this.#agreed = 'start'
    } else if (asked === 'start' && reply === 'no-answer') {
      this.#enter('partner-down', 'an operator works on the partner, which does not answer', true)
    } else if (asked === 'cancel' && reply === 'allowed' && isUnderWay) {
      // Kea goes back to its former state, and the partner's clients wait. Here they are served
      // until it is ready.
      this.#enter('partner-down', 'maintenance of the partner has ended', true)
      this.#agreed = 'cancel'
    }
    return this.#state !== former
  }

  /** The partner asks this server to stop serving, since an operator works on it. */
  partnerStartsMaintenance(): OrderResult {
    if (this.#asked === 'start') return refused('this server has just asked the same')
    const permission = this.#mayDo('leave')
    if (permission.allowed) this.#enter('in-maintenance', 'an operator works on this server')
    return permission
  }

  /** The partner asks this server to come back. */
  partnerCancelsMaintenance(): OrderResult {
    const permission = this.#mayDo('resume')
    if (!permission.allowed) return permission
    this.#enter('waiting', 'maintenance of this server has ended')
    this.#agreed = 'resume'
    return permission
  }

  #ask(step: 'start' | 'cancel'): OrderResult {
    const permission = this.#mayDo(step)
    if (permission.allowed) this.#asked = step
    return permission
  }

  #mayDo(step: MaintenanceStep): OrderResult {
    const why = MAINTENANCE[this.#state][step]
    return why === '' ? ALLOWED : refused(why)
  }

  #judgeAge(partner: PartnerState): void {
    if (partner !== this.#outdated) this.#outdated = undefined
    if (this.#agreed !== undefined && IS_OUTDATED[this.#agreed](partner)) this.#outdated = partner
    this.#agreed = undefined
  }

  #nextMove(situation: Situation): Move | undefined {
    if (this.row.needsRights && !this.#hasRights) return WITHOUT_RIGHTS
    if (this.#isPaused || this.#outdated !== undefined) return undefined
    return nextMove(this.#plan, this.#state, this.#partner, situation)
  }

  /** `isForced`: an operator's word, which `auto-failover` does not overrule. */
  #enter(state: HaState, why: string, isForced = this.#state === 'partner-in-maintenance'): void {
    const from = this.#state
    this.#state = state
    this.#why = why
    this.#serveByState(isForced)
    if (from === state) return
    this.#hasChanged = true
    this.#pauseIn(state)
    this.#onChange({ from, to: state, why, partner: this.#partner })
  }

  #pauseIn(state: HaState): void {
    const pause = this.#plan.pauses.get(state)
    this.#isPaused = pause === 'always' || (pause === 'once' && !this.#paused.has(state))
    this.#paused.add(state)
  }

  #serveByState(isForced: boolean): void {
    const { serves } = this.row
    if (serves === 'none') return this.#serve(0)
    const isOwn = this.#state === 'partner-down' && !isForced && !this.#plan.thisServer.autoFailover
    this.#serve(serves === 'own' || isOwn ? ownScopes(this.#plan) : failoverScopes(this.#plan))
  }

  #serve(mask: ScopeMask): void {
    if (mask === this.#mask) return
    this.#hasChanged = true
    this.#mask = mask
    this.#scopes = scopesOfMask(this.#plan, mask)
  }
}
