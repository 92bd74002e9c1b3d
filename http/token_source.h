/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the REST client gets its bearer tokens from. http/ knows no credential: auth/ implements this.
 */
#ifndef MH_HTTP_TOKEN_SOURCE_H
#define MH_HTTP_TOKEN_SOURCE_H

#include "base/buffer.h"
#include "base/error.h"

struct token_source {
	/* Appends an access token for scope ("https://managedhsm.azure.net/.default") to token, a secret buffer
	 * that the caller owns and frees. Called from any thread, for each request; must be done by deadline_ms
	 * (transport_now_ms()'s clock). On failure MH_R_NO_CREDENTIAL or a transport reason, with what was tried
	 * and what to do. */
	mh_result (*get)(void *context, const char *scope, int64_t deadline_ms, struct mh_buffer *token,
	                 struct mh_error *error);

	/* The service refused this token with a 401: forget it if it is cached. Answers true when another get() can
	 * give a different token, so that a second try is worth it. claims: base64 claims of the challenge, or
	 * NULL. */
	bool (*refused)(void *context, const char *scope, const char *token, const char *claims);

	void *context;
};

#endif
