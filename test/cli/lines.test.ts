// What `whio status` says of a pair, line by line, from the facts alone.

import t from 'tap'
import { durationWords, forecastLine } from '../../lib/cli/forecast.ts'
import { createPair } from '../../lib/lab/pair.ts'
import type { FreeStatus, PairStatus } from '../../lib/server/pair-status.ts'

const HOUR = 3_600_000

/** A Friday. */
const NOW = new Date(2026, 5, 12, 11, 14)

function row(more: Partial<FreeStatus> = {}): FreeStatus {
  const facts = { subnet: 1, prefix: '192.0.2.0/24', here: 40, partner: 45, addresses: 90 }
  return { ...facts, takenPerHour: 12, lastsFor: 3.3 * HOUR, ...more }
}

/** What the survivor of a pair says. */
const alone: PairStatus = (() => {
  const pair = createPair({ clients: 4 })
  pair.reachNormal()
  pair.crash(1)
  pair.advance(10_000)
  return pair.status(0)!.ha!
})()

function forecast(...free: FreeStatus[]): string {
  return forecastLine({ ...alone, free }, NOW)
}

t.test('until when addresses last', async (t) => {
  const rate = 'at the present rate'
  t.equal(forecast(row()), `${rate} they last until about 14:30 (3 h 18 min)`)
  t.equal(forecast(row({ lastsFor: 25 * 60_000 })), `${rate} they last until about 11:39 (25 min)`)
  t.equal(
    forecast(row({ lastsFor: 20 * HOUR })),
    `${rate} they last until about Saturday 07:10 (20 h)`,
  )
  t.equal(forecast(row({ lastsFor: 8 * 24 * HOUR })), `${rate} they last for more than a week`)
  t.equal(
    forecast(row({ takenPerHour: 0, lastsFor: Number.POSITIVE_INFINITY })),
    'new clients take none of them at present',
  )
  t.equal(forecast(row({ here: 0, lastsFor: 0 })), 'no address is left for new clients')
})

t.test('the subnet that runs out first is named', async (t) => {
  const other = row({ subnet: 2, prefix: '10.100.100.0/24', lastsFor: 6.5 * 24 * HOUR })
  t.match(forecast(row(), other), /rate 192\.0\.2\.0\/24 lasts until about 14:30 \(/)
  const line = forecast(other, row({ lastsFor: Number.POSITIVE_INFINITY, takenPerHour: 0 }))
  t.match(line, /rate 10\.100\.100\.0\/24 lasts until about Thursday 23:10 \(6 days 12 h\)$/)
  const empty = row({ here: 0, lastsFor: 0 })
  t.match(forecast(empty, other), /no address is left for new clients in 192\.0\.2\.0\/24$/)
  t.match(forecast(empty, other, empty), / in 192\.0\.2\.0\/24 and 1 more$/)
  t.match(forecast(other, row({ addresses: 0, here: 0, lastsFor: 0 })), /Thursday/, 'no pools')
})

t.test(
  'nothing is foretold while the partner has more, or of a server without rights',
  async (t) => {
    const partner = { ...alone.partner!, kind: 'connected' } as const
    t.equal(forecastLine({ ...alone, free: [row()], partner }, NOW), '')
    t.equal(forecastLine({ ...alone, free: [row()], rights: 'none' }, NOW), '')
    t.equal(forecast(), '')
  },
)

t.test('durations', async (t) => {
  const rows = [
    [59_999, '59 s'],
    [60_000, '1 min'],
    [HOUR, '1 h'],
    [24 * HOUR, '1 day'],
    [50 * HOUR, '2 days 2 h'],
  ] as const
  for (const [time, words] of rows) t.equal(durationWords(time), words)
})
