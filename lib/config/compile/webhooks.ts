// Whom this server tells of what happens.

import type { WebhookDocument } from '../keys/control-document.ts'
import type { CompileContext } from '../plan/compile-context.ts'
import type { WebhookPlan } from '../plan/control-plan.ts'
import type { Site } from '../text/site.ts'

/** What is wrong with one costs no more than that one. */
export function compileWebhooks(
  documents: readonly WebhookDocument[],
  site: Site,
  context: CompileContext,
): readonly WebhookPlan[] {
  return documents.flatMap((document, index) => {
    const at = site.at(index).entry
    const isWhole = isUrl(document.url, at.at('url'))
    const secret = secretOf(document, at, context)
    if (!isWhole || secret === undefined) return []
    return [{ url: document.url, events: document.events, secret }]
  })
}

function isUrl(text: string, site: Site): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    site.error('webhook-url', `'${text}' is no address of http or https`)
    return false
  }
  if (url.username === '' && url.password === '') return true
  const hint = 'leave them out, and have it look at the signature: add secret-file'
  site.error('webhook-url', 'who may read the configuration sees user and password here', hint)
  return false
}

/** '' for none; undefined where it cannot be known. */
function secretOf(
  { secret, 'secret-file': file }: WebhookDocument,
  site: Site,
  { look }: CompileContext,
): string | undefined {
  if (file === undefined) return secret ?? ''
  const at = site.at('secret-file')
  if (secret !== undefined) {
    at.error('webhook-secret', 'secret and secret-file say the same thing', 'leave one out')
    return undefined
  }
  const found = look?.(file)
  // The first line of it.
  const text = found?.kind === 'file' ? found.text.split(/\r?\n/, 1)[0]! : ''
  if (text !== '') return text
  const trouble = found?.kind === 'trouble' ? found.trouble : 'it has no first line to sign with'
  at.error('webhook-secret', `'${file}' holds no secret`, trouble)
  return undefined
}
