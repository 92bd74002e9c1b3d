#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# openssl ts -reply takes its key from files alone: a key file.
. "$(dirname "$0")/lib.sh"
seq 1 1000 >document
software_ca

stamp() {
	issue "$1" timestamp "$(uri "$1")"
	cp "$1.crt" tsa.crt
	o pkey -in "$(uri "$1")" -out key.pem
	echo 01 >tsa-serial
	plain ts -query -data document "-sha$2" -cert -out query
	o ts -reply -config "$cnf" -section service -queryfile query -signer tsa.crt -inkey key.pem "-sha$2" -out reply
	plain ts -verify -queryfile query -in reply -CAfile ca.crt -untrusted tsa.crt >verified 2>&1
	has verified 'Verification: OK'
	plain ts -verify -data document -in reply -CAfile ca.crt -untrusted tsa.crt >verified 2>&1
	plain ts -reply -in reply -text >text
	has text "Hash Algorithm: sha$2"
}
configured() {
	o pkey -in "$(uri p384)" -out key.pem
	cp p384.crt tsa.crt
	{
		cat "$cnf"
		printf '[configured]\nsigner_key = key.pem\nsigner_cert = tsa.crt\n'
		sed -n '/^\[service\]/,$p' "$cnf" | tail -n +2
	} >configured.cnf
	o ts -reply -config configured.cnf -section configured -queryfile query -out reply
	plain ts -verify -queryfile query -in reply -CAfile ca.crt -untrusted tsa.crt
}

for bits in 256 384 512; do
	for key in rsa2048 p256 p384 p521 p256k; do check "$key SHA-$bits" stamp "$key" "$bits"; done
done
check "the key file in the configuration" configured
finish
