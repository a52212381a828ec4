// Two maps that name a pair: the process is one of one pair, so both must mean the same servers.

import type { HaDocument } from '../keys/ha-document.ts'
import type { Site } from '../text/site.ts'

const HINT = 'one pair serves both families: say the same in both maps, or leave one out'

/**
 * `first` counts. Where only ports of urls differ, which Kea's two servers on a host must have, and
 * where timing does, nothing is lost but what the second says.
 */
export function checkSamePair(
  first: HaDocument,
  { document, site }: { readonly document: HaDocument; readonly site: Site },
): void {
  const [one, other] = [first['this-server-name'], document['this-server-name']]
  if (document.mode !== first.mode)
    differs(site.at('mode'), `the mode is ${document.mode}, and ${first.mode} in Dhcp4`)
  if (one !== undefined && other !== undefined && one !== other)
    differs(site.at('this-server-name'), `this server is '${other}', and '${one}' in Dhcp4`)
  if (peersOf(document) !== peersOf(first))
    differs(site.at('peers'), 'the peers are not those of Dhcp4')
  const ignored = Object.keys(document).filter((key) => isOther(key, first, document))
  if (ignored.length === 0) return
  const what = ignored.map((key) => `"${key}"`).join(', ')
  site.warning('ha-differs', `${what}: what Dhcp4 says counts`, 'the process has one pair')
}

function differs(site: Site, message: string): void {
  site.error('ha-differs', message, HINT)
}

/** Who they are, and where, but for ports. */
function peersOf({ peers }: HaDocument): string {
  const texts = peers.map(({ name, role, url }) => `${name} ${role} ${hostOf(url)}`)
  return texts.sort().join()
}

function hostOf(url: string): string {
  return /^https?:\/\/(\[[^\]]*\]|[^:/]*)/i.exec(url.trim())?.[1]?.toLowerCase() ?? url
}

const COMPARED = ['mode', 'this-server-name', 'peers', 'user-context', 'comment']

function isOther(key: string, first: HaDocument, second: HaDocument): boolean {
  const [one, other] = [first, second].map((document) => document[key as keyof HaDocument])
  return !COMPARED.includes(key) && JSON.stringify(one) !== JSON.stringify(other)
}
