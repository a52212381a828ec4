// The user context of a lease as a map: JSON text that others write, too.

export type Members = { [key: string]: unknown }

/** Undefined where the text is no map. */
export function contextMembers(userContext: string): Members | undefined {
  return membersOf(parsed(userContext))
}

export function membersOf(value: unknown): Members | undefined {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isMap ? (value as Members) : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The context without one member of the map under this key; '' when nothing is left. */
export function withoutMember(userContext: string, key: string, member: string): string {
  if (!userContext.includes(`"${member}"`)) return userContext
  const context = contextMembers(userContext)
  const map = membersOf(context?.[key])
  if (context === undefined || map === undefined) return userContext
  const { [member]: _, ...otherMembers } = map
  const { [key]: __, ...others } = context
  const left = Object.keys(otherMembers).length === 0 ? others : { ...context, [key]: otherMembers }
  return Object.keys(left).length === 0 ? '' : JSON.stringify(left)
}
