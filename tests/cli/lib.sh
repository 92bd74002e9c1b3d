# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the scripts in this folder share. Each is run by itself with an emulator in the environment:
#     eval "$(scripts/emulator start)"; tests/cli/dgst.sh
# or all of them by tests/cli/run. CLI_PRELOAD is put into LD_PRELOAD of every openssl that loads the provider.
set -eu
: "${MANAGEDHSM_ENDPOINT:?no emulator: eval \"\$(scripts/emulator start)\"}"
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
script=$(basename "$0" .sh)
cnf=$here/openssl.cnf
tmp=$(mktemp -d "${TMPDIR:-/tmp}/managedhsm-cli.XXXXXX")
cd "$tmp"
background=()
failures=0
finished=no
if [ -n "${CLI_PRELOAD:-}" ]; then
	export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0:detect_odr_violation=0:log_path=$tmp/sanitizer"
	export UBSAN_OPTIONS="${UBSAN_OPTIONS:+$UBSAN_OPTIONS:}print_stacktrace=1:halt_on_error=1:log_path=$tmp/sanitizer"
fi

end() {
	for pid in "${background[@]}"; do kill "$pid" 2>/dev/null || true; done
	[ "$finished" = yes ] || echo "not ok $script: the script ended early"
	cd / && rm -rf "$tmp"
}
trap end EXIT

# The last line of each script; its status is the script's.
finish() {
	finished=yes
	[ "$failures" -eq 0 ]
}

# check NAME COMMAND...: the command, a function mostly, stops at its first failing step; its steps are shown when it fails.
check() {
	local name=$1 status
	shift
	: >log
	set +e
	(
		exec 9>>log >>log 2>&1
		BASH_XTRACEFD=9
		set -ex
		"$@"
	)
	status=$?
	set -e
	if [ "$status" -eq 0 ] && ! compgen -G 'sanitizer.*' >/dev/null; then
		echo "ok $script: $name"
	else
		echo "not ok $script: $name"
		cat log sanitizer.* 2>/dev/null | tail -n "${CLI_LOG_LINES:-60}" | sed 's/^/    /'
		rm -f sanitizer.*
		failures=$((failures + 1))
	fi
}

# openssl with the provider; a hang is a failure, and so is a success that leaves errors behind. (ts always leaves some, of settings that
# its configuration does not have.)
with_preload() { timeout "${CLI_TIMEOUT:-60}" env ${CLI_PRELOAD:+"LD_PRELOAD=$CLI_PRELOAD"} "$@"; }
o() {
	local status=0 err
	err=$tmp/stderr.$BASHPID
	with_preload openssl "$@" 2>"$err" || status=$?
	cat "$err" >&2
	if [ "$status" -eq 0 ] && grep -v ':NCONF_get_string:no value:' "$err" | grep -q -e ':error:' -e 'Managed HSM'; then
		echo "a success that leaves an error on stderr" >&2
		return 99
	fi
	return "$status"
}

# openssl that has never heard of the provider.
plain() { timeout 60 env -u OPENSSL_MODULES OPENSSL_CONF=/dev/null openssl "$@"; }

# refused PATTERN COMMAND...: fails by itself (no signal, no hang), and says PATTERN (extended regular expression, case ignored; "" for anything).
refused() {
	local pattern=$1 status=0
	shift
	"$@" >refused.out 2>refused.err || status=$?
	cat refused.err
	if [ "$status" -eq 0 ] || [ "$status" -ge 99 ]; then echo "exit status $status" && return 1; fi
	[ -z "$pattern" ] || grep -Eqi -- "$pattern" refused.err || { echo "no such words: $pattern" && return 1; }
}

# has FILE TEXT: the file has a line with this text in it, spaces squeezed; hasnt: it has none.
has() { tr -s ' \n' ' ' <"$1" | grep -Fq -- "$2" || { cat "$1" && echo "no such text: $2" && return 1; }; }
hasnt() { ! grep -F -- "$2" "$1"; }

uri() { echo "managedhsm:demo:$1"; }

# The emulator, asked directly. hsm METHOD PATH [JSON] is the REST API; admin is what only an emulator has.
web() { env -u OPENSSL_CONF -u OPENSSL_MODULES curl -sS --fail-with-body -m 60 --cacert "$MANAGEDHSM_CA_FILE" "$@"; }
hsm() {
	web -X "$1" -H "Authorization: Bearer $AZURE_CLI_ACCESS_TOKEN" -H 'Content-Type: application/json' ${3:+-d "$3"} \
		"$MANAGEDHSM_ENDPOINT$2?api-version=2025-07-01"
}
admin() { web -X "$1" ${3:+-d "$3"} "$MANAGEDHSM_ENDPOINT/emulator/$2" >/dev/null; }
fault() { admin POST faults "$1"; }
no_fault() { admin DELETE faults; }

# costs CONNECTIONS REQUESTS COMMAND...: exactly so many.
costs() {
	local expected="$1 $2" counted
	shift 2
	admin DELETE stats
	"$@"
	counted=$(web "$MANAGEDHSM_ENDPOINT/emulator/stats" | jq -r '"\(.connections) \(.requests)"')
	[ "$counted" = "$expected" ] || { echo "connections and requests: $counted, expected $expected" && return 1; }
}

# The emulator makes its first keys in the background, and says that a key is not there only when it has made them all.
hsm GET /keys/no-such-key >/dev/null 2>&1 || true

# A member of the key's JWK as hexadecimal digits: what the service says, not what the provider says.
jwk_hex() {
	local text
	text=$(hsm GET "/keys/$1" | jq -r ".key.$2" | tr -- '-_' '+/')
	while [ $((${#text} % 4)) -ne 0 ]; do text+="="; done
	base64 -d <<<"$text" | od -An -v -tx1 | tr -d ' \n'
}

# Files that most scripts need, made once in the script's directory: KEY.pub, and KEY.crt, a self-signed CA certificate.
public() { [ -s "$1.pub" ] || o pkey -in "$(uri "$1")" -pubout -out "$1.pub"; }
certificate() {
	[ -s "$1.crt" ] || o req -x509 -config "$cnf" -extensions ca -key "$(uri "$1")" -sha256 -days 30 -subj "/CN=$1" -out "$1.crt"
}
# issue NAME EXTENSIONS KEY-OR-URI: NAME.crt from a software CA that no test is about, ca.crt.
software_ca() {
	[ -s ca.crt ] || plain req -x509 -config "$cnf" -extensions ca -newkey rsa:2048 -nodes -keyout ca.key -days 30 -subj /CN=ca -out ca.crt 2>/dev/null
}
issue() {
	software_ca
	o req -new -config "$cnf" -key "$3" -subj "/CN=$1" -out "$1.csr"
	plain x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile "$cnf" -extensions "$2" -out "$1.crt" 2>issue.log ||
		{ cat issue.log && return 1; }
}

# serve o|plain s_server OPTION... starts one on a free port, which is then in $port; its output is in server.log.
serve() {
	local i command=(timeout 300 env -u OPENSSL_MODULES OPENSSL_CONF=/dev/null openssl)
	[ "$1" = plain ] || command=(timeout 300 env ${CLI_PRELOAD:+"LD_PRELOAD=$CLI_PRELOAD"} openssl)
	shift
	: >server.log
	"${command[@]}" "$@" -accept 127.0.0.1:0 >server.log 2>&1 </dev/null &
	server=$!
	background+=("$server")
	for ((i = 0; i < 600; i++)); do
		port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' server.log)
		[ -z "$port" ] || return 0
		kill -0 "$server" 2>/dev/null || break
		sleep 0.05
	done
	echo "not ok $script: s_server did not start"
	cat server.log
	return 1
}
stop_server() {
	kill "$server" 2>/dev/null || true
	wait "$server" 2>/dev/null || true
}

# Bytes of a digest of so many bits.
digest_size() { echo $(($1 / 8)); }

# The ways to load the provider. conf FILE FIRST SECOND [PROPERTIES]: activates both in that order.
conf() {
	cat >"$1" <<-END
		openssl_conf = init
		[init]
		providers = providers
		alg_section = algorithms
		[providers]
		$2 = $2-section
		$3 = $3-section
		[$2-section]
		activate = 1
		[$3-section]
		activate = 1
		[algorithms]
		${4:+default_properties = $4}
		[req]
		distinguished_name = name
		[name]
		[ca]
		basicConstraints = critical, CA:true
	END
}
ways() {
	conf first default managedhsm
	conf last managedhsm default
	conf preferred managedhsm default '?provider=managedhsm'
	conf preferred-last default managedhsm '?provider=managedhsm'
}
# openssl with the options in $providers after the command.
providers=()
x() {
	local name=$1
	shift
	o "$name" "${providers[@]}" "$@"
}
