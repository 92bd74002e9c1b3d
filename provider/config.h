/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration: the provider's section in openssl.cnf, or the same name in upper case with `-` as `_` after
 * MANAGEDHSM_ in the environment. The section wins. Read once, when the provider is loaded.
 */
#ifndef MH_PROVIDER_CONFIG_H
#define MH_PROVIDER_CONFIG_H

#include <openssl/core_dispatch.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"
#include "uri/key_uri.h"

enum decrypt_padding { DECRYPT_PADDING_PKCS1, DECRYPT_PADDING_OAEP, DECRYPT_PADDING_OAEP_256 };

struct provider_config {
	bool by_file; /* a configuration file activated the provider; otherwise OSSL_PROVIDER_load() did */
	enum key_uri_cloud cloud;
	char *endpoint; /* NULL: the host is made from the HSM's name */
	struct mh_buffer ca; /* PEM, the content of ca-file; empty when there is none */
	char *pin;
	char *api_version;
	unsigned timeout_ms;
	unsigned connect_timeout_ms;
	unsigned max_connections;
	bool verify_after_sign;
	enum decrypt_padding decrypt_padding;
	struct key_uri random; /* a store; all zero when there is no such setting */
	enum mh_log_level log_level;
	char *log_file;
};

/* Reads and checks everything; core_get_params comes from the core's dispatch table. On failure
 * (MH_R_BAD_CONFIGURATION, naming the setting) *config is empty but for by_file. */
mh_result provider_config_read(const OSSL_CORE_HANDLE *core, OSSL_FUNC_core_get_params_fn *core_get_params,
                               struct provider_config *config, struct mh_error *error) MH_MUST_CHECK;
void provider_config_free(struct provider_config *config);

/* The name of setting i as written in openssl.cnf, NULL past the last. */
const char *provider_config_name(size_t i);

#endif
