// Documents -> the plan of the process: what each family runs, and what there is once. The
// documents have passed the schema: their types are right, their values may be anything.

import { compileHa } from '../ha/compile-ha.ts'
import type { WhioDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { ConfigDocument } from '../keys/document.ts'
import type { Dhcp4Document } from '../keys/document4.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import { fingerprintOf } from '../plan/fingerprint.ts'
import type { Plan } from '../plan/plan.ts'
import type { Problem } from '../text/problem.ts'
import { newReport, type Report, Site } from '../text/site.ts'
import { Compiler4 } from './compile4.ts'
import { compileLeaseDatabase, compileLoggers, compileWitnessFolder } from './process.ts'

const { 'log-renewals': LOG_RENEWALS } = defaultsOf('whio', 'log-renewals')

export interface Compiled {
  /**
   * Undefined where the structure is wrong. An error that costs only a reservation, an option or a
   * field of a reservation leaves a plan without it: whoever wants a faultless document looks for
   * errors among the problems too.
   */
  readonly plan: Plan | undefined
  readonly problems: readonly Problem[]
}

export function compile(document: ConfigDocument, context: CompileContext): Compiled {
  return new Compiler().compile(document, context)
}

/** Compiles documents that come one after the other: see Compiler4. */
export class Compiler {
  readonly #dhcp4 = new Compiler4()

  compile({ Dhcp4, Whio }: ConfigDocument, context: CompileContext): Compiled {
    const report = newReport()
    if (Dhcp4 === undefined) return { plan: undefined, problems: [] }
    const plan = this.#plan(Dhcp4, Whio, context, report)
    const problems = [...report.structure.list, ...report.entries.list]
    return { plan: report.structure.hasErrors ? undefined : plan, problems }
  }

  #plan(
    document: Dhcp4Document,
    whio: WhioDocument | undefined,
    context: CompileContext,
    report: Report,
  ): Plan {
    const site = Site.of(report, ['Dhcp4'])
    const database = compileLeaseDatabase(document['lease-database'], whio, context)
    const formerly = () => context.knownAs?.(database.path)
    const ha = compileHa(document, whio, { ...context, formerly }, site)
    const dhcp4 = this.#dhcp4.compile({ document, whio, context, ha }, site)
    const witnessSite = Site.of(report, ['Whio', 'witness-folder'])
    return {
      dhcp4,
      dhcp6: undefined,
      database,
      witnessFolder: compileWitnessFolder(whio, database, witnessSite),
      loggers: compileLoggers(document.loggers, site.at('loggers')),
      logsRenewals: whio?.['log-renewals'] ?? LOG_RENEWALS,
      ha: ha.plan,
      fingerprint: fingerprintOf(dhcp4),
    }
  }
}
