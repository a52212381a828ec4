// A partner in a process of its own, to be killed: listens, says its port, answers what it is told.

import { openLink } from '../../lib/platform/link/link.ts'
import { planOf } from './link-world.ts'

const link = openLink({ plan: planOf({}), log: { enabled: () => false, write: () => {} } })
link.open({
  onLinkOpened: (connection) => connection.confirm(),
  onLinkMessage: (connection, message) => connection.send(message),
  onLinkClosed: () => {},
  onDialFailed: () => {},
  onListener: () => console.log(link.port),
  onStranger: () => {},
})
