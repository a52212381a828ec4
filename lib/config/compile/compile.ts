// Documents -> the plan of the process: what each family runs, and what there is once. The
// documents have passed the schema: their types are right, their values may be anything.

import { type CompiledHa, compileHa } from '../ha/compile-ha.ts'
import { defaultsOf } from '../keys/defaults.ts'
import type { ConfigDocument } from '../keys/document.ts'
import { serverMapsOf } from '../keys/server-maps.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import { fingerprintOf } from '../plan/fingerprint.ts'
import type { LeaseDatabasePlan, Plan } from '../plan/plan.ts'
import { allAtOnce, type Steps } from '../plan/steps.ts'
import type { Problem } from '../text/problem.ts'
import { newReport, type Report, Site } from '../text/site.ts'
import { Compiler4 } from './compile4.ts'
import { Compiler6 } from './compile6.ts'
import { compileConfigDatabases } from './config-databases.ts'
import { compileDoors } from './doors.ts'
import { compileHookModules } from './hook-modules.ts'
import { compileHostDatabases } from './host-databases.ts'
import { compileLeaseDatabase } from './lease-database.ts'
import { compileLoggers } from './loggers.ts'
import { warnOfNames } from './names-doubts.ts'
import { compileNamesPlan } from './names-plan.ts'
import { compileWitnessFolder } from './process.ts'
import { compileRoles } from './roles.ts'
import { compileWebhooks } from './webhooks.ts'
import { noteOrigin } from './with-hosts.ts'

const WHIO = defaultsOf('whio', 'log-renewals', 'kea-version', 'pool-low')
const { 'log-renewals': LOG_RENEWALS, 'kea-version': KEA_VERSION } = WHIO

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
  readonly #dhcp6 = new Compiler6()

  compile(document: ConfigDocument, context: CompileContext): Compiled {
    return allAtOnce(this.steps(document, context))
  }

  /** A little at a time. One document is compiled after the other, to its end. */
  *steps(document: ConfigDocument, context: CompileContext): Steps<Compiled> {
    const report = newReport()
    const plan = yield* this.#plan(document, context, report)
    const problems = [...report.structure.list, ...report.entries.list]
    if (report.structure.hasErrors) return { plan: undefined, problems }
    noteOrigin(plan, (hostTables) => this.#again(document, { ...context, hostTables }))
    return { plan, problems }
  }

  *#again(document: ConfigDocument, context: CompileContext): Steps<Plan | undefined> {
    const { plan } = yield* this.steps(document, context)
    return plan
  }

  *#plan(document: ConfigDocument, context: CompileContext, report: Report): Steps<Plan> {
    const { Dhcp4, Dhcp6, Whio: whio, 'Control-agent': agent, DhcpDdns: ddns } = document
    const maps = serverMapsOf(document, report)
    const leases = compileLeaseDatabase(maps, whio, context)
    const hostDatabases = compileHostDatabases(maps, whio, context)
    const configDatabases = compileConfigDatabases(maps, context)
    const formerly = () => context.knownAs?.(leases.path)
    const ha = compileHa(maps, whio, { ...context, formerly }, leases.shared !== undefined)
    const database = { ...leases, serverTag: leases.serverTag ?? nameIn(ha, leases) }
    const names = compileNamesPlan({ maps, ddns, whio: whio?.ddns }, report, context)
    const given = { whio, context, ha, names }
    const dhcp4 =
      Dhcp4 &&
      (yield* this.#dhcp4.compile({ document: Dhcp4, ...given }, Site.of(report, ['Dhcp4'])))
    const dhcp6 =
      Dhcp6 &&
      (yield* this.#dhcp6.compile({ document: Dhcp6, ...given }, Site.of(report, ['Dhcp6'])))
    const agentMap = agent && { document: agent, site: Site.of(report, ['Control-agent']) }
    const ddnsMap = ddns && { document: ddns, site: Site.of(report, ['DhcpDdns']) }
    warnOfNames(names, dhcp4, dhcp6, Site.of(report, ['DhcpDdns']))
    const witnessSite = Site.of(report, ['Whio', 'witness-folder'])
    // Whom nobody compares with another server has none until somebody asks for it.
    const isCompared = ha.plan !== undefined || leases.shared !== undefined
    let fingerprint = isCompared ? yield* fingerprintOf(dhcp4, dhcp6) : undefined
    yield
    return {
      dhcp4,
      dhcp6,
      database,
      hostDatabases,
      configDatabases,
      witnessFolder: compileWitnessFolder(whio, database, witnessSite),
      loggers: compileLoggers(maps, whio),
      logsRenewals: whio?.['log-renewals'] ?? LOG_RENEWALS,
      poolLow: whio?.['pool-low'] ?? WHIO['pool-low'],
      keaVersion: whio?.['kea-version'] ?? KEA_VERSION,
      doors: compileDoors(
        { maps, agent: agentMap, ddns: ddnsMap },
        ha.plan?.thisServer.url,
        context,
      ),
      roles: compileRoles(whio?.roles ?? [], Site.of(report, ['Whio', 'roles'])),
      webhooks: compileWebhooks(
        whio?.webhooks ?? [],
        Site.of(report, ['Whio', 'webhooks']),
        context,
      ),
      hooks: [
        ...compileHookModules(Dhcp4, 4, Site.of(report, ['Dhcp4'])),
        ...compileHookModules(Dhcp6, 6, Site.of(report, ['Dhcp6'])),
      ],
      names,
      ha: ha.plan,
      get fingerprint() {
        fingerprint ??= allAtOnce(fingerprintOf(dhcp4, dhcp6))
        return fingerprint
      },
    }
  }
}

/** What a server of a pair is called among those of its database. */
function nameIn({ plan }: CompiledHa, { shared }: LeaseDatabasePlan): string | undefined {
  return shared === undefined ? undefined : plan?.thisServer.name
}
