// The options that Whio itself reads or writes, by their names in RFC 2132 and the RFCs cited. All
// other options are data of the plan.

export const OPTION4 = {
  /** One octet without a length. */
  pad: 0,
  subnetMask: 1,
  routers: 3,
  domainNameServers: 6,
  hostName: 12,
  domainName: 15,
  staticRoutes: 33,
  vendorInformation: 43,
  requestedAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  serverIdentifier: 54,
  parameterRequestList: 55,
  message: 56,
  maxMessageSize: 57,
  renewalTime: 58,
  rebindingTime: 59,
  vendorClassIdentifier: 60,
  clientIdentifier: 61,
  /** RFC 4702. */
  fqdn: 81,
  /** RFC 3046. */
  relayAgentInformation: 82,
  /** RFC 4388. */
  clientLastTransactionTime: 91,
  associatedIp: 92,
  /** RFC 2563. */
  autoConfig: 116,
  /** RFC 3011. */
  subnetSelection: 118,
  /** RFC 3397. */
  domainSearch: 119,
  /** RFC 3925. */
  vendorIdentifyingClass: 124,
  vendorIdentifyingInformation: 125,
  /** RFC 8572. */
  sztpRedirect: 143,
  /** RFC 6926. */
  statusCode: 151,
  baseTime: 152,
  queryStartTime: 154,
  queryEndTime: 155,
  dataSource: 157,
  /** RFC 6607. */
  virtualSubnetSelection: 221,
  /** The last one; one octet without a length. */
  end: 255,
} as const

/** Sub-options of option 82. */
export const RELAY_AGENT4 = {
  /** RFC 3046 §3. */
  circuitId: 1,
  remoteId: 2,
  /** RFC 3527. */
  linkSelection: 5,
  /** RFC 5107. */
  serverIdOverride: 11,
  /** RFC 6925. */
  relayId: 12,
  /** RFC 8357. */
  sourcePort: 19,
} as const
