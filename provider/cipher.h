/* SPDX-License-Identifier: Apache-2.0 */
/* The context of a cipher, shared by cipher.c (what it does) and cipher_params.c (what can be set and asked). */
#ifndef MH_PROVIDER_CIPHER_H
#define MH_PROVIDER_CIPHER_H

#include "base/buffer.h"
#include "provider/key_cipher.h"
#include "provider/provider.h"

/* A parameter of ours: how many bytes the buffer of Final has. See cipher.c. */
#define CIPHER_PARAM_OUTPUT_SIZE "managedhsm-output-size"

enum cipher_state { CIPHER_UNSTARTED, CIPHER_COLLECTING, CIPHER_DONE };

struct cipher {
	const struct provider *provider;
	struct key *key; /* a reference; NULL before the first init */
	bool gcm, encrypt, no_padding;
	unsigned bits;
	enum cipher_state state;
	uint8_t iv[KEY_CIPHER_IV_MAX]; /* the caller's; encrypting with GCM, after Final, the service's */
	uint8_t next_iv[KEY_CIPHER_IV_MAX]; /* after Final: the last block of the ciphertext with CBC */
	bool has_iv;
	uint8_t tag[CLIENT_GCM_TAG_LENGTH]; /* decrypting: the caller's; encrypting, after Final: the service's */
	bool has_tag;
	struct mh_buffer aad;
	struct mh_buffer text;
	size_t output_size; /* CIPHER_PARAM_OUTPUT_SIZE of this message, or 0 */
};

/* Copies the caller's iv; NULL is none. Refuses one for encrypting with GCM. */
int cipher_set_iv(struct cipher *cipher, const uint8_t *iv, size_t length);

/* cipher_params.c. What cannot be is refused at once, with the reason. */
int cipher_set_ctx_params(void *ctx, const OSSL_PARAM params[]);
int cipher_get_ctx_params(void *ctx, OSSL_PARAM params[]);
OSSL_FUNC_cipher_settable_ctx_params_fn cipher_settable_ctx_params;
OSSL_FUNC_cipher_gettable_ctx_params_fn cipher_gettable_ctx_params;
OSSL_FUNC_cipher_gettable_params_fn cipher_gettable_params;
int cipher_get_params(OSSL_PARAM params[], bool gcm, unsigned bits);

#endif
