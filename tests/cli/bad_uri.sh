#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# URIs that are refused, each with a message that names the part, and without a request.
. "$(dirname "$0")/lib.sh"
echo document >document
version=0123456789abcdef0123456789abcdef
long=$(printf 'k%.0s' {1..128})

sign() { refused "$2" o dgst -sha256 -sign "$1" -out sig document; }
says() { check "$1" costs 0 0 sign "$@"; }

says 'managedhsm:localhost/x?:k' 'HSM name "localhost/x" must be'
says 'managedhsm:' 'HSM name "" must be'
says 'managedhsm:ab:key' 'HSM name "ab" must be 3 to 24'
says "managedhsm:${long:0:25}:key" 'HSM name .* must be 3 to 24'
says 'managedhsm:demo:' 'key name "" must be'
says 'managedhsm::key' 'HSM name "" must be'
says "managedhsm:demo:$long" 'key name .* must be 1 to 127'
says 'managedhsm:demo:p256:' 'version "" must be 32'
says 'managedhsm:demo:p256:1234' 'version "1234" must be 32'
says "managedhsm:demo:p256:${version/f/g}" 'version .* must be 32 hexadecimal'
says "managedhsm:demo:p256:$version:more" 'key URI: '
says 'managedhsm:demo:p_256' 'key name "p_256" must be'
says 'managedhsm:demo:p256/sign' 'key name "p256/sign" must be'
says 'managedhsm:demo:p256#x' 'key name "p256#x" must be'
says 'managedhsm:demo:p%32%35%36' 'key name "p%32%35%36" must be'
says 'managedhsm:demo:p256%3Fversion=1' 'key name .* must be'
says 'managedhsm:demo:../p256' 'key name "\.\./p256" must be'
says 'managedhsm:demo: p256' 'key name " p256" must be'
says $'managedhsm:demo:p256\n' 'key name .* must be'
says 'managedhsm:de.mo:p256' 'HSM name "de\.mo" must be'
says 'managedhsm:demo@evil:p256' 'HSM name "demo@evil" must be'
says 'managedhsm:demo:p256?color=red' 'parameter "color" is unknown'
says 'managedhsm:demo:p256?' 'key URI: parameter'
says 'managedhsm:demo:p256?version' 'parameter "version" has no "="'
says 'managedhsm:demo:p256?version=' 'version "" must be 32'
says 'managedhsm:demo:p256?version=12' 'version "12" must be 32'
says "managedhsm:demo:p256:$version?version=$version" 'is the second version given'
says "managedhsm:demo:p256?version=$version&version=$version" 'is the second version given'
says 'managedhsm:demo:p256?type=secret' 'parameter type "secret" must be private, public, cert or chain'
says 'managedhsm:demo:p256?type=public&type=private' 'is the second type given'
says 'managedhsm:demo:p256?type=public&' 'key URI: parameter'
says 'managedhsm://' 'HSM name "" must be'
says 'managedhsm://demo/p256/12' 'version "12" must be 32'
says "managedhsm://demo/p256/$version/more" 'key URI: '
says 'managedhsm://user:secret@demo/p256' 'HSM name .* must be'
says 'managedhsm://demo:443/p256' 'HSM name "demo:443" must be'
says 'managedhsm:https://evil.example/keys/p256' 'host "evil\.example" must be'
says 'managedhsm:https://demo.managedhsm.azure.net.evil.example/keys/p256' 'host .* must be'
says 'managedhsm:https://evil.example/demo.managedhsm.azure.net/keys/p256' 'host "evil\.example" must be'
says 'managedhsm:https://demo.managedhsm.azure.net@evil.example/keys/p256' 'host .* must be'
says 'managedhsm:https://demo.managedhsm.azure.net:8443/keys/p256' 'host .* must be'
says 'managedhsm:https://demo.vault.azure.net/keys/p256' 'host .* must be'
says 'managedhsm:http://demo.managedhsm.azure.net/keys/p256' 'key URI: '
says 'managedhsm:https://demo.managedhsm.azure.net/secrets/p256' 'must begin with keys/'
says 'managedhsm:https://demo.managedhsm.azure.net/keys/' 'key name "" must be'
says 'managedhsm:https://demo.managedhsm.usgovcloudapi.net/keys/p256' 'cloud'
says 'keyvault:de_mo:p256' 'vault name "de_mo" must be'
finish
