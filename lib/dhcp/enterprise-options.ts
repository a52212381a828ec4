// Options of enterprises in a reply, as far as the families do not differ: which are sent. Only
// Cable Labs has a request list for them: what shall go out of others is set to always-send.

import type { EnterpriseValues, OptionValue, OptionValues } from '../config/plan/option-set.ts'
import { CABLE_LABS } from '../wire/options/enterprises.ts'

/** Whether a code is sent unasked: one entry of any enterprise says it for all. */
export function isAlwaysSent(code: number, { enterprises }: OptionValues): boolean {
  for (const { carriers } of enterprises.values()) if (carriers.get(code)?.alwaysSend) return true
  return false
}

/** Whether a code is never sent, whatever enterprise it is of. */
export function isForbidden(code: number, { values, enterprises }: OptionValues): boolean {
  if (values.get(code)?.neverSend === true) return true
  for (const { carriers } of enterprises.values()) if (carriers.get(code)?.neverSend) return true
  return false
}

/** What goes to a client that said this of enterprises (HearVendor), lowest code first. */
export function subOptionsFor(
  enterprise: number,
  { subOptions }: EnterpriseValues,
  heard: ReadonlySet<number>,
): OptionValue[] {
  const isAsked = (code: number) => enterprise === CABLE_LABS && heard.has(-1 - code)
  return [...subOptions.values()]
    .filter((option) => !option.neverSend && (option.alwaysSend || isAsked(option.code)))
    .sort((a, b) => a.code - b.code)
}
