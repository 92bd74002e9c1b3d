#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
# Decryption in the HSM of what was encrypted without the provider: pkeyutl, cms, smime, and the RSA key exchange of TLS 1.2.
. "$(dirname "$0")/lib.sh"
printf 'a secret' >secret
public rsa2048
certificate rsa2048

decrypt() {
	plain pkeyutl -encrypt -pubin -inkey rsa2048.pub -in secret -out secret.enc "$@"
	rm -f out
	costs 1 2 o pkeyutl -decrypt -inkey "$(uri rsa2048)" -in secret.enc -out out "$@"
	cmp secret out
}
encrypt() {
	costs 1 1 o pkeyutl -encrypt -inkey "$(uri rsa2048)" -in secret -out secret.enc
	o pkeyutl -decrypt -inkey "$(uri rsa2048)" -in secret.enc -out out
	cmp secret out
}
message() {
	local command=$1
	shift
	if [ "$command" = cms ]; then
		plain cms -encrypt -binary -aes256 -in secret -recip rsa2048.crt "$@" -out mail
	else
		plain smime -encrypt -binary -aes256 -in secret -out mail rsa2048.crt
	fi
	rm -f out
	o "$command" -decrypt -in mail -recip rsa2048.crt -inkey "$(uri rsa2048)" -out out
	cmp secret out
}
# Every bad block gives the same words, whatever is wrong with it.
uniform() {
	plain pkeyutl -encrypt -pubin -inkey rsa2048.pub -in secret -out good "$@"
	head -c 255 good >short
	head -c 256 /dev/zero >zeros
	head -c 256 /dev/zero | tr '\0' '\377' >large
	(head -c 100 good && printf 'X' && tail -c 155 good) >changed
	for block in short zeros large changed; do
		refused 'is no block that decrypts' o pkeyutl -decrypt -inkey "$(uri rsa2048)" -in "$block" -out out "$@"
		sed 's/^[0-9A-F]*://; s/\.c:[0-9]*:/.c:/' refused.err >"words.$block"
		cmp words.short "words.$block"
	done
}
unlogged() {
	plain pkeyutl -encrypt -pubin -inkey rsa2048.pub -in secret -out good
	head -c 256 /dev/zero >zeros
	for block in good zeros; do
		rm -f "log.$block"
		MANAGEDHSM_LOG_LEVEL=debug MANAGEDHSM_LOG_FILE=$tmp/log.$block o pkeyutl -decrypt -inkey "$(uri rsa2048)" -in "$block" -out out ||
			true
		grep /decrypt "log.$block" | sed 's/^.*POST/POST/; s/id [0-9a-f-]*//g' >"line.$block"
	done
	[ -s line.good ]
	cmp line.good line.zeros
}
tls_rsa() {
	serve o s_server -www -cert rsa2048.crt -key "$(uri rsa2048)" -cipher AES128-GCM-SHA256
	plain s_client -connect "127.0.0.1:$port" -tls1_2 -cipher AES128-GCM-SHA256 -CAfile rsa2048.crt -verify_return_error \
		-brief >text 2>&1 </dev/null
	stop_server
	has text 'Ciphersuite: AES128-GCM-SHA256'
	has text 'Verification: OK'
}

unwraps_only() {
	local uri=managedhsm:demo:unwraps-$$
	o genpkey -propquery '?provider=managedhsm' -algorithm RSA -pkeyopt "managedhsm-uri:$uri" -pkeyopt managedhsm-key-ops:wrapKey,unwrapKey \
		-out unwraps.key
	o pkey -in "$uri" -pubout -out unwraps.pub
	plain pkeyutl -encrypt -pubin -inkey unwraps.pub -in secret -out secret.enc
	o pkeyutl -decrypt -inkey "$uri" -in secret.enc -out out
	cmp secret out
	hsm DELETE "/keys/unwraps-$$"
	hsm DELETE "/deletedkeys/unwraps-$$"
}

oaep=(-pkeyopt rsa_padding_mode:oaep)
check "PKCS#1 v1.5" decrypt
check "OAEP" decrypt "${oaep[@]}"
for digest in sha1 sha256; do check "OAEP $digest" decrypt "${oaep[@]}" -pkeyopt "rsa_oaep_md:$digest"; done
check "encryption is local" encrypt
check "a key that unwraps only" unwraps_only
check "cms, PKCS#1 v1.5" message cms
check "cms, OAEP" message cms -keyopt rsa_padding_mode:oaep
check "cms, OAEP sha256" message cms -keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256
check "smime" message smime
check "TLS 1.2 with RSA key exchange" tls_rsa
check "bad blocks, PKCS#1 v1.5" uniform
check "bad blocks, OAEP" uniform "${oaep[@]}"
check "the log does not tell" unlogged
for wish in rsa_oaep_md:sha384 rsa_oaep_label:6162; do
	check "$wish is refused" refused 'the service has OAEP' o pkeyutl -decrypt -inkey "$(uri rsa2048)" -in secret.enc "${oaep[@]}" \
		-pkeyopt "$wish"
done
check "no padding is refused" refused 'neither' o pkeyutl -decrypt -inkey "$(uri rsa2048)" -in secret.enc -pkeyopt rsa_padding_mode:none
finish
