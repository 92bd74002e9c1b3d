/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walls around every libcurl call.
 *
 * libcurl cannot be told which OpenSSL library context to use: it takes the thread's default. Inside a guard that is a
 * context given by the caller, so that libcurl's TLS never meets the algorithms of the provider that is calling it.
 * libcurl also empties OpenSSL's error queue as it likes, and a write to a closed connection may raise SIGPIPE; the
 * application whose thread this is shall see neither, nor a changed errno.
 */
#ifndef MH_HTTP_OPENSSL_GUARD_H
#define MH_HTTP_OPENSSL_GUARD_H

#include <signal.h>
#include <stdbool.h>

#include <openssl/types.h>

struct openssl_guard {
	OSSL_LIB_CTX *previous_libctx;
	struct queued_error *errors; /* NULL when the queue was empty */
	sigset_t previous_signals;
	bool sigpipe_was_pending;
	int previous_errno;
};

/* Not nested for one struct; enter and leave on the same thread. */
void openssl_guard_enter(struct openssl_guard *guard, OSSL_LIB_CTX *libctx);

/* Afterwards the error queue holds what it held at enter, whatever was raised in between. Marks (ERR_set_mark) of
 * the caller survive only on an empty queue: OpenSSL has no call that reads them. */
void openssl_guard_leave(struct openssl_guard *guard);

#endif
