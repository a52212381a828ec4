// The map DhcpDdns as clients of Kea ask its program for it.

import type { ConfigDocument } from '../keys/document.ts'
import { withoutSecrets } from '../keys/secrets.ts'
import { isMap, type Members } from '../text/map.ts'
import { filled } from './level.ts'
import type { Draft } from './members.ts'

/** Undefined where the document has none. `isClear`: with secrets of keys. */
export function ddnsMap({ DhcpDdns }: ConfigDocument, isClear: boolean): Draft | undefined {
  if (DhcpDdns === undefined) return undefined
  const shown = filled('ddns', DhcpDdns as Members)
  for (const key of ['forward-ddns', 'reverse-ddns'] as const)
    if (isMap(shown[key])) shown[key] = filled('ddnsZones', shown[key])
  return isClear ? shown : (withoutSecrets(shown) as Draft)
}
