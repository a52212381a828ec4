// Sets of options, and how the options of one level go over those of the levels above it.

import type { OptionSet, OptionValue } from './plan4.ts'

export const EMPTY_OPTION_SET: OptionSet = { values: new Map() }

/** A value of `own` wins; always-send and never-send are sticky: true at any level counts. */
export function overlaid(upper: OptionSet, own: Iterable<OptionValue>): OptionSet {
  const values = new Map(upper.values)
  for (const option of own) values.set(option.code, over(upper.values.get(option.code), option))
  return { values }
}

function over(above: OptionValue | undefined, own: OptionValue): OptionValue {
  const alwaysSend = own.alwaysSend || above?.alwaysSend === true
  const neverSend = own.neverSend || above?.neverSend === true
  const isSame = alwaysSend === own.alwaysSend && neverSend === own.neverSend
  return isSame ? own : { ...own, alwaysSend, neverSend }
}
