/* SPDX-License-Identifier: Apache-2.0 */
#include "http/openssl_guard.h"

#include <errno.h>
#include <time.h>

#include <openssl/crypto.h>
#include <openssl/err.h>

/* OSSL_ERR_STATE does this from OpenSSL 3.2 on; these calls do it in every 3.x, so there is one way and not two. */
struct queued_error {
	struct queued_error *next;
	unsigned long code;
	int line;
	int flags;
	char *file;
	char *function;
	char *data;
};

static void free_error(struct queued_error *entry)
{
	OPENSSL_free(entry->file);
	OPENSSL_free(entry->function);
	OPENSSL_free(entry->data);
	OPENSSL_free(entry);
}

/* Takes the oldest entry off the queue; NULL when there is none, or no memory to hold it. */
static struct queued_error *take_error(void)
{
	const char *file, *function, *data;
	struct queued_error *entry;
	unsigned long code;
	int line, flags;

	code = ERR_get_error_all(&file, &line, &function, &data, &flags);
	if (code == 0)
		return NULL;
	entry = OPENSSL_zalloc(sizeof(*entry));
	if (entry == NULL)
		return NULL;
	entry->code = code;
	entry->line = line;
	entry->flags = flags;
	entry->file = OPENSSL_strdup(file);
	entry->function = OPENSSL_strdup(function);
	if ((flags & ERR_TXT_STRING) != 0)
		entry->data = OPENSSL_strdup(data);
	return entry;
}

static struct queued_error *take_all_errors(void)
{
	struct queued_error *first = NULL, **end = &first;

	while ((*end = take_error()) != NULL)
		end = &(*end)->next;
	return first;
}

static void put_error(struct queued_error *entry)
{
	ERR_new();
	ERR_set_debug(entry->file, entry->line, entry->function);
	ERR_set_error(ERR_GET_LIB(entry->code), ERR_GET_REASON(entry->code), NULL);
	if (entry->data != NULL) {
		ERR_set_error_data(entry->data, ERR_TXT_STRING | ERR_TXT_MALLOCED);
		entry->data = NULL; /* the queue owns it now */
	}
	free_error(entry);
}

static void block_sigpipe(struct openssl_guard *guard)
{
	sigset_t sigpipe, pending;

	sigemptyset(&sigpipe);
	sigaddset(&sigpipe, SIGPIPE);
	sigemptyset(&pending);
	sigpending(&pending);
	guard->sigpipe_was_pending = sigismember(&pending, SIGPIPE) == 1;
	pthread_sigmask(SIG_BLOCK, &sigpipe, &guard->previous_signals);
}

static void unblock_sigpipe(const struct openssl_guard *guard)
{
	static const struct timespec at_once = { 0, 0 };
	sigset_t sigpipe, pending;

	sigemptyset(&pending);
	sigpending(&pending);
	if (!guard->sigpipe_was_pending && sigismember(&pending, SIGPIPE) == 1) {
		sigemptyset(&sigpipe);
		sigaddset(&sigpipe, SIGPIPE);
		while (sigtimedwait(&sigpipe, NULL, &at_once) == -1 && errno == EINTR)
			;
	}
	pthread_sigmask(SIG_SETMASK, &guard->previous_signals, NULL);
}

void openssl_guard_enter(struct openssl_guard *guard, OSSL_LIB_CTX *libctx)
{
	guard->previous_errno = errno;
	guard->errors = ERR_peek_error() == 0 ? NULL : take_all_errors();
	block_sigpipe(guard);
	guard->previous_libctx = OSSL_LIB_CTX_set0_default(libctx);
}

void openssl_guard_leave(struct openssl_guard *guard)
{
	struct queued_error *entry, *next;

	OSSL_LIB_CTX_set0_default(guard->previous_libctx);
	unblock_sigpipe(guard);
	if (ERR_peek_error() != 0)
		ERR_clear_error();
	for (entry = guard->errors; entry != NULL; entry = next) {
		next = entry->next;
		put_error(entry);
	}
	guard->errors = NULL;
	errno = guard->previous_errno;
}
