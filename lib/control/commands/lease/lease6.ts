// Commands of leases of DHCPv6.

import type { Command } from '../../command.ts'
import { add, bulkApply, del, get, resendDdns, update, wipe } from './changes.ts'
import { getByDuid, getByHostname, getByHwAddress, getByState } from './get-by.ts'
import { FAMILY6 } from './lease-family.ts'
import { getAll, getPage } from './lists.ts'
import { write } from './write.ts'

export const LEASE6_COMMANDS: readonly Command[] = [
  add,
  bulkApply,
  del,
  get,
  getAll,
  getByDuid,
  getByHostname,
  getByHwAddress,
  getByState,
  getPage,
  resendDdns,
  update,
  wipe,
  write,
].map((command) => command(FAMILY6))
