// Modules of the operator among the libraries of a map: hooks that Whio loads itself.

import type { GlobalDocument, HookDocument } from '../keys/common-document.ts'
import { defaultsOf } from '../keys/defaults.ts'
import { isModule } from '../keys/hooks.ts'
import type { HookPlan } from '../plan/hook-plan.ts'
import type { Site } from '../text/site.ts'

/** `site`: that of the map. */
export function compileHookModules(
  document: GlobalDocument | undefined,
  family: 4 | 6,
  site: Site,
): readonly HookPlan[] {
  const all = site.at('hooks-libraries')
  return (document?.['hooks-libraries'] ?? []).flatMap((hook, index) => {
    if (!isModule(hook.library)) {
      tellUseless(hook, all.at(index).entry)
      return []
    }
    return [planOf(hook, family)]
  })
}

const {
  timeout: TIMEOUT,
  'on-timeout': ON_TIMEOUT,
  'on-error': ON_ERROR,
  required: REQUIRED,
  worker: WORKER,
} = defaultsOf('hook', 'timeout', 'on-timeout', 'on-error', 'required', 'worker')

const OWN_KEYS = ['timeout', 'on-timeout', 'on-error', 'required', 'worker'] as const

/** What only modules are told. */
function tellUseless(hook: HookDocument, site: Site): void {
  for (const key of OWN_KEYS)
    if (hook[key] !== undefined)
      site.at(key).warning('key-without-effect', 'this library waits for nobody', 'leave it out')
}

function planOf(hook: HookDocument, family: 4 | 6): HookPlan {
  const { library, parameters = {}, timeout = TIMEOUT, required = REQUIRED } = hook
  const { 'on-timeout': onTimeout = ON_TIMEOUT, 'on-error': onError = ON_ERROR } = hook
  const { worker: isWorker = WORKER } = hook
  const own = { isRequired: required, isWorker }
  return { family, library, parameters, timeout, onTimeout, onError, ...own }
}
