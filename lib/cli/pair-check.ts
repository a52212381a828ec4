// `whio pair --check`: what this host can know of its pair. A server that runs here has met its
// partner or says why not; where none runs, the port of the partner is called on.

import { describeHa } from '../config/ha/describe.ts'
import type { HaPlan } from '../config/plan/ha-plan.ts'
import { daemonContext, loadAnyConfigFiles } from '../platform/config-file.ts'
import { certificateProblems } from '../platform/link/check.ts'
import { openLink } from '../platform/link/link.ts'
import type { LinkSink } from '../ports/link.ts'
import type { Log } from '../ports/log.ts'
import type { PairStatus } from '../server/pair/pair-status.ts'
import type { Millis } from '../time/units.ts'
import type { DaemonStatus } from './daemon.ts'
import { errorsIn } from './load.ts'
import { partnerLine } from './pair-lines.ts'
import type { ConfigFile } from './usage.ts'

interface Finding {
  readonly isGood: boolean
  readonly text: string
}

const good = (text: string): Finding => ({ isGood: true, text })
const bad = (text: string): Finding => ({ isGood: false, text })

/** Exit code 0: all is well; 1: not. `wait`: how long a call may take. */
export async function checkPair(
  config: ConfigFile,
  status: DaemonStatus | undefined,
  wait: Millis,
): Promise<number> {
  const loaded = loadAnyConfigFiles(config.files, daemonContext(config))
  const { plan } = loaded
  const findings: Finding[] = []
  if (plan === undefined) findings.push(bad(`${config.file} has ${errorsIn(loaded)} (whio check)`))
  else if (plan.ha === undefined) findings.push(bad(`${config.file} names no pair: whio pair HOST`))
  else {
    findings.push(good(`${config.file}: ${describeHa(plan.ha)}`))
    for (const { severity, text } of certificateProblems(plan.ha, Date.now()))
      findings.push({ isGood: severity !== 'error', text })
    const seen = status === undefined ? await called(plan.ha, wait) : metBy(status.ha)
    findings.push(...seen)
  }
  for (const { isGood, text } of findings)
    process.stdout.write(`${isGood ? 'good' : 'BAD'}: ${text}\n`)
  return findings.every(({ isGood }) => isGood) ? 0 : 1
}

function metBy(ha: PairStatus | undefined): Finding[] {
  if (ha === undefined)
    return [bad('the server that runs here was started without the pair: start it again')]
  const { partner, listenerTrouble, wrongUrl, configDiffers } = ha
  const trouble = partner === undefined || partner.trouble === '' ? '' : ` (${partner.trouble})`
  const met: Finding = {
    isGood: partner?.kind === 'connected',
    text: `${ha.name} here: ${ha.state}; ${partnerLine(ha)}${trouble}`,
  }
  return [
    met,
    ...(listenerTrouble === '' ? [] : [bad(`no listener: ${listenerTrouble}`)]),
    ...(wrongUrl === '' ? [] : [bad(`wrong url of the partner: ${wrongUrl}`)]),
    ...(met.isGood
      ? [
          configDiffers
            ? bad('the two have not the same subnets, pools, guards or reserved addresses')
            : good('both have the same subnets, pools, guards and reserved addresses'),
        ]
      : []),
  ]
}

/** No lines: what is found is printed. */
const SILENT: Log = { enabled: () => false, write: () => {} }

/** One call to the partner, which goes no further than the door. */
async function called(plan: HaPlan, wait: Millis): Promise<Finding[]> {
  const { partner } = plan
  if (partner === undefined) return [good('it has no partner')]
  const { promise, resolve } = Promise.withResolvers<Finding>()
  const { name, url } = partner
  const place = `${name} at ${url.host}:${url.port}`
  const sink: LinkSink = {
    onLinkOpened: (connection) => {
      if (connection.dialled === '') return
      resolve(good(`${place} answers, and the two can prove who they are`))
    },
    onDialFailed: (_peer, failure, detail) =>
      resolve(bad(`${place}: ${failure}${detail === '' ? '' : ` (${detail})`}`)),
    onLinkMessage: () => {},
    onLinkClosed: () => {},
    onListener: () => {},
    onStranger: () => {},
  }
  const link = openLink({ plan, log: SILENT, patience: { dial: wait } })
  link.open(sink)
  link.dial(name)
  const finding = await promise
  await new Promise<void>((done) => link.close(done))
  return [finding, bad('no server runs here with this configuration')]
}
