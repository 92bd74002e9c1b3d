#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# openssl s_server with a key in the HSM, met by an s_client that has never heard of the provider.
. "$(dirname "$0")/lib.sh"

server() {
	[ -s "$1.crt" ] || issue "$1" tls "$(uri "$1")"
	serve o s_server -www -cert "$1.crt" -key "$(uri "$1")"
}
# handshake PROTOCOL EXPECTED... with the server that runs; the rest of the options in $client.
client=()
handshake() {
	local protocol=$1
	shift
	plain s_client -connect "127.0.0.1:$port" -servername localhost -verify_hostname localhost -CAfile ca.crt -verify_return_error \
		"-$protocol" "${client[@]}" </dev/null >client 2>&1 || { cat client && return 1; }
	has client 'Verification: OK'
	for text in "$@"; do has client "$text"; done
}
# offered SIGALG PROTOCOL TYPE DIGEST: the client offers one signature algorithm only, the server has to use it.
offered() {
	client=(-sigalgs "$1")
	handshake "$2" "Peer signature type: $3" "Peer signing digest: $4"
}
# Both sides would take SHA-1, and the service does not make it: an alert, and the server goes on. With ECDSA nothing is asked of the
# service; with RSA it is asked once whether it has RSNULL.
sha1_only() {
	stop_server
	serve o s_server -www -cert "$1.crt" -key "$(uri "$1")" -cipher DEFAULT:@SECLEVEL=0
	admin DELETE stats
	for i in 1 2 3; do
		refused 'alert (handshake failure|internal error)' plain s_client -connect "127.0.0.1:$port" -tls1_2 -cipher DEFAULT:@SECLEVEL=0 \
			-sigalgs "$2+SHA1" </dev/null
	done
	has refused.err 'alert handshake failure'
	[ "$(web "$MANAGEDHSM_ENDPOINT/emulator/stats" | jq .operations.sign)" = "$3" ]
	handshake tls1_2
	stop_server
}
cipher() {
	client=(-cipher "$1")
	handshake tls1_2 "Cipher is $1" "$2"
}
group() {
	client=(-groups "$1")
	handshake tls1_3 'New, TLSv1.3'
}
large_page() {
	printf 'GET / HTTP/1.0\r\n\r\n' | plain s_client -connect "127.0.0.1:$port" -CAfile ca.crt -quiet -ign_eof >page 2>/dev/null
	has page 'HTTP/1.0 200 ok'
}

for key in rsa2048 rsa4096; do
	server "$key"
	check "$key TLS 1.3" handshake tls1_3 'New, TLSv1.3' 'Peer signature type: RSA-PSS'
	check "$key TLS 1.2" handshake tls1_2 'New, TLSv1.2'
	for bits in 256 384 512; do
		check "$key TLS 1.3 RSA-PSS SHA-$bits" offered "rsa_pss_rsae_sha$bits" tls1_3 RSA-PSS "SHA$bits"
		check "$key TLS 1.2 RSA-PSS SHA-$bits" offered "rsa_pss_rsae_sha$bits" tls1_2 RSA-PSS "SHA$bits"
		check "$key TLS 1.2 PKCS#1 SHA-$bits" offered "RSA+SHA$bits" tls1_2 RSA "SHA$bits"
	done
	for cipher in ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-CHACHA20-POLY1305 DHE-RSA-AES256-GCM-SHA384; do check "$key $cipher" cipher "$cipher" ''; done
	for group in X25519 P-256 P-384 P-521; do check "$key group $group" group "$group"; done
	stop_server
done
check "rsa2048 a client that takes SHA-1 alone gets an alert, and the next a handshake" sha1_only rsa2048 RSA 1
for pair in p256:256 p384:384 p521:512; do
	key=${pair%:*} bits=${pair#*:}
	server "$key"
	check "$key TLS 1.3" handshake tls1_3 'New, TLSv1.3' 'Peer signature type: ECDSA' "Peer signing digest: SHA$bits"
	check "$key TLS 1.2" handshake tls1_2 'New, TLSv1.2' 'Peer signature type: ECDSA'
	for digest in 256 384 512; do check "$key TLS 1.2 ECDSA SHA-$digest" offered "ECDSA+SHA$digest" tls1_2 ECDSA "SHA$digest"; done
	check "$key ECDHE-ECDSA-AES256-GCM-SHA384" cipher ECDHE-ECDSA-AES256-GCM-SHA384 'Peer signature type: ECDSA'
	for group in X25519 P-256 P-384; do check "$key group $group" group "$group"; done
	check "$key a page" large_page
	stop_server
done
check "p256 a client that takes SHA-1 alone gets an alert, and the next a handshake" sha1_only p256 ECDSA 0
finish
