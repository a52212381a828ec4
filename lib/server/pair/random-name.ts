// Names that nobody else has, by chance.

import type { Draw } from '../../time/draw.ts'

/** Sixteen hexadecimal digits by chance. */
export function randomName(draw: Draw): string {
  const half = () =>
    draw(2 ** 32)
      .toString(16)
      .padStart(8, '0')
  return half() + half()
}
