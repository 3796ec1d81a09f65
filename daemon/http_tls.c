/* http_tls.c — what TLS adds to a connection: a handshake that must not cost others their place,
 * and the certificate a client may show. Neighbours: http_conn.c leads the connection, tls.c made
 * the rules.
 *
 * A handshake costs an attacker a few bytes and us a signature, so three bounds hold. All TLS
 * connections together leave an eighth of the places to those who come without it: from this
 * machine, from a proxy. Of handshakes under way a quarter of all places may be taken; then the
 * oldest goes, since an honest one takes as long as a few round trips. And only so many are begun
 * in a breath, because the turn that signs them is the turn that wakes somebody at night. */
#include "daemon/http_private.h"

#include <assert.h>
#include <string.h>

#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "closedloop/log.h"
#include "daemon/tls.h"

static size_t tls_most(const struct http_in *in)
{
	return in->limits.connections - in->limits.connections / 8;
}

static size_t handshakes_most(const struct http_in *in)
{
	size_t most = in->limits.connections / 4;

	return most > 0 ? most : 1;
}

/* --- coming in --- */

static void on_breath(evutil_socket_t fd, short what, void *context)
{
	struct http_in *in = context;

	(void)fd;
	(void)what;
	in->breath_taken = 0;
	if (!in->paused)
		listeners_tls(in, true);
}

static void draw_breath(struct http_in *in)
{
	const struct timeval span = {.tv_usec = BREATH_MS * 1000};

	if (!in->breath)
		in->breath = evtimer_new(in->base, on_breath, in);
	if (!in->breath)
		mem_exhausted(1);
	if (in->breath_taken++ == 0)
		evtimer_add(in->breath, &span);
	if (in->breath_taken >= BREATH_TLS)
		listeners_tls(in, false);
}

bool tls_admit(struct http_in *in)
{
	struct http_conn *oldest = TAILQ_FIRST(&in->handshakes);

	draw_breath(in);
	if (in->handshakes_len >= handshakes_most(in)) {
		in->handshakes_failed++;
		conn_cut(oldest);
	}
	return in->tls_len < tls_most(in);
}

/* Callbacks are put off to the loop: taking bytes out of the buffer may decrypt more of them, and
 * whoever is in the middle of reading must not be called by that. */
struct bufferevent *tls_bufferevent(struct http_conn *conn, int fd)
{
	SSL *ssl = tls_accept(conn->in->tls);
	struct bufferevent *bev;

	if (!ssl)
		mem_exhausted(1);
	bev = bufferevent_openssl_socket_new(conn->in->base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING,
					     BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	ERR_clear_error();
	return bev;
}

void tls_join(struct http_conn *conn)
{
	struct http_in *in = conn->in;

	conn->call.https = true;
	conn->handshaking = true;
	conn->in_tls_len = true;
	TAILQ_INSERT_TAIL(&in->handshakes, conn, handshake);
	in->handshakes_len++;
	in->tls_len++;
}

static void handshake_over(struct http_conn *conn)
{
	if (!conn->handshaking)
		return;
	TAILQ_REMOVE(&conn->in->handshakes, conn, handshake);
	conn->in->handshakes_len--;
	conn->handshaking = false;
}

void tls_leave(struct http_conn *conn)
{
	handshake_over(conn);
	if (conn->in_tls_len)
		conn->in->tls_len--;
	conn->in_tls_len = false;
}

/* --- who is it? --- */

static void add_hash(struct http_call *call, const X509 *certificate)
{
	static const char digits[] = "0123456789abcdef";
	struct text out;
	unsigned char hash[32];
	unsigned len = sizeof(hash);

	text_init(&out, call->certificate, sizeof(call->certificate));
	if (X509_digest(certificate, EVP_sha256(), hash, &len) != 1 || len != sizeof(hash))
		return;
	text_add(&out, "sha256:");
	for (size_t i = 0; i < sizeof(hash); i++) {
		text_add_bytes(&out, &digits[hash[i] >> 4], 1);
		text_add_bytes(&out, &digits[hash[i] & 15], 1);
	}
}

/* As "openssl x509 -noout -subject -nameopt RFC2253" writes it: what is no plain text is escaped.
 * One that is too long is nobody's. */
static void add_subject(struct http_call *call, const X509 *certificate)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *name = NULL;
	long len = -1;

	if (bio &&
	    X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) >= 0)
		len = BIO_get_mem_data(bio, &name);
	if (len > 0 && (size_t)len < sizeof(call->subject) - strlen("subject:")) {
		struct text out;

		text_init(&out, call->subject, sizeof(call->subject));
		text_add(&out, "subject:");
		text_add_bytes(&out, name, (size_t)len);
	}
	BIO_free(bio);
}

void tls_agreed(struct http_conn *conn)
{
	SSL *ssl = bufferevent_openssl_get_ssl(conn->bev);
	X509 *certificate = SSL_get1_peer_certificate(ssl);

	handshake_over(conn);
	conn->in->handshakes_done++;
	if (!certificate)
		return;
	add_hash(&conn->call, certificate);
	if (tls_vouches(conn->in->tls) && SSL_get_verify_result(ssl) == X509_V_OK)
		add_subject(&conn->call, certificate);
	X509_free(certificate);
	ERR_clear_error();
}

/* Scanners and broken clients come by the hundred: a line a minute tells of all of them. */
void tls_disagreed(struct http_conn *conn)
{
	struct http_in *in = conn->in;
	unsigned long code = bufferevent_get_openssl_error(conn->bev);
	const char *reason = code ? ERR_reason_error_string(code) : "closed by the client";

	in->handshakes_failed++;
	in->tls_failed_since_said++;
	if (in->now < in->tls_said_until)
		return;
	log_warn("tls.failed", "peer=%s reason=\"%s\" failed=%llu", conn->call.peer,
		 reason ? reason : "unknown", (unsigned long long)in->tls_failed_since_said);
	in->tls_said_until = in->now + SAY_AGAIN_MS;
	in->tls_failed_since_said = 0;
}

/* --- going --- */

void tls_bye(struct http_conn *conn)
{
	/* Whether the client hears it is its own affair: its answer has a length. */
	(void)SSL_shutdown(bufferevent_openssl_get_ssl(conn->bev));
	ERR_clear_error();
}

/* --- the contract --- */

void http_in_tls(struct http_in *in, const struct tls *tls)
{
	struct http_conn *conn;

	in->tls = tls;
	LIST_FOREACH(conn, &in->conns, link)
	if (conn->handshaking || conn->call.certificate[0])
		conn->retired = true;
}

uint64_t http_in_handshakes(const struct http_in *in)
{
	return in->handshakes_done;
}

uint64_t http_in_handshakes_failed(const struct http_in *in)
{
	return in->handshakes_failed;
}
