#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# AES keys in the HSM: openssl pkeyutl wraps and unwraps keys with them, and what it makes is what plain OpenSSL makes.
. "$(dirname "$0")/lib.sh"
pad=(-pkeyopt algorithm:CKM_AES_KEY_WRAP_PAD)
hex() { od -An -v -tx1 "$1" | tr -d ' \n'; }
wrap() { o pkeyutl -encrypt -inkey "$1" -in "$2" -out "$3" "${@:4}"; }
unwrap() { o pkeyutl -decrypt -inkey "$1" -in "$2" -out "$3" "${@:4}"; }

# import NAME BYTES: an AES key of known bytes, in the file NAME and in the HSM.
import() {
	head -c "$2" /dev/urandom >"$1"
	hsm PUT "/keys/$1" "{\"key\":{\"kty\":\"oct-HSM\",\"k\":\"$(base64 -w 0 "$1" | tr -d = | tr '+/' '-_')\"}}" >/dev/null
}
# Plain OpenSSL with the same bytes: the initial values of RFC 3394 and of RFC 5649.
plain_wrap() { plain enc "$1" -e -K "$(hex "$2")" -iv "$3" -in "$4" -out "$5"; }

both_ways() {
	import "wrap$1" "$(($1 / 8))"
	for size in 16 24 32 40; do
		head -c "$size" /dev/urandom >secret
		wrap "$(uri "wrap$1")" secret wrapped
		plain_wrap "-id-aes$1-wrap" "wrap$1" A6A6A6A6A6A6A6A6 secret expected
		cmp wrapped expected
		unwrap "$(uri "wrap$1")" expected unwrapped
		cmp secret unwrapped
	done
}
padded() {
	import wrappad 32
	for size in 1 8 20 33; do
		head -c "$size" /dev/urandom >secret
		wrap "$(uri wrappad)" secret wrapped "${pad[@]}"
		plain_wrap -id-aes256-wrap-pad wrappad A65959A6 secret expected
		cmp wrapped expected
		unwrap "$(uri wrappad)" wrapped unwrapped "${pad[@]}"
		cmp secret unwrapped
	done
}
# One to load, and then one for each size that is tried.
tries() {
	head -c 32 /dev/urandom >secret
	costs 1 2 wrap "$(uri aes256)" secret wrapped
	costs 1 3 wrap "$(uri aes192)" secret wrapped
	costs 1 4 wrap "$(uri aes128)" secret wrapped
	costs 1 2 wrap "$(uri aes128)?algorithm=A128KW" secret wrapped
	costs 1 2 wrap "$(uri aes128)" secret wrapped -pkeyopt algorithm:A128KW
	MANAGEDHSM_API_VERSION=2026-03-01-preview costs 1 2 wrap "$(uri aes128)" secret wrapped
	unwrap "$(uri aes128)" wrapped unwrapped
	cmp secret unwrapped
}
key_file() {
	head -c 32 /dev/urandom >secret
	o pkey -in "$(uri aes192)?algorithm=A192KW" -out key.pem
	has key.pem '-----BEGIN MANAGED HSM KEY-----'
	costs 1 1 wrap key.pem secret wrapped
	costs 1 1 unwrap key.pem wrapped unwrapped
	cmp secret unwrapped
	o pkey -in key.pem -noout -text >text
	has text 'Secret-Key: (192 bit AES, in Azure Managed HSM)'
	has text "URI: managedhsm:demo:aes192:"
}
tampered() {
	head -c 32 /dev/urandom >secret
	wrap "$(uri aes256)" secret wrapped
	printf '\0\0\0\0' >bad
	tail -c +5 wrapped >>bad
	refused 'cannot be decrypted.*this is no block that unwraps' unwrap "$(uri aes256)" bad unwrapped
	head -c 32 wrapped >bad
	refused 'this is no block that unwraps' unwrap "$(uri aes256)" bad unwrapped
	head -c 33 wrapped >bad
	refused 'this is no block that unwraps' unwrap "$(uri aes256)" bad unwrapped
	: >bad
	refused 'this is no block that unwraps' unwrap "$(uri aes256)" bad unwrapped
	refused 'this is no block that unwraps' unwrap "$(uri aes192)" wrapped unwrapped
}
lengths() {
	head -c 20 /dev/urandom >secret
	refused 'multiple of 8 bytes.*algorithm:CKM_AES_KEY_WRAP_PAD' wrap "$(uri aes256)" secret wrapped
	: >secret
	refused 'nothing to wrap' wrap "$(uri aes256)" secret wrapped
}
not_its_work() {
	echo document >document
	refused '' o dgst -sha256 -sign "$(uri aes256)" document
	refused '' o req -x509 -new -config "$cnf" -key "$(uri aes256)" -subj /CN=x
	refused '' o pkey -in "$(uri aes256)" -pubout
	refused 'never leaves the HSM' o pkey -in "$(uri aes256)" -outform DER -out key.der
	refused 'has no public half' o pkey -pubin -in "$(uri aes256)"
	refused 'is no AES key' o pkey -in "$(uri rsa2048)?algorithm=A128KW" -noout
}

for bits in 128 192 256; do check "a $bits-bit key wraps and unwraps as plain OpenSSL does" both_ways $bits; done
check 'a secret of any length is wrapped with padding' padded
check 'a size that is not known is tried out, from the largest' tries
check 'a key file keeps the size and loads without a request' key_file
check 'a block that was changed is refused, always in the same words' tampered
check 'a length that cannot be wrapped is refused' lengths
check 'what such a key cannot do is refused' not_its_work
finish
