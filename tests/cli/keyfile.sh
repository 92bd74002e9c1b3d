#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Key files, for programs that take a file and no URI: every use as with the URI.
. "$(dirname "$0")/lib.sh"
seq 1 1000 >document
software_ca

content() {
	local version
	o pkey -in "$(uri "$1")" -out "$1.pem"
	version=$(hsm GET "/keys/$1" | jq -r .key.kid | sed 's,.*/,,')
	[ "$(sed -n '1p;$p' "$1.pem" | tr '\n' ,)" = '-----BEGIN MANAGED HSM KEY-----,-----END MANAGED HSM KEY-----,' ]
	plain asn1parse -in "$1.pem" >parsed
	has parsed "UTF8STRING :managedhsm:demo:$1:$version"
	# What follows the URI is the SubjectPublicKeyInfo.
	public "$1"
	plain asn1parse -in "$1.pem" -strparse "$(sed -n 's/^ *\([0-9]*\):d=1 .*SEQUENCE.*/\1/p' parsed)" -noout -out spki
	plain pkey -pubin -inform DER -in spki -pubout | cmp - "$1.pub"
	o pkey -in "$1.pem" -pubout | cmp - "$1.pub"
	o pkey -in "$1.pem" | cmp - "$1.pem"
}
sign() {
	o dgst -sha384 -sign "$1.pem" -out sig document
	plain dgst -sha384 -verify "$1.pub" -signature sig document
	plain dgst -sha256 -binary -out digest document
	o pkeyutl -sign -inkey "$1.pem" -in digest -pkeyopt digest:sha256 -out sig
	plain dgst -sha256 -verify "$1.pub" -signature sig document
	o pkeyutl -verify -inkey "$1.pem" -in digest -pkeyopt digest:sha256 -sigfile sig
}
certificates() {
	issue "$1" tls "$1.pem"
	plain x509 -in "$1.crt" -noout -pubkey | cmp - "$1.pub"
	o req -x509 -config "$cnf" -extensions ca -key "$1.pem" -subj /CN=self -days 30 -out self.crt
	plain verify -CAfile self.crt -check_ss_sig self.crt
	o req -new -config "$cnf" -key "$1.pem" -subj /CN=x -out csr
	o x509 -req -in csr -CA self.crt -CAkey "$1.pem" -CAcreateserial -days 30 -out leaf.crt
	plain verify -CAfile self.crt leaf.crt
}
mail() {
	issue "$1" mail "$1.pem"
	o cms -sign -in document -signer "$1.crt" -inkey "$1.pem" -out mail
	plain cms -verify -in mail -CAfile ca.crt -out verified
	cat "$1.crt" "$1.pem" >both.pem
	o smime -sign -in document -signer both.pem -out mail
	plain smime -verify -in mail -CAfile ca.crt -out verified
}
handshakes() {
	issue "$1" tls "$1.pem"
	cat "$1.crt" "$1.pem" >both.pem
	for options in "-cert $1.crt -key $1.pem" '-cert both.pem'; do
		# shellcheck disable=SC2086 # several words
		serve o s_server -www $options
		for protocol in tls1_2 tls1_3; do
			plain s_client -connect "127.0.0.1:$port" -CAfile ca.crt -verify_return_error "-$protocol" </dev/null >client 2>&1
			has client 'Verification: OK'
		done
		stop_server
	done
}
text() {
	o pkey -in "$1.pem" -noout -text >text
	has text "URI: managedhsm:demo:$1:"
	o pkey -in "$1.pem" -noout -check
}
# Text around it, as other PEM files have; and line ends of another system.
surroundings() {
	{ echo 'our web server'; cat p256.crt; sed 's/$/\r/' p256.pem; echo 'end'; } >around.pem
	o dgst -sha256 -sign around.pem -out sig document
	plain dgst -sha256 -verify p256.pub -signature sig document
}

for key in rsa2048 rsa4096 p256 p384 p521 p256k; do
	check "$key what is in it" content "$key"
	check "$key dgst, pkeyutl" sign "$key"
	check "$key req, x509" certificates "$key"
	check "$key pkey -text" text "$key"
	check "$key cms, smime" mail "$key"
	[ "$key" = p256k ] || check "$key s_server" handshakes "$key"
done
check "text around it" surroundings
finish
