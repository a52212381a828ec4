// What is needed to look at a world in which a promise was broken: journals, copies,
// configurations, the story, what servers said and what clients had.

import { cpSync, lstatSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChaosWorld } from './world.ts'

/** Where it is. Disks must still be there, and nobody write any more. */
export function keep({ at, scene, story, pair }: ChaosWorld): string {
  const folder = process.env.CHAOS_KEEP ?? join(tmpdir(), 'whio-chaos-kept')
  const kept = join(folder, `seed-${scene.seed}`)
  rmSync(kept, { recursive: true, force: true })
  cpSync(at, kept, { recursive: true, filter: (path) => !lstatSync(path).isSocket() })
  writeFileSync(join(kept, 'story.txt'), `${story.join('\n')}\n`)
  for (const [index, host] of pair.hosts.entries()) {
    const said = host.children.map(({ stdout, stderr }) => `${stdout}${stderr}`)
    writeFileSync(join(kept, `server${index + 1}.log`), said.join('\n'))
  }
  return kept
}
