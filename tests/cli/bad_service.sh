#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the service can answer wrongly: a message that says what, a failure, and never a signature.
. "$(dirname "$0")/lib.sh"
echo document >document
trap 'no_fault; end' EXIT
# Seconds for one that must fail; retries take all of them.
limit=1

# sign PATTERN [KEY]: no signature comes out.
sign() {
	rm -f sig
	MANAGEDHSM_TIMEOUT=$limit refused "$1" o dgst -sha256 -sign "${2:-$(uri rsa2048)}" -out sig document
	[ ! -s sig ]
}
# faulty FAULT PATTERN: on loading the key, and, with a key file, on signing.
faulty() {
	[ -s "key.pem" ] || o pkey -in "$(uri rsa2048)" -out key.pem
	fault "$1"
	sign "$2"
	sign "$2" key.pem
	no_fault
	o dgst -sha256 -sign key.pem -out sig document
}
flipped() {
	local limit=10
	public "$1"
	fault '{"flip_signature":true}'
	sign 'signature does not verify.*is not used' "$(uri "$1")"
	refused 'does not verify' o req -x509 -config "$cnf" -key "$(uri "$1")" -subj /CN=x -out crt
	[ ! -s crt ]
	no_fault
	o dgst -sha256 -sign "$(uri "$1")" -out sig document
	plain dgst -sha256 -verify "$1.pub" -signature sig document
}
# A failed signature ends the one handshake; the server serves the next.
handshake_meets_fault() {
	issue p256 tls "$(uri p256)"
	serve o s_server -www -cert p256.crt -key "$(uri p256)"
	fault '{"status":403}'
	refused 'alert internal error|alert' plain s_client -connect "127.0.0.1:$port" -CAfile ca.crt </dev/null
	no_fault
	plain s_client -connect "127.0.0.1:$port" -CAfile ca.crt -verify_return_error </dev/null >client
	has client 'Verification: OK'
	has server.log 'HTTP 403'
	stop_server
}
# One bad answer and then good ones: the person sees nothing of it.
passing() {
	fault "$1"
	o dgst -sha256 -sign "$(uri p256)" -out sig document
	no_fault
}

no_fault
check "no JSON" faulty '{"garbage":true}' 'not JSON'
check "half an answer" faulty '{"truncate":true}' 'truncated|not JSON'
check "an answer of 50 MB" faulty '{"huge":true}' 'large'
check "reset" faulty '{"reset":true}' 'connection broke|reset|deadline had passed'
check "403" faulty '{"status":403}' 'HTTP 403.*Managed HSM Crypto User'
check "404" faulty '{"status":404}' 'HTTP 404'
check "429" faulty '{"status":429}' 'HTTP 429|Too Many Requests'
check "500" faulty '{"status":500}' 'HTTP 500'
check "503" faulty '{"status":503}' 'HTTP 503'
check "no answer in time" faulty '{"latency_ms":2500}' 'no complete answer in time|timed? ?out'
for key in rsa2048 rsa4096 p256 p384 p521 p256k; do check "$key a flipped bit in the signature" flipped "$key"; done
check "s_server goes on after a failed signature" handshake_meets_fault
for status in 408 429 500 502 503 504; do check "one $status" passing "{\"status\":$status,\"count\":1}"; done
check "one reset" passing '{"reset":true,"count":1}'
check "one truncated answer" passing '{"truncate":true,"count":1}'
finish
