// A reservation as commands tell it.

export type Members = Readonly<Record<string, unknown>>

const IDENTIFIERS = ['hw-address', 'duid', 'client-id', 'circuit-id', 'flex-id'] as const

/** By which its client is known; undefined where several do. */
export function identityOf(host: Members): (typeof IDENTIFIERS)[number] | undefined {
  return IDENTIFIERS.find((kind) => typeof host[kind] === 'string')
}

/** Of either family, and prefixes. */
export function addressesOf(host: Members): readonly string[] {
  const lists = [host['ip-addresses'], host.prefixes].flatMap((list) => (list ?? []) as string[])
  const single = host['ip-address']
  return typeof single === 'string' && single !== '' ? [single, ...lists] : lists
}
