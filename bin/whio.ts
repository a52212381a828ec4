#!/usr/bin/env node
// Checks the version first and imports after: the SQLite binding crashes on older versions of Node.
// Then come the signals, before anything that takes time.

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const args = process.argv.slice(2)
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `whio needs Node.js 22.18 or newer; ${process.execPath} is ${process.version}.\n` +
      'In a checkout, `npm ci` installs a fitting one, which `npm start` and `npm test` use.',
  )
  process.exitCode = 1
} else {
  const isDaemon = /^serve$|(^|\/)kea-(dhcp4|dhcp6|ctrl-agent)$/.test(args[0] ?? '')
  if (isDaemon) (await import('../lib/cli/held-signals.ts')).holdSignals()
  const { main } = await import('../lib/cli/main.ts')
  process.exitCode = await main(args)
}
