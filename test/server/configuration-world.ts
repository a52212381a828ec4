// A server in the least world with the configuration that it was given, to be changed by command.

import { Compiler } from '../../lib/config/compile/compile.ts'
import type { Edit } from '../../lib/config/edits.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import { judgedLoaded, judgedWhole } from '../../lib/config/whole.ts'
import type {
  ConfigSource,
  Judged,
  Reading,
  Running,
  WholeOrder,
} from '../../lib/ports/config-source.ts'
import type { StoredEdit } from '../../lib/ports/journal.ts'
import type { ConfigStart } from '../../lib/server/configuration/in-force.ts'
import type {
  Author,
  ConfigResult,
  EditScope,
} from '../../lib/server/configuration/running-configuration.ts'
import { SmallWorld } from './small-world.ts'

export const ADMIN: Author = { user: 'admin', from: 'test', command: 'test-edit' }

export const CONTEXT = { stateDirectory: undefined }

export const OFFICE = {
  Dhcp4: {
    'interfaces-config': { interfaces: ['eth0'] },
    'valid-lifetime': 600,
    subnet4: [{ id: 1, subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.10-192.0.2.200' }] }],
  },
}

/** A file that can be written to, as an object. */
export class TestSource implements ConfigSource {
  readonly files = ['/etc/whio.conf']
  config: unknown
  days = 0

  constructor(config: unknown) {
    this.config = config
  }

  load(compiler = new Compiler()) {
    const loaded = loadPlanFromObject(this.config, CONTEXT, { compiler })
    return { ...loaded, digest: JSON.stringify(this.config) }
  }

  read(before: ConfigDocument, _: Running, done: (reading: Reading) => void): void {
    const { digest, ...loaded } = this.load()
    done({ ...judgedLoaded(before, loaded), digest, trouble: '' })
  }

  judge({ before, members, isTrial }: WholeOrder, _: Running, done: (found: Judged) => void): void {
    done({ ...judgedWhole(before, members, CONTEXT, isTrial), trouble: '' })
  }

  digest(done: (digest: string) => void): void {
    done(JSON.stringify(this.config))
  }

  context() {
    return CONTEXT
  }

  using(): void {}

  today(): string {
    return `day ${++this.days}`
  }

  /** What is to be done when packets have been looked after; at once where nobody waits. */
  waiting: (() => void)[] | undefined

  later(work: () => void): void {
    if (this.waiting === undefined) work()
    else this.waiting.push(work)
  }
}

export function startOf(source: TestSource): ConfigStart {
  const compiler = new Compiler()
  const { plan, document, problems, digest } = source.load(compiler)
  if (plan === undefined || document === undefined) throw new Error(JSON.stringify(problems))
  return { source, compiler, document, plan, problems, digest }
}

export class ConfigurationWorld {
  readonly source: TestSource
  readonly world: SmallWorld
  /** What a crash would leave. */
  readonly stored = new Map<string, StoredEdit>()

  constructor(
    config: unknown = OFFICE,
    stored: Iterable<StoredEdit> = [],
    source = new TestSource(config),
  ) {
    this.source = source
    const start = startOf(this.source)
    for (const edit of stored) this.stored.set(edit.id, edit)
    this.world = SmallWorld.configured(start, [...this.stored.values()])
  }

  get configuration() {
    return this.world.server.configuration!
  }

  get dhcp4() {
    return this.configuration.document.Dhcp4!
  }

  /** Answered, the disk having stored what there was. */
  edit(edits: readonly Edit[], scope: EditScope = 'pair'): ConfigResult {
    return this.answered((answer) => this.configuration.edit(edits, scope, ADMIN, answer))
  }

  answered(give: (answer: (result: ConfigResult) => void) => void): ConfigResult {
    let result: ConfigResult | undefined
    give((answer) => {
      result = answer
    })
    this.store()
    if (result === undefined) throw new Error('not answered')
    return result
  }

  /** The disk stores what waits for it. */
  store(): void {
    this.world.advance(5)
    for (const edit of this.world.edits.splice(0))
      if (edit.text === '') this.stored.delete(edit.id)
      else this.stored.set(edit.id, edit)
    if (this.world.isCommitting) this.world.committed()
  }

  /** Another life on the same disk. */
  restarted(config: unknown = this.source.config): ConfigurationWorld {
    return new ConfigurationWorld(config, this.stored.values())
  }
}
