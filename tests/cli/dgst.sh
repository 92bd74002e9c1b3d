#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# openssl dgst: signs with every key and digest; verifies with plain OpenSSL and with the key in the HSM.
. "$(dirname "$0")/lib.sh"
seq 1 20000 >document

pkcs1() {
	public "$1"
	o dgst "-sha$2" -sign "$(uri "$1")" -out sig document
	plain dgst "-sha$2" -verify "$1.pub" -signature sig document
}
# The salt's length is checked by naming it: a longer or shorter one does not verify.
pss() {
	public "$1"
	o dgst "-sha$2" -sign "$(uri "$1")" -sigopt rsa_padding_mode:pss -sigopt "rsa_pss_saltlen:$3" -out sig document
	plain dgst "-sha$2" -verify "$1.pub" -sigopt rsa_padding_mode:pss -sigopt "rsa_pss_saltlen:$(digest_size "$2")" -signature sig document
}
pss_unset() {
	public rsa2048
	o dgst -sha384 -sign "$(uri rsa2048)" -sigopt rsa_padding_mode:pss -sigopt rsa_mgf1_md:sha384 -out sig document
	plain dgst -sha384 -verify rsa2048.pub -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:48 -signature sig document
}
small() {
	public "$1"
	o dgst -sha256 -sign "$(uri "$1")" -out sig "$2"
	plain dgst -sha256 -verify "$1.pub" -signature sig "$2"
}
standard_input() {
	public p256
	o dgst -sha256 -sign "$(uri p256)" <document >sig
	plain dgst -sha256 -verify p256.pub -signature sig document
}
prverify() {
	o dgst -sha256 -sign "$(uri "$1")" -out sig document
	o dgst -sha256 -prverify "$(uri "$1")" -signature sig document
	seq 1 19999 >other
	refused '' o dgst -sha256 -prverify "$(uri "$1")" -signature sig other
	grep -q 'Verification failure' refused.out
}
hexadecimal() {
	public p384
	o dgst -sha384 -hex -sign "$(uri p384)" document | sed 's/.*= //' >hex
	printf '%b' "$(sed 's/../\\x&/g' hex)" >sig
	plain dgst -sha384 -verify p384.pub -signature sig document
}

for bits in 256 384 512; do
	for key in rsa2048 rsa3072 rsa4096; do
		check "$key PKCS#1 v1.5 with SHA-$bits" pkcs1 "$key" "$bits"
		check "$key PSS with SHA-$bits, salt digest" pss "$key" "$bits" digest
	done
	for salt in -1 "$(digest_size "$bits")" auto; do
		check "rsa2048 PSS with SHA-$bits, salt $salt" pss rsa2048 "$bits" "$salt"
	done
	for key in p256 p384 p521 p256k; do check "$key ECDSA with SHA-$bits" pkcs1 "$key" "$bits"; done
done
check "PSS with no salt length set" pss_unset
check "p256 ECDSA with SHA-224" pkcs1 p256 224
for key in rsa2048 p256; do
	check "$key an empty file" small "$key" /dev/null
	check "$key -prverify" prverify "$key"
done
check "standard input" standard_input
check "hexadecimal output" hexadecimal
finish
