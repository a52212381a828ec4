// A pair in the lab whose configuration can be changed by command.

import { Compiler } from '../../lib/config/compile/compile.ts'
import type { ConfigDocument } from '../../lib/config/keys/document.ts'
import { loadPlanFromObject } from '../../lib/config/load.ts'
import { judgedLoaded, judgedWhole } from '../../lib/config/whole.ts'
import { createPair, type PairLab } from '../../lib/lab/pair.ts'
import { pairConfig } from '../../lib/lab/pair-config.ts'
import type {
  ConfigSource,
  Judged,
  Reading,
  Running,
  WholeOrder,
} from '../../lib/ports/config-source.ts'
import type { ConfigStart } from '../../lib/server/configuration/in-force.ts'

export const SUBNET = {
  id: 1,
  subnet: '192.0.2.0/24',
  pools: [{ pool: '192.0.2.10 - 192.0.2.99' }],
}

/** The file of one server of the pair, which a test may write to. */
export class PairFile implements ConfigSource {
  readonly files = ['/etc/whio.conf']
  config: object
  readonly #name: string

  constructor(name: string, config: object) {
    this.#name = name
    this.config = config
  }

  load(compiler = new Compiler()) {
    const loaded = loadPlanFromObject(this.config, this.context(), { compiler })
    return { ...loaded, digest: JSON.stringify(this.config) }
  }

  read(before: ConfigDocument, _: Running, done: (reading: Reading) => void): void {
    const { digest, ...loaded } = this.load()
    done({ ...judgedLoaded(before, loaded), digest, trouble: '' })
  }

  judge({ before, members, isTrial }: WholeOrder, _: Running, done: (found: Judged) => void): void {
    done({ ...judgedWhole(before, members, this.context(), isTrial), trouble: '' })
  }

  digest(done: (digest: string) => void): void {
    done(JSON.stringify(this.config))
  }

  context() {
    return { stateDirectory: '/nowhere', thisServer: this.#name }
  }

  using(): void {}

  today(): string {
    return 'today'
  }

  later(work: () => void): void {
    work()
  }

  start(): ConfigStart {
    const compiler = new Compiler()
    const { plan, document, problems, digest } = this.load(compiler)
    if (plan === undefined || document === undefined) throw new Error(JSON.stringify(problems))
    return { source: this, compiler, document, plan, problems, digest }
  }
}

export interface Office {
  readonly lab: PairLab
  readonly files: readonly PairFile[]
}

export function office(whio: (object | undefined)[] = [], seed = 1): Office {
  const files = ['server1', 'server2'].map((name, index) => {
    const config = pairConfig({ dhcp4: { subnet4: [SUBNET] } })
    return new PairFile(name, { ...config, ...(whio[index] && { Whio: whio[index] }) })
  })
  const plans = files.map((file) => file.start().plan)
  const configurations = files.map((file) => () => file.start())
  const lab = createPair({ plans, configurations, clients: 2, seed })
  lab.reachNormal()
  lab.advance(1000)
  return { lab, files }
}

export function configurationOf({ lab }: Office, server: number) {
  return lab.server(server).server!.configuration!
}
