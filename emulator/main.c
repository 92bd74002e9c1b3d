// SPDX-License-Identifier: Apache-2.0
// managedhsm-emulator: a local service that speaks the REST API of Azure Managed HSM, for trials and tests.
#include "key_persist.h"
#include "options.h"
#include "pause.h"
#include "seed.h"
#include "server.h"
#include "stats.h"
#include "tls_identity.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOKEN_BYTES 24
#define FILES_WANTED 8192

struct process {
	struct options options;
	char random_token[2 * TOKEN_BYTES + 1];
	struct emulator emulator;
	struct seeding *hsm_seeding, *vault_seeding;
	struct tls_identity identity;
	struct server *server;
};

static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= FILES_WANTED)
		return;
	limit.rlim_cur = limit.rlim_max < FILES_WANTED ? limit.rlim_max : FILES_WANTED;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static bool choose_token(struct process *process)
{
	uint8_t bytes[TOKEN_BYTES];

	process->emulator.token = process->options.token;
	if (process->emulator.token)
		return true;
	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(process->random_token + 2 * i, 3, "%02x", bytes[i]);
	process->emulator.token = process->random_token;
	return true;
}

// A store, filled from STATE/<kind>-<name> when there is a state directory.
static struct key_store *open_store(const char *state, const char *kind, const char *name)
{
	struct key_store *store;
	char *directory = NULL;

	if (state && asprintf(&directory, "%s/%s-%s", state, kind, name) < 0)
		return NULL;
	if (directory && mkdir(directory, 0700) != 0 && errno != EEXIST) {
		fprintf(stderr, "managedhsm-emulator: %s: %s\n", directory, strerror(errno));
		free(directory);
		return NULL;
	}
	store = key_store_new(directory);
	free(directory);
	if (store && !key_persist_load(store)) {
		key_store_free(store);
		store = NULL;
	}
	return store;
}

static bool open_stores(struct process *process)
{
	const struct options *options = &process->options;
	struct emulator *emulator = &process->emulator;

	emulator->hsm = open_store(options->state, "hsm", options->hsm);
	if (!emulator->hsm)
		return false;
	if (options->vault) {
		emulator->vault = open_store(options->state, "vault", options->vault);
		if (!emulator->vault)
			return false;
	}
	if (options->empty)
		return true;
	// With --service vault the HSM is only there for hosts that name it; its keys are not worth the time.
	if (!options->vault_first)
		process->hsm_seeding = seed_start(emulator->hsm, &service_managed_hsm, false);
	if (emulator->vault)
		process->vault_seeding = seed_start(emulator->vault, &service_key_vault, !options->vault_first);
	return true;
}

static bool write_ready_file(const struct process *process)
{
	char *text;
	bool good;
	int length;

	if (!process->options.ready_file)
		return true;
	length = asprintf(&text, "pid=%ld\nport=%u\ntoken=%s\n", (long)getpid(), server_port(process->server),
	                  process->emulator.token);
	if (length < 0)
		return false;
	good = write_file_atomically(process->options.ready_file, text, (size_t)length);
	OPENSSL_cleanse(text, (size_t)length);
	free(text);
	return good;
}

static bool start(struct process *process)
{
	const struct options *options = &process->options;
	struct tls_identity *identity = &process->identity;

	process->emulator.tenant = options->tenant;
	process->emulator.rsnull = options->rsnull;
	process->emulator.vault_name = options->vault;
	process->emulator.vault_first = options->vault_first;
	process->emulator.limits = options->limits;
	process->emulator.stats = stats_new();
	process->emulator.faults = faults_new();
	process->emulator.pauses = pauses_new();
	if (!process->emulator.stats || !process->emulator.faults || !process->emulator.pauses)
		return false;
	if (!choose_token(process) || !open_stores(process) ||
	    !tls_identity_make(identity, options->state, options->hsm, options->vault))
		return false;
	if (options->ca_file &&
	    !write_file_atomically(options->ca_file, identity->ca_certificate, strlen(identity->ca_certificate)))
		return false;
	process->server = server_start(&process->emulator, (const struct sockaddr *)&options->listen,
	                               identity->certificate, identity->private_key);
	return process->server && write_ready_file(process);
}

static void stop(struct process *process)
{
	server_stop(process->server);
	seed_stop(process->hsm_seeding);
	seed_stop(process->vault_seeding);
	key_store_free(process->emulator.hsm);
	key_store_free(process->emulator.vault);
	tls_identity_clear(&process->identity);
	stats_free(process->emulator.stats);
	faults_free(process->emulator.faults);
	pauses_free(process->emulator.pauses);
	OPENSSL_cleanse(process->random_token, sizeof(process->random_token));
}

static void banner(const struct process *process)
{
	fprintf(stderr,
	        "managedhsm-emulator: THIS IS NO HSM. Keys are in the memory of an ordinary process%s.\n"
	        "managedhsm-emulator: HSM %s%s%s on port %u%s\n",
	        process->options.state ? " and in files" : "", process->options.hsm,
	        process->options.vault ? ", vault " : "", process->options.vault ? process->options.vault : "",
	        server_port(process->server), process->options.loopback ? "" : ", REACHABLE FROM OTHER MACHINES");
}

int main(int argc, char **argv)
{
	struct process process = { 0 };
	sigset_t signals;
	enum options_result parsed = options_parse(&process.options, argc, argv);
	OSSL_PROVIDER *legacy;
	int status = 1, received;

	if (parsed != OPTIONS_GOOD) {
		options_clear(&process.options);
		return parsed == OPTIONS_HELP ? 0 : 2;
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals, NULL); // for every thread that follows
	signal(SIGPIPE, SIG_IGN);
	raise_file_limit();
	// PKCS#12 files are often encrypted with what OpenSSL calls legacy. Without that provider they are refused.
	legacy = OSSL_PROVIDER_try_load(NULL, "legacy", 1);
	ERR_clear_error();
	if (start(&process)) {
		banner(&process);
		sigwait(&signals, &received);
		status = 0;
	} else {
		fprintf(stderr, "managedhsm-emulator: could not start\n");
	}
	stop(&process);
	if (legacy)
		OSSL_PROVIDER_unload(legacy);
	options_clear(&process.options);
	return status;
}
