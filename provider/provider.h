/* SPDX-License-Identifier: Apache-2.0 */
/* One loaded instance of the provider, and the tables that its files offer to OpenSSL. */
#ifndef MH_PROVIDER_PROVIDER_H
#define MH_PROVIDER_PROVIDER_H

#include <openssl/core_dispatch.h>
#include <openssl/types.h>

#include "auth/environment_token.h"
#include "http/client.h"
#include "provider/config.h"
#include "provider/errors.h"
#include "provider/hsm.h"
#include "provider/key.h"

struct provider {
	struct provider_errors errors;
	struct hsm hsm; /* what keys work with */
	struct hsm_findings findings;
	OSSL_LIB_CTX *application; /* the context that loaded us; never used for our own work */
	OSSL_PROVIDER *base; /* "default", in hsm.libctx */
	struct transport *transport;
	struct token_source tokens;
	enum decrypt_padding decrypt_padding; /* what a decryption uses when it says nothing */
	struct key_uri random; /* the HSM whose generator is used; all zero: none */
	OSSL_FUNC_BIO_read_ex_fn *bio_read; /* the core's BIO, for key files */
};

/* The provider that a key belongs to: every key's hsm is the member of a struct provider. */
struct key;
struct provider *provider_of(const struct key *key);

extern const OSSL_DISPATCH keymgmt_rsa_functions[];
extern const OSSL_DISPATCH keymgmt_ec_functions[];
extern const OSSL_DISPATCH keymgmt_oct_functions[];
extern const OSSL_DISPATCH signature_rsa_functions[];
extern const OSSL_DISPATCH signature_ecdsa_functions[];
extern const OSSL_DISPATCH asym_cipher_rsa_functions[];
extern const OSSL_DISPATCH rand_functions[];
extern const OSSL_DISPATCH asym_cipher_oct_functions[];
extern const OSSL_DISPATCH store_functions[];
extern const OSSL_DISPATCH encoder_pem_functions[];
extern const OSSL_DISPATCH encoder_pem_specific_functions[];
extern const OSSL_DISPATCH encoder_der_functions[];
extern const OSSL_DISPATCH encoder_der_specific_functions[];
extern const OSSL_DISPATCH encoder_text_functions[];
extern const OSSL_DISPATCH decoder_pem_functions[];
extern const OSSL_DISPATCH decoder_der_rsa_functions[];
extern const OSSL_DISPATCH decoder_der_ec_functions[];
extern const OSSL_DISPATCH decoder_der_oct_functions[];

/* The data structure between the two steps of decoding a key file. */
#define KEY_FILE_STRUCTURE "managedhsm-key"

#endif
