// Commands of leases of DHCPv4.

import type { Command } from '../../command.ts'
import { add, del, get, resendDdns, update, wipe } from './changes.ts'
import { getByClientId, getByHostname, getByHwAddress, getByState } from './get-by.ts'
import { FAMILY4 } from './lease-family.ts'
import { getAll, getPage } from './lists.ts'
import { write } from './write.ts'

export const LEASE4_COMMANDS: readonly Command[] = [
  add,
  del,
  get,
  getAll,
  getByClientId,
  getByHostname,
  getByHwAddress,
  getByState,
  getPage,
  resendDdns,
  update,
  wipe,
  write,
].map((command) => command(FAMILY4))
