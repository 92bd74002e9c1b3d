#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Certificates of a Key Vault, in every place where openssl takes one. Needs an emulator of its own: a Managed HSM has none.
. "$(dirname "$0")/lib.sh"
exports=$("$here/../../scripts/emulator" start --service vault 2>/dev/null)
eval "$exports"
trap '"$here/../../scripts/emulator" stop >/dev/null 2>&1 || true; end' EXIT
seq 1 1000 >document
certificates=(rsa-cert ec-cert)

uri() { echo "keyvault:demo:$1"; }
hsm GET /keys/rsa-cert >/dev/null # made in the background
version() { hsm GET "/certificates/$1" | jq -r '.id | split("/")[-1]'; }
# What the service says, not what the provider says.
expected() { hsm GET "/certificates/$1" | jq -r .cer | base64 -d; }

x509() {
	o x509 -in "$2" -outform DER -out got.der
	expected "$1" >expected.der
	cmp got.der expected.der
}
public_key() {
	o x509 -in "$(uri "$1")" -noout -pubkey >certificate.pub
	o pkey -in "$(uri "$1")" -pubout -out key.pub
	cmp certificate.pub key.pub
}
both() {
	o storeutl -noout "$1" >text
	has text '0: Certificate 1: Pkey Total found: 2'
}
finds() { # WORDS OPTION... URI
	local words=$1
	shift
	o storeutl -noout "$@" >text
	has text "$words"
}
names() {
	o storeutl keyvault:demo >text
	for name in "${certificates[@]}"; do grep -A1 "Name: keyvault:demo:$name$" text | grep -x 'key of a certificate'; done
	has text 'Name: keyvault:demo:p256'
}
recursive() {
	o storeutl -noout -r keyvault:demo >text
	for name in "${certificates[@]}"; do grep -A2 "Name: keyvault:demo:$name$" text | grep -x '  0: Certificate'; done
}
all_certificates() {
	o storeutl -certs keyvault:demo >text
	[ "$(grep -c 'BEGIN CERTIFICATE' text)" -ge "${#certificates[@]}" ]
	hasnt text 'Pkey'
}
no_certificate() { refused "get certificate keyvault:demo:$1: HTTP 404" o x509 -in "$(uri "$1")" -noout; }
no_key_in_it() { refused '' o pkey -in "$(uri "$1")?type=cert" -noout; }

cms() {
	o cms -sign -binary -nodetach -in document -signer "$(uri "$1")" -inkey "$(uri "$1")" -outform DER -out cms
	expected "$1" | plain x509 -inform DER -out signer.crt
	plain cms -verify -binary -inform DER -in cms -noverify -certfile signer.crt -signer used.crt -out verified
	cmp document verified
	plain x509 -in used.crt -outform DER | cmp - <(expected "$1")
}
cms_encrypt() {
	o cms -encrypt -binary -aes256 -in document -outform DER -out cms "$(uri "$1")"
	o cms -decrypt -binary -inform DER -in cms -recip "$(uri "$1")" -inkey "$(uri "$1")" -out decrypted
	cmp document decrypted
}
smime() {
	o smime -sign -in document -signer "$(uri "$1")" -inkey "$(uri "$1")" -out mail
	plain smime -verify -in mail -noverify -out verified
	diff --strip-trailing-cr document verified
}
# Its issuer if it has one, else itself.
anchor() { plain x509 -inform DER -in expected.der -out anchor.crt; }
verify() {
	expected "$1" >expected.der
	anchor
	o verify -partial_chain -trusted anchor.crt "$(uri "$1")"
	o verify -partial_chain -trusted "$(uri "$1")" anchor.crt
	o verify -partial_chain -no-CAfile -no-CApath -CAstore "$(uri "$1")" anchor.crt
	o verify -partial_chain -no-CAfile -no-CApath -CAstore "keyvault:demo?type=cert" anchor.crt
}
tls() {
	expected "$1" >expected.der
	anchor
	serve o s_server -www -cert "$(uri "$1")" -key "$(uri "$1")"
	plain s_client -connect "127.0.0.1:$port" -CAfile anchor.crt -partial_chain -verify_ip 127.0.0.1 -verify_return_error "-$2" \
		</dev/null >client 2>&1
	has client 'Verification: OK'
	stop_server
}
client() {
	expected "$1" >expected.der
	anchor
	software_ca
	plain req -new -config "$cnf" -newkey rsa:2048 -nodes -keyout server.key -subj /CN=server -out server.csr 2>/dev/null
	plain x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile "$cnf" -extensions tls -out server.crt
	serve plain s_server -www -cert server.crt -key server.key -Verify 1 -CAfile anchor.crt -partial_chain -verify_return_error
	o s_client -connect "127.0.0.1:$port" -CAfile ca.crt -cert "$(uri "$1")" -key "$(uri "$1")" -quiet -verify_return_error \
		<<<$'GET / HTTP/1.0\r\n\r\n' >client 2>&1 || true
	stop_server
	has client 'HTTP/1.0 200 ok'
}
issuer() {
	plain req -new -config "$cnf" -newkey rsa:2048 -nodes -keyout leaf.key -subj /CN=leaf -out leaf.csr 2>/dev/null
	o x509 -req -in leaf.csr -CA "$(uri "$1")" -CAkey "$(uri "$1")" -set_serial 7 -days 1 -out leaf.crt
	expected "$1" | plain x509 -inform DER -noout -subject -nameopt RFC2253 >subject
	plain x509 -in leaf.crt -noout -issuer -nameopt RFC2253 >issuer
	[ "$(sed s/^subject=// subject)" = "$(sed s/^issuer=// issuer)" ]
}
pkcs12() {
	o pkcs12 -export -nokeys -in "$(uri "$1")" -passout pass:x -out certificate.p12
	plain pkcs12 -in certificate.p12 -passin pass:x -nokeys -out out.crt
	plain x509 -in out.crt -outform DER | cmp - <(expected "$1")
}
another_version() {
	old=$(version "$1")
	hsm POST "/certificates/$1/create" '{"policy":{"key_props":{"kty":"EC","crv":"P-256"},"x509_props":{"subject":"CN=new"},"issuer":{"name":"Self"}}}' >/dev/null
	for ((i = 0; i < 100; i++)); do
		[ "$(version "$1")" = "$old" ] || break
		sleep 0.1
	done
	new=$(version "$1")
	[ "$new" != "$old" ]
	o storeutl -certs "$(uri "$1"):versions" >text
	[ "$(grep -c 'BEGIN CERTIFICATE' text)" -ge 2 ]
	both "$(uri "$1"):$old"
	for at in "$old" "$new"; do
		o x509 -in "$(uri "$1"):$at" -noout -pubkey >certificate.pub
		o pkey -in "$(uri "$1"):$at" -pubout -out key.pub
		cmp certificate.pub key.pub
		cp key.pub "$at.pub"
	done
	! cmp -s "$old.pub" "$new.pub"
}

# The root is the last; the certificate leads to it over what the store gives.
chain() {
	o storeutl -certs "$(uri "$1")?type=chain" | awk '/-BEGIN/ { n++ } n { print > ("chain" n) }'
	plain verify -CAfile chain3 chain3
	refused 'unable to get local issuer' plain verify -CAfile chain3 chain1
	cat chain2 chain3 >both.pem
	plain verify -CAfile chain3 -untrusted both.pem chain1
	o verify -CAfile chain3 -untrusted "$(uri "$1")?type=chain" "$(uri "$1")"
}

for name in "${certificates[@]}"; do
	check "$name x509" x509 "$name" "$(uri "$name")"
	check "$name x509 //" x509 "$name" "keyvault://demo/$name"
	check "$name x509 of a version" x509 "$name" "$(uri "$name"):$(version "$name")"
	check "$name x509 type=cert" x509 "$name" "$(uri "$name")?type=cert"
	check "$name its key is of the certificate" public_key "$name"
	check "$name certificate and key" both "$(uri "$name")"
	check "$name certificate and key of a version" both "$(uri "$name"):$(version "$name")"
	check "$name -certs" finds '0: Certificate Total found: 1' -certs "$(uri "$name")"
	check "$name -keys" finds '0: Pkey Total found: 1' -keys "$(uri "$name")"
	check "$name type=cert is no key" no_key_in_it "$name"
	check "$name cms -sign" cms "$name"
	check "$name smime -sign" smime "$name"
	check "$name verify" verify "$name"
	for protocol in tls1_2 tls1_3; do check "$name s_server $protocol" tls "$name" "$protocol"; done
	check "$name s_client" client "$name"
	check "$name x509 -CA" issuer "$name"
	check "$name pkcs12 -nokeys" pkcs12 "$name"
	check "$name x509 costs a request" costs 1 1 o x509 -in "$(uri "$name")" -noout
	check "$name pkey costs a request" costs 1 1 o pkey -in "$(uri "$name")" -noout
	check "$name certificate and key cost two" costs 1 2 both "$(uri "$name")"
done
check "rsa-cert has no chain" finds '0: Certificate Total found: 1' -certs "$(uri rsa-cert)?type=chain"
check "ec-cert with its chain and its key" costs 1 3 finds '2: Certificate 3: Pkey Total found: 4' "$(uri ec-cert)?type=chain"
check "ec-cert with its chain" costs 1 2 finds '2: Certificate Total found: 3' -certs "$(uri ec-cert)?type=chain"
check "the key alone, of a chain" costs 1 1 finds '0: Pkey Total found: 1' -keys "$(uri ec-cert)?type=chain"
check "the chain verifies the certificate" chain ec-cert
check "rsa-cert cms -encrypt" cms_encrypt rsa-cert
check "a key without a certificate" finds '0: Pkey Total found: 1' "$(uri p256)"
check "a key without a certificate, -keys costs a request" costs 1 1 finds 'Total found: 1' -keys "$(uri p256)"
check "no certificate" no_certificate p256
check "no such name" no_certificate no-such-name
check "the names in the vault" names
check "-r" recursive
check "the certificates in the vault" all_certificates
check "another version" another_version ec-cert
finish
