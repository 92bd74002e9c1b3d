#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What each command costs, counted by the emulator: connections, and requests.
. "$(dirname "$0")/lib.sh"
seq 1 1000 >document
software_ca
for key in rsa2048 p256; do
	o pkey -in "$(uri "$key")" -out "$key.pem"
	issue "$key" tls "$(uri "$key")"
done

# A handshake costs one signature; the connection is kept, so the next ones open none.
server() {
	local i protocol=$3
	serve o s_server -www -no_ticket -cert "$1.crt" -key "$2"
	for ((i = 0; i < 5; i++)); do
		plain s_client -connect "127.0.0.1:$port" -CAfile ca.crt -verify_return_error "-$protocol" </dev/null >client 2>&1
		has client 'Verification: OK'
	done
	stop_server
}
malformed() { refused 'bad key URI' o dgst -sha256 -sign 'managedhsm:localhost/x?:k' document; }
sha1() { refused 'unsupported digest' o dgst -sha1 -sign "$1" document; }
pss_salt() { refused 'unsupported padding' o dgst -sha256 -sign "$1" -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20 document; }
certificate_of_a_key() { refused '' o x509 -in "$(uri p256)" -noout; }

for key in rsa2048 p256; do
	sign=(o dgst -sha256 -out sig)
	check "$key dgst -sign URI" costs 1 2 "${sign[@]}" -sign "$(uri "$key")" document
	check "$key dgst -sign FILE" costs 1 1 "${sign[@]}" -sign "$key.pem" document
	check "$key dgst -prverify URI" costs 1 1 o dgst -sha256 -prverify "$(uri "$key")" -signature sig document
	check "$key dgst -prverify FILE" costs 0 0 o dgst -sha256 -prverify "$key.pem" -signature sig document
	check "$key pkey -pubout URI" costs 1 1 o pkey -in "$(uri "$key")" -pubout -out pub
	check "$key pkey -pubout FILE" costs 0 0 o pkey -in "$key.pem" -pubout -out pub
	check "$key pkey -text URI" costs 1 1 o pkey -in "$(uri "$key")" -noout -text
	check "$key storeutl URI" costs 1 1 o storeutl -noout "$(uri "$key")"
	check "$key storeutl FILE" costs 0 0 o storeutl -noout "$key.pem"
	check "$key req URI" costs 1 2 o req -new -config "$cnf" -key "$(uri "$key")" -subj /CN=x -out csr
	check "$key req FILE" costs 1 1 o req -new -config "$cnf" -key "$key.pem" -subj /CN=x -out csr
	check "$key x509 -CAkey URI" costs 1 2 o x509 -req -in csr -CA "$key.crt" -CAkey "$(uri "$key")" -set_serial 1 -out crt
	check "$key cms -sign URI" costs 1 2 o cms -sign -in document -signer "$key.crt" -inkey "$(uri "$key")" -out mail
	check "$key pkeyutl -verify URI" costs 1 1 o pkeyutl -verify -rawin -digest sha256 -inkey "$(uri "$key")" -in document -sigfile sig
	for protocol in tls1_2 tls1_3; do
		check "$key s_server URI, five $protocol handshakes" costs 1 6 server "$key" "$(uri "$key")" "$protocol"
		check "$key s_server FILE, five $protocol handshakes" costs 1 5 server "$key" "$key.pem" "$protocol"
	done
done
check "p256 SHA-1 is refused before signing" costs 1 1 sha1 "$(uri p256)"
check "rsa2048 SHA-1 is tried once, as RSNULL" costs 1 2 sha1 "$(uri rsa2048)"
check "a PSS salt is refused before signing" costs 1 1 pss_salt "$(uri rsa2048)"
check "list -providers" costs 0 0 o list -providers
check "openssl version" costs 0 0 o version
check "a malformed URI" costs 0 0 malformed
check "looking for a certificate under a key" costs 0 0 certificate_of_a_key
finish
