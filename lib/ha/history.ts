// The history of a database: the lives that it went through, each with a random name and the change
// number at which it began. Change numbers and lease clocks alone do not tell a database from an
// older copy of it that was put back and has counted on. A copy begins lives of its own, which the
// other servers have never heard of, and has not those that they have heard of. (lib/ha/README.md,
// rule 9b)
//
//   A @0     B @80        C @120
//   |--------|------------|------->
//
// A partner that noted (B, 110) is right; one that noted (B, 130) has heard of changes which this
// database has lost, and so has one that noted (X, 90).

export interface Life {
  readonly id: string
  /** Change number at which it began; what is above belongs to it. */
  readonly from: number
  /**
   * Somebody may have noted it. Nobody has as long as nobody was met: it can be merged with what
   * follows.
   */
  readonly isMet?: boolean
  /**
   * Of a life that only the other end knew, after a loss: up to where. Else it ends where the next
   * one begins.
   */
  readonly until?: number
}

/** A place in the history of a database. */
export interface Point {
  readonly life: string
  readonly position: number
}

/**
 * So many lives are kept. A server that is met begins one with each start and each step of its
 * rights, and what another one notes is the last that it was told.
 */
export const LIVES_MAX = 128

/**
 * The history when something begins that no change number shows: a process, other rights, another
 * partner. A life in which nobody was met gets another name: it has begun where it has begun.
 */
export function beginLife(lives: readonly Life[], life: Life): readonly Life[] {
  const last = lives.at(-1)
  if (last === undefined || last.isMet === true) return kept([...lives, life])
  return [...lives.slice(0, -1), { ...life, from: last.from }]
}

/** Somebody is met: stored before he is told more than a hello, and he notes nothing before. */
export function meetInLife(lives: readonly Life[]): readonly Life[] {
  const last = lives.at(-1)
  if (last === undefined || last.isMet === true) return lives
  return [...lives.slice(0, -1), { ...last, isMet: true }]
}

/**
 * What a copy had lost is made good: the other end, which has noted `point`, sends everything.
 * Whoever else has noted it may know that.
 */
export function absorb(
  lives: readonly Life[],
  position: number,
  { life: id, position: until }: Point,
): readonly Life[] {
  const last = lives.at(-1)
  if (last === undefined || hasBeenAt(lives, position, { life: id, position: until }) === true)
    return lives
  return kept([...lives.slice(0, -1), { id, from: last.from, isMet: true, until }, last])
}

/**
 * Where a database is that has this history and is at this position; undefined where it has none.
 */
export function pointOf(lives: readonly Life[], position: number): Point | undefined {
  const last = lives.at(-1)
  return last && { life: last.id, position }
}

/**
 * Whether a database that is at `position` has been at the point. `unknown`: too long ago, the life
 * may have been forgotten.
 */
export function hasBeenAt(
  lives: readonly Life[],
  position: number,
  { life, position: at }: Point,
): boolean | 'unknown' {
  const end = (index: number) => lives[index]!.until ?? lives[index + 1]?.from ?? position
  if (lives.some(({ id }, index) => id === life && at <= end(index))) return true
  return lives.length >= LIVES_MAX && at <= lives[0]!.from ? 'unknown' : false
}

function kept(lives: readonly Life[]): readonly Life[] {
  return lives.slice(-LIVES_MAX)
}
