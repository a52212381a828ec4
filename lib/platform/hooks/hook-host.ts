// What a hook is given of the server: a log that names it, metrics of its own, chance.

import { type Log, tell } from '../../ports/log.ts'
import type { Metric, MetricValue } from '../../ports/metrics.ts'
import type { Draw } from '../../time/draw.ts'
import type { HookFields, HookHost, HookLabels, HookLog, HookMetrics } from './hook-module.ts'

/** Metrics of one hook, and sets of labels of one metric: a fault must not fill the memory. */
const METRICS_MAX = 100
const LABELS_MAX = 1000

const METRIC_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/

export function hookHost(
  family: 4 | 6,
  name: string,
  log: Log,
  draw: Draw,
  metrics: OwnMetrics,
  signal: AbortSignal,
): HookHost {
  const random = (bound: number): number => {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32)
      throw new RangeError(`${bound} is no bound of whole numbers`)
    return draw(bound)
  }
  return Object.freeze({ family, log: logOf(name, log), metrics, random, signal })
}

const LINES = {
  debug: 'HOOK_SAYS_DEBUG',
  info: 'HOOK_SAYS',
  warn: 'HOOK_SAYS_WARN',
  error: 'HOOK_SAYS_ERROR',
} as const

function logOf(hook: string, log: Log): HookLog {
  const at = (id: (typeof LINES)[keyof typeof LINES]) => (text: string, fields?: HookFields) =>
    tell(log, id, { ...plain(fields), hook, says: String(text) })
  return Object.freeze({
    debug: at(LINES.debug),
    info: at(LINES.info),
    warn: at(LINES.warn),
    error: at(LINES.error),
  })
}

/** A field is one value of a line. */
function plain(fields: HookFields = {}): HookFields {
  const kept = Object.entries(fields).map(([key, value]) => {
    const isPlain = ['string', 'number', 'boolean', 'undefined'].includes(typeof value)
    return [key, isPlain ? value : String(value)] as const
  })
  return Object.fromEntries(kept)
}

interface Own {
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly values: Map<string, { readonly labels: HookLabels; value: number }>
}

export class OwnMetrics implements HookMetrics {
  readonly #prefix: string
  readonly #all = new Map<string, Own>()

  readonly #onChange: () => void

  /** `onChange`: one of them shows something else, or is new. */
  constructor(hook: string, onChange: () => void = () => {}) {
    this.#prefix = `whio_hook_${hook.replaceAll('-', '_')}_`
    this.#onChange = onChange
    Object.freeze(this)
  }

  counter(name: string, help: string) {
    const own = this.#own(name, 'counter', help)
    const changed = this.#onChange
    return Object.freeze({
      add(amount = 1, labels: HookLabels = {}) {
        if (!Number.isFinite(amount) || amount < 0) throw new RangeError('a counter only grows')
        const at = slotOf(own, labels)
        if (at !== undefined) at.value += amount
        changed()
      },
    })
  }

  gauge(name: string, help: string) {
    const own = this.#own(name, 'gauge', help)
    const changed = this.#onChange
    return Object.freeze({
      set(value: number, labels: HookLabels = {}) {
        const at = slotOf(own, labels)
        if (at !== undefined) at.value = Number(value)
        changed()
      },
    })
  }

  list(): Metric[] {
    return [...this.#all].map(([name, { type, help, values }]) => ({
      name: this.#prefix + name,
      ...{ type, help, values: [...values.values()] satisfies MetricValue[] },
    }))
  }

  #own(given: string, type: Own['type'], help: string): Own {
    const name = type === 'counter' && !given.endsWith('_total') ? `${given}_total` : given
    if (!METRIC_NAME.test(name)) throw new TypeError(`'${given}' is no name of a metric`)
    const known = this.#all.get(name)
    if (known !== undefined && known.type === type) return known
    if (known !== undefined) throw new TypeError(`${name} is a ${known.type}`)
    if (this.#all.size >= METRICS_MAX) throw new RangeError(`${METRICS_MAX} metrics are the most`)
    const own: Own = { type, help: String(help), values: new Map() }
    this.#all.set(name, own)
    this.#onChange()
    return own
  }
}

/** Undefined where there are too many already: what is counted there is lost. */
function slotOf({ values }: Own, given: HookLabels) {
  const labels = Object.fromEntries(
    Object.entries(given)
      .map(([name, value]) => [name, String(value)] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  )
  for (const name of Object.keys(labels))
    if (!METRIC_NAME.test(name)) throw new TypeError(`'${name}' is no name of a label`)
  const key = JSON.stringify(labels)
  const known = values.get(key)
  if (known !== undefined) return known
  if (values.size >= LABELS_MAX) return undefined
  const slot = { labels, value: 0 }
  values.set(key, slot)
  return slot
}
