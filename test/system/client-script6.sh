#!/bin/sh
# What dhclient -6 and dhcpcd run at each event in system tests, in the place of the script that would
# configure the host: client-script.sh for DHCPv6. Prints one line, `EVENT reason ip=… prefix=… dns=…;`,
# and sets the address of the interface for dhclient (dhcpcd does that itself). Ends with 3 where
# the kernel finds that another host has the address, so that dhclient declines it.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
ip=${new_ip6_address:-$new_dhcp6_ia_na1_ia_addr1}
prefix=$new_ip6_prefix
[ -n "$new_dhcp6_ia_pd1_prefix1" ] && prefix=$new_dhcp6_ia_pd1_prefix1/$new_dhcp6_ia_pd1_prefix1_length
dns=${new_dhcp6_name_servers:-$new_dhcp6_dns_servers}
result=0
if [ "${CLIENT_PROGRAM:-}" = dhclient ]; then
  case $reason in
    PREINIT6) ip link set "$interface" up ;;
    BOUND6 | RENEW6 | REBIND6)
      if [ -n "$new_ip6_address" ]; then
        [ -n "$old_ip6_address" ] && [ "$old_ip6_address" != "$new_ip6_address" ] &&
          ip -6 address delete "$old_ip6_address/128" dev "$interface"
        ip -6 address replace "$new_ip6_address/128" dev "$interface"
        while ip -6 address show dev "$interface" tentative -dadfailed | grep -q "$new_ip6_address"; do sleep 0.1; done
        ip -6 address show dev "$interface" dadfailed | grep -q "$new_ip6_address" && result=3
        [ "$result" = 3 ] && ip -6 address delete "$new_ip6_address/128" dev "$interface"
      fi
      ;;
    RELEASE6 | EXPIRE6 | STOP6)
      [ -n "$old_ip6_address" ] && ip -6 address delete "$old_ip6_address/128" dev "$interface"
      ;;
  esac
fi
echo "EVENT $reason ip=$ip prefix=$prefix dns=$dns;"
exit $result
