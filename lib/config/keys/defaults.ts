// What holds where a document says nothing: the defaults of the key table, for compile to read.

import type {
  ConfigControlDocument,
  DatabaseDocument,
  ExpiryDocument,
  HookDocument,
  LeaseDatabaseDocument,
  LoggerDocument,
  LogOutputDocument,
  OptionDataDocument,
  OptionDefDocument,
  PoolDocument,
  WhioDocument,
} from './common-document.ts'
import type {
  AuthenticationDocument,
  ControlAgentDocument,
  ControlSocketDocument,
  RoleDocument,
} from './control-document.ts'
import type {
  DdnsDocument,
  DdnsServerDocument,
  DhcpDdnsDocument,
  SinkDocument,
  TsigKeyDocument,
  WhioDdnsDocument,
} from './ddns-document.ts'
import type { ClassDocument, CompatibilityDocument, Dhcp4Document } from './document4.ts'
import type {
  CompatibilityDocument6,
  Dhcp6Document,
  NetworkDocument6,
  PdPoolDocument,
  ServerIdDocument,
  SubnetDocument6,
} from './document6.ts'
import type { HaDocument, HaPeerDocument, HaStateDocument } from './ha-document.ts'
import { KEYS } from './keys.ts'

/** Levels of the key table by the documents that are compiled from them. */
interface Levels {
  readonly hook: HookDocument
  readonly global: Dhcp4Document
  readonly pool: PoolDocument
  readonly optionData: OptionDataDocument
  readonly optionDef: OptionDefDocument
  readonly class: ClassDocument
  readonly leaseDatabase: LeaseDatabaseDocument
  readonly database: DatabaseDocument
  readonly configControl: ConfigControlDocument
  readonly expiry: ExpiryDocument
  readonly logger: LoggerDocument
  readonly outputOption: LogOutputDocument
  readonly compatibility: CompatibilityDocument
  readonly global6: Dhcp6Document
  readonly network6: NetworkDocument6
  readonly subnet6: SubnetDocument6
  readonly pdPool6: PdPoolDocument
  readonly serverId: ServerIdDocument
  readonly compatibility6: CompatibilityDocument6
  readonly ha: HaDocument
  readonly haPeer: HaPeerDocument
  readonly haState: HaStateDocument
  readonly controlSocket: ControlSocketDocument
  readonly controlAgent: ControlAgentDocument
  readonly authentication: AuthenticationDocument
  readonly authentication6: AuthenticationDocument
  readonly authenticationAgent: AuthenticationDocument
  readonly role: RoleDocument
  readonly authenticationD2: AuthenticationDocument
  readonly dhcpDdns: DhcpDdnsDocument
  readonly ddns: DdnsDocument
  readonly ddnsServer: DdnsServerDocument
  readonly tsigKey: TsigKeyDocument
  readonly whioDdns: WhioDdnsDocument
  readonly whioSink: SinkDocument
  readonly whio: WhioDocument
  readonly whioHa: NonNullable<WhioDocument['ha']>
  readonly whioHosts: NonNullable<WhioDocument['hosts']>
  readonly whioHistory: NonNullable<WhioDocument['lease-history']>
}

type Defaults<Document, Key extends keyof Document> = {
  readonly [K in Key]-?: NonNullable<Document[K]>
}

/** The defaults of these keys of a level, which have one. */
export function defaultsOf<Name extends keyof Levels, Key extends keyof Levels[Name] & string>(
  name: Name,
  ...keys: readonly Key[]
): Defaults<Levels[Name], Key> {
  const entries = keys.map((key) => {
    const value = KEYS[name]?.keys[key]?.schema.default
    if (value === undefined) throw new Error(`${name}.${key} has no default`)
    return [key, value]
  })
  return Object.fromEntries(entries)
}
