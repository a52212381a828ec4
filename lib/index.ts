// The public API of the package `whio`: a DHCP server to embed, and a simulated network to test
// with.
//
//   import { createServer } from 'whio'
//   const server = createServer({ Dhcp4: { ... } }, { port: 0 })
//   await server.start()

import { type Configuration, planOf } from './api/configuration.ts'
import { type Lab, type LabSettings, createLab as labOfPlan } from './lab/lab.ts'
import { checkConfiguredLab } from './lab/settings-check.ts'

export { type Ipv4, ipv4FromText, textFromIpv4 } from './address/ipv4.ts'
export { ConfigError, type Configuration, loadConfig } from './api/configuration.ts'
export {
  type ConflictInfo,
  createServer,
  DhcpServer,
  type DropInfo,
  type NameConflictInfo,
  PortError,
  type ServerEvents,
  type ServerOptions,
} from './api/dhcp-server.ts'
export {
  DecodedMessage4,
  decodeMessage4,
  encodeMessage4,
  type MessageFields4,
  octetsFromIpv4,
} from './api/messages.ts'
export { hexFromOctets, type Octets, octetsFromHex } from './bytes/octets.ts'
export type { OrderResult } from './catalogue/order-result.ts'
export { REASONS4, type Reason4 } from './catalogue/reasons.ts'
export { REASONS6, type Reason6 } from './catalogue/reasons6.ts'
export type { LogLevel } from './catalogue/row.ts'
export type { WhioDocument } from './config/keys/common-document.ts'
export type { ConfigDocument } from './config/keys/document.ts'
export type { Dhcp4Document, SubnetDocument } from './config/keys/document4.ts'
export type { Dhcp6Document, SubnetDocument6 } from './config/keys/document6.ts'
export type { Loaded } from './config/load.ts'
export { HA_STATES, type HaMode, type HaRole, type HaState } from './config/plan/ha-plan.ts'
export type { Plan } from './config/plan/plan.ts'
export type { Plan4 } from './config/plan/plan4.ts'
export type { Plan6 } from './config/plan/plan6.ts'
export { formatProblem, type Problem } from './config/text/problem.ts'
export type { PairRecord } from './ha/pair-record.ts'
export type { Lab, LabClientSettings, LabSettings } from './lab/lab.ts'
export { createPair, type PairLab, type PairSettings } from './lab/pair.ts'
export type { LeaseInfo, LeaseStateName } from './leases/lease-info.ts'
export type {
  Callout,
  CalloutClasses,
  ClassCallout,
  DraftMessage,
  GateCallout,
  GateVerdict,
  HookCallouts,
  HookFields,
  HookHost,
  HookLabels,
  HookLog,
  HookMetrics,
  HookModule,
  HookQuery4,
  HookQuery6,
  HookRelay6,
  HookReserved,
  Hooks4,
  Hooks6,
  LeaseCallout,
  LeaseChange,
  LeaseEvent,
  NameCallout,
  NameChange,
  QueryOptions,
  ReceivedCallout,
  ReplyCallout,
  ReserveCallout,
  SentReply,
  SubnetCallout,
  Verdict,
} from './platform/hooks/hook-module.ts'
export { HooksRefused } from './platform/hooks/module-hooks.ts'
export type { BoundPort } from './platform/host.ts'
export { JournalRefused } from './platform/journal/trouble.ts'
export type { Clock } from './ports/clock.ts'
export type { Traffic } from './ports/datagrams.ts'
export type {
  DatagramSink4,
  Datagrams4,
  Interface4,
  InterfaceStatus4,
  Reply4,
} from './ports/datagrams4.ts'
export type { Journal, JournalInfo, JournalSink } from './ports/journal.ts'
export type { Log, LogFields } from './ports/log.ts'
export type { LeaseAction, OtherServer, PartnerEvent, ServerState } from './server/events.ts'
export type {
  FreeStatus,
  PairStatus,
  PartnerStatus,
  PeerStatus,
} from './server/pair/pair-status.ts'
export type { ServerPorts } from './server/settings.ts'
export type { ServerStatus, SubnetStatus } from './server/status.ts'
export type { Draw } from './time/draw.ts'
export type { Instant, Millis, Seconds, WallTime } from './time/units.ts'
export type { OptionPair4 } from './wire/v4/builder.ts'
export { MESSAGE_TYPE4, type MessageType4, type Query4 } from './wire/v4/message.ts'

/** Settings of a lab whose configuration is still to be read. */
export type ConfiguredLab = Omit<LabSettings, 'plan'> & { readonly config: Configuration }

/**
 * A whole DHCP network inside this process, without sockets or waiting: the real server, simulated
 * clock, network and disk, virtual clients. Throws ConfigError.
 */
export function createLab(settings: ConfiguredLab): Lab {
  checkConfiguredLab(settings)
  const { config, ...rest } = settings
  return labOfPlan({ ...rest, plan: planOf(config, {}) })
}
