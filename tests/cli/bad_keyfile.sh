#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Key files that are damaged, changed or something else.
. "$(dirname "$0")/lib.sh"
echo document >document
for key in rsa2048 p256 p384; do o pkey -in "$(uri "$key")" -out "$key.pem"; done

# der FILE: its content, as DER.
der() { sed '/^-----/d' "$1" | base64 -d; }
# pem: a key file of the DER on standard input.
pem() {
	echo '-----BEGIN MANAGED HSM KEY-----'
	base64 -w 64
	echo '-----END MANAGED HSM KEY-----'
}
sign() {
	rm -f sig
	refused "$2" o dgst -sha256 -sign "$1" -out sig document
	[ ! -s sig ]
}
# The URI in it replaced by another of the same length.
other_uri() {
	der p256.pem | sed "s|$1|$2|" | pem >bad.pem
	refused '' cmp p256.pem bad.pem
	sign bad.pem "$3"
}
cut_anywhere() {
	local size i
	size=$(der "$1.pem" | wc -c)
	for ((i = 1; i < size; i += 13)); do
		der "$1.pem" | head -c "$i" | pem >bad.pem
		sign bad.pem 'bad key file.*damaged'
	done
}
bit_anywhere() {
	local size i octets
	der p256.pem >good.der
	size=$(wc -c <good.der)
	# The emulator sees what is left of a URI or a key; whatever happens, nothing is signed that does not fit, and nothing crashes.
	for ((i = 0; i < size; i += 7)); do
		octets=$(od -An -v -tu1 -j "$i" -N 1 good.der)
		{
			head -c "$i" good.der
			printf '%b' "\\x$(printf %02x $((octets ^ 1)))"
			tail -c +$((i + 2)) good.der
		} | pem >bad.pem
		rm -f sig
		status=0
		o dgst -sha256 -sign bad.pem -out sig document || status=$?
		[ "$status" -le 1 ]
	done
}
# The public key of one key, the URI of another: caught by the verification of the signature.
mixed() {
	local parsed at
	parsed=$(der p256.pem | plain asn1parse -inform DER)
	at=$(sed -n 's/^ *\([0-9]*\):d=1 .*SEQUENCE.*/\1/p' <<<"$parsed")
	hsm POST "/keys/mixed-$$/create" '{"kty":"EC-HSM","crv":"P-256"}' >/dev/null
	o pkey -in "$(uri "mixed-$$")" -pubout -outform DER -out other.spki
	der p256.pem >good.der
	{ head -c "$at" good.der; cat other.spki; } | pem >bad.pem
	sign bad.pem 'signature does not verify'
}
too_large() {
	head -c 2000000 /dev/zero | pem >bad.pem
	sign bad.pem ''
}
headers() {
	{ head -1 p256.pem; printf 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n'; tail -n +2 p256.pem; } >bad.pem
	sign bad.pem 'is not encrypted|bad key file|damaged'
}
no_end() {
	sed '$d' p256.pem >bad.pem
	sign bad.pem 'Could not read private key from bad.pem'
}
foreign() {
	certificate p256
	sign p256.crt 'Could not read private key'
	echo nothing >bad.pem
	sign bad.pem 'Could not read private key'
	: >bad.pem
	sign bad.pem 'Could not read private key'
}
other_hsm() {
	der p256.pem | sed 's/:demo:/:dem0:/' | pem >bad.pem
	o pkey -in bad.pem -noout -text >text
	has text 'URI: managedhsm:dem0:p256:'
}

check "p256 cut off anywhere" cut_anywhere p256
check "rsa2048 cut off anywhere" cut_anywhere rsa2048
check "a bit changed anywhere" bit_anywhere
check "a host in the URI" other_uri ':demo:p256' ':d/mo:p256' 'bad key file'
check "another scheme in the URI" other_uri managedhsm manegedhsm 'bad key file'
check "a character in the version" other_uri '\(p256:..............................\)..' '\1zz' 'bad key file'
check "another key's public half" mixed
check "2 MB" too_large
check "PEM headers" headers
check "no last line" no_end
check "no key file at all" foreign
check "another HSM is only a name" other_hsm
finish
