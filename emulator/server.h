// SPDX-License-Identifier: Apache-2.0
// The HTTPS server around exchange.c.
#ifndef EMULATOR_SERVER_H
#define EMULATOR_SERVER_H
#include "exchange.h"

#include <sys/socket.h>

struct server;

// Listens on address (IPv4 or IPv6, port 0 for any). The texts are PEM. All arguments must outlive the server.
// NULL, with a message on stderr, on failure.
struct server *server_start(const struct emulator *emulator, const struct sockaddr *address, const char *certificate,
                            const char *private_key);
unsigned server_port(const struct server *server);
// Ends injected pauses, closes every connection and waits for its thread.
void server_stop(struct server *server);
#endif
