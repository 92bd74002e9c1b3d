// SPDX-License-Identifier: Apache-2.0
// Between a policy and its certificate: makes the one from the other, in both directions.
#include "certificate_policy.h"
#include "x509_issue.h"
#include "x509_names.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EARLIER_SECONDS 600 // the service lets a certificate begin before it was made

// "first,second" of a list; NULL for an empty one. The caller frees.
static char *joined(const char *first, const json_t *list)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = json_array_size(list) > 0 ? open_memstream(&text, &length) : NULL;

	if (!out)
		return NULL;
	fputs(first, out);
	for (size_t i = 0; i < json_array_size(list); i++)
		fprintf(out, "%s%s", i > 0 ? "," : "", json_string_value(json_array_get(list, i)));
	fclose(out);
	return text;
}

static char *request_text(const struct x509_wish *wish)
{
	X509_REQ *request = x509_request(wish);
	unsigned char *der = NULL;
	int length = request ? i2d_X509_REQ(request, &der) : -1;
	char *text = length > 0 ? base64_text(der, length) : NULL;

	OPENSSL_free(der);
	X509_REQ_free(request);
	return text;
}

struct certificate *policy_self_sign(const json_t *policy, const struct key_material *material, int64_t now, char **csr)
{
	const json_t *x509 = json_object_get(policy, "x509_props");
	char *usage = joined("critical,", json_object_get(x509, "key_usage"));
	char *purposes = joined("", json_object_get(x509, "ekus"));
	const struct x509_extension extensions[] = {
		{ NID_key_usage, usage },
		{ NID_basic_constraints, "CA:FALSE" },
		{ NID_ext_key_usage, purposes },
		{ NID_subject_key_identifier, "hash" },
		{ NID_authority_key_identifier, "keyid:always" },
		{ NID_undef, NULL },
	};
	X509_NAME *subject = subject_parse(json_string_value(json_object_get(x509, "subject")));
	GENERAL_NAMES *names = sans_parse(json_object_get(x509, "sans"));
	const struct x509_wish wish = {
		.key = material->pkey,
		.subject = subject,
		.from = now - EARLIER_SECONDS,
		.until = months_later(now, (int)json_integer_value(json_object_get(x509, "validity_months"))),
		.extensions = extensions,
		.names = names,
	};
	struct certificate *certificate = NULL;
	X509 *leaf = subject ? x509_issue(&wish) : NULL;

	*csr = leaf ? request_text(&wish) : NULL;
	if (*csr)
		certificate = certificate_new(leaf, NULL, policy_exportable(policy), policy_is_pem(policy));
	if (!certificate) {
		free(*csr);
		*csr = NULL;
	}
	X509_free(leaf);
	X509_NAME_free(subject);
	GENERAL_NAMES_free(names);
	free(usage);
	free(purposes);
	return certificate;
}

static json_t *show_purposes(const X509 *certificate)
{
	EXTENDED_KEY_USAGE *purposes = X509_get_ext_d2i(certificate, NID_ext_key_usage, NULL, NULL);
	json_t *shown = json_array();
	char oid[128];

	for (int i = 0; i < sk_ASN1_OBJECT_num(purposes); i++)
		if (OBJ_obj2txt(oid, sizeof(oid), sk_ASN1_OBJECT_value(purposes, i), 1) > 0)
			json_array_append_new(shown, json_string(oid));
	EXTENDED_KEY_USAGE_free(purposes);
	return shown;
}

static json_t *show_usage(const X509 *certificate)
{
	ASN1_BIT_STRING *usage = X509_get_ext_d2i(certificate, NID_key_usage, NULL, NULL);
	json_t *shown = json_array();

	for (int bit = 0; usage && key_usage_names[bit]; bit++)
		if (ASN1_BIT_STRING_get_bit(usage, bit) == 1)
			json_array_append_new(shown, json_string(key_usage_names[bit]));
	ASN1_BIT_STRING_free(usage);
	return shown;
}

static bool is_ca(const X509 *certificate)
{
	BASIC_CONSTRAINTS *constraints = X509_get_ext_d2i(certificate, NID_basic_constraints, NULL, NULL);
	bool ca = constraints && constraints->ca;

	BASIC_CONSTRAINTS_free(constraints);
	return ca;
}

// So many months that they cover the certificate's time.
static int months_of(const X509 *certificate)
{
	int64_t from = certificate_time(X509_get0_notBefore(certificate));
	int64_t until = certificate_time(X509_get0_notAfter(certificate));
	int months = until > from ? (int)((until - from) / (31 * 86400)) : 0;

	while (months_later(from, months) < until)
		months++;
	return months;
}

static json_t *x509_props_of(const X509 *certificate)
{
	char *subject = subject_text(X509_get_subject_name(certificate));
	json_t *props = json_pack("{s:s}", "subject", subject ? subject : "");
	json_t *sans = sans_show(certificate);

	free(subject);
	if (sans)
		json_object_set_new(props, "sans", sans);
	json_object_set_new(props, "ekus", show_purposes(certificate));
	json_object_set_new(props, "key_usage", show_usage(certificate));
	json_object_set_new(props, "validity_months", json_integer(months_of(certificate)));
	json_object_set_new(props, "basic_constraints", json_pack("{s:b}", "ca", is_ca(certificate)));
	return props;
}

static bool said_otherwise(const json_t *given, const char *name, bool otherwise)
{
	const json_t *value = json_object_get(json_object_get(given, "key_props"), name);

	return json_is_boolean(value) ? json_is_true(value) : otherwise;
}

json_t *policy_of_certificate(const X509 *certificate, const struct key_material *material, bool pem,
                              const json_t *given, int64_t now)
{
	const json_t *actions = json_object_get(given, "lifetime_actions");
	const char *issuer = json_string_value(json_object_get(json_object_get(given, "issuer"), "name"));
	json_t *key = json_pack("{s:b, s:s, s:i, s:b}", "exportable", said_otherwise(given, "exportable", true), "kty",
	                        key_type_name(material->type, false), "key_size", (int)material->bits, "reuse_key",
	                        said_otherwise(given, "reuse_key", false));

	if (material->curve)
		json_object_set_new(key, "crv", json_string(material->curve->name));
	return json_pack("{s:o, s:{s:s}, s:o, s:o, s:{s:s}, s:{s:b, s:I, s:I}}", "key_props", key, "secret_props",
	                 "contentType", pem ? "application/x-pem-file" : "application/x-pkcs12", "x509_props",
	                 x509_props_of(certificate), "lifetime_actions",
	                 json_is_array(actions) ? json_deep_copy(actions)
	                                        : json_pack("[{s:{s:i}, s:{s:s}}]", "trigger", "lifetime_percentage",
	                                                    80, "action", "action_type", "EmailContacts"),
	                 "issuer", "name", issuer ? issuer : "Unknown", "attributes", "enabled", 1, "created",
	                 (json_int_t)now, "updated", (json_int_t)now);
}
