#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# openssl req: certificate requests and self-signed certificates. What stands in them is read, not only their signature.
. "$(dirname "$0")/lib.sh"

# is_right FILE-TEXT KEY SIGNATURE-ALGORITHM: the algorithm twice, the curve by name.
is_right() {
	has "$1" "Signature Algorithm: $3"
	hasnt "$1" 'Field Type'
	case $2 in
	p256) has "$1" 'ASN1 OID: prime256v1' ;;
	p384) has "$1" 'ASN1 OID: secp384r1' ;;
	p521) has "$1" 'ASN1 OID: secp521r1' ;;
	p256k) has "$1" 'ASN1 OID: secp256k1' ;;
	*) has "$1" "Public-Key: (${2#rsa} bit)" ;;
	esac
}
# The AlgorithmIdentifier of ECDSA has no parameters (RFC 5758), the one of PKCS#1 v1.5 has NULL (RFC 4055).
identifier() {
	plain asn1parse -in "$1" >parsed
	grep -A1 "$2" parsed | tail -1 >after
	if [ "${2#ecdsa}" != "$2" ]; then has after 'BIT STRING'; else has after 'NULL'; fi
}
request() {
	public "$1"
	o req -new -config "$cnf" -key "$(uri "$1")" "-sha$2" -subj /CN=request -out csr
	plain req -in csr -verify -noout 2>verified
	has verified 'verify OK'
	plain req -in csr -noout -text >text
	is_right text "$1" "$3"
	identifier csr "$3"
	plain req -in csr -noout -pubkey | cmp - "$1.pub"
}
self_signed() {
	public "$1"
	o req -x509 -config "$cnf" -extensions ca -key "$(uri "$1")" "-sha$2" -subj /CN=self -days 30 -out crt
	plain verify -CAfile crt -check_ss_sig crt
	plain x509 -in crt -noout -text >text
	is_right text "$1" "$3"
	identifier crt "$3"
	plain x509 -in crt -noout -pubkey | cmp - "$1.pub"
}
pss() {
	o req -x509 -config "$cnf" -extensions ca -key "$(uri rsa2048)" "-sha$1" -sigopt rsa_padding_mode:pss -sigopt "rsa_pss_saltlen:$2" \
		-subj /CN=pss -days 30 -out crt
	plain verify -CAfile crt -check_ss_sig crt
	plain x509 -in crt -noout -text >text
	has text 'Signature Algorithm: rsassaPss'
	has text "Hash Algorithm: sha$1 "
	has text "Mask Algorithm: mgf1 with sha$1 "
	has text "Salt Length: 0x$(printf %02X "$(digest_size "$1")") "
}
pss_request() {
	o req -new -config "$cnf" -key "$(uri rsa3072)" -sha256 -sigopt rsa_padding_mode:pss -subj /CN=pss -out csr
	plain req -in csr -verify -noout 2>verified
	has verified 'verify OK'
}
verified_by_the_key() {
	o req -new -config "$cnf" -key "$(uri "$1")" -subj /CN=request -out csr
	o req -config "$cnf" -in csr -verify -noout -key "$(uri "$1")"
}

for bits in 256 384 512; do
	for key in rsa2048 rsa4096; do
		check "$key request with SHA-$bits" request "$key" "$bits" "sha${bits}WithRSAEncryption"
		check "$key self-signed with SHA-$bits" self_signed "$key" "$bits" "sha${bits}WithRSAEncryption"
	done
	for key in p256 p384 p521 p256k; do
		check "$key request with SHA-$bits" request "$key" "$bits" "ecdsa-with-SHA$bits"
		check "$key self-signed with SHA-$bits" self_signed "$key" "$bits" "ecdsa-with-SHA$bits"
	done
	for salt in digest -1 "$(digest_size "$bits")" auto; do check "PSS self-signed with SHA-$bits, salt $salt" pss "$bits" "$salt"; done
done
check "PSS request" pss_request
for key in rsa2048 p256; do check "$key verifies its own request" verified_by_the_key "$key"; done
finish
