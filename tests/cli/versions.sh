#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Key versions: a URI with a version, and a key file, stay with their version when the key is rotated.
. "$(dirname "$0")/lib.sh"
seq 1 1000 >document

newest() { hsm GET "/keys/$1" | jq -r .key.kid | sed 's,.*/,,'; }
# make NAME JSON: a key with two versions, and what was made before the rotation: old.pub, old.pem, $old and $new.
make() {
	name=$1-$$
	hsm POST "/keys/$name/create" "$2" >/dev/null
	old=$(newest "$name")
	o pkey -in "$(uri "$name")" -pubout -out old.pub
	o pkey -in "$(uri "$name")" -out old.pem
	hsm POST "/keys/$name/rotate" '{}' >/dev/null
	new=$(newest "$name")
	[ "$old" != "$new" ]
	o pkey -in "$(uri "$name")" -pubout -out new.pub
	refused '' cmp old.pub new.pub
}
signs_with() {
	o dgst -sha256 -sign "$1" -out sig document
	plain dgst -sha256 -verify "$2.pub" -signature sig document
}
rotation() {
	make "$@"
	signs_with "$(uri "$name")" new
	signs_with "$(uri "$name"):$old" old
	signs_with "$(uri "$name"):$new" new
	signs_with "$(uri "$name")?version=$old" old
	signs_with "managedhsm://demo/$name/$old" old
	signs_with "managedhsm:https://demo.managedhsm.azure.net/keys/$name/$old" old
	signs_with "$(uri "$name"):$(tr a-f A-F <<<"$old")" old
	signs_with old.pem old
	o pkey -in old.pem -pubout | cmp - old.pub
}
# The server has loaded its key without a version; its certificate fits the old one.
rotated_under_a_server() {
	name=server-$$
	hsm POST "/keys/$name/create" '{"kty":"EC-HSM","crv":"P-256"}' >/dev/null
	issue server tls "$(uri "$name")"
	serve o s_server -www -cert server.crt -key "$(uri "$name")"
	for i in 1 2; do
		plain s_client -connect "127.0.0.1:$port" -CAfile ca.crt -verify_return_error </dev/null >client 2>&1
		has client 'Verification: OK'
		hsm POST "/keys/$name/rotate" '{}' >"rotated$i"
	done
	stop_server
	refused 'values mismatch' o s_server -accept 127.0.0.1:0 -www -cert server.crt -key "$(uri "$name")"
}
unknown_version() {
	refused 'KeyNotFound|404' o dgst -sha256 -sign "$(uri p256):00000000000000000000000000000000" document
}
disabled_version() {
	make disabled '{"kty":"EC-HSM","crv":"P-384"}'
	hsm PATCH "/keys/$name/$old" '{"attributes":{"enabled":false}}' >/dev/null
	refused 'KeyDisabled|disabled' o dgst -sha256 -sign old.pem document
	signs_with "$(uri "$name")" new
}

check "RSA" rotation version-rsa '{"kty":"RSA-HSM","key_size":2048}'
check "EC" rotation version-ec '{"kty":"EC-HSM","crv":"P-256"}'
check "a server goes on with its version" rotated_under_a_server
check "a version that is not there" unknown_version
check "a version that is disabled" disabled_version
finish
