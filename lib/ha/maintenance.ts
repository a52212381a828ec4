// Maintenance: in which states it may be begun and ended, on the server that stays up (start,
// cancel) and on the one that is to be worked on (leave, resume).
//
//   operator --start--> stays up                     partner
//                          | ------ maintenance -------> leave: in-maintenance, hands rights over
//                          | <---- maintenance-answer --
//                partner-in-maintenance
//   operator --cancel-->   | -- maintenance, cancel ---> resume: waiting, and on as at any return
//                          | <---- maintenance-answer --
//                    partner-down, until the partner is ready

import type { HaState } from '../config/plan/ha-plan.ts'
import type { PartnerState } from './situation.ts'

export type MaintenanceStep = 'start' | 'cancel' | 'leave' | 'resume'

const yes = ''
const role = 'this server has no partner'
const asked = 'this server is in maintenance itself'
const again = 'the partner is in maintenance already'
const ended = 'the pair is terminated'
const notThere = 'the partner is not in maintenance'
const notHere = 'this server is not in maintenance'
const onlyOne = 'this server serves in place of its partner'

/** Why a step is refused in a state; '' where it is allowed. */
// biome-ignore format: a table
export const MAINTENANCE: Readonly<Record<HaState, Readonly<Record<MaintenanceStep, string>>>> = {
  waiting:                  { start: yes,   cancel: notThere, leave: yes,     resume: notHere },
  syncing:                  { start: yes,   cancel: notThere, leave: yes,     resume: notHere },
  ready:                    { start: yes,   cancel: notThere, leave: yes,     resume: notHere },
  'load-balancing':         { start: yes,   cancel: notThere, leave: yes,     resume: notHere },
  'hot-standby':            { start: yes,   cancel: notThere, leave: yes,     resume: notHere },
  'communication-recovery': { start: yes,   cancel: notThere, leave: yes,     resume: notHere },
  'partner-down':           { start: yes,   cancel: notThere, leave: yes,     resume: notHere },
  'partner-in-maintenance': { start: again, cancel: yes,      leave: onlyOne, resume: notHere },
  'in-maintenance':         { start: asked, cancel: notThere, leave: yes,     resume: yes },
  terminated:               { start: ended, cancel: notThere, leave: ended,   resume: notHere },
  'passive-backup':         { start: role,  cancel: notThere, leave: role,    resume: notHere },
  backup:                   { start: role,  cancel: notThere, leave: role,    resume: notHere },
}

/**
 * Whether the partner said this before it heard of an agreement. It is not judged then: it would
 * undo what has just been done.
 */
export const IS_OUTDATED = {
  start: (partner: PartnerState) => partner !== 'in-maintenance' && partner !== 'unavailable',
  cancel: (partner: PartnerState) => partner === 'in-maintenance',
  resume: (partner: PartnerState) => partner === 'partner-in-maintenance',
}
