#!/bin/sh
# Makes the certificates of a pair: a certificate authority of its own, and for each server a key and a
# certificate with its name and address. Run it again at any time (monthly, say): what is good stays as
# it is, what ends within 30 days is renewed, and Whio takes up renewed files without a restart.
#
#   ./make-certificates.sh FOLDER NAME=ADDRESS...
#   ./make-certificates.sh /etc/whio/tls server1=192.0.2.1 server2=192.0.2.2
#
# Then, in high-availability of the configuration, on server1:
#
#   "trust-anchor": "/etc/whio/tls/ca.crt",
#   "cert-file": "/etc/whio/tls/server1.crt",
#   "key-file": "/etc/whio/tls/server1.key"
#
# Each server needs ca.crt and its own two files, readable for the user that Whio runs as. Keep ca.key off
# the servers: whoever has it can be anybody.
set -eu

usage="usage: $0 FOLDER NAME=ADDRESS..."
[ $# -ge 2 ] || { echo "$usage" >&2; exit 2; }
folder=$1
shift
for server; do
  case $server in
    *[!A-Za-z0-9._:=-]* | =* | *= | *=*=*) echo "$server: $usage" >&2; exit 2 ;;
    *=*) ;;
    *) echo "$server: $usage" >&2; exit 2 ;;
  esac
done

DAYS=825
CA_DAYS=3650
RENEW_SECONDS=$((30 * 86400))

umask 077
mkdir -p "$folder"
scratch=$(mktemp -d "$folder/.making.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

new_key() {
  [ -s "$1" ] && return
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$scratch/key" 2> /dev/null
  mv "$scratch/key" "$1"
}

# What a verifier wants to see in the certificate of a server that also calls the other one.
extensions() {
  cat << END
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectAltName = DNS:$1, IP:$2
END
}

# True if the certificate is signed by this authority, for this key and address, and lasts.
is_good() {
  [ -s "$folder/$1.crt" ] &&
    openssl verify -CAfile "$folder/ca.crt" "$folder/$1.crt" > /dev/null 2>&1 &&
    openssl x509 -in "$folder/$1.crt" -noout -checkend $RENEW_SECONDS > /dev/null &&
    openssl x509 -in "$folder/$1.crt" -noout -checkip "$2" | grep -q 'does match' &&
    [ "$(openssl x509 -in "$folder/$1.crt" -noout -pubkey)" = \
      "$(openssl pkey -in "$folder/$1.key" -pubout)" ]
}

new_key "$folder/ca.key"
if [ ! -s "$folder/ca.crt" ]; then
  openssl req -x509 -new -key "$folder/ca.key" -sha256 -days $CA_DAYS -subj "/CN=Whio pair" \
    -addext 'basicConstraints = critical, CA:TRUE' \
    -addext 'keyUsage = critical, keyCertSign, cRLSign' -out "$scratch/crt"
  mv "$scratch/crt" "$folder/ca.crt"
  echo "$folder/ca.crt: made"
fi

for server; do
  name=${server%%=*}
  address=${server#*=}
  new_key "$folder/$name.key"
  if is_good "$name" "$address"; then
    echo "$folder/$name.crt: still good"
    continue
  fi
  extensions "$name" "$address" > "$scratch/extensions"
  openssl req -new -key "$folder/$name.key" -sha256 -subj "/CN=$name" -out "$scratch/request"
  openssl x509 -req -in "$scratch/request" -CA "$folder/ca.crt" -CAkey "$folder/ca.key" -sha256 \
    -set_serial "0x$(openssl rand -hex 16)" -days $DAYS -extfile "$scratch/extensions" \
    -out "$scratch/crt" 2> /dev/null
  mv "$scratch/crt" "$folder/$name.crt"
  echo "$folder/$name.crt: made"
done
chmod 644 "$folder"/*.crt
