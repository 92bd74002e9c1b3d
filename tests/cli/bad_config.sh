#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Settings that the provider refuses when it is loaded, naming them.
. "$(dirname "$0")/lib.sh"
echo document >document
seq 1 100 >no-certificate

# Loaded by option, so that OpenSSL reports it; the section of a configuration is read then too.
sign=(o dgst -provider managedhsm -provider default -sha256 -sign "$(uri p256)" -out sig document)
conf() {
	printf '%s\n' 'openssl_conf = init' '[init]' 'providers = providers' '[providers]' 'managedhsm = hsm' 'default = base' \
		'[base]' 'activate = 1' '[hsm]' "$@" >conf
}
# Only those that are not set by a configuration come from the environment.
environment() {
	export OPENSSL_CONF=/dev/null "$1=$2"
	refused "$3" "${sign[@]}"
	[ ! -s sig ]
}
in_section() {
	conf "$1 = $2"
	OPENSSL_CONF=conf refused "$3" "${sign[@]}"
	[ ! -s sig ]
}
# OpenSSL says nothing about a provider that its configuration could not load; so it loads, and says it when it is used.
activated() {
	conf 'activate = 1' "$1 = $2"
	OPENSSL_CONF=conf refused "$3" o dgst -sha256 -sign "$(uri p256)" -out sig document
	[ ! -s sig ]
}
accepted() {
	conf 'activate = 1' "$1 = $2"
	OPENSSL_CONF=conf o dgst -sha256 -sign "$(uri p256)" -out sig document
	OPENSSL_CONF=conf o list -providers >providers
	has providers managedhsm
}
wins() {
	conf 'activate = 1' 'timeout = 9'
	MANAGEDHSM_TIMEOUT=nonsense OPENSSL_CONF=conf o dgst -sha256 -sign "$(uri p256)" -out sig document
}
log_file() {
	conf 'activate = 1' 'log-level = debug' "log-file = $tmp/log.txt"
	OPENSSL_CONF=conf o dgst -sha256 -sign "$(uri p256)" -out sig document
	[ "$(stat -c %a log.txt)" = 600 ]
	has log.txt p256
	hasnt log.txt "$AZURE_CLI_ACCESS_TOKEN"
}

while read -r name value pattern; do
	variable=MANAGEDHSM_$(tr a-z- A-Z_ <<<"$name")
	check "$variable=$value" environment "$variable" "$value" "$pattern"
	check "$name = $value" in_section "$name" "$value" "$pattern"
	check "$name = $value, activated" activated "$name" "$value" "$pattern"
done <<'END'
endpoint http://127.0.0.1 endpoint must be https://
endpoint https://127.0.0.1/path endpoint must be https://
endpoint https://user@127.0.0.1 endpoint must be https://
ca-file /no/such/file ca-file = /no/such/file names cannot be opened
ca-file no-certificate ca-file = no-certificate names holds no PEM certificate
cloud mars cloud = mars is not understood
timeout soon timeout = soon is not understood
timeout 0 timeout = 0 is not understood
timeout -5 timeout = -5 is not understood
connect-timeout 2h connect-timeout = 2h is not understood
max-connections 0 max-connections = 0 is not understood
max-connections many max-connections = many is not understood
verify-after-sign maybe verify-after-sign = maybe is not understood
api-version 7.4&x=y api-version = 7.4&x=y is not understood
credential guess credential = guess is not understood
log-level loud log-level = loud is not understood
pin abc pin = abc is not understood
END
for name in time-out Timeout foo ca_file; do check "unknown name $name" activated "$name" 1 "unknown setting $name in section \[hsm\]; known are cloud, endpoint,"; done
for pair in 'timeout 5' 'timeout 2500ms' 'verify-after-sign no' 'log-level off' 'cloud public' 'max-connections 1' 'api-version 7.4' 'identity managedhsm'; do
	check "$pair is accepted" accepted "${pair% *}" "${pair#* }"
done
check "the configuration wins over the environment" wins
check "the log is private and holds no token" log_file
finish
