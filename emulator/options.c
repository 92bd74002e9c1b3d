// SPDX-License-Identifier: Apache-2.0
// Reads the command line and refuses what it does not know, naming it.
#include "options.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <getopt.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PORT = 1,
	LISTEN,
	HSM,
	VAULT,
	SERVICE,
	STATE,
	TOKEN,
	TOKEN_FILE,
	TENANT,
	CA_FILE,
	READY_FILE,
	RSNULL,
	EMPTY,
	LIMIT,
	HELP
};

static const struct option table[] = {
	{ "port", required_argument, NULL, PORT },
	{ "listen", required_argument, NULL, LISTEN },
	{ "hsm", required_argument, NULL, HSM },
	{ "vault", required_argument, NULL, VAULT },
	{ "service", required_argument, NULL, SERVICE },
	{ "state", required_argument, NULL, STATE },
	{ "token", required_argument, NULL, TOKEN },
	{ "token-file", required_argument, NULL, TOKEN_FILE },
	{ "tenant", required_argument, NULL, TENANT },
	{ "ca-file", required_argument, NULL, CA_FILE },
	{ "ready-file", required_argument, NULL, READY_FILE },
	{ "rsnull", no_argument, NULL, RSNULL },
	{ "empty", no_argument, NULL, EMPTY },
	{ "limit", required_argument, NULL, LIMIT },
	{ "help", no_argument, NULL, HELP },
	{ NULL, 0, NULL, 0 },
};

static const char usage[] =
	"managedhsm-emulator: speaks the REST API of Azure Managed HSM and Key Vault keys. It is no HSM.\n"
	"  --port N            port, any free one without this\n"
	"  --listen ADDRESS    address, 127.0.0.1 without this\n"
	"  --hsm NAME          name of the HSM, demo without this\n"
	"  --vault NAME        serve a Key Vault of this name too\n"
	"  --service hsm|vault what hosts are that name neither; vault needs no --vault\n"
	"  --state DIR         keep keys and certificate authority there; must exist\n"
	"  --token TOKEN       the bearer token to accept, a random one without this\n"
	"  --token-file FILE   the same, from the first line of a file\n"
	"  --tenant ID         tenant named in challenges\n"
	"  --ca-file FILE      write the authority's certificate there\n"
	"  --ready-file FILE   write pid, port and token there when it answers\n"
	"  --rsnull            serve RSNULL (PKCS#1 v1.5 over what the caller built)\n"
	"  --empty             begin without keys\n"
	"  --limit KIND=N      at most N private operations a second with keys of a kind\n"
	"                      (rsa2048 rsa3072 rsa4096 p256 p256k p384 p521 aes128 aes192 aes256)\n";

static bool set_port(struct options *options, const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);

	if (!*text || *end || port > 65535)
		return false;
	// The port stands at the same place in both kinds of address.
	((struct sockaddr_in *)&options->listen)->sin_port = htons((uint16_t)port);
	return true;
}

static bool set_address(struct options *options, const char *text)
{
	struct sockaddr_in *four = (struct sockaddr_in *)&options->listen;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&options->listen;
	in_port_t port = four->sin_port;
	struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_port = port };

	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		options->loopback = ntohl(four->sin_addr.s_addr) >> 24 == 127;
		return true;
	}
	if (inet_pton(AF_INET6, text, &address.sin6_addr) != 1)
		return false;
	*six = address;
	options->loopback = IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
	return true;
}

static bool name_valid(const char *name)
{
	size_t length = strlen(name);

	for (const char *at = name; *at; at++)
		if (!isalnum((unsigned char)*at) && *at != '-')
			return false;
	return length >= 3 && length <= 24;
}

static void clear_token(struct options *options)
{
	if (options->token)
		OPENSSL_cleanse(options->token, strlen(options->token));
	free(options->token);
	options->token = NULL;
}

static bool set_token(struct options *options, const char *text)
{
	clear_token(options);
	options->token = strndup(text, strcspn(text, "\r\n"));
	return options->token && *options->token;
}

static bool read_token(struct options *options, const char *path)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	bool good;

	if (!file)
		return false;
	good = getline(&line, &room, file) > 0 && set_token(options, line);
	fclose(file);
	if (line)
		OPENSSL_cleanse(line, room);
	free(line);
	return good;
}

static bool set_service(struct options *options, const char *text)
{
	options->vault_first = strcmp(text, "vault") == 0;
	return options->vault_first || strcmp(text, "hsm") == 0;
}

static bool set(struct options *options, int option, const char *value)
{
	switch (option) {
	case PORT:
		return set_port(options, value);
	case LISTEN:
		return set_address(options, value);
	case HSM:
		options->hsm = value;
		return name_valid(value);
	case VAULT:
		options->vault = value;
		return name_valid(value);
	case SERVICE:
		return set_service(options, value);
	case STATE:
		options->state = value;
		return *value;
	case TOKEN:
		return set_token(options, value);
	case TOKEN_FILE:
		return read_token(options, value);
	case TENANT:
		options->tenant = value;
		return strspn(value, "0123456789abcdefABCDEF-") == strlen(value);
	case CA_FILE:
		options->ca_file = value;
		return *value;
	case READY_FILE:
		options->ready_file = value;
		return *value;
	case RSNULL:
		options->rsnull = true;
		return true;
	case EMPTY:
		options->empty = true;
		return true;
	case LIMIT:
		return rate_limits_add(options->limits, value);
	default:
		return false;
	}
}

enum options_result options_parse(struct options *options, int argc, char **argv)
{
	int option, index = 0;

	memset(options, 0, sizeof(*options));
	options->hsm = "demo";
	options->tenant = "00000000-0000-0000-0000-000000000000";
	options->limits = rate_limits_new();
	if (!options->limits || !set_address(options, "127.0.0.1"))
		return OPTIONS_BAD;
	while ((option = getopt_long(argc, argv, "", table, &index)) != -1) {
		if (option == HELP) {
			fputs(usage, stdout);
			return OPTIONS_HELP;
		}
		if (option == '?')
			return OPTIONS_BAD;
		if (!set(options, option, optarg)) {
			fprintf(stderr, "managedhsm-emulator: --%s: %s is not a good value\n", table[index].name,
			        optarg);
			return OPTIONS_BAD;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "managedhsm-emulator: unknown argument %s (see --help)\n", argv[optind]);
		return OPTIONS_BAD;
	}
	if (options->vault_first && !options->vault)
		options->vault = options->hsm;
	return OPTIONS_GOOD;
}

void options_clear(struct options *options)
{
	clear_token(options);
	rate_limits_free(options->limits);
}
