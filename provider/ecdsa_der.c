/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL takes and gives ECDSA signatures as DER, the service as r||s. */
#include "provider/ecdsa_der.h"

#include <limits.h>

#include <openssl/bn.h>
#include <openssl/ec.h>

mh_result ecdsa_raw_to_der(struct mh_span raw, uint8_t *der, size_t capacity, size_t *length)
{
	size_t half = raw.length / 2;
	ECDSA_SIG *sig = NULL;
	BIGNUM *r = NULL, *s = NULL;
	mh_result result = MH_FAILURE;
	int n;

	if (half == 0 || raw.length % 2 != 0 || raw.length > 1024)
		return MH_FAILURE;
	r = BN_bin2bn(raw.data, (int)half, NULL);
	s = BN_bin2bn(raw.data + half, (int)half, NULL);
	sig = ECDSA_SIG_new();
	if (r == NULL || s == NULL || sig == NULL || BN_is_zero(r) || BN_is_zero(s) || ECDSA_SIG_set0(sig, r, s) != 1)
		goto out;
	r = s = NULL; /* owned by sig */
	n = i2d_ECDSA_SIG(sig, NULL);
	if (n <= 0 || (size_t)n > capacity)
		goto out;
	n = i2d_ECDSA_SIG(sig, &der);
	if (n <= 0)
		goto out;
	*length = (size_t)n;
	result = MH_SUCCESS;
out:
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return result;
}
