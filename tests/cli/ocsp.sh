#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# openssl ocsp: a responder whose key is in the HSM, and a request that is signed with one.
. "$(dirname "$0")/lib.sh"
software_ca
plain req -new -config "$cnf" -newkey rsa:2048 -nodes -keyout leaf.key -subj /CN=leaf -out leaf.csr 2>/dev/null
plain x509 -req -in leaf.csr -CA ca.crt -CAkey ca.key -set_serial 0x11 -days 30 -out leaf.crt 2>/dev/null
printf 'V\t491231235959Z\t\t11\tunknown\t/CN=leaf\n' >index.txt
plain ocsp -issuer ca.crt -cert leaf.crt -reqout request -noverify 2>/dev/null

respond() {
	local key=$1 digest=$2
	shift 2
	issue "$key" responder "$(uri "$key")"
	o ocsp -index index.txt -CA ca.crt -rsigner "$key.crt" -rkey "$(uri "$key")" -rmd "$digest" "$@" -reqin request -respout response
	plain ocsp -respin response -issuer ca.crt -cert leaf.crt -CAfile ca.crt -no_nonce >status 2>verified
	has verified 'Response verify OK'
	has status 'leaf.crt: good'
	plain ocsp -respin response -noverify -resp_text >text
}
algorithm() {
	respond "$1" "$2"
	has text "Signature Algorithm: $3"
}
pss() {
	respond rsa2048 sha256 -rsigopt rsa_padding_mode:pss -rsigopt rsa_pss_saltlen:digest
	has text 'Signature Algorithm: rsassaPss'
}
# A signed request: the signer's certificate travels with it, so plain OpenSSL can read who asked.
signed_request() {
	issue "$1" mail "$(uri "$1")"
	o ocsp -issuer ca.crt -cert leaf.crt -signer "$1.crt" -signkey "$(uri "$1")" -reqout signed -req_text >text
	has text 'Signature Algorithm:'
	plain ocsp -reqin signed -noverify -req_text >text
	has text "Subject: CN=$1"
}

for bits in 256 384 512; do
	check "rsa2048 sha$bits" algorithm rsa2048 "sha$bits" "sha${bits}WithRSAEncryption"
	for key in p256 p384 p521 p256k; do check "$key sha$bits" algorithm "$key" "sha$bits" "ecdsa-with-SHA$bits"; done
done
check "PSS" pss
for key in rsa2048 p256; do check "$key signs a request" signed_request "$key"; done
finish
