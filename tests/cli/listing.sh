#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# openssl storeutl on a store and on the versions of a key.
. "$(dirname "$0")/lib.sh"
many=10000
names=(rsa2048 rsa3072 rsa4096 p256 p384 p521 p256k)
hsm GET /keys/rsa4096 >/dev/null # the last of the keys that are made in the background

bulk() { # METHOD PATH-WITH-A-RANGE [JSON]
	web -X "$1" -H "Authorization: Bearer $AZURE_CLI_ACCESS_TOKEN" -H 'Content-Type: application/json' ${3:+-d "$3"} -o /dev/null \
		"$MANAGEDHSM_ENDPOINT$2?api-version=2025-07-01"
}
found() { tail -1 "$1" | sed -n 's/^Total found: //p'; }
entries() { sed -n 's/^[0-9]*: Name: //p' "$1"; }

names() {
	o storeutl "$1" >text
	for name in "${names[@]}"; do grep -x "[0-9]*: Name: managedhsm:demo:$name" text; done
	[ "$(found text)" = "$(entries text | wc -l)" ]
	entries text | sort >sorted
	[ "$(uniq -d sorted | wc -l)" = 0 ]
}
# Every name that is given can be opened.
opened() {
	entries text >list
	[ -s list ]
	while read -r name; do o storeutl -noout "$name" >one; has one Pkey; done <list
}
names_lead_to_keys() {
	names managedhsm:demo
	grep -v aes text >rsa-and-ec
	mv rsa-and-ec text
	opened
}
recursive() {
	o storeutl -noout -r managedhsm:demo >text
	for name in "${names[@]}"; do grep -A1 "^[0-9]*: Name: managedhsm:demo:$name$" text | grep -x '  0: Pkey'; done
}
keys() {
	o storeutl -keys -noout "$1" >text
	[ "$(grep -c ': Pkey$' text)" -ge "${#names[@]}" ]
	[ "$(found text)" = "$(grep -c ': Pkey$' text)" ]
}
as_pem() {
	o storeutl -keys managedhsm:demo >text
	[ "$(grep -c 'BEGIN MANAGED HSM KEY' text)" -ge "${#names[@]}" ]
}
public_keys() {
	o storeutl -noout 'managedhsm:demo?type=public' >text
	[ "$(grep -c ': Public key$' text)" -ge "${#names[@]}" ]
}
nothing() {
	o storeutl "$1" -noout "$2" >text
	has text 'Total found: 0'
}
no_certificates() { refused 'a Managed HSM has no certificates' o storeutl -noout "$1"; }

versions() {
	hsm POST /keys/listed/create '{"kty":"EC-HSM","crv":"P-256"}' >/dev/null
	hsm POST /keys/listed/create '{"kty":"EC-HSM","crv":"P-384"}' >/dev/null
	o storeutl "$1" >text
	[ "$(grep -cE ': Name: managedhsm:demo:listed:[0-9a-f]{32}$' text)" = 2 ]
	opened
	o storeutl -keys -noout -text "$1" >text
	has text '256 bit'
	has text '384 bit'
	hsm DELETE /keys/listed >/dev/null
	hsm DELETE /deletedkeys/listed >/dev/null
}
no_versions() {
	with_preload openssl storeutl -noout managedhsm:demo:no-such-key:versions >text 2>err || true
	has text 'Total found: 0'
	has err 'list managedhsm:demo:no-such-key:versions: HTTP 404 Not Found'
}
two_versions() { refused 'version "versions:versions"' o pkey -in managedhsm:demo:p256:versions:versions; }

disabled() {
	hsm POST /keys/disabled/create '{"kty":"EC-HSM","crv":"P-256","attributes":{"enabled":false}}' >/dev/null
	MANAGEDHSM_LOG_LEVEL=warn MANAGEDHSM_LOG_FILE=$PWD/log.txt o storeutl -keys -noout managedhsm:demo >text
	has log.txt 'managedhsm:demo:disabled is left out: it is disabled'
	o storeutl managedhsm:demo >text
	grep -A1 'managedhsm:demo:disabled$' text | grep -x disabled
	hsm DELETE /keys/disabled >/dev/null
	hsm DELETE /deletedkeys/disabled >/dev/null
}
# The first key of the list cannot be read: the others can.
unreadable() {
	o storeutl -keys -noout managedhsm:demo >text
	all=$(found text)
	fault '{"status":403,"operation":"get","count":1}'
	MANAGEDHSM_LOG_LEVEL=warn MANAGEDHSM_LOG_FILE=$PWD/log.txt o storeutl -keys -noout managedhsm:demo >text
	no_fault
	has log.txt 'is left out: get key managedhsm:demo:'
	[ "$(found text)" -le "$all" ]
	[ "$(found text)" -gt 0 ]
}
page_fails() {
	fault '{"status":403,"operation":"list"}'
	with_preload openssl storeutl -noout managedhsm:demo >text 2>err || true
	no_fault
	has text 'Total found: 0'
	has err 'list managedhsm:demo: HTTP 403 Forbidden'
}
huge_page() {
	fault "{\"$1\":true,\"operation\":\"list\"}"
	with_preload openssl storeutl -noout managedhsm:demo >text 2>err || true
	no_fault
	has text 'Total found: 0'
	has err "list managedhsm:demo: $2"
}
ten_thousand() {
	o storeutl managedhsm:demo >text
	before=$(found text)
	bulk POST "/keys/many-[00001-$many]/create" '{"kty":"EC-HSM","crv":"P-256"}'
	pages=$(((before + many + 24) / 25))
	costs 1 "$pages" o storeutl managedhsm:demo >text
	[ "$(found text)" = $((before + many)) ]
	[ "$(entries text | grep -c managedhsm:demo:many-)" = "$many" ]
	[ "$(entries text | sort -u | wc -l)" = $((before + many)) ]
	# A request for each key but the disabled ones, which other scripts leave behind.
	admin DELETE stats >/dev/null
	o storeutl -keys -noout managedhsm:demo >text
	requests=$(web "$MANAGEDHSM_ENDPOINT/emulator/stats" | jq .requests)
	[ "$requests" -le $((pages + before + many)) ] && [ "$requests" -ge $((pages + $(found text))) ]
	[ "$(found text)" -ge $((many + ${#names[@]})) ]
	bulk DELETE "/keys/many-[00001-$many]"
	bulk DELETE "/deletedkeys/many-[00001-$many]"
}

names_cost_pages() {
	o storeutl managedhsm:demo >text
	costs 1 $((($(found text) + 24) / 25)) o storeutl -noout managedhsm:demo
}

for uri in managedhsm:demo managedhsm://demo MANAGEDHSM:demo; do check "the names in $uri" names "$uri"; done
check "names cost a request a page" names_cost_pages
check "each name leads to its key" names_lead_to_keys
check "-r" recursive
for uri in managedhsm:demo 'managedhsm:demo?type=private'; do check "-keys $uri" keys "$uri"; done
check "-keys as key files" as_pem
check "public keys" public_keys
for uri in managedhsm:demo managedhsm:demo:p256:versions; do
	check "-certs $uri: nothing, no request" costs 0 0 nothing -certs "$uri"
	check "-crls $uri: nothing, no request" costs 0 0 nothing -crls "$uri"
	check "$uri?type=cert" costs 0 0 no_certificates "$uri?type=cert"
done
for uri in managedhsm:demo:listed:versions managedhsm://demo/listed/versions 'managedhsm:demo:listed?version=versions' \
	managedhsm:https://demo.managedhsm.azure.net/keys/listed/versions; do
	check "$uri" versions "$uri"
done
check "versions of an unknown key" no_versions
check "versions of versions" two_versions
check "a disabled key" disabled
check "a key that may not be read" unreadable
check "a list that may not be read" page_fails
check "a page of 50 MB" huge_page huge 'the answer is larger than'
check "a page that is no JSON" huge_page garbage 'the answer is not JSON'
check "$many keys" ten_thousand
finish
