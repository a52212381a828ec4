// RFC 7396: a value of which a patch says only what differs. Nothing is written to: what the patch
// does not touch is shared.

import { isMap } from '../../config/text/map.ts'

export function mergePatched(value: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch
  const merged: Record<string, unknown> = isMap(value) ? { ...value } : {}
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) delete merged[key]
    else merged[key] = mergePatched(merged[key], change)
  }
  return merged
}
