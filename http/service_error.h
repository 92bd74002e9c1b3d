/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An HTTP answer that is no success -> struct mh_error: what the service said, as far as it can be believed, and
 * what to do. The body may be anything; it is read with bounds and never trusted. Inside http/ only.
 */
#ifndef MH_HTTP_SERVICE_ERROR_H
#define MH_HTTP_SERVICE_ERROR_H

#include "http/transport.h"
#include "uri/key_uri.h"

/* Fills error (which may be NULL) with reason, http_status, service_code (the inner code if there is one: it says
 * more), request_id and "HTTP 403 Forbidden: <code>, <inner code>: <message> (request id ...)". Always MH_FAILURE. */
mh_result service_error(const struct http_response *response, struct mh_error *error);

/* Appends what the user can do next about error, which came from the service or from the transport. A uri of
 * KEY_URI_TYPE_CERT names a certificate, any other one a key. */
void service_error_advise(const struct key_uri *uri, enum key_uri_cloud cloud, struct mh_error *error);

#endif
