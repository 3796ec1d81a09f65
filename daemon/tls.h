/* tls.h — our certificate and the rules of a TLS connection, made of a configuration. Knows no
 * socket: http_tls.c leads the connections, startup and reload ask for a judgement before they
 * believe a configuration. */
#ifndef DAEMON_TLS_H
#define DAEMON_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "closedloop/conf.h"

struct tls;

/* Make *OUT of CONF, which must have a certificate. CL_EINVAL when a text is no certificate or key,
 * or the two do not belong together; ERR says which. */
int tls_open(struct tls **out, const struct conf_tls *conf, struct err *err);
/* Connections made of TLS live on without it. NULL is fine. */
void tls_close(struct tls *tls);
/* A connection that waits for the client's first word; NULL when memory is short. The caller's. */
SSL *tls_accept(const struct tls *tls);
/* When the first of our own certificates ends, ms since 1970. */
int64_t tls_expires_at(const struct tls *tls);
/* True when clients are asked for certificates and an authority is named for them: then what a
 * certificate says of its owner may be believed. */
bool tls_vouches(const struct tls *tls);

#define TLS_WARN_AHEAD (14 * WHEN_DAY)

/* Judge CONF's tls as tls_open would, at real time NOW, and add what is wrong to REPORT at its
 * place: errors for what cannot be served, warnings for a certificate that ends within
 * TLS_WARN_AHEAD or has ended. CL_EINVAL when there was an error; 0 also when there is no tls. */
int tls_check(const struct conf *conf, int64_t now, struct conf_report *report);

#endif
