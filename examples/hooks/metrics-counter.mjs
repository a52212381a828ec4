// Counts DISCOVERs by the vendor class of their clients, on the page of metrics:
// whio_hook_vendors_discovers_total{vendor="android-dhcp-14"}
//
//   { "library": "/.../hooks/metrics-counter.mjs" }

const VENDOR_CLASS = 60

export default {
  name: 'vendors',
  apiVersion: 1,
  setup4(_parameters, { metrics }) {
    const discovers = metrics.counter('discovers', 'DISCOVERs by the vendor class of the client')
    return {
      received({ query }) {
        if (query.type !== 'DISCOVER') return
        const vendor = query.option(VENDOR_CLASS)
        discovers.add(1, { vendor: vendor ? new TextDecoder().decode(vendor) : '' })
      },
    }
  },
}
