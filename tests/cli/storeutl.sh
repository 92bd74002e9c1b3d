#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# openssl storeutl: what a URI leads to.
. "$(dirname "$0")/lib.sh"

key() {
	o storeutl -noout -text "$1" >text
	has text "Total found: 1"
	has text "Private-Key: ($2"
}
keys() {
	o storeutl -keys -noout "$(uri "$1")" >text
	has text 'Total found: 1'
}
public() {
	o storeutl -noout -text "$(uri "$1")?type=public" >text
	has text 'Total found: 1'
	has text 'Public-Key:'
}
certificates() {
	o storeutl "$1" -noout "$(uri p256)" >text 2>err || true
	has text 'Total found: 0'
}
# The command ends with 0 when the store itself can be opened; the message is what counts.
unknown() {
	with_preload openssl storeutl -noout managedhsm:demo:no-such-key >text 2>err || true
	has text 'Total found: 0'
	has err 'get key managedhsm:demo:no-such-key: HTTP 404 Not Found: KeyNotFound'
}
key_file() {
	o pkey -in "$(uri "$1")" -out key.pem
	o storeutl -noout -text key.pem >text
	has text 'Total found: 1'
	has text "URI: managedhsm:demo:$1:"
}

check "an RSA key" key managedhsm:demo:rsa2048 '2048 bit'
check "an EC key" key managedhsm://demo/p384 '384 bit'
for key in rsa2048 p256; do
	check "$key -keys" keys "$key"
	check "$key its public half" public "$key"
	check "$key in a key file" key_file "$key"
done
check "no certificates under a key" certificates -certs
check "no revocation lists under a key" certificates -crls
check "an unknown key" unknown
finish
