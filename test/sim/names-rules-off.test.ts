// Rules of names in DNS, taken away one by one: simulated worlds find each of them out. Seeds are
// tried in their order, from the first one that does on this day. That the partner is told what is
// owed has a story instead (names-pair.test.ts): what it misses it mostly learns by the rows.

import t from 'tap'
import type { DnsRequest } from '../../lib/ddns/message.ts'
import type { Lab } from '../../lib/lab/lab.ts'
import type { VirtualServer } from '../../lib/lab/virtual-server.ts'
import type { Journal, JournalSink } from '../../lib/ports/journal.ts'
import type { Resolver, ResolverSink } from '../../lib/ports/resolver.ts'
import type { Server } from '../../lib/server/server.ts'
import type { ServerPorts } from '../../lib/server/settings.ts'
import { excessNames } from './name-checks.ts'
import { bound } from './names-stage.ts'
import { simulatePair } from './pair-simulate.ts'
import { simulate } from './simulate.ts'

type Weaken = (own: ServerPorts, server: VirtualServer) => ServerPorts

const SEEDS_MAX = 12

/** `first`: the seed that is tried first. */
function isFoundOut(rule: string, of: 'one' | 'pair', first: number, ports: Weaken, as: RegExp) {
  t.test(rule, async (t) => {
    const run = of === 'one' ? simulate : simulatePair
    const found: string[] = []
    for (let seed = first; found.length === 0 && seed < first + SEEDS_MAX; seed++) {
      const { violations } = run(seed, { names: true, six: true, spoil: { ports } })
      found.push(...violations.filter((one) => as.test(one)))
      if (found.length > 0) t.comment(`seed ${seed}: ${found[0]}`)
    }
    t.ok(found.length > 0, 'found when the rule is taken away')
  })
}

/** The server of a life, as soon as there is one. */
function changed(change: (server: Server) => void): Weaken {
  return (own, server) => {
    const journal = bound(own.journal)
    const open = (sink: JournalSink) => {
      change(server.server!)
      own.journal.open(sink)
    }
    return { ...own, journal: { ...journal, open } }
  }
}

function asking(ask: (request: DnsRequest) => DnsRequest): Weaken {
  return (own) => {
    const { resolver } = own
    if (resolver === undefined) return own
    const send: Resolver['send'] = (ticket, server, request, timeout) =>
      resolver.send(ticket, server, ask(request), timeout)
    return { ...own, resolver: { ...bound(resolver), send } }
  }
}

isFoundOut(
  'records of names are stored with their leases',
  'one',
  2,
  ({ journal, ...own }) => {
    const commit: Journal['commit'] = (changes, count, stamp, pair, edits, shared) =>
      journal.commit(changes, count, stamp, pair, edits, shared)
    return { ...own, journal: { ...bound(journal), commit } }
  },
  /of no lease|leads? /,
)

isFoundOut(
  'a name is changed only where it is free, or the client’s',
  'one',
  14,
  asking((request) => (request.kind === 'update' ? { ...request, prerequisites: [] } : request)),
  /somebody else’s|too|DHCID/,
)

isFoundOut(
  'what is not answered is sent again',
  'one',
  1,
  (own) => {
    const { resolver } = own
    if (resolver === undefined) return own
    const open = (sink: ResolverSink) =>
      resolver.open({
        onDnsAnswer: (ticket, answer) => {
          const none = { rcode: 0, answers: [], authority: [], clockAhead: 0 }
          const isNone = answer.kind === 'silence'
          sink.onDnsAnswer(ticket, isNone ? { kind: 'reply', ...none } : answer)
        },
      })
    return { ...own, resolver: { ...bound(resolver), open } }
  },
  /of no lease|leads? /,
)

isFoundOut(
  'the name of a lease that ends goes with it',
  'one',
  11,
  changed(({ names }) => {
    const changing = names.changing.bind(names)
    names.changing = (change, action) => action === 'expired' || changing(change, action)
  }),
  /of no lease/,
)

isFoundOut(
  'what is owed is judged by the lease as it is by then',
  'pair',
  186,
  changed(({ names }) => {
    names.merging = () => {}
  }),
  /of no lease|leads? /,
)

isFoundOut(
  'names of a server that is gone are done by its partner',
  'pair',
  11,
  changed(({ pair }) => {
    if (pair !== undefined) Object.defineProperty(pair.names, 'isAlone', { value: false })
  }),
  /of no lease|leads? /,
)

// An ACK waits for nothing but the disk and the partner.
isFoundOut(
  'no client waits for DNS',
  'one',
  2,
  (own) => {
    const { journal, resolver } = own
    if (resolver === undefined) return own
    let isAway = false
    let held: (() => void) | undefined
    const commit: Journal['commit'] = (...batch) => {
      if (!isAway) journal.commit(...batch)
      else held = () => journal.commit(...batch)
    }
    const send: Resolver['send'] = (...question) => {
      isAway = true
      resolver.send(...question)
    }
    const listen = (sink: ResolverSink) =>
      resolver.open({
        onDnsAnswer: (ticket, answer) => {
          sink.onDnsAnswer(ticket, answer)
          if (answer.kind === 'silence') return
          isAway = false
          const batch = held
          held = undefined
          batch?.()
        },
      })
    return {
      ...own,
      journal: { ...bound(journal), commit },
      resolver: { ...bound(resolver), send, open: listen },
    }
  },
  /have an address|wait in vain/,
)

t.test('what grows beyond the addresses is found out', async (t) => {
  const names = (more: object) => ({
    ledger: { size: 1 },
    queue: { waiting: 1, lines: [], ...more },
  })
  const lab = (more: object) => ({ servers: [{ name: 'one', server: { names: more } }] })
  t.same(excessNames(lab(names({})) as unknown as Lab, 2), [])
  const flying = { lines: [{ servers: [{ server: { inFlight: 33 } }] }] }
  for (const excess of [
    { ...names({}), ledger: { size: 3 } },
    names({ waiting: 33 }),
    names(flying),
  ])
    t.equal(excessNames(lab(excess) as unknown as Lab, 2).length, 1)
})
