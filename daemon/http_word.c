/* http_word.c — why there was no answer, in one short word for channels and operators.
 * Neighbours: http_order.c asks when a request has ended; lib/wire/reply.c takes "certificate" for
 * a mistake that does not mend itself. */
#include <errno.h>
#include <stdio.h>

#include "closedloop/text.h"
#include "daemon/http_order.h"

/* A peer that resets at once may do so before curl has seen the connection stand. */
static const char *connect_word(const struct http_order *order)
{
	long error = 0;

	curl_easy_getinfo(order->easy, CURLINFO_OS_ERRNO, &error);
	if (error == ECONNRESET || error == EPIPE)
		return "reset";
	return error == ETIMEDOUT ? "timeout" : "connect refused";
}

/* A proxy that answered our CONNECT with anything but success, or nothing. */
static const char *proxy_word(struct http_order *order)
{
	long status = 0;

	curl_easy_getinfo(order->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	if (status == 0 || (status >= 200 && status <= 299))
		return NULL;
	snprintf(order->error, sizeof(order->error), "proxy refuses: HTTP %ld", status);
	return order->error;
}

/* The rows are what an operator acts on; curl has a hundred codes. */
static const struct word_row {
	CURLcode code;
	const char *word;
} words[] = {
	{CURLE_OPERATION_TIMEDOUT, "timeout"},
	{CURLE_COULDNT_RESOLVE_HOST, "resolve"},
	{CURLE_COULDNT_RESOLVE_PROXY, "resolve proxy"},
	{CURLE_SEND_ERROR, "reset"},
	{CURLE_RECV_ERROR, "reset"},
	{CURLE_GOT_NOTHING, "reset"},
	{CURLE_PARTIAL_FILE, "reset"},
	{CURLE_HTTP2, "reset"},
	{CURLE_HTTP2_STREAM, "reset"},
	/* Not known, of another host, or out of date: a second one makes the endpoint sick. */
	{CURLE_PEER_FAILED_VERIFICATION, "tls certificate"},
	{CURLE_SSL_ISSUER_ERROR, "tls certificate"},
	{CURLE_SSL_INVALIDCERTSTATUS, "tls certificate"},
	{CURLE_SSL_CACERT_BADFILE, "tls certificate authorities cannot be read"},
	{CURLE_SSL_CONNECT_ERROR, "tls"},
	{CURLE_SSL_CERTPROBLEM, "tls"},
	{CURLE_SSL_CIPHER, "tls"},
	{CURLE_USE_SSL_FAILED, "tls"},
};

const char *order_error_word(struct http_order *order, CURLcode code)
{
	const char *word = proxy_word(order);

	if (order->denied && !order->opened)
		return "address not allowed";
	if (order->flooded)
		return "endless head";
	if (word)
		return word;
	if (code == CURLE_COULDNT_CONNECT)
		return connect_word(order);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (words[i].code == code)
			return words[i].word;
	}
	snprintf(order->error, sizeof(order->error), "other %d", (int)code);
	return order->error;
}
