// A pair whose servers keep their leases in one database: what of the file has nothing to say
// there. A file that has leases sent to the partner means two databases, and those must not be
// taken for one: each would give every address.

import type { HaDocument } from '../keys/ha-document.ts'
import type { Site } from '../text/site.ts'

const UPDATES = 'send-lease-updates'
const SYNC = 'sync-leases'

export function checkOneDatabase(document: HaDocument, site: Site): void {
  const { mode, peers } = document
  if (mode === 'passive-backup') {
    const message =
      'a backup keeps a copy of the leases: of a database that servers share it has none'
    site.at('mode').error('ha-database', message, 'load-balancing or hot-standby')
  }
  for (const [index, { role }] of peers.entries())
    if (role === 'backup' && mode !== 'passive-backup') {
      const message =
        'the leases are in a database that servers share: a backup has nothing to keep'
      const hint = 'leave it out; a third server on the database needs no libdhcp_ha.so'
      site.at('peers').at(index).at('role').error('ha-database', message, hint)
    }
  checkUpdates(document, site)
  if (document[SYNC] === true) {
    const message = 'nothing is fetched from the partner: both servers read one database'
    site.at(SYNC).info('ha-database', message, `"${SYNC}": false`)
  }
}

function checkUpdates(document: HaDocument, site: Site): void {
  if (document[UPDATES] === false) return
  const message = 'leases in a database that servers share are not sent to the partner'
  const hint =
    `"${UPDATES}": false where both servers name one database; ` +
    'a pair with a database each keeps the leases in lease-database of type memfile'
  if (document[UPDATES] === undefined) site.gap('ha-database', message, hint)
  else site.at(UPDATES).error('ha-database', message, hint)
}
