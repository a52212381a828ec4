// What of a configuration only those may see who may change all of it: passwords and keys, by the
// names of their members, wherever they stand. Files that hold some are no secret.

const SECRET = /(?:^|-)(?:password|passwd|secret|psk|key-data|api-key|tokens?)$/i

/** What stands where a secret does for who may not see it. It is never taken for a value. */
export const MARK = '*****'

export function isSecretKey(key: string): boolean {
  return SECRET.test(key)
}

/** The value with the mark in place of secrets; itself where it has none. */
export function withoutSecrets(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const list = value.map(withoutSecrets)
    return list.some((one, index) => one !== value[index]) ? list : value
  }
  let copy: Record<string, unknown> | undefined
  for (const [key, member] of Object.entries(value)) {
    const shown = isSecretKey(key) && hasText(member) ? MARK : withoutSecrets(member)
    if (shown === member) continue
    copy ??= { ...value }
    copy[key] = shown
  }
  return copy ?? value
}

function hasText(member: unknown): boolean {
  return member !== '' && member !== null && member !== undefined
}

type Path = readonly (string | number)[]

/** Where the mark stands in place of a secret; undefined where it does not. */
export function markIn(value: unknown, path: Path = []): Path | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, member] of Object.entries(value)) {
    const at = [...path, Array.isArray(value) ? Number(key) : key]
    if (isSecretKey(key) && member === MARK) return at
    const found = markIn(member, at)
    if (found !== undefined) return found
  }
  return undefined
}
