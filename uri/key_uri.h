/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key URIs: text <-> struct. No I/O, no allocation, thread-safe.
 *
 *     managedhsm:<hsm>:<key>[:<version>]      managedhsm:<hsm>:<key>?version=<v>
 *     managedhsm:<hsm>                        the store itself
 *     managedhsm:<hsm>:<key>:versions         all versions of a key; `versions` in the version's place of every form
 *     managedhsm://<hsm>/<key>[/<version>]    managedhsm://<hsm>
 *     managedhsm:https://<hsm>.managedhsm.azure.net/keys/<key>[/<version>]      a JWK `kid`, pasted as it is
 * and the same with `keyvault` (hosts under .vault.azure.net). Parameters after `?`, separated by `&`: version=,
 * type=, and algorithm= for the size of an AES key. A Managed HSM has no type=cert and no type=chain.
 */
#ifndef MH_URI_KEY_URI_H
#define MH_URI_KEY_URI_H

#include "base/error.h"

#define KEY_URI_VAULT_MAX 24
#define KEY_URI_KEY_MAX 127
#define KEY_URI_VERSION_LENGTH 32
#define KEY_URI_TEXT_MAX 512 /* with the terminating zero: longer text is refused; every formatted URI fits */

enum key_uri_service { KEY_URI_MANAGED_HSM, KEY_URI_KEY_VAULT };

/* Named only by the `kid` form, whose host ends with a cloud's suffix. */
enum key_uri_cloud { KEY_URI_CLOUD_UNSAID, KEY_URI_CLOUD_PUBLIC, KEY_URI_CLOUD_USGOV, KEY_URI_CLOUD_CHINA };

/* The parameter `type=`: what of the key is wanted. A chain comes with its certificate and key. */
enum key_uri_type {
	KEY_URI_TYPE_ANY,
	KEY_URI_TYPE_PRIVATE,
	KEY_URI_TYPE_PUBLIC,
	KEY_URI_TYPE_CERT,
	KEY_URI_TYPE_CHAIN
};

struct key_uri {
	enum key_uri_service service;
	enum key_uri_cloud cloud;
	enum key_uri_type type;
	char vault[KEY_URI_VAULT_MAX + 1]; /* the HSM's or vault's name, as written */
	char key[KEY_URI_KEY_MAX + 1]; /* "" for the store itself */
	char version[KEY_URI_VERSION_LENGTH + 1]; /* lower case; "" for none */
	unsigned wrap_bits; /* algorithm=A128KW, A192KW, A256KW: an AES key of 128, 192, 256 bits; 0 when not said */
	bool all_versions; /* `versions` in the version's place: a list, no key; version is "" then */
};

/* Parses text into *uri. On failure *uri is all zero and the error (MH_R_BAD_URI) names the part that is wrong, why,
 * and the form that was expected. Everything that is not in the grammar is refused: other hosts, ports, user names,
 * fragments, percent escapes, empty parts, unknown or repeated parameters, a version given twice, control
 * characters. */
mh_result key_uri_parse(const char *text, struct key_uri *uri, struct mh_error *error) MH_MUST_CHECK;

/* Parses the `kid` of an answer: https://<any host[:port]>/keys/<key>/<version>. The host is not looked at (a token
 * never goes where an answer says); key and version are checked like those of a URI. Writes NUL-terminated strings,
 * empty ones on failure. Error: MH_R_BAD_ANSWER. */
mh_result key_uri_parse_kid(const char *kid, char key[static KEY_URI_KEY_MAX + 1],
                            char version[static KEY_URI_VERSION_LENGTH + 1], struct mh_error *error) MH_MUST_CHECK;

/* Collections of the service: the first segment of a path. */
enum key_uri_collection { KEY_URI_KEYS, KEY_URI_CERTIFICATES, KEY_URI_SECRETS };

/* "keys" or "certificates". */
const char *key_uri_collection_name(enum key_uri_collection collection);

/* Parses the `id` or `kid` of an entry in a list, or of a certificate: https://<any host[:port]>/<collection>/<name>,
 * perhaps with /<version>; otherwise like key_uri_parse_kid(). */
mh_result key_uri_parse_id(const char *id, enum key_uri_collection collection, char name[static KEY_URI_KEY_MAX + 1],
                           char version[static KEY_URI_VERSION_LENGTH + 1], struct mh_error *error) MH_MUST_CHECK;

/* Writes the documented form, "managedhsm:<hsm>:<key>:<version>", without parameters. Always fits. */
void key_uri_format(const struct key_uri *uri, char text[static KEY_URI_TEXT_MAX]);

/* "managedhsm" or "keyvault". */
const char *key_uri_scheme(enum key_uri_service service);

/* ".managedhsm.azure.net" and so on; cloud KEY_URI_CLOUD_UNSAID gives the public cloud's. Never NULL. */
const char *key_uri_host_suffix(enum key_uri_service service, enum key_uri_cloud cloud);

/* "public", "usgov" or "china"; the error names the three. */
mh_result key_uri_cloud_parse(const char *text, enum key_uri_cloud *cloud, struct mh_error *error) MH_MUST_CHECK;

#endif
