#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Whichever way the provider is loaded, it signs and verifies.
. "$(dirname "$0")/lib.sh"
seq 1 1000 >document
public rsa2048
public p256

signs() {
	for key in rsa2048 p256; do
		x dgst -sha256 -sign "$(uri "$key")" -out sig document
		plain dgst -sha256 -verify "$key.pub" -signature sig document
		x dgst -sha256 -verify "$key.pub" -signature sig document
		x dgst -sha256 -prverify "$(uri "$key")" -signature sig document
	done
	x req -x509 -config "$cnf" -extensions ca -key "$(uri p256)" -subj /CN=x -out p256.crt
	plain verify -CAfile p256.crt -check_ss_sig p256.crt
	x cms -sign -in document -signer p256.crt -inkey "$(uri p256)" -out mail
	plain cms -verify -purpose any -in mail -CAfile p256.crt -out verified
}

ways
for way in first last preferred preferred-last; do
	OPENSSL_CONF=$tmp/$way check "$way in the configuration" signs
done
export OPENSSL_CONF=/dev/null
providers=(-provider default -provider managedhsm)
check "-provider default -provider managedhsm" signs
providers=(-provider managedhsm -provider default)
check "-provider managedhsm -provider default" signs
providers=(-provider-path "$OPENSSL_MODULES" -provider managedhsm -provider default)
unset OPENSSL_MODULES
check "-provider-path" signs
finish
