/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/certificate_load.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include "provider/key.h"

/* In the private library context: the application's providers are not to meet what a service sent. */
static bool is_certificate(const struct hsm *hsm, const struct mh_buffer *der)
{
	const uint8_t *at = der->data;
	X509 *x509;
	bool good;

	ERR_set_mark();
	x509 = X509_new_ex(hsm->libctx, NULL);
	good = x509 != NULL && d2i_X509(&x509, &at, (long)der->length) != NULL && at == der->data + der->length;
	X509_free(x509);
	ERR_pop_to_mark();
	return good;
}

mh_result certificate_load(const struct hsm *hsm, const struct key_uri *uri, struct certificate *certificate,
                           struct mh_error *error)
{
	char text[KEY_URI_TEXT_MAX];

	if (!hsm_usable(hsm, error).ok || !client_get_certificate(hsm->client, uri, certificate, error).ok)
		return MH_FAILURE;
	if (is_certificate(hsm, &certificate->der))
		return MH_SUCCESS;
	key_uri_format(uri, text);
	return mh_fail(error, MH_R_BAD_ANSWER, "get certificate %s: the \"cer\" in the answer is no X.509 certificate",
	               text);
}
