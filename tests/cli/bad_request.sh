#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the service cannot sign is refused by the provider, with the reason and with what would work.
. "$(dirname "$0")/lib.sh"
echo document >document
plain dgst -sha256 -binary -out digest32 document
plain dgst -sha1 -binary -out digest20 document
head -c 31 digest32 >digest31
: >digest0

digest() {
	rm -f sig
	refused "$3" o dgst "-$2" -sign "$(uri "$1")" -out sig document
	[ ! -s sig ]
}
# option KEY PATTERN OPTION...
option() {
	local key=$1 pattern=$2 options=()
	shift 2
	for text in "$@"; do options+=(-sigopt "$text"); done
	refused "$pattern" o dgst -sha256 -sign "$(uri "$key")" "${options[@]}" -out sig document
}
# raw KEY FILE PATTERN [OPTION...]
raw() {
	local key=$1 file=$2 pattern=$3 options=()
	shift 3
	for text in "$@"; do options+=(-pkeyopt "$text"); done
	rm -f sig
	refused "$pattern" o pkeyutl -sign -inkey "$(uri "$key")" -in "$file" "${options[@]}" -out sig
	[ ! -s sig ]
}
tool() { refused "$1" "${@:2}"; }

for key in rsa2048 p256; do
	for name in sha1 md5 sha3-256 sha512-256 ripemd160 blake2s256; do
		check "$key $name" digest "$key" "$name" "the service signs no $name digest"
	done
done
check "rsa2048 sha224" digest rsa2048 sha224 'only SHA-256, SHA-384 and SHA-512'
for salt in max 0 20 31 33 64; do
	check "PSS salt $salt" option rsa2048 'a salt as long as the digest' rsa_padding_mode:pss "rsa_pss_saltlen:$salt"
done
check "PSS with MGF1 of another digest" option rsa2048 'MGF1 of the same digest' rsa_padding_mode:pss rsa_mgf1_md:sha512
check "PSS with MGF1 of SHA-1" option rsa2048 'no MGF1 with sha1' rsa_padding_mode:pss rsa_mgf1_md:sha1
check "a salt length without PSS" option rsa2048 'set rsa_padding_mode:pss first|parameter setting error' rsa_pss_saltlen:32
for padding in none x931 oaep; do check "padding $padding" option rsa2048 'the RSA paddings pkcs1' "rsa_padding_mode:$padding"; done
check "PSS of an EC key" option p256 'parameter|not supported|ctrl' rsa_padding_mode:pss
for key in rsa2048 p256; do
	check "$key 31 bytes as SHA-256" raw "$key" digest31 'the digest has 31 bytes; SHA256 has 32|not equal|length' digest:sha256
	check "$key 20 bytes as SHA-256" raw "$key" digest20 'the digest has 20 bytes; SHA256 has 32|length' digest:sha256
	check "$key 32 bytes as SHA-384" raw "$key" digest32 'the digest has 32 bytes; SHA384 has 48|length' digest:sha384
	check "$key nothing as SHA-256" raw "$key" digest0 'the digest has 0 bytes|length|empty' digest:sha256
	check "$key 32 bytes as SHA-1" raw "$key" digest32 'SHA1 has 20|the service signs no sha1 digest' digest:sha1
done
check "a bare digest on RSA" raw rsa2048 digest32 'for a bare digest set its name \(openssl pkeyutl: -pkeyopt digest:sha256\)'
check "a bare digest on RSA-PSS" raw rsa2048 digest32 'needs to know its digest' rsa_padding_mode:pss
check "nothing on ECDSA" raw p256 digest0 'ECDSA signs a digest of 1 to|empty'
check "req with SHA-1" tool 'no sha1 digest' o req -new -config "$cnf" -key "$(uri p256)" -sha1 -subj /CN=x -out csr
check "req with a PSS salt" tool 'a salt as long as the digest' o req -new -config "$cnf" -key "$(uri rsa2048)" -sigopt rsa_padding_mode:pss \
	-sigopt rsa_pss_saltlen:max -subj /CN=x -out csr
for key in rsa2048 p256; do
	check "$key pkey -outform DER" tool 'never leaves the HSM' o pkey -in "$(uri "$key")" -outform DER -out private
	check "$key pkcs8 -topk8" tool '' o pkcs8 -topk8 -nocrypt -in "$(uri "$key")" -outform DER -out private
	check "$key no DER was written" tool '' test -s private
done
finish
