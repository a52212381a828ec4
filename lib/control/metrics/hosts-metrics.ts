// Metrics of databases of reservations: whether each is there, what is known of it, and how clients
// were looked up in it.

import type { Labels, Metric } from '../../ports/metrics.ts'
import type { HostBook } from '../../server/hosts/host-book.ts'
import { distribution } from './distribution.ts'
import type { MetricList } from './metric-list.ts'

const COUNTS = {
  asked: 'Clients that were looked up',
  found: 'Of them, those that have a reservation there',
  failed: 'Of them, those for which the database did not answer',
} as const

/** Nothing where none is configured. */
export function addHosts(books: readonly HostBook[], list: MetricList): void {
  for (const book of books) {
    const labels = labelsOf(book)
    const gauge = (name: string, help: string, value: number) =>
      list.add(`whio_hosts_${name}`, help, 'gauge', labels, value)
    gauge('database_up', 'Whether the database answers', book.isRead && book.trouble === '' ? 1 : 0)
    gauge('reservations', 'Reservations of the database that are known', book.size)
    for (const [key, help] of Object.entries(COUNTS)) {
      const value = book.counts[key as keyof typeof COUNTS]
      list.add(`whio_hosts_${key}_total`, help, 'counter', labels, value)
    }
  }
}

export function* hostTimes(books: readonly HostBook[]): Generator<Metric, void, undefined> {
  if (books.length === 0) return
  yield {
    name: 'whio_hosts_answer_seconds',
    help: 'How long the database took to say what is reserved for a client',
    type: 'histogram',
    distributions: books.map((book) => distribution(book.counts.times, labelsOf(book))),
  }
}

function labelsOf({ name, plan }: HostBook): Labels {
  return { family: String(plan.family), database: name }
}
