// Whio's own metrics: what Kea's statistics have no name for. Times are histograms, of which the
// server has counted the buckets.

import { HA_STATES } from '../../config/plan/ha-plan.ts'
import type { Plan } from '../../config/plan/plan.ts'
import { stocksOf } from '../../config/plan/stocks.ts'
import { familyOf } from '../../leases/keys/families.ts'
import { isPrefix } from '../../leases/keys/family.ts'
import type { ConfigDatabaseStatus } from '../../ports/config-source.ts'
import type { Labels, Metric, MetricDistribution } from '../../ports/metrics.ts'
import type { HostBook } from '../../server/hosts/host-book.ts'
import type { Measures } from '../../server/measures.ts'
import type { NamesStatus } from '../../server/names/names-status.ts'
import type { PairStatus } from '../../server/pair/pair-status.ts'
import type { SharedStatus } from '../../server/shared/shared-status.ts'
import type { ServerStatus } from '../../server/status.ts'
import type { Seconds } from '../../time/units.ts'
import { addConfigDatabases } from './config-metrics.ts'
import { addDatabase } from './database-metrics.ts'
import { distribution } from './distribution.ts'
import { addHosts, hostTimes } from './hosts-metrics.ts'
import { MetricList } from './metric-list.ts'
import { addNames } from './names-metrics.ts'

/** Subnets whose free addresses are told: counting them is the dearest of all. */
const FREE_MAX = 100

export interface WhioSource {
  readonly measures: Measures
  readonly plan: Plan
  readonly pairing: { status(): { readonly ha?: PairStatus | undefined } }
  readonly state: string
  readonly names: { status(): NamesStatus }
  /** Databases of reservations. */
  readonly hosts: { readonly all: readonly HostBook[] }
  /** Of a lease database that several servers write. */
  readonly sharedStatus: SharedStatus | undefined
  /** Undefined where whoever made the server keeps it. */
  readonly configuration?:
    | { readonly status: { readonly databases?: readonly ConfigDatabaseStatus[] | undefined } }
    | undefined
  status(): Pick<ServerStatus, 'waiting'>
}

export interface About {
  readonly version: string
  uptime(): Seconds
}

/** `undefined`: somebody else may have a turn. */
export function* whioMetrics(
  server: WhioSource,
  about: About,
): Generator<Metric | undefined, void, undefined> {
  const list = new MetricList()
  const gauge = (name: string, help: string, value: number, labels: Labels = {}) =>
    list.add(`whio_${name}`, help, 'gauge', labels, value)
  gauge('build_info', 'The version that runs', 1, { version: about.version })
  gauge('uptime_seconds', 'Since the start', about.uptime())
  addServer(server, list)
  addFamilies(server.measures, list)
  addPair(server.pairing.status().ha, list)
  addDatabase(server.sharedStatus, list)
  addNames(server.names.status(), list)
  addHosts(server.hosts.all, list)
  addConfigDatabases(server.configuration?.status.databases ?? [], list)
  yield* list.all()
  yield* times(server.measures)
  yield* hostTimes(server.hosts.all)
  yield undefined
  yield* freeMetrics(server)
}

function addServer(server: WhioSource, list: MetricList): void {
  const { measures, state } = server
  const { changes, commits, failures, parked, trouble } = measures.delivery
  const add = list.add.bind(list)
  const isServing = state === 'serving' ? 1 : 0
  add('whio_serving', 'Whether messages are answered', 'gauge', {}, isServing)
  add('whio_commits_total', 'Batches that the journal has stored', 'counter', {}, commits)
  add('whio_commit_changes_total', 'Changes of leases in them', 'counter', {}, changes)
  add('whio_commit_failures_total', 'Batches that it could not store', 'counter', {}, failures)
  const isFailing = trouble === '' ? 0 : 1
  add('whio_journal_failing', 'Whether leases cannot be stored', 'gauge', {}, isFailing)
  const waiting = 'Replies and answers that wait for the disk or the partner'
  add('whio_replies_waiting', waiting, 'gauge', {}, parked)
  const outside = 'Messages that wait for hooks, databases of reservations, or the wire'
  add('whio_messages_waiting', outside, 'gauge', {}, server.status().waiting)
}

function addFamilies({ v4, v6, now }: Measures, list: MetricList): void {
  for (const [family, measured] of [
    ['4', v4],
    ['6', v6],
  ] as const) {
    if (measured === undefined) continue
    const { counters, table } = measured
    list.add('whio_lease_rows', 'Rows of the lease table', 'gauge', { family }, table.size)
    const lately = counters.refusals.lately(now())
    const help = 'Messages that found nothing free within the last five to ten minutes'
    list.add('whio_refused_lately', help, 'gauge', { family }, lately)
    for (const [reason, count] of Object.entries(counters.dropped))
      list.add(
        'whio_unanswered_total',
        'Messages without an answer, by reason',
        'counter',
        { family, reason },
        count,
      )
  }
}

function addPair(ha: PairStatus | undefined, list: MetricList): void {
  if (ha === undefined) return
  const gauge = (name: string, help: string, value: number, labels: Labels = {}) =>
    list.add(`whio_ha_${name}`, help, 'gauge', labels, value)
  for (const state of HA_STATES)
    gauge('state', 'The state of this server of the pair: 1', ha.state === state ? 1 : 0, { state })
  gauge('sharing', 'Whether keys move to the partner with every lease', ha.isSharing ? 1 : 0)
  gauge('config_differs', 'Whether the two have other subnets', ha.configDiffers ? 1 : 0)
  gauge('doubt_seconds', 'Until addresses are given that a lost database had', ha.doubtLeft / 1000)
  for (const { name, isConnected, isCaughtUp, lag } of ha.peers) {
    const peer = { peer: name }
    gauge('peer_connected', 'Whether the other server is connected', isConnected ? 1 : 0, peer)
    gauge('peer_caught_up', 'Whether it has all that there was', isCaughtUp ? 1 : 0, peer)
    gauge('peer_lag_changes', 'Changes that it is not known to have stored', lag, peer)
  }
  const counter = (name: string, help: string, value: number) =>
    list.add(`whio_ha_${name}`, help, 'counter', {}, value)
  counter('conflicts_total', 'Addresses that both servers have given', ha.conflicts)
  counter('handed_on_total', 'Free addresses that the partner was handed on', ha.handedOn)
}

function* times({ v4, v6, delivery }: Measures): Generator<Metric, void, undefined> {
  const answers: MetricDistribution[] = []
  if (v4 !== undefined) answers.push(distribution(v4.counters.answerTime, { family: '4' }))
  if (v6 !== undefined) answers.push(distribution(v6.counters.answerTime, { family: '6' }))
  yield {
    name: 'whio_answer_seconds',
    help: 'From a message to its reply, the disk and the partner included',
    type: 'histogram',
    distributions: answers,
  }
  yield {
    name: 'whio_commit_seconds',
    help: 'How long the journal took to store a batch',
    type: 'histogram',
    distributions: [distribution(delivery.commitTimes, {})],
  }
  yield {
    name: 'whio_partner_seconds',
    help: 'How long replies of a stored batch waited for the partner',
    type: 'histogram',
    distributions: [distribution(delivery.partnerTimes, {})],
  }
}

/** Of large pools an estimate. */
function* freeMetrics({
  measures,
  plan,
}: WhioSource): Generator<Metric | undefined, void, undefined> {
  const list = new MetricList()
  for (const { family, all } of stocksOf(plan))
    for (const { id, text, ranges } of all.slice(0, FREE_MAX)) {
      const table = (family === 4 ? measures.v4 : measures.v6)?.table
      const [first] = ranges
      if (table === undefined || first === undefined) continue
      const isOfPrefixes = isPrefix(familyOf(first.first), first.first)
      const kind = isOfPrefixes ? 'prefix' : 'address'
      const labels = { family, kind, subnet: text, subnet_id: id }
      const { mine, foreign, resting } = table.freeCount(ranges as never, measures.draw)
      const add = (name: string, help: string, value: number, more: Labels = {}) =>
        list.add(`whio_free_${name}`, help, 'gauge', { ...labels, ...more }, value)
      const help = 'Free addresses, or prefixes, by which server may give them'
      add('keys', help, mine, { at: 'here' })
      add('keys', help, foreign, { at: 'partner' })
      add('keys', help, resting, { at: 'resting' })
      const taken = table.free.takenPerHour(id, isOfPrefixes, measures.now())
      add('taken_per_hour', 'Free ones that are taken in an hour and do not come back', taken)
      const lasts = mine === 0 ? 0 : taken === 0 ? Number.POSITIVE_INFINITY : (mine / taken) * 3600
      add('lasts_seconds', 'How long those of this server last at this pace', lasts)
      yield undefined
    }
  yield* list.all()
}
