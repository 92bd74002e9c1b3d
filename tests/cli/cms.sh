#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# openssl cms -sign: S/MIME, DER and PEM, detached and not, with and without signed attributes.
. "$(dirname "$0")/lib.sh"
seq 1 1000 >document

sign() {
	local key=$1
	shift
	[ -s "$key.crt" ] || issue "$key" mail "$(uri "$key")"
	o cms -sign -binary -in document -signer "$key.crt" -inkey "$(uri "$key")" -outform DER -out cms "$@"
	plain cms -verify -binary -inform DER -in cms -content document -CAfile ca.crt -out verified
	cmp document verified
	plain cms -cmsout -print -noout -inform DER -in cms >text
}
# The AlgorithmIdentifier in the SignerInfo.
algorithm() {
	sign "$1" -md "sha$2"
	grep -A1 'signatureAlgorithm' text | tail -2 >algorithm
	has algorithm "$3"
}
pss() {
	sign rsa2048 -md "sha$1" -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:digest
	has text 'algorithm: rsassaPss'
	plain asn1parse -inform DER -in cms >parsed
	grep -A20 rsassaPss parsed | grep "INTEGER *:$(printf %02X "$(digest_size "$1")")$"
}
smime() {
	issue p256 mail "$(uri p256)"
	o cms -sign -text -in document -signer p256.crt -inkey "$(uri p256)" -from a@localhost -to b@localhost -subject signed -out mail
	plain cms -verify -text -in mail -CAfile ca.crt -out verified
	diff --strip-trailing-cr document verified
	has mail 'multipart/signed'
}
two_signers() {
	issue rsa3072 mail "$(uri rsa3072)"
	issue p384 mail "$(uri p384)"
	o cms -sign -binary -nodetach -in document -signer rsa3072.crt -inkey "$(uri rsa3072)" -signer p384.crt -inkey "$(uri p384)" -outform PEM -out cms
	plain cms -verify -inform PEM -in cms -CAfile ca.crt -out verified
	cmp document verified
}
resign() {
	two_signers
	issue p521 mail "$(uri p521)"
	o cms -resign -inform PEM -in cms -signer p521.crt -inkey "$(uri p521)" -outform PEM -out again
	plain cms -verify -inform PEM -in again -CAfile ca.crt -out verified
	[ "$(plain cms -cmsout -print -noout -inform PEM -in again | grep -c signatureAlgorithm:)" = 3 ]
}

for bits in 256 384 512; do
	for key in rsa2048 rsa4096; do check "$key SHA-$bits" algorithm "$key" "$bits" rsaEncryption; done
	for key in p256 p384 p521 p256k; do check "$key SHA-$bits" algorithm "$key" "$bits" "ecdsa-with-SHA$bits"; done
	check "PSS SHA-$bits" pss "$bits"
done
for key in rsa2048 p256; do
	check "$key the default digest" sign "$key"
	check "$key -nodetach" sign "$key" -nodetach
	check "$key -noattr" sign "$key" -noattr
	check "$key -keyid" sign "$key" -keyid
	check "$key -cades" sign "$key" -cades
done
check "an S/MIME message" smime
check "two signers" two_signers
check "a third signer, added" resign
finish
