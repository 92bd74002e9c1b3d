#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# openssl ca: issues, revokes and signs a revocation list with a key in the HSM.
. "$(dirname "$0")/lib.sh"

database() {
	rm -f index.txt*
	: >index.txt
	echo 01 >serial
	echo 01 >crlnumber
}
certify() {
	local key=$1 digest=$2
	shift 2
	database
	certificate "$key"
	plain req -new -config "$cnf" -newkey rsa:2048 -nodes -keyout leaf.key -subj /CN=leaf -out leaf.csr 2>/dev/null
	o ca -batch -config "$cnf" -name authority -keyfile "$(uri "$key")" -cert "$key.crt" -md "$digest" "$@" -in leaf.csr -notext -out leaf.crt
	plain verify -CAfile "$key.crt" leaf.crt
	o ca -config "$cnf" -name authority -keyfile "$(uri "$key")" -cert "$key.crt" -revoke leaf.crt
	o ca -gencrl -config "$cnf" -name authority -keyfile "$(uri "$key")" -cert "$key.crt" -md "$digest" "$@" -out crl
	plain crl -in crl -CAfile "$key.crt" -noout 2>crl.verified
	has crl.verified 'verify OK'
	plain crl -in crl -noout -text >crl.text
	has crl.text 'Serial Number: 01'
	refused 'certificate revoked' plain verify -CAfile "$key.crt" -CRLfile crl -crl_check leaf.crt
}
pss() {
	certify rsa2048 sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest
	has crl.text 'Signature Algorithm: rsassaPss'
	has crl.text 'Salt Length: 0x20'
}
self_signed() {
	database
	o req -new -config "$cnf" -key "$(uri "$1")" -subj /CN=self -out self.csr
	o ca -batch -selfsign -config "$cnf" -name authority -extensions ca -keyfile "$(uri "$1")" -in self.csr -notext -out self.crt
	plain verify -CAfile self.crt -check_ss_sig self.crt
}
# The key named in the configuration, as a CA that runs for years has it.
configured() {
	database
	certificate p384
	{
		cat "$cnf"
		printf '[configured]\nprivate_key = managedhsm://demo/p384\ncertificate = p384.crt\n'
		sed -n '/^\[authority\]/,/^$/p' "$cnf" | tail -n +2
	} >configured.cnf
	o ca -batch -config configured.cnf -name configured -in leaf.csr -notext -out leaf.crt
	plain verify -CAfile p384.crt leaf.crt
}

for digest in sha256 sha384 sha512; do
	for key in rsa2048 p256 p384 p521 p256k; do check "$key $digest certificate and revocation list" certify "$key" "$digest"; done
done
check "PSS certificate and revocation list" pss
for key in rsa2048 p521; do check "$key -selfsign" self_signed "$key"; done
check "the key in the configuration" configured
finish
