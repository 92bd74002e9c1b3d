#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Keys that cannot be had, tokens that do not do, hosts that are not the service's.
. "$(dirname "$0")/lib.sh"
echo document >document

# sign PATTERN [KEY]: no signature comes out.
sign() {
	rm -f sig
	refused "$1" o dgst -sha256 -sign "${2:-$(uri rsa2048)}" -out sig document
	[ ! -s sig ]
}
disabled() {
	local name=disabled-$$
	hsm POST "/keys/$name/create" '{"kty":"EC-HSM","crv":"P-256"}' >/dev/null
	o pkey -in "$(uri "$name")" -out disabled.pem
	hsm PATCH "/keys/$name" '{"attributes":{"enabled":false}}' >/dev/null
	sign 'KeyDisabled.*az keyvault key set-attributes|disabled' "$(uri "$name")"
	sign 'KeyDisabled|disabled' disabled.pem
}
not_for_signing() {
	local name=wrap-$$
	hsm POST "/keys/$name/create" '{"kty":"RSA-HSM","key_size":2048,"key_ops":["wrapKey","unwrapKey"]}' >/dev/null
	sign 'KeyOperationForbidden|not permitted|allowed operations|key_ops' "$(uri "$name")"
}
deleted() {
	local name=deleted-$$
	hsm POST "/keys/$name/create" '{"kty":"EC-HSM","crv":"P-256"}' >/dev/null
	o pkey -in "$(uri "$name")" -out deleted.pem
	hsm DELETE "/keys/$name" >/dev/null
	sign 'KeyNotFound' "$(uri "$name")"
	sign 'KeyNotFound' deleted.pem
}
token() {
	export AZURE_CLI_ACCESS_TOKEN=$1
	sign "$2"
	refused '' grep -F -- "${1:-nothing}" refused.err
}
no_token() {
	unset AZURE_CLI_ACCESS_TOKEN
	sign 'no access token: AZURE_CLI_ACCESS_TOKEN is not set.*az account get-access-token'
}
wrong_ca() {
	plain req -x509 -config "$cnf" -newkey rsa:2048 -nodes -keyout other.key -subj /CN=other -out other.crt 2>/dev/null
	MANAGEDHSM_CA_FILE=other.crt sign 'certificate.*ca-file'
}
refusing() { MANAGEDHSM_TIMEOUT=1 MANAGEDHSM_ENDPOINT=https://127.0.0.1:1 sign 'cannot connect to 127.0.0.1:1.*is "demo" the right name'; }
unresolved() {
	MANAGEDHSM_TIMEOUT=1 MANAGEDHSM_ENDPOINT=https://localhost.invalid sign 'resolve|cannot connect'
}

check "an unknown key" sign 'HTTP 404.*KeyNotFound' managedhsm:demo:no-such-key
check "a symmetric key" sign 'not supported for this keytype' "$(uri aes256)"
check "a disabled key" disabled
check "a key that must not sign" not_for_signing
check "a deleted key" deleted
check "no token" no_token
check "an empty token" token '' 'no access token'
check "a wrong token" token wrong.token.value 'HTTP 401.*az account get-access-token'
check "a token that is no token" token 'two words-with-secret' 'characters that an access token cannot have'
check "a host that refuses" refusing
check "a host that does not exist" unresolved
check "a certificate of another CA" wrong_ca
finish
