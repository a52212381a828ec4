// The places that names go to beside DNS, as the plan says.

import { join } from 'node:path'
import type { Octets } from '../../bytes/octets.ts'
import type { SinkPlan } from '../../config/plan/names-plan.ts'
import { type Log, tell } from '../../ports/log.ts'
import type { NameSinks, NameSource, SinkStatus } from '../../ports/name-sinks.ts'
import { HostsFileSink } from './hosts-file.ts'
import { PowerDnsSink } from './powerdns.ts'
import type { Sink, SinkSettings } from './sink.ts'
import { UnboundSink } from './unbound.ts'

/** `pause`: milliseconds between two tellings of a place, a second by default. */
export function openNameSinks(log: Log, pause?: number): NameSinks {
  return new SystemNameSinks(log, pause)
}

class SystemNameSinks implements NameSinks {
  readonly #log: Log
  readonly #pause: number | undefined
  readonly #sinks = new Map<string, Sink>()
  #source: NameSource | undefined

  constructor(log: Log, pause: number | undefined) {
    this.#log = log
    this.#pause = pause
  }

  open(source: NameSource): void {
    this.#source = source
  }

  /** One that the new plan leaves as it was goes on where it is. */
  use(plans: readonly SinkPlan[]): void {
    const wanted = new Map(plans.map((plan) => [JSON.stringify(plan), plan]))
    for (const [key, sink] of this.#sinks)
      if (!wanted.has(key)) {
        sink.close()
        this.#sinks.delete(key)
      }
    for (const [key, plan] of wanted)
      if (!this.#sinks.has(key)) this.#sinks.set(key, sinkOf(plan, this.#settings()))
  }

  #settings(): SinkSettings {
    return {
      source: this.#source!,
      pause: this.#pause,
      onTrouble: (place, trouble) => {
        if (trouble === '') tell(this.#log, 'NAME_SINK_BACK', { place })
        else tell(this.#log, 'NAME_SINK_AWAY', { place, trouble })
      },
    }
  }

  changed(name: Octets, address: Octets): void {
    for (const sink of this.#sinks.values()) sink.changed(name, address)
  }

  status(): readonly SinkStatus[] {
    return [...this.#sinks.values()].map((sink) => sink.status())
  }

  close(): void {
    this.use([])
  }
}

function sinkOf(plan: SinkPlan, settings: SinkSettings): Sink {
  switch (plan.kind) {
    case 'hosts-file':
      return new HostsFileSink(plan.path, settings)
    case 'dnsmasq':
      return new HostsFileSink(join(plan.folder, 'whio'), settings)
    case 'unbound':
      return new UnboundSink(plan, settings)
    case 'powerdns':
      return new PowerDnsSink(plan, settings)
  }
}
