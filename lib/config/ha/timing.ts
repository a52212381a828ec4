// Times, counts and switches of a pair. Where the file says nothing they are faster than Kea's, and
// fit what it does say: silence is not shorter than a few heartbeats.

import { defaultsOf } from '../keys/defaults.ts'
import type { HaDocument } from '../keys/ha-document.ts'
import { PAGE_ROWS_MAX, STORE_WAIT_MIN } from '../plan/ha-limits.ts'
import type { HaPlan, HaState } from '../plan/ha-plan.ts'
import type { Site } from '../text/site.ts'

const DEFAULTS = defaultsOf(
  'ha',
  'heartbeat-delay',
  'max-response-delay',
  'max-ack-delay',
  'max-unacked-clients',
  'send-lease-updates',
  'sync-leases',
  'sync-page-limit',
  'wait-backup-ack',
)
const HEARTBEAT = DEFAULTS['heartbeat-delay']
const SILENCE = DEFAULTS['max-response-delay']
const { pause: PAUSE } = defaultsOf('haState', 'pause')

export type HaTiming = Pick<
  HaPlan,
  | 'sendLeaseUpdates'
  | 'syncLeases'
  | 'syncPageLimit'
  | 'delayedUpdatesLimit'
  | 'heartbeatDelay'
  | 'maxResponseDelay'
  | 'maxAckDelay'
  | 'maxUnackedClients'
  | 'waitBackupAck'
  | 'pauses'
>

/** `sharesDatabase`: one-database.ts says what is to be said of leases that are sent. */
export function compileTiming(document: HaDocument, site: Site, sharesDatabase: boolean): HaTiming {
  checkSwitches(document, site)
  if (!sharesDatabase) warnOfUnsent(document, site)
  checkLimits(document, site)
  const byMode = document.mode === 'load-balancing' ? 100 : 0
  return {
    ...compileDelays(document, site),
    sendLeaseUpdates: document['send-lease-updates'] ?? DEFAULTS['send-lease-updates'],
    syncLeases: !sharesDatabase && (document['sync-leases'] ?? DEFAULTS['sync-leases']),
    syncPageLimit: document['sync-page-limit'] ?? DEFAULTS['sync-page-limit'],
    delayedUpdatesLimit: document['delayed-updates-limit'] ?? byMode,
    maxAckDelay: document['max-ack-delay'] ?? DEFAULTS['max-ack-delay'],
    maxUnackedClients: document['max-unacked-clients'] ?? DEFAULTS['max-unacked-clients'],
    waitBackupAck: document['wait-backup-ack'] ?? DEFAULTS['wait-backup-ack'],
    pauses: compilePauses(document, site),
  }
}

/** Shorter silence happens to every machine. */
const SILENCE_LOW = 200

function compileDelays(
  document: HaDocument,
  site: Site,
): Pick<HaPlan, 'heartbeatDelay' | 'maxResponseDelay'> {
  const silence = document['max-response-delay']
  const byDefault = Math.max(1, Math.min(HEARTBEAT, Math.floor((silence ?? SILENCE) / 3)))
  let heartbeatDelay = document['heartbeat-delay'] ?? byDefault
  if (heartbeatDelay === 0) {
    const message = '0 would be no heartbeat, and nobody would notice that the partner is silent'
    const hint = `${byDefault} is used`
    site.at('heartbeat-delay').warning('ha-heartbeat', message, hint)
    heartbeatDelay = byDefault
  }
  const maxResponseDelay = silence ?? Math.max(SILENCE, 6 * heartbeatDelay)
  if (maxResponseDelay < SILENCE_LOW) {
    const message = `in ${maxResponseDelay} ms a host that is well may not answer`
    const hint = `the two may seem gone to each other again and again; ${SILENCE} is the default`
    site.at('max-response-delay').warning('ha-heartbeat', message, hint)
  }
  if (maxResponseDelay <= heartbeatDelay) {
    const message = `max-response-delay ${maxResponseDelay} is not above heartbeat-delay ${heartbeatDelay}`
    const hint = 'the partner seems silent between two heartbeats; three of them are good'
    site.at('max-response-delay').warning('ha-heartbeat', message, hint)
  }
  return { heartbeatDelay, maxResponseDelay }
}

/** Rules of Kea's (ha_config.cc), and what it says at the start. */
function checkSwitches(document: HaDocument, site: Site): void {
  const { mode } = document
  if ((document['delayed-updates-limit'] ?? 0) > 0 && mode !== 'load-balancing') {
    const at = site.at('delayed-updates-limit')
    const message = `${mode} has no communication-recovery, so there is nothing to limit`
    at.error('ha-mode', message, 'leave it out, or write 0')
  }
  if ((document['wait-backup-ack'] ?? DEFAULTS['wait-backup-ack']) && mode !== 'passive-backup') {
    const message = `in ${mode} clients wait for the partner, never for backups`
    site.at('wait-backup-ack').error('ha-mode', message, 'leave it out, or write false')
  }
}

function warnOfUnsent(document: HaDocument, site: Site): void {
  const updates = document['send-lease-updates'] ?? DEFAULTS['send-lease-updates']
  const sync = document['sync-leases'] ?? DEFAULTS['sync-leases']
  if (!updates) {
    const message = 'leases given from here are not told to the partner'
    const hint =
      'each server knows and renews its own leases only; two that share a lease-database of type postgresql know all'
    site.at('send-lease-updates').warning('ha-unsent', message, hint)
  } else if (!sync) {
    const message = 'a server that returns does not wait for the leases that it missed'
    const hint = 'it is sent them all the same: what is free depends on them'
    site.at('sync-leases').info('ha-unsent', message, hint)
  }
}

/** Values that are honoured up to a limit of Whio's. */
function checkLimits(document: HaDocument, site: Site): void {
  const page = document['sync-page-limit'] ?? 0
  if (page > PAGE_ROWS_MAX) {
    const message = `pages have ${PAGE_ROWS_MAX} rows at most, so that clients are served in between`
    site.at('sync-page-limit').info('ha-limit', message)
  }
  const wait = document['max-ack-delay'] ?? STORE_WAIT_MIN
  if (wait < STORE_WAIT_MIN) {
    const message = `it counts for clients; the partner has ${STORE_WAIT_MIN} ms to store a lease all the same`
    site.at('max-ack-delay').info('ha-limit', message)
  }
}

/** States that not every mode has, and the modes that have them. */
const STATES_OF_MODES: Readonly<Partial<Record<HaState, HaPlan['mode']>>> = {
  'load-balancing': 'load-balancing',
  'communication-recovery': 'load-balancing',
  'hot-standby': 'hot-standby',
  'passive-backup': 'passive-backup',
}

function compilePauses(document: HaDocument, site: Site): HaPlan['pauses'] {
  const pauses = new Map<HaState, 'once' | 'always'>()
  const owners = new Map<HaState, number>()
  for (const [index, entry] of (document['state-machine']?.states ?? []).entries()) {
    const { state, pause = PAUSE } = entry
    const at = site.at('state-machine').at('states').at(index).at('state')
    const owner = owners.get(state)
    if (owner !== undefined) {
      const message = `'${state}' stands here a second time`
      at.error('duplicate', message, `first as states[${owner}]`)
      continue
    }
    owners.set(state, index)
    if (pause === 'never') continue
    pauses.set(state, pause)
    if (isNeverEntered(state, document)) {
      const message = `a server in ${document.mode} is never ${state}, so it never waits there`
      at.warning('ha-pause', message)
    }
  }
  return pauses
}

/** Whio understands a partner that says it is terminated, and does not become so. */
function isNeverEntered(state: HaState, document: HaDocument): boolean {
  const mode = STATES_OF_MODES[state]
  return state === 'terminated' || (mode !== undefined && mode !== document.mode)
}
