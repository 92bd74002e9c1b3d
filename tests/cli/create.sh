#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
# openssl genpkey: keys created in the HSM.
. "$(dirname "$0")/lib.sh"
ours=(-propquery '?provider=managedhsm')
unique=$$-$(date +%s)
seq 1 100 >document

create() { # NAME ALGORITHM OPTION...
	local name=$1-$unique algorithm=$2
	shift 2
	rm -f key.pem
	costs 1 2 o genpkey "${ours[@]}" -algorithm "$algorithm" "$@" -pkeyopt "managedhsm-uri:managedhsm:demo:$name" -out key.pem
	has key.pem '-----BEGIN MANAGED HSM KEY-----'
	hsm GET "/keys/$name" >jwk
}
signs() {
	create "$@"
	o pkey -in key.pem -pubout -out pub
	o dgst -sha256 -sign key.pem -out sig document
	plain dgst -sha256 -verify pub -signature sig document
}
rsa() {
	signs "rsa-$1" RSA -pkeyopt "rsa_keygen_bits:$1"
	plain pkey -pubin -in pub -noout -text >text
	has text "Public-Key: ($1 bit)"
}
ec() {
	signs "ec-$1" EC -pkeyopt "group:$1"
	plain pkey -pubin -in pub -noout -text >text
	has text "ASN1 OID: $2"
}
aes() {
	create "aes-$1" AES-KW -pkeyopt "bits:$1"
	o rand -out k 32
	o pkeyutl -encrypt -inkey key.pem -in k -out wrapped
	[ "$(wc -c <wrapped)" = 40 ]
	o pkeyutl -decrypt -inkey key.pem -in wrapped -out out
	cmp k out
}
options() {
	create options EC -pkeyopt group:P-256 -pkeyopt managedhsm-key-ops:sign -pkeyopt managedhsm-tags:owner=me,use=test
	jq -e '.key.key_ops == ["sign"] and .tags == {"owner":"me","use":"test"} and .attributes.exportable == false' jwk
}
exportable() {
	echo '{"version":"1.0.0","anyOf":[]}' >policy.json
	create exportable RSA -pkeyopt managedhsm-exportable:yes -pkeyopt managedhsm-release-policy:policy.json
	jq -e '.attributes.exportable == true and (.release_policy.data | length > 0)' jwk
}
existing() {
	local uri=managedhsm:demo:twice-$unique
	o genpkey "${ours[@]}" -algorithm EC -pkeyopt group:P-256 -pkeyopt "managedhsm-uri:$uri" -out first.pem
	refused 'there is a key of that name' o genpkey "${ours[@]}" -algorithm EC -pkeyopt group:P-256 -pkeyopt "managedhsm-uri:$uri" -out second.pem
	o genpkey "${ours[@]}" -algorithm EC -pkeyopt group:P-256 -pkeyopt "managedhsm-uri:$uri" -pkeyopt managedhsm-new-version:yes -out second.pem
	refused '' cmp first.pem second.pem
	o storeutl -noout "$uri:versions" >text
	has text 'Total found: 2'
}
no() { # PATTERN OPTION...
	local pattern=$1
	shift
	refused "$pattern" o genpkey "${ours[@]}" "$@" -out never.pem
	[ ! -s never.pem ]
}

for bits in 2048 3072 4096; do check "RSA $bits" rsa "$bits"; done
check "P-256" ec P-256 prime256v1
check "P-384" ec P-384 secp384r1
check "P-521" ec P-521 secp521r1
check "secp256k1" ec secp256k1 secp256k1
for bits in 128 192 256; do check "AES $bits" aes "$bits"; done
check "key operations and tags" options
check "an exportable key with its policy" exportable
check "an existing name" existing
new=(-pkeyopt "managedhsm-uri:managedhsm:demo:never-$unique")
check "RSA 1024" no 'RSA keys of 2048, 3072 and 4096' -algorithm RSA -pkeyopt rsa_keygen_bits:1024 "${new[@]}"
check "brainpool" no 'no EC keys on brainpoolP256r1' -algorithm EC -pkeyopt group:brainpoolP256r1 "${new[@]}"
check "AES 512" no 'AES keys of 128, 192 and 256' -algorithm AES-KW -pkeyopt bits:512 "${new[@]}"
check "an unknown operation" no 'is not understood' -algorithm RSA -pkeyopt managedhsm-key-ops:fly "${new[@]}"
check "exportable without a policy" no 'release policy' -algorithm RSA -pkeyopt managedhsm-exportable:yes "${new[@]}"
check "a URI with a version" no 'without a version' -algorithm RSA -pkeyopt managedhsm-uri:managedhsm:demo:k:0123456789abcdef0123456789abcdef
check "options without a URI" no 'no managedhsm-uri' -algorithm EC -pkeyopt group:P-256 -pkeyopt managedhsm-tags:a=b
# Other scripts list what is there.
for name in $(o storeutl managedhsm:demo | sed -n "s/^[0-9]*: Name: managedhsm:demo:\(.*-$unique\)\$/\1/p"); do
	hsm DELETE "/keys/$name" >/dev/null
	hsm DELETE "/deletedkeys/$name" >/dev/null
done
finish
