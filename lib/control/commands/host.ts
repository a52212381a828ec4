// Reservations by command: Kea's library host_cmds.

import type { Command } from '../command.ts'
import { ADD, DEL, UPDATE } from './edit/host-change.ts'
import { HOST_READS } from './edit/host-get.ts'

export const HOST: readonly Command[] = [ADD, DEL, UPDATE, ...HOST_READS]
