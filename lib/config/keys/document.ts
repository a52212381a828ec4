// The document: what people write, as compile sees it. Validated against schemas/dhcp.json, so
// every value has the type given here; old spellings are already written the new way and every
// subnet has an id. Keys that this version does not serve (keys.ts) may still be in the objects
// but have no type here. The maps of the families have files of their own, and so have what both
// have (common-document.ts) and high availability (ha-document.ts).

import type { WhioDocument } from './common-document.ts'
import type { ControlAgentDocument } from './control-document.ts'
import type { DdnsDocument } from './ddns-document.ts'
import type { Dhcp4Document } from './document4.ts'
import type { Dhcp6Document } from './document6.ts'

/** At least one of the two servers. */
export type ConfigDocument =
  | (ServerDocuments & { readonly Dhcp4: Dhcp4Document })
  | (ServerDocuments & { readonly Dhcp6: Dhcp6Document })

interface ServerDocuments {
  readonly Dhcp4?: Dhcp4Document
  readonly Dhcp6?: Dhcp6Document
  readonly Whio?: WhioDocument
  readonly 'Control-agent'?: ControlAgentDocument
  readonly DhcpDdns?: DdnsDocument
}
