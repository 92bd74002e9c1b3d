#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The older commands openssl rsa and openssl ec.
. "$(dirname "$0")/lib.sh"

rsa_modulus() { [ "$(o rsa -in "$(uri "$1")" -noout -modulus)" = "Modulus=$(jwk_hex "$1" n | tr a-f A-F)" ]; }
rsa_pubout() {
	public "$1"
	o rsa -in "$(uri "$1")" -pubout 2>/dev/null | cmp - "$1.pub"
}
rsa_text() {
	o rsa -in "$(uri "$1")" -noout -text >text
	has text "URI: managedhsm:demo:$1:"
	hasnt text prime
}
rsa_check() {
	o rsa -in "$(uri "$1")" -noout -check >checked
	has checked 'RSA key ok'
}
rsa_private() {
	refused '' o rsa -in "$(uri "$1")" -outform DER -out private
	refused '' o rsa -in "$(uri "$1")" -traditional -out private
	[ ! -s private ]
}
ec_pubout() {
	public "$1"
	o ec -in "$(uri "$1")" -pubout 2>/dev/null | cmp - "$1.pub"
}
ec_compressed() {
	public "$1"
	o ec -in "$(uri "$1")" -pubout -conv_form compressed -outform DER -out small 2>/dev/null
	plain ec -pubin -inform DER -in small -conv_form uncompressed -pubout 2>/dev/null | cmp - "$1.pub"
}
ec_text() {
	o ec -in "$(uri "$1")" -noout -text >text 2>/dev/null
	has text "URI: managedhsm:demo:$1:"
	has text "ASN1 OID: $2"
	hasnt text priv:
}
ec_param() {
	o ec -in "$(uri "$1")" -param_out -out param 2>/dev/null
	plain ecparam -in param -noout -text >text
	has text "ASN1 OID: $2"
}
ec_check() { o ec -in "$(uri "$1")" -noout -check; }
ec_private() {
	refused '' o ec -in "$(uri "$1")" -outform DER -out private
	[ ! -s private ]
}
wrong_command() { refused 'Not an RSA key' o rsa -in "$(uri p256)" -noout -modulus; }

for key in rsa2048 rsa4096; do
	check "$key rsa -modulus" rsa_modulus "$key"
	check "$key rsa -pubout" rsa_pubout "$key"
	check "$key rsa -text" rsa_text "$key"
	check "$key rsa -check" rsa_check "$key"
	check "$key rsa writes no private key" rsa_private "$key"
done
for pair in p256:prime256v1 p384:secp384r1 p521:secp521r1 p256k:secp256k1; do
	key=${pair%:*} name=${pair#*:}
	check "$key ec -pubout" ec_pubout "$key"
	check "$key ec -conv_form compressed" ec_compressed "$key"
	check "$key ec -text" ec_text "$key" "$name"
	check "$key ec -param_out" ec_param "$key" "$name"
	check "$key ec -check" ec_check "$key"
	check "$key ec writes no private key" ec_private "$key"
done
check "rsa refuses an EC key" wrong_command
finish
