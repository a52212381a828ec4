// Lines that others can cause are limited, and what they leave standing is true.

import t from 'tap'
import type { LogFields } from '../../lib/ports/log.ts'
import { Reporter } from '../../lib/server/reporter.ts'

t.test('a pair that flaps: the last line about its state is the state that it is in', async (t) => {
  const lines: { id: string; fields: LogFields }[] = []
  const log = {
    enabled: () => true,
    write: (_level: string, id: string, _text: string, fields: LogFields) =>
      void lines.push({ id, fields }),
  }
  const reporter = new Reporter(log, () => false)
  const enter = (to: string, now: number) => reporter.ofPeer('HA_STATE_TRANSITION', { to }, now)
  for (let now = 0; now < 30; now++) enter(now % 2 === 0 ? 'partner-down' : 'load-balancing', now)
  t.equal(lines.at(-1)!.fields.to, 'load-balancing')
  enter('partner-down', 31)
  enter('ready', 32)
  reporter.closeWindows(20_000)
  t.match(lines.at(-2), { id: 'HA_MORE', fields: { suppressed: 22 } })
  t.match(lines.at(-1), { id: 'HA_STATE_TRANSITION', fields: { to: 'ready' } })
  enter('load-balancing', 20_001)
  reporter.closeWindows(40_000)
  t.equal(lines.at(-1)!.fields.to, 'load-balancing', 'nothing is told twice')
})
