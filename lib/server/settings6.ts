// What the engine of DHCPv6 may ask of the server: see engineSettings of settings.ts.

import type { Prefix6 } from '../address/prefix6.ts'
import type { Heard } from '../dhcp/asking.ts'
import type { Settings6 } from '../dhcp6/asked6.ts'
import type { Datagrams6 } from '../ports/datagrams6.ts'
import type { ServerId } from '../ports/server-id.ts'
import type { LookUps } from './hosts/look-ups.ts'
import type { KeptAddresses } from './kept-addresses.ts'
import type { Came6 } from './question6.ts'
import type { Reporter } from './reporter.ts'
import type { ServiceDuties } from './service.ts'
import type { ServerPorts, ServerSettings } from './settings.ts'

/** RFC 9915 §7.2. */
const SERVER_PORT = 547
const CLIENT_PORT = 546

/** What a service of DHCPv6 is given of the world. */
export interface ServicePorts6 extends Pick<ServerPorts, 'clock' | 'draw' | 'hooks' | 'outlets'> {
  readonly datagrams6: Datagrams6
  readonly serverId: ServerId
  readonly lookUps: LookUps<Came6['arrival'], Heard>
}

export function portsOf6({ serverPort6, clientPort6 }: ServerSettings) {
  return { serverPort: serverPort6 ?? SERVER_PORT, clientPort: clientPort6 ?? CLIENT_PORT }
}

export function engineSettings6(
  {
    hooks,
    ...given
  }: Pick<Settings6, 'asker' | 'draw' | 'replayFrom' | 'serverIds' | 'stateless'> &
    Pick<ServerPorts, 'hooks'>,
  settings: ServerSettings,
  kept: KeptAddresses<Prefix6>,
  reporter: Reporter,
  duties: ServiceDuties,
): Settings6 {
  const { nextChange, isSettled } = duties
  return {
    ...given,
    ...portsOf6(settings),
    steps: () => hooks?.steps6?.(),
    ...{ nextChange, isSettled },
    ...(duties.shared !== undefined && { isBridging: () => duties.shared!.isBridging }),
    keptFrom: (address) => kept.of(address),
    isPartnerConfigKnown: () => duties.pair?.isPartnerConfigKnown ?? true,
    isPartnerSharing: () => duties.pair?.isPartnerSharing ?? false,
    classTrouble: {
      classFailed: (name, { message }) => reporter.classFailed(name, message, duties.now()),
    },
  }
}
