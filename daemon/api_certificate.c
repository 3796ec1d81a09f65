/* api_certificate.c — which feed a client's certificate stands for. Neighbours: api_auth.c asks,
 * http_tls.c has verified what the call carries. That a connection carries a certificate never
 * spares it what else its feed must show. */
#include "daemon/api_private.h"

/* CALL carries what TEXT names: "sha256:…" or "subject:…". Neither is secret, so they are compared
 * as they are. */
static bool carries(const struct http_call *call, const char *text)
{
	return (*call->certificate && text_equal(call->certificate, text)) ||
	       (*call->subject && text_equal(call->subject, text));
}

static bool carries_any(const struct http_call *call, const struct conf_feed *feed)
{
	for (size_t i = 0; i < feed->certificates_len; i++) {
		if (carries(call, feed->certificates[i]))
			return true;
	}
	return false;
}

bool certificate_fits(const struct http_call *call, const struct conf_feed *feed)
{
	return feed->certificates_len == 0 || carries_any(call, feed);
}

const struct conf_feed *certificate_feed(const struct http_call *call, const struct conf *conf)
{
	for (size_t i = 0; i < conf->feeds_len; i++) {
		const struct conf_feed *feed = &conf->feeds[i];

		if (feed->kind == FEED_PUSH && !feed->token && feed->secrets_len == 0 &&
		    carries_any(call, feed))
			return feed;
	}
	return NULL;
}
