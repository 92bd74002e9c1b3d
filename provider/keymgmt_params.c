/* SPDX-License-Identifier: Apache-2.0 */
/* Which parameters RSA and EC keys have: EVP_PKEY-RSA(7), EVP_PKEY-EC(7). OpenSSL asks before there is any key. */
#include "provider/keymgmt_params.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

/* Of a key that is to be created in the HSM: new_key_options in new_key.c. */
#define NEW_KEY_OPTIONS                                                                                                \
	OSSL_PARAM_utf8_string("managedhsm-uri", NULL, 0), OSSL_PARAM_utf8_string("managedhsm-key-ops", NULL, 0),      \
		OSSL_PARAM_utf8_string("managedhsm-exportable", NULL, 0),                                              \
		OSSL_PARAM_utf8_string("managedhsm-release-policy", NULL, 0),                                          \
		OSSL_PARAM_utf8_string("managedhsm-tags", NULL, 0),                                                    \
		OSSL_PARAM_utf8_string("managedhsm-new-version", NULL, 0),                                             \
		OSSL_PARAM_utf8_string("managedhsm-protection", NULL, 0)

#define COMMON_INFORMATION                                                                                             \
	OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL), OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),               \
		OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),                                                        \
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, NULL, 0)

#define RSA_PUBLIC OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0), OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0)
#define RSA_PRIVATE                                                                                                    \
	OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_D, NULL, 0), OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_FACTOR1, NULL, 0),            \
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_FACTOR2, NULL, 0),                                                   \
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_FACTOR3, NULL, 0),                                                   \
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_EXPONENT1, NULL, 0),                                                 \
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_EXPONENT2, NULL, 0),                                                 \
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_EXPONENT3, NULL, 0),                                                 \
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_COEFFICIENT1, NULL, 0),                                              \
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_COEFFICIENT2, NULL, 0)

#define EC_DOMAIN                                                                                                      \
	OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),                                                   \
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_EC_ENCODING, NULL, 0),                                          \
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, NULL, 0),                           \
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_EC_FIELD_TYPE, NULL, 0),                                        \
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_EC_P, NULL, 0), OSSL_PARAM_BN(OSSL_PKEY_PARAM_EC_A, NULL, 0),            \
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_EC_B, NULL, 0),                                                          \
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_EC_GENERATOR, NULL, 0),                                        \
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_EC_ORDER, NULL, 0), OSSL_PARAM_BN(OSSL_PKEY_PARAM_EC_COFACTOR, NULL, 0), \
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_EC_SEED, NULL, 0)
#define EC_KEY                                                                                                         \
	OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0), OSSL_PARAM_BN(OSSL_PKEY_PARAM_PRIV_KEY, NULL, 0),   \
		OSSL_PARAM_int(OSSL_PKEY_PARAM_USE_COFACTOR_ECDH, NULL),                                               \
		OSSL_PARAM_int(OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC, NULL)

const OSSL_PARAM *keymgmt_gettable_params_rsa(void *provctx)
{
	static const OSSL_PARAM table[] = { COMMON_INFORMATION, RSA_PUBLIC, RSA_PRIVATE, OSSL_PARAM_END };

	(void)provctx;
	return table;
}

const OSSL_PARAM *keymgmt_gettable_params_ec(void *provctx)
{
	static const OSSL_PARAM table[] = {
		COMMON_INFORMATION,
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, NULL, 0),
		OSSL_PARAM_int(OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, NULL),
		EC_DOMAIN,
		EC_KEY,
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_EC_PUB_X, NULL, 0),
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_EC_PUB_Y, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)provctx;
	return table;
}

const OSSL_PARAM *keymgmt_settable_params_ec(void *provctx)
{
	static const OSSL_PARAM table[] = {
		OSSL_PARAM_int(OSSL_PKEY_PARAM_USE_COFACTOR_ECDH, NULL),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_EC_ENCODING, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, NULL, 0),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_EC_SEED, NULL, 0),
		OSSL_PARAM_int(OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC, NULL),
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_EC_GROUP_CHECK_TYPE, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)provctx;
	return table;
}

const OSSL_PARAM *keymgmt_key_types_rsa(int selection)
{
	static const OSSL_PARAM public_part[] = { RSA_PUBLIC, OSSL_PARAM_END };
	static const OSSL_PARAM whole[] = { RSA_PUBLIC, RSA_PRIVATE, OSSL_PARAM_END };

	if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0)
		return whole;
	return (selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) != 0 ? public_part : NULL;
}

const OSSL_PARAM *keymgmt_key_types_ec(int selection)
{
	static const OSSL_PARAM domain[] = { EC_DOMAIN, OSSL_PARAM_END };
	static const OSSL_PARAM whole[] = { EC_DOMAIN, EC_KEY, OSSL_PARAM_END };

	if ((selection & OSSL_KEYMGMT_SELECT_KEYPAIR) != 0)
		return whole;
	return (selection & OSSL_KEYMGMT_SELECT_ALL_PARAMETERS) != 0 ? domain : NULL;
}

const OSSL_PARAM *keymgmt_gen_settable_params_rsa(void *genctx, void *provctx)
{
	static const OSSL_PARAM table[] = {
		OSSL_PARAM_size_t(OSSL_PKEY_PARAM_RSA_BITS, NULL),
		OSSL_PARAM_size_t(OSSL_PKEY_PARAM_RSA_PRIMES, NULL),
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
		NEW_KEY_OPTIONS,
		OSSL_PARAM_END,
	};

	(void)genctx;
	(void)provctx;
	return table;
}

const OSSL_PARAM *keymgmt_gen_settable_params_ec(void *genctx, void *provctx)
{
	static const OSSL_PARAM table[] = { EC_DOMAIN, OSSL_PARAM_int(OSSL_PKEY_PARAM_USE_COFACTOR_ECDH, NULL),
		                            NEW_KEY_OPTIONS, OSSL_PARAM_END };

	(void)genctx;
	(void)provctx;
	return table;
}

const OSSL_PARAM *keymgmt_gen_settable_params_oct(void *genctx, void *provctx)
{
	static const OSSL_PARAM table[] = { OSSL_PARAM_size_t(OSSL_PKEY_PARAM_BITS, NULL), NEW_KEY_OPTIONS,
		                            OSSL_PARAM_END };

	(void)genctx;
	(void)provctx;
	return table;
}
