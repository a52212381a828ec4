// Numbers of DHCPv6 that Whio itself reads or writes, by their names in RFC 9915 and the RFCs
// cited. All other options are data of the plan.

export const MESSAGE_TYPE6 = {
  solicit: 1,
  advertise: 2,
  request: 3,
  confirm: 4,
  renew: 5,
  rebind: 6,
  reply: 7,
  release: 8,
  decline: 9,
  reconfigure: 10,
  informationRequest: 11,
  relayForward: 12,
  relayReply: 13,
  /** RFC 5007. */
  leasequery: 14,
  leasequeryReply: 15,
  /** RFC 7341. */
  dhcpv4Query: 20,
  dhcpv4Response: 21,
  /** RFC 9686. */
  addressRegistration: 36,
  addressRegistrationReply: 37,
} as const

export type MessageType6 = (typeof MESSAGE_TYPE6)[keyof typeof MESSAGE_TYPE6]

export const OPTION6 = {
  clientId: 1,
  serverId: 2,
  iaNa: 3,
  /** Obsolete (RFC 9915 §21.5): never answered. */
  iaTa: 4,
  iaAddress: 5,
  /** The option request option (ORO). */
  optionRequest: 6,
  preference: 7,
  elapsedTime: 8,
  relayMessage: 9,
  auth: 11,
  /** Obsolete (RFC 9915 §21.12): never sent. */
  unicast: 12,
  statusCode: 13,
  rapidCommit: 14,
  userClass: 15,
  vendorClass: 16,
  vendorOptions: 17,
  interfaceId: 18,
  reconfigureMessage: 19,
  reconfigureAccept: 20,
  domainNameServers: 23,
  domainSearch: 24,
  iaPd: 25,
  iaPrefix: 26,
  informationRefreshTime: 32,
  /** RFC 4649. */
  remoteId: 37,
  /** RFC 4580. */
  subscriberId: 38,
  /** RFC 4704. */
  fqdn: 39,
  /** RFC 4994: options that a relay wants back. */
  echoRequest: 43,
  clientData: 45,
  /** RFC 5460. */
  relayId: 53,
  /** RFC 5908. */
  ntpServer: 56,
  /** RFC 5970. */
  bootfileUrl: 59,
  bootfileParam: 60,
  clientArchType: 61,
  /** RFC 6422: options that a relay offers for the client. */
  relaySuppliedOptions: 66,
  /** RFC 6603. */
  pdExclude: 67,
  /** RFC 6939. */
  clientLinkLayerAddress: 79,
  solMaxRt: 82,
  infMaxRt: 83,
  /** RFC 7341. */
  dhcpv4Message: 87,
  dhcp4o6ServerAddress: 88,
  /** RFC 8357. */
  relaySourcePort: 135,
  /** RFC 8572. */
  sztpRedirect: 136,
  /** RFC 9463. */
  dnr: 144,
  /** RFC 9686. */
  addressRegistration: 148,
} as const

/** RFC 9915 §21.13; the text that goes with them is free. */
export const STATUS6 = {
  success: 0,
  unspecFail: 1,
  noAddrsAvail: 2,
  noBinding: 3,
  notOnLink: 4,
  noPrefixAvail: 6,
} as const

export type Status6 = (typeof STATUS6)[keyof typeof STATUS6]

/** The two kinds of identity association that are served, by the code of their option. */
export type IaKind = typeof OPTION6.iaNa | typeof OPTION6.iaPd

/** RFC 9915 §7.7: a lifetime, T1 or T2 without end. */
export const INFINITY6 = 0xffff_ffff
