// How long the path of a Unix socket may be: the kernel keeps no more of it, and calls a longer one
// an invalid argument.

const PATH_MAX = 107

/** Why no socket can be there; undefined: one can. */
export function socketPathTrouble(path: string): string | undefined {
  const { length } = new TextEncoder().encode(path)
  if (length <= PATH_MAX) return undefined
  return `a path of a socket has no more than ${PATH_MAX} bytes, and this one has ${length}`
}
