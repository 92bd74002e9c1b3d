#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Whichever way the provider is loaded, what has nothing to do with it works as without it.
. "$(dirname "$0")/lib.sh"
seq 1 1000 >document

generates() {
	for algorithm in 'RSA -pkeyopt rsa_keygen_bits:2048' 'EC -pkeyopt ec_paramgen_curve:P-256' 'EC -pkeyopt ec_paramgen_curve:secp521r1' ED25519 X25519; do
		# shellcheck disable=SC2086 # several words
		x genpkey -algorithm $algorithm -out key 2>/dev/null
		plain pkey -in key -noout -check
		x pkey -in key -noout -text >text
		x pkey -in key -outform DER -out key.der
		plain pkey -inform DER -in key.der | cmp - key
	done
	x ecparam -name P-384 -genkey -noout -out key
	x ec -in key -noout -check
	x dsaparam -noout 1024 2>/dev/null
}
requests() {
	for new in 'rsa:2048' 'ec -pkeyopt ec_paramgen_curve:P-256' ed25519; do
		# shellcheck disable=SC2086 # several words
		x req -x509 -config "$cnf" -extensions ca -newkey $new -nodes -keyout soft.key -subj /CN=soft -days 30 -out soft.crt 2>/dev/null
		plain verify -CAfile soft.crt -check_ss_sig soft.crt
		x verify -CAfile soft.crt -check_ss_sig soft.crt
		x x509 -in soft.crt -noout -text >text
		hasnt text 'Field Type'
		plain x509 -in soft.crt -noout -text | cmp - text
	done
}
# Software keys of every kind of certificate, every group of the key exchange, both sides through the provider.
handshakes() {
	for new in 'rsa:2048' 'ec -pkeyopt ec_paramgen_curve:P-256'; do
		# shellcheck disable=SC2086 # several words
		x req -x509 -config "$cnf" -newkey $new -nodes -keyout soft.key -subj /CN=soft -days 30 -out soft.crt 2>/dev/null
		serve o s_server "${providers[@]}" -www -cert soft.crt -key soft.key
		for group in X25519 X448 P-256 P-384 P-521 ffdhe2048; do
			x s_client -connect "127.0.0.1:$port" -CAfile soft.crt -verify_return_error -tls1_3 -groups "$group" </dev/null >client 2>&1
			has client 'Verification: OK'
		done
		# In TLS 1.2 the certificate's curve has to be among the groups too.
		for groups in X25519:P-256 P-256 P-384:P-256 P-521:P-256; do
			x s_client -connect "127.0.0.1:$port" -CAfile soft.crt -verify_return_error -tls1_2 -groups "$groups" </dev/null >client 2>&1
			has client 'Verification: OK'
		done
		stop_server
	done
}
encrypts() {
	for new in 'rsa:2048' 'ec -pkeyopt ec_paramgen_curve:P-256'; do
		# shellcheck disable=SC2086 # several words
		x req -x509 -config "$cnf" -newkey $new -nodes -keyout soft.key -subj /CN=soft -days 30 -out soft.crt 2>/dev/null
		x cms -encrypt -binary -aes256 -in document -outform DER -out cms soft.crt
		x cms -decrypt -binary -inform DER -in cms -recip soft.crt -inkey soft.key -out decrypted
		cmp document decrypted
		plain cms -decrypt -binary -inform DER -in cms -recip soft.crt -inkey soft.key -out decrypted
		cmp document decrypted
		x cms -sign -binary -nodetach -in document -signer soft.crt -inkey soft.key -outform DER -out cms
		plain cms -verify -binary -noverify -inform DER -in cms -out verified
		x cms -verify -binary -noverify -inform DER -in cms -out verified
		cmp document verified
		x pkcs8 -topk8 -in soft.key -passout pass:secret -out encrypted
		has encrypted 'BEGIN ENCRYPTED PRIVATE KEY'
		x pkey -in encrypted -passin pass:secret | cmp - soft.key
		plain pkey -in encrypted -passin pass:secret | cmp - soft.key
		x pkey -in soft.key -aes256 -passout pass:secret -out encrypted
		plain pkey -in encrypted -passin pass:secret | cmp - soft.key
		# One wrong passphrase in 256 leaves a padding that looks right, and then bytes that are no key: "unsupported".
		refused 'bad decrypt|maybe wrong password|unsupported' x pkey -in encrypted -passin pass:wrong
		x pkcs12 -export -in soft.crt -inkey soft.key -passout pass:secret -out p12
		x pkcs12 -in p12 -passin pass:secret -nodes -nocerts -out out
		plain pkey -in out | cmp - soft.key
	done
	head -c 100 document >small
	x req -x509 -config "$cnf" -newkey rsa:2048 -nodes -keyout soft.key -subj /CN=soft -days 30 -out soft.crt 2>/dev/null
	x pkeyutl -encrypt -certin -inkey soft.crt -in small -pkeyopt rsa_padding_mode:oaep -out secret
	x pkeyutl -decrypt -inkey soft.key -in secret -pkeyopt rsa_padding_mode:oaep | cmp - small
}
derives() {
	x genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out a
	x genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out b
	x pkey -in a -pubout -out a.pub
	x pkey -in b -pubout -out b.pub
	x pkeyutl -derive -inkey a -peerkey b.pub -out one
	plain pkeyutl -derive -inkey b -peerkey a.pub -out two
	cmp one two
}
# libcurl's own TLS in a process that loads the provider. (curl with a sanitizer preloaded hangs in setlocale, provider or not.)
curl_command() {
	for ((i = 0; i < 3; i++)); do
		timeout 60 curl -sS -m 60 --cacert "$MANAGEDHSM_CA_FILE" "$MANAGEDHSM_ENDPOINT/emulator/stats" >answer
		jq -e .requests answer
	done
}

all() {
	check "$1: generates keys" generates
	check "$1: makes certificates" requests
	check "$1: software handshakes" handshakes
	check "$1: encrypts and decrypts" encrypts
	check "$1: derives" derives
}

ways
for way in first last preferred preferred-last; do
	export OPENSSL_CONF=$tmp/$way
	all "$way in the configuration"
	[ -n "${CLI_PRELOAD:-}" ] || check "$way in the configuration: the curl command" curl_command
done
export OPENSSL_CONF=/dev/null
providers=(-provider managedhsm -provider default)
all "-provider managedhsm -provider default"
providers+=(-propquery '?provider=managedhsm')
all "-propquery ?provider=managedhsm"
finish
