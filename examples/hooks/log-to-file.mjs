// Writes a line for each change of a lease to a file: when, what, which address, whose.
//
//   { "library": "/.../hooks/log-to-file.mjs", "parameters": { "file": "/var/log/whio/leases.txt" } }

import { appendFile } from 'node:fs/promises'

function setup({ file }) {
  return {
    // Nobody waits for this: the next batch comes when the file is written.
    async committed(events) {
      const when = new Date().toISOString()
      const lines = events.map(({ action, lease }) => {
        const { address, hwAddress, clientId, hostname } = lease
        return `${when} ${action} ${address} ${hwAddress || clientId} ${hostname}\n`
      })
      await appendFile(file, lines.join(''))
    },
  }
}

export default { name: 'log-to-file', apiVersion: 1, setup4: setup, setup6: setup }
