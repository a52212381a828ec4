// The table of commands: what each library has, put together. The list of commands, roles,
// completion and the description for programs all come from it.

import type { Command } from './command.ts'
import { BUILT_IN } from './commands/builtin.ts'
import { CLASS } from './commands/class.ts'
import { CONFIG } from './commands/config.ts'
import { HA } from './commands/ha.ts'
import { HOST } from './commands/host.ts'
import { LEASE4_COMMANDS } from './commands/lease/lease4.ts'
import { LEASE6_COMMANDS } from './commands/lease/lease6.ts'
import { listCommands } from './commands/list-commands.ts'
import { NAMES } from './commands/names.ts'
import { NAMES_SWEEP } from './commands/names-sweep.ts'
import { SELECT_TEST } from './commands/select-test.ts'
import { SERVICE } from './commands/service.ts'
import { STAT } from './commands/stat.ts'
import { STATISTIC } from './commands/statistic.ts'
import { STATUS } from './commands/status.ts'
import { SUBNET } from './commands/subnet.ts'
import { WHIO } from './commands/whio.ts'

/** One list a library, so that each has a line of its own. */
const LISTS: readonly (readonly Command[])[] = [
  BUILT_IN,
  SERVICE,
  STATUS,
  STATISTIC,
  STAT,
  SELECT_TEST,
  CONFIG,
  LEASE4_COMMANDS,
  LEASE6_COMMANDS,
  HA,
  HOST,
  SUBNET,
  CLASS,
  WHIO,
  NAMES,
  NAMES_SWEEP,
  [listCommands(() => COMMANDS.values())],
]

export const COMMANDS: ReadonlyMap<string, Command> = new Map(
  LISTS.flat().map((command) => [command.name, command]),
)
