// Subnets and shared networks by command: Kea's library subnet_cmds.

import type { Command } from '../command.ts'
import { networkChanges } from './edit/network-change.ts'
import { FAMILY4, FAMILY6 } from './edit/places.ts'
import { subnetChanges } from './edit/subnet-change.ts'
import { subnetReads } from './edit/subnet-get.ts'

export const SUBNET: readonly Command[] = [FAMILY4, FAMILY6].flatMap((family) => [
  ...subnetReads(family),
  ...subnetChanges(family),
  ...networkChanges(family),
])
