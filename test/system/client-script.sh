#!/bin/sh
# What udhcpc, dhclient and dhcpcd run at each event in system tests, in the place of the script that
# would configure the host. Prints one line, `EVENT reason ip=… mask=… router=… dns=… lease=… server=…`
# with what it was told about booting and its name behind that, and sets the address of the interface as the real scripts do (dhcpcd does that itself). Touches
# nothing else: no routes, no resolv.conf.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
reason=${reason:-$1}
case $1 in
  bound | renew)
    # udhcpc: variables in lower case without a prefix, named after the options.
    address=$ip lifetime=$lease server=$serverid
    told="file=$boot_file next=$siaddr tftp=$tftp bootfile=$bootfile class=$vendor spaces=$opt43 name=$hostname"
    ip -4 address flush dev "$interface" && ip address add "$ip/$mask" dev "$interface"
    ;;
  deconfig)
    ip -4 address flush dev "$interface"
    ip link set "$interface" up
    ;;
  nak) ;;
  *)
    # dhclient and dhcpcd: what they learnt stands in new_*.
    address=$new_ip_address mask=$new_subnet_mask router=$new_routers
    dns=$new_domain_name_servers lifetime=$new_dhcp_lease_time
    server=$new_dhcp_server_identifier
    told="file=$new_filename next=$new_next_server tftp=$new_tftp_server_name"
    told="$told bootfile=$new_bootfile_name class=$new_vendor_class_identifier"
    told="$told spaces=$new_vendor_encapsulated_options name=$new_host_name"
    if [ "${CLIENT_PROGRAM:-}" = dhclient ]; then
      case $reason in
        PREINIT) ip link set "$interface" up ;;
        BOUND | RENEW | REBIND | REBOOT)
          ip -4 address flush dev "$interface" && ip address add "$address/$mask" dev "$interface"
          ;;
        RELEASE | EXPIRE | FAIL | STOP) ip -4 address flush dev "$interface" ;;
      esac
    fi
    ;;
esac
echo "EVENT $reason ip=$address mask=$mask router=$router dns=$dns lease=$lifetime server=$server $told;"
