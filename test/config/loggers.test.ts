// Which logger of Kea a line belongs to.

import t from 'tap'
import { LOGGERS, loggerOf } from '../../lib/catalogue/loggers.ts'
import { MESSAGES } from '../../lib/catalogue/messages.ts'

t.test('every logger has a line, and lines are where a person would look', (t) => {
  const found = new Set(Object.keys(MESSAGES).map(loggerOf))
  t.same([...found].sort(), [...LOGGERS].sort())
  const rows: [string, string][] = [
    ['DHCP4_LEASE_ALLOC', 'leases'],
    ['DHCP6_RELEASE', 'leases'],
    ['DHCP4_PACKET_DROP', 'bad-packets'],
    ['DHCP6_REPLY_DROP', 'bad-packets'],
    ['HA_STATE_TRANSITION', 'ha-hooks'],
    ['DHCP4_STARTED', 'dhcp4'],
    ['DHCP6_STARTED', 'dhcp6'],
    ['JOURNAL_FAILED', 'database'],
    ['DAEMON_PROCESS', 'dhcpsrv'],
  ]
  for (const [id, logger] of rows) t.equal(loggerOf(id), logger, id)
  t.end()
})
