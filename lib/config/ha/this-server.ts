// Which server of the pair is this one? What the caller says, else `this-server-name`, else the
// peer whose url has an address of this machine, so that one file can serve on every host. An
// interface may be gone when it is asked for: then it is who it was before.

import type { HaDocument } from '../keys/ha-document.ts'
import type { CompileContext, PairContext } from '../plan/compile-context.ts'
import type { HaPeer } from '../plan/ha-plan.ts'
import { nearest } from '../text/nearest.ts'
import type { Site } from '../text/site.ts'
import type { CompiledPeer } from './peers.ts'
import { canonicalAddress, isLoopback, isUnspecified } from './url.ts'

/** Addresses of this machine that are named in a message. */
const NAMED_MAX = 4

/** Undefined where it cannot be told, which is reported. `site` is the relationship's. */
export function findThisServer(
  document: HaDocument,
  peers: readonly CompiledPeer[],
  site: Site,
  context: PairContext,
): HaPeer | undefined {
  const told = context.thisServer?.trim() ?? ''
  if (told !== '') return byName(told, peers, site, site)
  const written = document['this-server-name']
  if (written === undefined) return byAddress(peers, site, context)
  const at = site.at('this-server-name')
  const found = byName(written.trim(), peers, at, site)
  if (found !== undefined) warnOfOtherHost(found, at, context)
  return found
}

/**
 * The file of the other host, copied with its name? The address may also come later, so it is no
 * error.
 */
function warnOfOtherHost(peer: HaPeer, at: Site, context: CompileContext): void {
  const local = localAddresses(context)
  const { host } = peer.url
  if (local.size === 0 || local.has(host) || isLoopback(host) || isUnspecified(host)) return
  const message = `this machine does not have the address ${host} of '${peer.name}'`
  const hint = `it has ${ownAddresses(context)}; without this key each host finds itself`
  at.warning('ha-this-server', message, hint)
}

/** Of the machine, as they stand in urls. */
function localAddresses(context: CompileContext): Set<string | undefined> {
  return new Set((context.localAddresses ?? []).map(canonicalAddress))
}

/** Those that a url may have, some of them, for people. */
function ownAddresses(context: CompileContext): string {
  const useful = [...localAddresses(context)].filter(
    (address) => address !== undefined && !isLoopback(address) && !address.startsWith('fe80:'),
  )
  return useful.slice(0, NAMED_MAX).join(', ')
}

function byName(
  name: string,
  peers: readonly CompiledPeer[],
  at: Site,
  site: Site,
): HaPeer | undefined {
  const found = peers.find(({ peer }) => peer.name === name)
  if (found !== undefined) return found.peer
  const names = peers.map(({ peer }) => peer.name)
  const guess = nearest(name, names)
  const hint = guess === undefined ? `one of ${quoted(names, ', ')}` : `did you mean "${guess}"?`
  at.gap('ha-this-server', `no peer is called '${name}'`, hint, site.at('peers').path)
  return undefined
}

function byAddress(
  peers: readonly CompiledPeer[],
  site: Site,
  context: PairContext,
): HaPeer | undefined {
  const local = localAddresses(context)
  // Every machine has its loopback addresses: they tell nothing apart.
  const here = peers.filter(({ peer: { url } }) => local.has(url.host) && !isLoopback(url.host))
  if (here.length === 1) return here[0]!.peer
  const former = byMemory(here.length === 0 ? peers : here, site, context)
  if (former !== undefined) return former
  const candidates = (here.length === 0 ? peers : here).map(({ peer }) => peer.name)
  const message =
    here.length === 0
      ? 'no url of a peer has an address of this machine, so it cannot tell which peer it is'
      : `the urls of ${quoted(candidates, ' and ')} all have addresses of this machine`
  const name = `write "this-server-name": ${quoted(candidates, ' or ')}`
  const own = here.length === 0 ? ownAddresses(context) : ''
  const hint = own === '' ? name : `it has ${own}: mend a url, or ${name}`
  site.gap('ha-this-server', message, hint, site.at('peers').path)
  return undefined
}

/** Its url must be what it was: a file with other urls is another pair. */
function byMemory(
  peers: readonly CompiledPeer[],
  site: Site,
  context: PairContext,
): HaPeer | undefined {
  const known = context.formerly()
  const found = peers.find(
    ({ peer: { name, url } }) =>
      name === known?.name && url.host === known.host && url.port === known.port,
  )
  if (found === undefined) return undefined
  const { name, url } = found.peer
  const message = `no address of this machine tells which peer it is, so it stays '${name}', as before`
  const hint = `${url.host} is on no interface, or not alone; "this-server-name" says it for good`
  site.warning('ha-this-server', message, hint)
  return found.peer
}

function quoted(names: readonly string[], between: string): string {
  return names.map((name) => `"${name}"`).join(between)
}
