// Whose records in DNS may be replaced when a name is registered: ddns-conflict-resolution-mode.

/**
 * check-with-dhcid         those of the same client, by its DHCID (RFC 4703)
 * check-exists-with-dhcid  those of any client, but none without a DHCID
 * no-check-with-dhcid      all; the client's DHCID is left there
 * no-check-without-dhcid   all, and no DHCID is written
 */
export type ConflictMode =
  | 'check-with-dhcid'
  | 'check-exists-with-dhcid'
  | 'no-check-with-dhcid'
  | 'no-check-without-dhcid'
