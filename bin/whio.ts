#!/usr/bin/env node
// Checks the version first and imports after: the SQLite binding crashes on older versions of Node.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `whio needs Node.js 22.18 or newer; ${process.execPath} is ${process.version}.\n` +
      'In a checkout, `npm ci` installs a fitting one: use `npm start`, `npm test` or `npx whio`.',
  )
  process.exitCode = 1
} else {
  const { main } = await import('../lib/cli/main.ts')
  process.exitCode = await main(process.argv.slice(2))
}
