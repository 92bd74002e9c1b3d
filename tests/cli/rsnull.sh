#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
# Digests that only RSNULL can sign, on a service that has it: an emulator of this script's own.
. "$(dirname "$0")/lib.sh"
seq 1 100 >document
exports=$("$here/../../scripts/emulator" start --rsnull)
conf=$OPENSSL_CONF
eval "$exports"
export OPENSSL_CONF=$conf
trap '"$here/../../scripts/emulator" stop || true; end' EXIT
hsm GET /keys/no-such-key >/dev/null 2>&1 || true
public rsa2048

sign() {
	o dgst "-$1" -sign "$(uri rsa2048)" -out sig document
	plain dgst "-$1" -verify rsa2048.pub -signature sig document
}
bare() {
	o pkeyutl -sign -inkey "$(uri rsa2048)" -in value -out sig
	plain pkeyutl -verifyrecover -pubin -inkey rsa2048.pub -in sig -out recovered
	cmp value recovered
}

for digest in sha1 sha224 md5-sha1 sha256; do check "$digest" sign "$digest"; done
printf '%s' 'not a digest at all' >value
check "a bare value" bare
check "MD5 is still refused" refused 'signs no md5 digest' o dgst -md5 -sign "$(uri rsa2048)" -out sig document
check "RSA-PSS with SHA-1 is still refused" refused 'no RSA-PSS signature with SHA1' o dgst -sha1 -sigopt rsa_padding_mode:pss \
	-sign "$(uri rsa2048)" -out sig document
finish
