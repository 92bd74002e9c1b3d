#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# openssl s_client with a client key in the HSM. The server asks for the certificate, and is plain OpenSSL with a software key.
. "$(dirname "$0")/lib.sh"

software_ca
plain req -new -config "$cnf" -newkey rsa:2048 -nodes -keyout server.key -subj /CN=server -out server.csr 2>/dev/null
plain x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile "$cnf" -extensions tls -out server.crt 2>/dev/null
for key in rsa2048 rsa3072 p256 p384 p521; do issue "$key" tls "$(uri "$key")" 2>/dev/null; done

# The page is the server's own report: which certificate it has accepted, over which protocol.
client() {
	local key=$1 protocol=$2
	shift 2
	printf 'GET / HTTP/1.0\r\n\r\n' | o s_client -connect "127.0.0.1:$port" -CAfile ca.crt -verify_return_error -cert "$key.crt" -key "$(uri "$key")" \
		"-$protocol" -quiet -ign_eof "$@" >page 2>client
	has page 'HTTP/1.0 200 ok'
	has page 'Verify return code: 0 (ok)'
	has page "Subject: CN=$key"
}
without_certificate() {
	printf 'GET / HTTP/1.0\r\n\r\n' | refused 'certificate required|alert' o s_client -connect "127.0.0.1:$port" -CAfile ca.crt -quiet -ign_eof
}

serve plain s_server -www -cert server.crt -key server.key -CAfile ca.crt -Verify 1 -verify_return_error
for protocol in tls1_2 tls1_3; do
	for key in rsa2048 rsa3072 p256 p384 p521; do check "$key $protocol" client "$key" "$protocol"; done
done
check "without a certificate the server refuses" without_certificate
stop_server
for bits in 256 384 512; do
	serve plain s_server -www -cert server.crt -key server.key -CAfile ca.crt -Verify 1 -verify_return_error -client_sigalgs "rsa_pss_rsae_sha$bits:RSA+SHA$bits"
	check "RSA-PSS SHA-$bits in TLS 1.3" client rsa2048 tls1_3
	check "RSA-PSS SHA-$bits in TLS 1.2" client rsa2048 tls1_2
	stop_server
	serve plain s_server -www -cert server.crt -key server.key -CAfile ca.crt -Verify 1 -verify_return_error -client_sigalgs "RSA+SHA$bits"
	check "PKCS#1 SHA-$bits in TLS 1.2" client rsa2048 tls1_2
	stop_server
done
finish
