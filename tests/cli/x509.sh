#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# openssl x509: issues with a CA key in the HSM, signs its own, makes a request of a certificate.
. "$(dirname "$0")/lib.sh"

issued() {
	certificate "$1"
	plain req -new -config "$cnf" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.key -subj /CN=leaf -out leaf.csr 2>/dev/null
	o x509 -req -in leaf.csr -CA "$1.crt" -CAkey "$(uri "$1")" -CAcreateserial "-sha$2" -days 30 -extfile "$cnf" -extensions tls -out leaf.crt
	plain verify -CAfile "$1.crt" leaf.crt
	plain x509 -in leaf.crt -noout -text >text
	has text "Signature Algorithm: $3"
	has text 'Issuer: CN = '"$1"
}
issued_with_pss() {
	certificate rsa2048
	o x509 -req -in leaf.csr -CA rsa2048.crt -CAkey "$(uri rsa2048)" -set_serial 5 -sha512 -sigopt rsa_padding_mode:pss -days 30 -out leaf.crt
	plain verify -CAfile rsa2048.crt leaf.crt
	plain x509 -in leaf.crt -noout -text >text
	has text 'Salt Length: 0x40 '
	has text 'Mask Algorithm: mgf1 with sha512 '
}
# The leaf's key is in the HSM, the CA's is not: what is certified is the public half, with its curve named.
certified() {
	public "$1"
	issue "$1" tls "$(uri "$1")"
	plain verify -CAfile ca.crt "$1.crt"
	plain x509 -in "$1.crt" -noout -pubkey | cmp - "$1.pub"
	plain x509 -in "$1.crt" -noout -text >text
	hasnt text 'Field Type'
}
self_signed() {
	o req -new -config "$cnf" -key "$(uri "$1")" -subj /CN=self -out csr
	o x509 -req -in csr -signkey "$(uri "$1")" -days 30 -extfile "$cnf" -extensions ca -out crt
	plain verify -CAfile crt -check_ss_sig crt
}
new() {
	o x509 -new -key "$(uri "$1")" -subj /CN=new -days 30 -extfile "$cnf" -extensions ca -sha384 -out crt
	plain verify -CAfile crt -check_ss_sig crt
}
to_request() {
	certificate "$1"
	public "$1"
	o x509 -in "$1.crt" -x509toreq -signkey "$(uri "$1")" -out csr
	plain req -in csr -verify -noout
	plain req -in csr -noout -pubkey | cmp - "$1.pub"
}
wrong_key() {
	certificate p256
	refused 'key values mismatch|do not match|not match' o x509 -req -in csr -CA p256.crt -CAkey "$(uri p384)" -set_serial 5 -out crt
}

for bits in 256 384 512; do
	check "issued by rsa2048 with SHA-$bits" issued rsa2048 "$bits" "sha${bits}WithRSAEncryption"
	for key in p256 p384 p521 p256k; do check "issued by $key with SHA-$bits" issued "$key" "$bits" "ecdsa-with-SHA$bits"; done
done
check "issued with PSS" issued_with_pss
for key in rsa3072 p256 p521; do
	check "$key certified by a software CA" certified "$key"
	check "$key -signkey" self_signed "$key"
	check "$key -new" new "$key"
	check "$key -x509toreq" to_request "$key"
done
check "a CA key that is not the certificate's" wrong_key
finish
