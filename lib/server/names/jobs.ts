// Jobs of the queue: which are the same, what their verdicts mean to it, and what they are called.

import { rcodeName } from '../../ddns/codes.ts'
import type { JobOrder, Outcome } from '../../ddns/queue.ts'
import type { Verdict } from '../../ddns/transaction.ts'
import { troubleInWords } from '../../ddns/trouble.ts'
import { textFromKey } from '../../leases/keys/key-text.ts'
import { textOfName } from '../../names/names.ts'

export function isSameJob(one: JobOrder, other: JobOrder): boolean {
  return (
    one.fqdn === other.fqdn &&
    one.dhcid === other.dhcid &&
    one.action === other.action &&
    one.bits === other.bits
  )
}

export function firstOf(remove: number, add: number): readonly [JobOrder['action'], number] {
  return remove === 0 ? ['add', add] : ['remove', remove]
}

export function outcomeOf(verdict: Verdict): Outcome {
  if (verdict.kind === 'retry') return { kind: 'silent', trouble: troubleInWords(verdict) }
  if (verdict.kind === 'blocked') return { kind: 'blocked', refusal: rcodeName(verdict.rcode) }
  return { kind: 'done', wasSent: true }
}

export function wordsOf({ fqdn, key }: Pick<JobOrder, 'fqdn' | 'key'>): {
  readonly name: string
  readonly address: string
} {
  return { name: textOfName(fqdn), address: textFromKey(key) }
}
