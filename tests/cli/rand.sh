#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154
# The HSM's generator, when two settings say so, and never otherwise.
. "$(dirname "$0")/lib.sh"
seq 1 100 >document
conf random.cnf default managedhsm
sed -i 's/^providers = providers/&\nrandom = random/; s/^\[managedhsm-section\]/&\nrandom = managedhsm:demo/' random.cnf
printf '[random]\nrandom = MANAGEDHSM\nproperties = provider=managedhsm\n' >>random.cnf
grep -v '^random = managedhsm:' random.cnf >unnamed.cnf

hsm_rand() { OPENSSL_CONF=$tmp/random.cnf o rand "$@"; }
rng() { web "$MANAGEDHSM_ENDPOINT/emulator/stats" | jq .operations.rng; }
bytes() {
	admin DELETE stats
	hsm_rand -out one "$1"
	[ "$(wc -c <one)" = "$1" ]
	[ "$(rng)" -ge $((($1 + 127) / 128)) ]
	hsm_rand -out two "$1"
	refused '' cmp one two
}
fails() {
	fault '{"status":403,"operation":"rng"}'
	refused 'get random bytes of managedhsm:demo: HTTP 403' hsm_rand -hex 16
	no_fault
	hsm_rand -hex 16
}
signs() {
	OPENSSL_CONF=$tmp/random.cnf o dgst -sha256 -sign "$(uri p256)" -out sig document
	public p256
	plain dgst -sha256 -verify p256.pub -signature sig document
}
unnamed() { OPENSSL_CONF=$tmp/unnamed.cnf o rand -hex 16; }
never() {
	admin DELETE stats
	o rand -hex 16
	o genpkey -algorithm EC -pkeyopt group:P-256 -out key
	[ "$(rng)" = 0 ]
}

for n in 16 128 129 1000; do check "$n bytes" bytes "$n"; done
check "a failure is a failure" fails
check "signing goes on" signs
check "no HSM is named" refused 'set random = managedhsm:HSM' unnamed
check "nobody asked for it" never
finish
