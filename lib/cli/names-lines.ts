// What `whio status` and `whio names` say of names in DNS, in lines for people.

import type { SinkStatus } from '../ports/name-sinks.ts'
import type { NameServerStatus, NamesStatus } from '../server/names/names-status.ts'
import { durationWords } from './forecast.ts'
import { counted } from './load.ts'

/** `12 names wait for 10.53.0.1 (no answer for 3 min)`; nothing where none was ever registered. */
export function namesLines(status: NamesStatus | undefined): string[] {
  if (status === undefined) return []
  return [...dnsLines(status), ...status.sinks.map(sinkLine)]
}

/** Of names in DNS alone. */
export function dnsLines(status: NamesStatus): string[] {
  const { addresses, conflicts, owed, owedByPartner, via } = status
  if (via === 'off' && addresses === 0) return []
  const waiting = waitingLines(status)
  const trouble = [
    ...waiting,
    ...(waiting.length === 0 && owed > 0 ? [`names of ${leases(owed)} wait`] : []),
    ...(owedByPartner === 0 ? [] : [`names of ${leases(owedByPartner)} are the partner’s to do`]),
    ...(conflicts === 0 ? [] : [`names of ${leases(conflicts)} are somebody else’s in DNS`]),
  ]
  return trouble.length > 0 ? trouble : [`names of ${leases(addresses)} ${WHERE[via]}`]
}

const WHERE = { self: 'in DNS', d2: 'sent to kea-dhcp-ddns', off: 'in DNS, not updated' } as const

function leases(count: number): string {
  return counted(count, 'lease')
}

/** A line for each server that does not take what waits for it. */
function waitingLines({ zones }: NamesStatus): string[] {
  const waiting = new Map<string, number>()
  for (const { name, servers, waiting: count } of zones) {
    if (count === 0) continue
    const trouble = servers.some(({ state }) => state === 'well')
      ? undefined
      : (servers.find(({ state }) => state === 'refuses') ?? servers[0])
    if (trouble === undefined) continue
    const words = troubleWords(trouble, name)
    waiting.set(words, (waiting.get(words) ?? 0) + count)
  }
  return [...waiting].map(
    ([words, count]) => `${counted(count, 'name')} ${wait(count)} for ${words}`,
  )
}

/** `names wait for http://127.0.0.1:8081 (connection refused for 3 min)`. */
export function sinkLine({ away, place, trouble }: Omit<SinkStatus, 'waiting'>): string {
  if (trouble === '') return `names go to ${place}`
  const span = durationWords(away * 1000)
  return `names wait for ${place} (${trouble} for ${span})`
}

export function wait(count: number): string {
  return count === 1 ? 'waits' : 'wait'
}

export function troubleWords(
  { name, seconds, state, why }: NameServerStatus,
  zone: string,
): string {
  if (state === 'refuses') return `${name}, which refuses ${zone} (${why})`
  const trouble = why === 'timeout' ? 'no answer' : why
  return `${name} (${trouble} for ${durationWords(seconds * 1000)})`
}
