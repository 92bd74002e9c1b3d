#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# openssl pkey: the public half is the service's, the private half stays there; and every form of the URI.
. "$(dirname "$0")/lib.sh"

rsa_public() {
	o pkey -in "$(uri "$1")" -pubout -out pub
	[ "$(plain rsa -pubin -in pub -noout -modulus)" = "Modulus=$(jwk_hex "$1" n | tr a-f A-F)" ]
	plain pkey -pubin -in pub -noout -text >text
	has text "Exponent: 65537"
}
# The point and the curve's name, which plain OpenSSL reads from the key that the provider gave.
ec_public() {
	o pkey -in "$(uri "$1")" -pubout -outform DER -out pub
	plain pkey -pubin -inform DER -in pub -noout -text >text
	has text "ASN1 OID: $2"
	hasnt text 'Field Type'
	[ "$(sed -n '/^pub:/,/^ASN1/p' text | grep '^ ' | tr -d ' :\n')" = "04$(jwk_hex "$1" x)$(jwk_hex "$1" y)" ]
}
text() {
	o pkey -in "$(uri "$1")" -noout -text >text
	has text "Private-Key: ($2 bit $3, in Azure Managed HSM)"
	has text "URI: managedhsm:demo:$1:"
	o pkey -in "$(uri "$1")" -noout -text_pub >text
	has text "Public-Key: ($2 bit)"
}
checks() {
	o pkey -in "$(uri "$1")" -noout -pubcheck >checked
	has checked 'Key is valid'
	o pkey -in "$(uri "$1")" -noout -check >checked
	has checked 'Key is valid'
}
der() { refused 'never leaves the HSM' o pkey -in "$(uri "$1")" -outform DER -out private; }
encrypted() { refused 'no secret and is not encrypted' o pkey -in "$(uri "$1")" -aes256 -passout pass:x -out private; }
form() {
	public p256
	o pkey -in "$1" -pubout | cmp - p256.pub
	o pkey -in "$1" -out file.pem
	[ "$(head -1 file.pem)" = '-----BEGIN MANAGED HSM KEY-----' ]
}
public_half() {
	public p256
	o pkey -pubin -in "$1" -pubout | cmp - p256.pub
}
no_private_half() { refused 'Could not (read|find) key' o pkey -in "$(uri p256)?type=public" -out file.pem; }

version=$(hsm GET /keys/p256 | jq -r .key.kid)
version=${version##*/}
for key in rsa2048 rsa3072 rsa4096; do
	check "$key public key" rsa_public "$key"
	check "$key -text" text "$key" "${key#rsa}" RSA
done
check "p256 public key" ec_public p256 prime256v1
check "p384 public key" ec_public p384 secp384r1
check "p521 public key" ec_public p521 secp521r1
check "p256k public key" ec_public p256k secp256k1
check "p521 -text" text p521 521 EC
for key in rsa2048 p256 p384 p521 p256k; do check "$key -pubcheck and -check" checks "$key"; done
for key in rsa2048 p256; do
	check "$key the private key has no DER form" der "$key"
	check "$key a key file is not encrypted" encrypted "$key"
done
for form in managedhsm:demo:p256 managedhsm://demo/p256 MANAGEDHSM:demo:p256 "managedhsm:demo:p256:$version" "managedhsm://demo/p256/$version" \
	"managedhsm:demo:p256?version=$version" 'managedhsm:demo:p256?type=private' "managedhsm:demo:p256?type=private&version=$version" \
	managedhsm:https://demo.managedhsm.azure.net/keys/p256 "managedhsm:https://demo.managedhsm.azure.net/keys/p256/$version"; do
	check "$form" form "$form"
done
for form in 'managedhsm:demo:p256?type=public' managedhsm:demo:p256; do check "-pubin $form" public_half "$form"; done
check "type=public has no private half" no_private_half
finish
