#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# openssl pkeyutl: signs digests and, with -rawin, files; verifies with plain OpenSSL and with the key in the HSM.
. "$(dirname "$0")/lib.sh"
seq 1 1000 >document
for bits in 256 384 512; do plain dgst "-sha$bits" -binary -out "digest$bits" document; done

digest() {
	public "$1"
	o pkeyutl -sign -inkey "$(uri "$1")" -in "digest$2" -pkeyopt "digest:sha$2" -out sig
	plain dgst "-sha$2" -verify "$1.pub" -signature sig document
	o pkeyutl -verify -inkey "$(uri "$1")" -in "digest$2" -pkeyopt "digest:sha$2" -sigfile sig
}
pss() {
	local options=(-pkeyopt "digest:sha$1" -pkeyopt rsa_padding_mode:pss -pkeyopt "rsa_pss_saltlen:$2")
	public rsa2048
	o pkeyutl -sign -inkey "$(uri rsa2048)" -in "digest$1" "${options[@]}" -out sig
	plain dgst "-sha$1" -verify rsa2048.pub -sigopt rsa_padding_mode:pss -sigopt "rsa_pss_saltlen:$(digest_size "$1")" -signature sig document
	o pkeyutl -verify -inkey "$(uri rsa2048)" -in "digest$1" "${options[@]}" -sigfile sig
}
# The digest with its name before it, PKCS#1's DigestInfo, as old programs make it. (The command takes no more than 64 bytes.)
digest_info() {
	local algorithm
	public rsa3072
	algorithm=$(printf 'asn1=SEQUENCE:info\n[info]\na=SEQUENCE:algorithm\nd=FORMAT:HEX,OCT:%s\n[algorithm]\no=OID:sha%s\nn=NULL\n' \
		"$(od -An -v -tx1 <"digest$1" | tr -d ' \n')" "$1")
	plain asn1parse -genconf <(echo "$algorithm") -noout -out info
	o pkeyutl -sign -inkey "$(uri rsa3072)" -in info -out sig
	plain dgst "-sha$1" -verify rsa3072.pub -signature sig document
	o pkeyutl -verifyrecover -inkey "$(uri rsa3072)" -in sig -out recovered
	cmp info recovered
}
ecdsa_bare() {
	public "$1"
	o pkeyutl -sign -inkey "$(uri "$1")" -in "digest$2" -out sig
	plain pkeyutl -verify -pubin -inkey "$1.pub" -in "digest$2" -sigfile sig
}
rawin() {
	public "$1"
	o pkeyutl -sign -rawin -digest sha384 -inkey "$(uri "$1")" -in document -out sig
	plain dgst -sha384 -verify "$1.pub" -signature sig document
	o pkeyutl -verify -rawin -digest sha384 -inkey "$(uri "$1")" -in document -sigfile sig
}
tampered() {
	o pkeyutl -sign -inkey "$(uri "$1")" -in digest256 -pkeyopt digest:sha256 -out sig
	plain dgst -sha256 -binary -out other /dev/null
	refused '' o pkeyutl -verify -inkey "$(uri "$1")" -in other -pkeyopt digest:sha256 -sigfile sig
	has refused.out 'Signature Verification Failure'
}

for bits in 256 384 512; do
	for key in rsa2048 rsa4096 p256 p384 p521 p256k; do check "$key a SHA-$bits digest" digest "$key" "$bits"; done
	for key in p256 p384 p521 p256k; do check "$key $(digest_size "$bits") bytes without a digest's name" ecdsa_bare "$key" "$bits"; done
	for salt in digest -1 "$(digest_size "$bits")" auto; do check "PSS with SHA-$bits, salt $salt" pss "$bits" "$salt"; done
done
check "a DigestInfo" digest_info 256
for key in rsa2048 p384; do
	check "$key -rawin" rawin "$key"
	check "$key another digest does not verify" tampered "$key"
done
finish
