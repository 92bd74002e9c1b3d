#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# openssl smime -sign: PKCS#7.
. "$(dirname "$0")/lib.sh"
seq 1 1000 >document

sign() {
	local key=$1
	shift
	[ -s "$key.crt" ] || issue "$key" mail "$(uri "$key")"
	o smime -sign -in document -signer "$key.crt" -inkey "$(uri "$key")" -out mail "$@"
	plain smime -verify -in mail -CAfile ca.crt -out verified
	diff --strip-trailing-cr document verified
}
der() {
	o smime -sign -binary -nodetach -in document -signer "$1.crt" -inkey "$(uri "$1")" -outform DER -out p7
	plain smime -verify -binary -inform DER -in p7 -CAfile ca.crt -out verified
	cmp document verified
	plain pkcs7 -inform DER -in p7 -print -noout >text
	has text "$2"
}
resign() {
	sign rsa2048 -nodetach
	o smime -resign -in mail -signer p256.crt -inkey "$(uri p256)" -out again
	plain smime -verify -in again -CAfile ca.crt -out verified
}
tampered() {
	sign p256
	sed 's/^500/501/' mail >other
	refused 'digest failure|signature failure' plain smime -verify -in other -CAfile ca.crt -out verified
}

for digest in sha256 sha384 sha512; do
	for key in rsa2048 p256 p384 p521 p256k; do check "$key $digest" sign "$key" -md "$digest"; done
done
for key in rsa2048 p256; do check "$key -nodetach" sign "$key" -nodetach; done
check "rsa2048 DER" der rsa2048 'algorithm: rsaEncryption'
check "p256 DER" der p256 'algorithm: ecdsa-with-SHA256'
check "a second signer" resign
check "a message that was changed" tampered
finish
