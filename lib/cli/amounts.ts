// Numbers of addresses for people.

/** What a /64 holds is of no use digit by digit. */
const EXACT_MAX = 2 ** 32

/** `253`, or `about 2^64`. */
export function amountText(count: number): string {
  return count <= EXACT_MAX ? `${count}` : `about 2^${Math.round(Math.log2(count))}`
}
