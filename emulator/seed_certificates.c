// SPDX-License-Identifier: Apache-2.0
// One certificate by the vault itself, and one that comes with a chain. Both are good for a TLS server on this machine.
#include "seed_certificates.h"

#include "certificate_policy.h"
#include "x509_issue.h"

#include <openssl/ec.h>
#include <stdlib.h>
#include <time.h>

#define DAY 86400L
#define ROOT_DAYS 3650
#define INTERMEDIATE_DAYS 1825
#define LEAF_DAYS 397

bool seed_self_signed(struct key_material *material, struct certificate_parts *parts)
{
	json_t *given =
		json_pack("{s:{s:s, s:{s:[s], s:[s]}}, s:{s:s}}", "x509_props", "subject", "CN=localhost", "sans",
	                  "dns_names", "localhost", "ipAddresses", "127.0.0.1", "issuer", "name", "Self");
	struct policy_problem problem;
	char *csr = NULL;

	parts->material = key_material_ref(material);
	parts->policy = policy_complete(given, NULL, time(NULL), &problem);
	if (parts->policy)
		parts->certificate = policy_self_sign(parts->policy, material, time(NULL), &csr);
	if (parts->certificate)
		parts->pending = json_pack("{s:{s:s}, s:s, s:s}", "issuer", "name", "Self", "csr", csr, "request_id",
		                           "00000000000000000000000000000000");
	free(csr);
	json_decref(given);
	return parts->pending != NULL;
}

struct authority {
	EVP_PKEY *key;
	X509 *certificate;
};

static X509 *issue(EVP_PKEY *key, const char *name, long days, const struct authority *issuer,
                   const struct x509_extension *extensions)
{
	X509_NAME *subject = x509_common_name(name);
	const struct x509_wish wish = {
		.key = key,
		.subject = subject,
		.from = time(NULL) - DAY,
		.until = time(NULL) + days * DAY,
		.issuer = issuer ? issuer->certificate : NULL,
		.issuer_key = issuer ? issuer->key : NULL,
		.extensions = extensions,
	};
	X509 *certificate = subject && key ? x509_issue(&wish) : NULL;

	X509_NAME_free(subject);
	return certificate;
}

static void authority_clear(struct authority *authority)
{
	EVP_PKEY_free(authority->key);
	X509_free(authority->certificate);
}

static struct authority make_root(void)
{
	static const struct x509_extension extensions[] = {
		{ NID_basic_constraints, "critical,CA:TRUE" },
		{ NID_key_usage, "critical,keyCertSign,cRLSign" },
		{ NID_subject_key_identifier, "hash" },
		{ NID_undef, NULL },
	};
	struct authority root = { .key = EVP_EC_gen("P-256") };

	root.certificate = issue(root.key, "managedhsm-emulator demo root", ROOT_DAYS, NULL, extensions);
	return root;
}

static struct authority make_intermediate(const struct authority *root)
{
	static const struct x509_extension extensions[] = {
		{ NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
		{ NID_key_usage, "critical,keyCertSign,cRLSign" },
		{ NID_subject_key_identifier, "hash" },
		{ NID_authority_key_identifier, "keyid" },
		{ NID_undef, NULL },
	};
	struct authority intermediate = { .key = EVP_EC_gen("P-256") };

	intermediate.certificate =
		issue(intermediate.key, "managedhsm-emulator demo intermediate", INTERMEDIATE_DAYS, root, extensions);
	return intermediate;
}

static X509 *make_leaf(EVP_PKEY *key, const struct authority *issuer)
{
	static const struct x509_extension extensions[] = {
		{ NID_basic_constraints, "critical,CA:FALSE" },
		{ NID_key_usage, "critical,digitalSignature" },
		{ NID_ext_key_usage, "serverAuth,clientAuth" },
		{ NID_subject_key_identifier, "hash" },
		{ NID_authority_key_identifier, "keyid" },
		{ NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1" },
		{ NID_undef, NULL },
	};

	return issue(key, "localhost", LEAF_DAYS, issuer, extensions);
}

bool seed_with_chain(struct key_material *material, struct certificate_parts *parts)
{
	struct authority root = make_root(), intermediate = { .key = NULL };
	STACK_OF(X509) *chain = sk_X509_new_null();
	X509 *leaf = NULL;

	if (root.certificate)
		intermediate = make_intermediate(&root);
	if (intermediate.certificate)
		leaf = make_leaf(material->pkey, &intermediate);
	parts->material = key_material_ref(material);
	if (leaf && chain && sk_X509_push(chain, intermediate.certificate) > 0 &&
	    sk_X509_push(chain, root.certificate) > 0) {
		parts->policy = policy_of_certificate(leaf, material, true, NULL, time(NULL));
		parts->certificate = certificate_new(leaf, chain, true, true);
	}
	X509_free(leaf);
	sk_X509_free(chain);
	authority_clear(&intermediate);
	authority_clear(&root);
	return parts->policy && parts->certificate;
}
