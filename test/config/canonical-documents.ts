// Files that people have: those of Kea in other words, and the examples of Whio. Each is read as it
// is on a host where all that it names is there.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Loaded, loadPlan, loadPlanFromObject } from '../../lib/config/load.ts'
import type { CompileContext, FileLook } from '../../lib/config/plan/compile-context.ts'

export const HOST: CompileContext = {
  stateDirectory: '/var/lib/whio',
  interfaceNames: ['lan0', 'lan1', 'lan7'],
  localAddresses: ['10.80.1.1', '10.80.2.1'],
  look,
}

export interface NamedFile {
  readonly name: string
  readonly text: string
}

const ROOT = join(import.meta.dirname, '../..')

export const FILES: readonly NamedFile[] = [
  'test/config/kea-like',
  'test/config/kea-like6',
  'examples',
].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({
      name: `${folder}/${name}`,
      text: readFileSync(join(ROOT, folder, name), 'utf8'),
    })),
)

export function loaded({ text, name }: NamedFile): Loaded {
  return loadPlan(text, name, () => undefined, HOST)
}

export function loadedFrom(object: unknown): Loaded {
  return loadPlanFromObject(object, HOST)
}

function look(path: string): FileLook {
  const what = path.endsWith('.key') ? 'PRIVATE KEY' : 'CERTIFICATE'
  return { kind: 'file', text: `-----BEGIN ${what}-----` }
}
