// Asks a service by HTTP whether a client may have a lease. 204: it may; 403: it is told that it does
// not get it. Anything else is a failure, and on-error says what becomes of the message.
//
//   {
//     "library": "/.../hooks/deny-by-http.mjs",
//     "parameters": { "url": "http://127.0.0.1:8080/may" },
//     "timeout": 500
//   }

function setup({ url }) {
  return {
    async grant({ query, addresses }, signal) {
      const asked = new URL(url)
      asked.searchParams.set('client', query.family === 4 ? query.hwAddress : query.duid)
      asked.searchParams.set('address', addresses.join(','))
      // Given up with the message: nothing is left behind.
      const response = await fetch(asked, { signal })
      await response.body?.cancel()
      if (response.status === 204) return
      if (response.status === 403) return { nak: 'denied' }
      throw new Error(`the service answered ${response.status}`)
    },
  }
}

export default { name: 'deny-by-http', apiVersion: 1, setup4: setup, setup6: setup }
