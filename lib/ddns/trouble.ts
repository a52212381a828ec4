// Why a server of DNS does not serve, for people.

import type { Verdict } from './transaction.ts'

export function troubleInWords({ detail, trouble }: Extract<Verdict, { kind: 'retry' }>): string {
  switch (trouble) {
    case 'timeout':
      return 'no answer'
    case 'refused':
      return detail || 'nobody listens there'
    case 'unreachable':
      return detail || 'it cannot be reached'
    case 'untrusted':
      return `its answers are not believed: ${detail}`
    case 'servfail':
      return 'it answers SERVFAIL'
  }
}
