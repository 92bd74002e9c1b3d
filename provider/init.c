/* SPDX-License-Identifier: Apache-2.0 */
/* The module's one entry point: what OpenSSL calls when it loads and unloads the provider, provider(7). */
#include "provider/provider.h"

#include <stddef.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "provider/key.h"
#include "provider/signature_composite.h"
#include "provider/skey.h"
#include "provider/tls_groups.h"

#define PROPERTIES "provider=managedhsm"

struct provider *provider_of(const struct key *key)
{
	return (struct provider *)(uintptr_t)((const char *)key->hsm - offsetof(struct provider, hsm));
}

static const OSSL_ALGORITHM keymgmt[] = {
	{ "RSA:rsaEncryption:1.2.840.113549.1.1.1", PROPERTIES, keymgmt_rsa_functions,
	  "RSA keys in Azure Managed HSM" },
	{ "EC:id-ecPublicKey:1.2.840.10045.2.1", PROPERTIES, keymgmt_ec_functions, "EC keys in Azure Managed HSM" },
	{ "AES-KW:oct-HSM", PROPERTIES, keymgmt_oct_functions, "AES keys in Azure Managed HSM" },
	{ NULL, NULL, NULL, NULL },
};

static const OSSL_ALGORITHM signature[] = {
	{ "RSA:rsaEncryption:1.2.840.113549.1.1.1", PROPERTIES, signature_rsa_functions,
	  "RSA signatures by Azure Managed HSM" },
	{ "ECDSA", PROPERTIES, signature_ecdsa_functions, "ECDSA signatures by Azure Managed HSM" },
	COMPOSITE_SIGNATURES(PROPERTIES, "signatures by Azure Managed HSM"){ NULL, NULL, NULL, NULL },
};

static const OSSL_ALGORITHM asym_cipher[] = {
	{ "RSA:rsaEncryption:1.2.840.113549.1.1.1", PROPERTIES, asym_cipher_rsa_functions,
	  "RSA decryption by Azure Managed HSM" },
	{ "AES-KW:oct-HSM", PROPERTIES, asym_cipher_oct_functions, "AES key wrap by Azure Managed HSM" },
	{ NULL, NULL, NULL, NULL },
};

static const OSSL_ALGORITHM rand_algorithm[] = {
	{ "MANAGEDHSM", PROPERTIES, rand_functions, "the generator of an Azure Managed HSM" },
	{ NULL, NULL, NULL, NULL },
};

static const OSSL_ALGORITHM store[] = {
	{ "managedhsm", PROPERTIES, store_functions, "keys of an Azure Managed HSM" },
	{ "keyvault", PROPERTIES, store_functions, "keys of an Azure Key Vault" },
	{ NULL, NULL, NULL, NULL },
};

static const OSSL_ALGORITHM encoder[] = {
	{ "RSA", PROPERTIES ",output=pem,structure=PrivateKeyInfo", encoder_pem_functions, "key file" },
	{ "EC", PROPERTIES ",output=pem,structure=PrivateKeyInfo", encoder_pem_functions, "key file" },
	{ "RSA", PROPERTIES ",output=pem,structure=type-specific", encoder_pem_specific_functions, "key file" },
	{ "EC", PROPERTIES ",output=pem,structure=type-specific", encoder_pem_specific_functions, "key file" },
	{ "RSA", PROPERTIES ",output=der,structure=PrivateKeyInfo", encoder_der_functions, "refuses keys in the HSM" },
	{ "EC", PROPERTIES ",output=der,structure=PrivateKeyInfo", encoder_der_functions, "refuses keys in the HSM" },
	{ "RSA", PROPERTIES ",output=der,structure=type-specific", encoder_der_specific_functions,
	  "refuses keys in the HSM" },
	{ "EC", PROPERTIES ",output=der,structure=type-specific", encoder_der_specific_functions,
	  "refuses keys in the HSM" },
	{ "AES-KW", PROPERTIES ",output=pem,structure=PrivateKeyInfo", encoder_pem_functions, "key file" },
	{ "AES-KW", PROPERTIES ",output=pem,structure=type-specific", encoder_pem_specific_functions, "key file" },
	{ "AES-KW", PROPERTIES ",output=der,structure=PrivateKeyInfo", encoder_der_functions,
	  "refuses keys in the HSM" },
	{ "RSA", PROPERTIES ",output=text", encoder_text_functions, "where the key lives" },
	{ "EC", PROPERTIES ",output=text", encoder_text_functions, "where the key lives" },
	{ "AES-KW", PROPERTIES ",output=text", encoder_text_functions, "where the key lives" },
	{ NULL, NULL, NULL, NULL },
};

static const OSSL_ALGORITHM decoder[] = {
	{ "DER", PROPERTIES ",input=pem", decoder_pem_functions, "key file" },
	{ "RSA", PROPERTIES ",input=der,structure=" KEY_FILE_STRUCTURE, decoder_der_rsa_functions, "key file" },
	{ "EC", PROPERTIES ",input=der,structure=" KEY_FILE_STRUCTURE, decoder_der_ec_functions, "key file" },
	{ "AES-KW", PROPERTIES ",input=der,structure=" KEY_FILE_STRUCTURE, decoder_der_oct_functions, "key file" },
	{ NULL, NULL, NULL, NULL },
};

static OSSL_FUNC_provider_gettable_params_fn gettable_params;
static OSSL_FUNC_provider_get_params_fn get_params;
static OSSL_FUNC_provider_query_operation_fn query_operation;
static OSSL_FUNC_provider_get_capabilities_fn get_capabilities;
static OSSL_FUNC_provider_get_reason_strings_fn reason_strings;
static OSSL_FUNC_provider_teardown_fn teardown;

static const OSSL_PARAM *gettable_params(void *provctx)
{
	static const OSSL_PARAM table[] = {
		OSSL_PARAM_DEFN(OSSL_PROV_PARAM_NAME, OSSL_PARAM_UTF8_PTR, NULL, 0),
		OSSL_PARAM_DEFN(OSSL_PROV_PARAM_VERSION, OSSL_PARAM_UTF8_PTR, NULL, 0),
		OSSL_PARAM_DEFN(OSSL_PROV_PARAM_BUILDINFO, OSSL_PARAM_UTF8_PTR, NULL, 0),
		OSSL_PARAM_DEFN(OSSL_PROV_PARAM_STATUS, OSSL_PARAM_INTEGER, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)provctx;
	return table;
}

static int get_params(void *provctx, OSSL_PARAM params[])
{
	const struct provider *provider = provctx;
	OSSL_PARAM *p;

	if ((p = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_NAME)) != NULL &&
	    OSSL_PARAM_set_utf8_ptr(p, "Azure Managed HSM Provider") != 1)
		return 0;
	if ((p = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_VERSION)) != NULL &&
	    OSSL_PARAM_set_utf8_ptr(p, MANAGEDHSM_VERSION) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_BUILDINFO)) != NULL &&
	    OSSL_PARAM_set_utf8_ptr(p, MANAGEDHSM_VERSION) != 1)
		return 0;
	if ((p = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_STATUS)) != NULL &&
	    OSSL_PARAM_set_int(p, provider->hsm.client != NULL) != 1)
		return 0;
	return 1;
}

static const OSSL_ITEM *reason_strings(void *provctx)
{
	const struct provider *provider = provctx;

	return provider->errors.reasons;
}

static const OSSL_ALGORITHM *query_operation(void *provctx, int operation, int *no_cache)
{
	(void)provctx;
	*no_cache = 0;
	switch (operation) {
	case OSSL_OP_KEYMGMT:
		return keymgmt;
	case OSSL_OP_SIGNATURE:
		return signature;
	case OSSL_OP_ASYM_CIPHER:
		return asym_cipher;
	case OSSL_OP_RAND:
		return rand_algorithm;
	case OSSL_OP_STORE:
		return store;
	case OSSL_OP_ENCODER:
		return encoder;
	case OSSL_OP_DECODER:
		return decoder;
#if MH_SKEY
	case OSSL_OP_SKEYMGMT:
		return skeymgmt_algorithms;
	case OSSL_OP_CIPHER:
		return cipher_algorithms;
	case OSSL_OP_MAC:
		return mac_algorithms;
#endif
	default:
		return NULL;
	}
}

static int get_capabilities(void *provctx, const char *capability, OSSL_CALLBACK *cb, void *arg)
{
	(void)provctx;
	return OPENSSL_strcasecmp(capability, "TLS-GROUP") == 0 && provider_tls_groups(cb, arg);
}

static void provider_free(struct provider *provider)
{
	/* OPENSSL_init_crypto() refuses once OPENSSL_cleanup() has begun: libcurl's TLS cannot be used any more
	 * then. */
	bool stopping = OPENSSL_init_crypto(0, NULL) != 1;

	if (provider == NULL)
		return;
	client_free(provider->hsm.client);
	transport_free(provider->transport, stopping);
	if (provider->base != NULL)
		OSSL_PROVIDER_unload(provider->base);
	OSSL_LIB_CTX_free(provider->hsm.libctx);
	mh_log_close(provider->hsm.log);
	OPENSSL_free(provider);
}

static void teardown(void *provctx)
{
	provider_free(provctx);
}

/* What keys in software need too: a library context with the default provider alone. */
static mh_result start_base(struct provider *provider, const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *in,
                            struct mh_error *error)
{
	/* Not a child context: that would mirror the application's providers, us included. The dispatch table gives
	 * it core BIOs. */
	provider->hsm.libctx = OSSL_LIB_CTX_new_from_dispatch(core, in);
	if (provider->hsm.libctx == NULL ||
	    (provider->base = OSSL_PROVIDER_load(provider->hsm.libctx, "default")) == NULL)
		return mh_fail(error, MH_R_INTERNAL,
		               "OpenSSL's default provider cannot be loaded into a library context of its own");
	return MH_SUCCESS;
}

static mh_result start_client(struct provider *provider, const struct provider_config *config, struct mh_error *error)
{
	struct transport_config transport = {
		.libctx = provider->hsm.libctx,
		.ca_pem = { config->ca.data, config->ca.length },
		.pin = config->pin,
		.connect_timeout_ms = config->connect_timeout_ms,
		.max_connections = config->max_connections,
	};
	struct client_config client = {
		.endpoint = config->endpoint,
		.cloud = config->cloud,
		.api_version = config->api_version,
		.timeout_ms = config->timeout_ms,
	};

	if (!mh_log_open(config->log_level, config->log_file, &provider->hsm.log, error).ok)
		return MH_FAILURE;
	provider->hsm.verify_after_sign = config->verify_after_sign;
	provider->decrypt_padding = config->decrypt_padding;
	provider->random = config->random;
	transport.log = client.log = provider->hsm.log;
	environment_token_source(&provider->tokens);
	if (!transport_new(&transport, &provider->transport, error).ok)
		return MH_FAILURE;
	return client_new(&client, provider->transport, &provider->tokens, &provider->hsm.client, error);
}

static const OSSL_DISPATCH functions[] = {
	{ OSSL_FUNC_PROVIDER_TEARDOWN, (void (*)(void))teardown },
	{ OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, (void (*)(void))gettable_params },
	{ OSSL_FUNC_PROVIDER_GET_PARAMS, (void (*)(void))get_params },
	{ OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query_operation },
	{ OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))get_capabilities },
	{ OSSL_FUNC_PROVIDER_GET_REASON_STRINGS, (void (*)(void))reason_strings },
	{ 0, NULL },
};

static void take_core_functions(struct provider *provider, const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *in,
                                OSSL_FUNC_core_get_params_fn **core_get_params)
{
	provider_errors_init(&provider->errors, core, in);
	for (; in->function_id != 0; in++) {
		switch (in->function_id) {
		case OSSL_FUNC_CORE_GET_PARAMS:
			*core_get_params = OSSL_FUNC_core_get_params(in);
			break;
		case OSSL_FUNC_CORE_GET_LIBCTX:
			provider->application = (OSSL_LIB_CTX *)OSSL_FUNC_core_get_libctx(in)(core);
			break;
		case OSSL_FUNC_BIO_READ_EX:
			provider->bio_read = OSSL_FUNC_BIO_read_ex(in);
			break;
		default:
			break;
		}
	}
}

/* Runs while OpenSSL reads its configuration, locks held: no network, no thread, no fetch from here. */
__attribute__((visibility("default"))) int OSSL_provider_init(const OSSL_CORE_HANDLE *core, const OSSL_DISPATCH *in,
                                                              const OSSL_DISPATCH **out, void **provctx)
{
	struct provider *provider = OPENSSL_zalloc(sizeof(*provider));
	OSSL_FUNC_core_get_params_fn *core_get_params = NULL;
	struct provider_config config = { 0 };
	struct mh_error error = { 0 };
	mh_result result;

	if (provider == NULL)
		return 0;
	provider->hsm.findings = &provider->findings;
	take_core_functions(provider, core, in, &core_get_params);
	result = start_base(provider, core, in, &error);
	if (result.ok) {
		result = provider_config_read(core, core_get_params, &config, &error);
		if (result.ok)
			result = start_client(provider, &config, &error);
		/* OpenSSL says nothing when a provider that a configuration file activates fails to load: the user
		 * would read of an unregistered scheme. So it loads, and every use of a key in the HSM says what is
		 * wrong with the configuration. */
		if (!result.ok && config.by_file) {
			provider->hsm.unusable = error;
			result = MH_SUCCESS;
		}
	}
	provider_config_free(&config);
	if (!result.ok) {
		RAISE(&provider->errors, &error);
		provider_free(provider);
		return 0;
	}
	*out = functions;
	*provctx = provider;
	return 1;
}
