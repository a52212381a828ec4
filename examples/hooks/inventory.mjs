// Gives clients what an inventory of your own has for them: addresses, prefixes, a name, a boot
// file. The inventory is a service that is asked by HTTP for each client; it answers with JSON, or
// with 404 for a client that it does not have:
//
//   GET http://127.0.0.1:8080/clients/02:00:00:00:00:01
//   { "addresses": ["192.0.2.200"], "hostname": "lamp", "bootFile": "lamp.bin" }
//
//   {
//     "library": "/.../hooks/inventory.mjs",
//     "parameters": { "url": "http://127.0.0.1:8080/clients/" },
//     "required": true
//   }
//
// While the service is away no message is answered (`on-error`, `on-timeout`), so that nobody loses
// an address for that. Let the addresses lie outside of the pools.

const BOOT_FILE = 67

function setup({ url }) {
  return {
    async query({ query }, signal) {
      const client = query.family === 4 ? query.hwAddress : query.duid
      const response = await fetch(new URL(client, url), { signal })
      if (response.status === 404) return
      if (response.status !== 200) throw new Error(`the inventory answered ${response.status}`)
      return { found: await response.json() }
    },
    reserve({ found }) {
      if (found) return { addresses: found.addresses ?? [], hostname: found.hostname }
    },
    reply({ found, query, reply }) {
      if (query.family === 4 && found?.bootFile)
        reply.setOption(BOOT_FILE, new TextEncoder().encode(found.bootFile))
    },
  }
}

export default { name: 'inventory', apiVersion: 1, setup4: setup, setup6: setup }
