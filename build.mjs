// `npm run prepare`: compiles lib/ and bin/ to dist/, which is what the package has. Runs by itself after `npm ci` and
// before `npm pack`. `npm ci --omit=dev` brings no compiler, and then the checkout runs as it is: node bin/whio.ts

import { execFileSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const ROOT = import.meta.dirname
const isPacked = ['pack', 'publish'].includes(process.env.npm_command ?? '')

if (hasCompiler()) {
  rmSync(join(ROOT, 'dist'), { recursive: true, force: true })
  execFileSync('tsc', ['-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' })
  chmodSync(join(ROOT, 'dist/bin/whio.js'), 0o755)
} else if (isPacked) {
  console.error(
    'A package cannot be made without the compiler: npm ci (without --omit=dev) brings it.',
  )
  process.exitCode = 1
} else {
  console.log('No compiler here, so dist/ is not made. The checkout runs without: node bin/whio.ts')
}

function hasCompiler() {
  try {
    createRequire(import.meta.url).resolve('typescript/package.json')
    return true
  } catch {
    return false
  }
}
