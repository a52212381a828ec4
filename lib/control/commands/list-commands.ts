// list-commands: what there is here for whoever asks. Clients decide by the list, so nothing is on
// it that would then be answered "not supported", or not permitted.

import { type Command, EVERYWHERE } from '../command.ts'
import { permits } from '../roles.ts'

/** `all`: the table, which has this one in it. */
export function listCommands(all: () => Iterable<Command>): Command {
  return {
    name: 'list-commands',
    access: 'read',
    library: 'built-in',
    personas: EVERYWHERE,
    summary: 'Lists the commands that whoever asks may give',
    parameters: undefined,
    run({ persona, asker }, room, answer) {
      const names = [...all()]
        .filter(({ personas, isHere }) => personas.includes(persona) && isHere?.(room) !== false)
        .filter((command) => permits(asker.role, command))
        .map(({ name }) => name)
      answer({ result: 0, arguments: names.sort() })
    },
  }
}
