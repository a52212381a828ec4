// How long the lease lasts, and who says so.

import type { Dhcp4Document } from '../config/keys/document4.ts'
import type { Trace4 } from '../dhcp4/trace4.ts'
import type { Seconds } from '../time/units.ts'
import { OPTION4 } from '../wire/v4/codes.ts'
import { levelOfKey } from './levels4.ts'
import { secondsText } from './words4.ts'

export interface LifetimeReport {
  readonly seconds: Seconds
  readonly from: string
  /** What else played a part, clauses. */
  readonly remarks: readonly string[]
}

const KEYS = ['valid-lifetime', 'min-valid-lifetime', 'max-valid-lifetime'] as const

export function lifetimeReport(trace: Trace4, document: Dhcp4Document): LifetimeReport {
  const { plan, bounds, lifetime, classes, place, query, isCrowded } = trace
  const ofClass = Array.from(classes.order.subarray(0, classes.count)).find(
    (number) => bounds !== undefined && plan.classes.given[number]?.lifetime === bounds,
  )
  const subnet = place?.subnet
  const from =
    ofClass !== undefined
      ? `class ${plan.classes.names[ofClass]}`
      : subnet === undefined
        ? ''
        : levelOfKey(document, subnet, KEYS)
  const asked = query.uint(OPTION4.leaseTime) ?? 0
  const remarks: string[] = []
  if (asked !== 0 && bounds !== undefined) {
    const limits =
      bounds.min === bounds.max
        ? 'and the file leaves no choice'
        : `between ${secondsText(bounds.min)} and ${secondsText(bounds.max)} would do`
    remarks.push(`the client asks for ${secondsText(asked)}, ${limits}`)
  }
  if (isCrowded) remarks.push('the shortest one, since the pools are nearly full')
  return { seconds: lifetime, from, remarks }
}
