/* tls.c — our certificate, and what a TLS connection may be: version 1.2 or later, forward secrecy
 * and authenticated ciphers, nothing resumed, nothing renegotiated. Neighbours: http_tls.c uses it
 * for connections, conf_tls.c has read the texts. */
#include "daemon/tls.h"

#include <assert.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "closedloop/mem.h"
#include "closedloop/text.h"
#include "closedloop/when.h"

#define CHAIN_MOST	 8	/* Of a client: certificates between it and its authority. */
#define CLIENT_CHAIN_CAP 32768L /* Bytes of certificates that a client may send. */
#define CIPHERS                                                                                    \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"                               \
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"                               \
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384"
#define GROUPS "X25519:P-256:P-384"

struct tls {
	SSL_CTX *context;
	int64_t expires_at;
	bool vouches;
};

/* Which part of the configuration was no good. */
enum part {
	PART_CERTIFICATE,
	PART_KEY,
	PART_CLIENT_CA,
	PART_OTHER,
};

/* --- what may be wrong --- */

/* Why OpenSSL refused, in its words; the queue is empty afterwards. */
static const char *refusal(void)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(code);

	ERR_clear_error();
	return reason ? reason : "unknown reason";
}

static int refuse(struct err *err, enum part *at, enum part part, const char *what)
{
	*at = part;
	return err_set(err, CL_EINVAL, "%s: %s", what, refusal());
}

/* --- reading --- */

/* A key behind a pass phrase cannot be opened by a machine that starts alone; OpenSSL would ask the
 * terminal. */
static int no_pass_phrase(char *out, int cap, int writing, void *context)
{
	(void)out;
	(void)cap;
	(void)writing;
	(void)context;
	return -1;
}

static BIO *bio_of(const char *text)
{
	BIO *bio = BIO_new_mem_buf(text, -1);

	if (!bio)
		mem_exhausted(strlen(text));
	return bio;
}

/* The next certificate of BIO, or NULL: at the end with an empty queue of errors. */
static X509 *next_certificate(BIO *bio)
{
	X509 *certificate = PEM_read_bio_X509(bio, NULL, no_pass_phrase, NULL);
	unsigned long code = ERR_peek_last_error();

	if (!certificate && ERR_GET_LIB(code) == ERR_LIB_PEM &&
	    ERR_GET_REASON(code) == PEM_R_NO_START_LINE)
		ERR_clear_error();
	return certificate;
}

static int64_t ends_at(const X509 *certificate)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0;
	int known = epoch &&
		    ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(certificate)) == 1;

	ASN1_TIME_free(epoch);
	return known ? days * WHEN_DAY + seconds * WHEN_SECOND : 0;
}

/* Ours, then those that lead to an authority. */
static int load_certificate(struct tls *tls, const char *pem, enum part *at, struct err *err)
{
	BIO *bio = bio_of(pem);
	X509 *certificate = next_certificate(bio);
	bool fits = certificate && SSL_CTX_use_certificate(tls->context, certificate) == 1;

	tls->expires_at = certificate ? ends_at(certificate) : 0;
	X509_free(certificate);
	while (fits && (certificate = next_certificate(bio))) {
		int64_t end = ends_at(certificate);

		if (end < tls->expires_at)
			tls->expires_at = end;
		fits = SSL_CTX_add1_chain_cert(tls->context, certificate) == 1;
		X509_free(certificate);
	}
	BIO_free(bio);
	if (!fits || ERR_peek_last_error() != 0)
		return refuse(err, at, PART_CERTIFICATE, "certificate_file");
	return 0;
}

static int load_key(struct tls *tls, const char *pem, enum part *at, struct err *err)
{
	BIO *bio = bio_of(pem);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_pass_phrase, NULL);
	bool fits = false;
	int rc = 0;

	BIO_free(bio);
	if (!key)
		return refuse(err, at, PART_KEY, "the key cannot be read");
	fits = SSL_CTX_use_PrivateKey(tls->context, key) == 1 &&
	       SSL_CTX_check_private_key(tls->context) == 1;
	EVP_PKEY_free(key);
	if (!fits)
		rc = refuse(err, at, PART_KEY, "the key does not belong to the certificate");
	return rc;
}

/* Names of authorities are sent to clients, so that a browser offers the right certificate. */
static int load_client_ca(struct tls *tls, const char *pem, enum part *at, struct err *err)
{
	X509_STORE *store = SSL_CTX_get_cert_store(tls->context);
	BIO *bio = bio_of(pem);
	X509 *certificate;
	bool fits = true;
	size_t count = 0;

	while (fits && (certificate = next_certificate(bio))) {
		fits = X509_STORE_add_cert(store, certificate) == 1 &&
		       SSL_CTX_add_client_CA(tls->context, certificate) == 1;
		X509_free(certificate);
		count++;
	}
	BIO_free(bio);
	if (!fits || count == 0 || ERR_peek_last_error() != 0)
		return refuse(err, at, PART_CLIENT_CA, "client_ca_file");
	tls->vouches = true;
	return 0;
}

/* --- rules --- */

/* While no authority is named only fingerprints tell clients, so that nobody vouches for a
 * certificate is no fault; that it has ended is. */
static int judge_unvouched(int fine, X509_STORE_CTX *context)
{
	switch (X509_STORE_CTX_get_error(context)) {
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return 1;
	default:
		return fine;
	}
}

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
			   const unsigned char *in, unsigned in_len, void *context)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *chosen = NULL;

	(void)ssl;
	(void)context;
	if (SSL_select_next_proto(&chosen, out_len, ours, sizeof(ours) - 1, in, in_len) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static bool set_rules(SSL_CTX *context)
{
	bool ok = SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1;

	ok &= SSL_CTX_set_cipher_list(context, CIPHERS) == 1;
	ok &= SSL_CTX_set1_groups_list(context, GROUPS) == 1;
	SSL_CTX_set_security_level(context, 2);
	/* A connection whose end is not announced is only a connection that ended: what belongs
	 * to a request is told by its length. */
	SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
					     SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE |
					     SSL_OP_IGNORE_UNEXPECTED_EOF);
	/* Nothing is resumed: no ticket key that would open what was said before it was stolen,
	 * and no session by which a client stays known after its certificate is not. */
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	ok &= SSL_CTX_set_num_tickets(context, 0) == 1;
	/* Buffers are given back while a connection rests: a thousand of them are 34 MB. */
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
	SSL_CTX_set_default_passwd_cb(context, no_pass_phrase);
	return ok;
}

static void set_clients(struct tls *tls, enum conf_clients clients)
{
	int mode = SSL_VERIFY_PEER |
		   (clients == CLIENTS_REQUIRED ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);

	if (clients == CLIENTS_NONE) {
		SSL_CTX_set_verify(tls->context, SSL_VERIFY_NONE, NULL);
		return;
	}
	SSL_CTX_set_verify(tls->context, mode, tls->vouches ? NULL : judge_unvouched);
	SSL_CTX_set_verify_depth(tls->context, CHAIN_MOST);
	SSL_CTX_set_max_cert_list(tls->context, CLIENT_CHAIN_CAP);
}

/* --- the contract --- */

static int load(struct tls *tls, const struct conf_tls *conf, enum part *at, struct err *err)
{
	int rc;

	ERR_clear_error();
	tls->context = SSL_CTX_new(TLS_server_method());
	if (!tls->context || !set_rules(tls->context))
		return refuse(err, at, PART_OTHER, "TLS cannot be set up");
	rc = load_certificate(tls, conf->certificate, at, err);
	if (rc == 0)
		rc = load_key(tls, conf->key, at, err);
	if (rc == 0 && conf->client_ca)
		rc = load_client_ca(tls, conf->client_ca, at, err);
	if (rc == 0)
		set_clients(tls, conf->clients);
	return rc;
}

static int tls_make(struct tls **out, const struct conf_tls *conf, enum part *at, struct err *err)
{
	struct tls *tls = mem_alloc(sizeof(*tls));
	int rc = load(tls, conf, at, err);

	*out = tls;
	if (rc < 0) {
		tls_close(tls);
		*out = NULL;
	}
	return rc;
}

int tls_open(struct tls **out, const struct conf_tls *conf, struct err *err)
{
	enum part at = PART_OTHER;

	assert(conf->certificate);
	assert(conf->key);
	return tls_make(out, conf, &at, err);
}

void tls_close(struct tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->context);
	mem_free(tls);
}

SSL *tls_accept(const struct tls *tls)
{
	return SSL_new(tls->context);
}

int64_t tls_expires_at(const struct tls *tls)
{
	return tls->expires_at;
}

bool tls_vouches(const struct tls *tls)
{
	return tls->vouches;
}

static void judge_end(const struct conf *conf, int64_t end, int64_t now, struct conf_report *report)
{
	long long days = (long long)((end - now) / WHEN_DAY);

	/* Not an error: with an old certificate some are still let in, without a daemon nobody is
	 * watched. */
	if (end <= now)
		conf_report_at(report, &conf->tls.certificate_at, true,
			       "tls: certificate_file: the certificate has ended; clients will "
			       "refuse it");
	else if (end - now < TLS_WARN_AHEAD)
		conf_report_at(report, &conf->tls.certificate_at, true,
			       "tls: certificate_file: the certificate ends in %lld days", days);
}

int tls_check(const struct conf *conf, int64_t now, struct conf_report *report)
{
	const struct conf_place *const places[] = {
		[PART_CERTIFICATE] = &conf->tls.certificate_at,
		[PART_KEY] = &conf->tls.key_at,
		[PART_CLIENT_CA] = &conf->tls.client_ca_at,
		[PART_OTHER] = &conf->tls.certificate_at,
	};
	enum part at = PART_OTHER;
	struct err err = ERR_INIT;
	struct tls *tls;

	if (!conf->tls.certificate)
		return 0;
	if (tls_make(&tls, &conf->tls, &at, &err) < 0) {
		conf_report_at(report, places[at], false, "tls: %s", err.text);
		return CL_EINVAL;
	}
	judge_end(conf, tls->expires_at, now, report);
	tls_close(tls);
	return 0;
}
