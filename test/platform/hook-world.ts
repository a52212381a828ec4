// Modules of hooks as an operator writes them, in a folder that only this user can write, and small
// servers that ask them: everything but the network is real.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MESSAGES, MessageId } from '../../lib/catalogue/messages.ts'
import type { Plan } from '../../lib/config/plan/plan.ts'
import { ModuleHooks } from '../../lib/platform/hooks/module-hooks.ts'
import type { LogFields } from '../../lib/ports/log.ts'
import { planWith, SmallWorld } from '../server/small-world.ts'
import { planWith6, SmallWorld6 } from '../server/small-world6.ts'

/** A library of hooks-libraries: the text of a module, or of one in a file, and what it is told. */
export interface Wanted {
  readonly text?: string
  readonly library?: string
  readonly parameters?: object
  readonly timeout?: number
  readonly 'on-timeout'?: 'drop' | 'continue'
  readonly 'on-error'?: 'drop' | 'continue' | 'nak'
  readonly required?: boolean
  readonly worker?: boolean
}

/** A module whose hook has these callouts, written as JavaScript. */
export function moduleText(callouts: string, name = 'test', more = ''): string {
  return `${more}
  const setup = (parameters, host) => (${callouts})
  export default { name: '${name}', apiVersion: 1, setup4: setup, setup6: setup }`
}

export class HookWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'whio-hooks-'))
  readonly lines: { readonly id: MessageId; readonly fields: LogFields }[] = []
  readonly hooks = new ModuleHooks({
    log: {
      enabled: (level) => level !== 'debug',
      write: (_level, id, _text, fields) => void this.lines.push({ id, fields }),
    },
    draw: (below) => below - 1,
    // Nothing takes time but what a test says.
    now: () => this.blocked,
  })
  /** Milliseconds that callouts have not returned for, and what went by between. */
  blocked = 0
  #files = 0

  /** The path of a module. */
  write(text: string, ending = 'mjs'): string {
    const path = join(this.folder, `hook${++this.#files}.${ending}`)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }

  libraries(wanted: readonly Wanted[]): { 'hooks-libraries': object[] } {
    const libraries = wanted.map(({ text, ...rest }) => ({
      ...rest,
      library: rest.library ?? this.write(text!),
    }))
    return { 'hooks-libraries': libraries }
  }

  plan4(wanted: readonly Wanted[], global: object = {}, subnet: object = {}): Plan {
    const pools = [{ pool: '192.0.2.10 - 192.0.2.99' }]
    return planWith({ id: 1, pools, ...subnet }, { ...this.libraries(wanted), ...global })
  }

  plan6(wanted: readonly Wanted[], global: object = {}, subnet: object = {}): Plan {
    return planWith6(subnet, { ...this.libraries(wanted), ...global })
  }

  /** Rejects with the trouble. */
  async ready(plan: Plan): Promise<void> {
    const trouble = await this.prepare(plan)
    if (trouble !== '') throw new Error(trouble)
    this.hooks.adopt()
  }

  prepare(plan: Plan): Promise<string> {
    return new Promise((resolve) => this.hooks.prepare(plan.hooks, true, resolve))
  }

  async serve4(wanted: readonly Wanted[], global: object = {}, subnet: object = {}) {
    const plan = this.plan4(wanted, global, subnet)
    await this.ready(plan)
    return SmallWorld.serving(plan, [], 0, this.hooks)
  }

  async serve6(wanted: readonly Wanted[], global: object = {}, subnet: object = {}) {
    const plan = this.plan6(wanted, global, subnet)
    await this.ready(plan)
    return new SmallWorld6(plan, this.hooks)
  }

  /** Lines with this id. */
  said(id: keyof typeof MESSAGES): LogFields[] {
    return this.lines.filter((line) => line.id === id).map(({ fields }) => fields)
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.hooks.close(resolve))
    rmSync(this.folder, { recursive: true })
  }
}

/** Time for promises that are kept already, and for what is told in a turn of its own. */
export async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Waits for as long as it takes. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2))
}
