// Arguments that are one list with one map: what is to be added, or changed.

import { isMap, type Members } from '../../../config/text/map.ts'
import type { Asked } from '../../command.ts'
import { CommandRefused } from '../../refused.ts'

/** `noun`: of what the list is, in the words of Kea. Throws CommandRefused. */
export function onlyMapIn(
  { command, arguments: given }: Asked,
  key: string,
  noun: string,
): Members {
  const count = isMap(given) ? Object.keys(given).length : 0
  const list = isMap(given) ? given[key] : undefined
  if (count !== 1 || list === undefined)
    throw new CommandRefused(
      `invalid number of arguments ${count} for the '${command}' command. Expecting '${key}' list`,
    )
  if (!Array.isArray(list) || list.length !== 1)
    throw new CommandRefused(
      `invalid number of ${noun}s specified for the '${command}' command. Expected one ${noun}`,
    )
  const [only] = list as [unknown]
  if (!isMap(only))
    throw new CommandRefused(`invalid type specified for the ${noun}: expected a map`)
  return only
}
