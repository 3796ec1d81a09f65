/* https.c — the certificate that is served with: taken into use at a start and a reload, and
 * watched, because one that ends shuts the front door on a day everybody knew. Neighbours: tls.c
 * makes it, http_tls.c serves with it, reactor.c and reload.c call. */
#include "daemon/reactor_private.h"

#include "closedloop/log.h"

void https_serve(struct reactor *reactor, struct tls *tls)
{
	struct tls *old = reactor->tls;

	reactor->tls = tls;
	reactor->tls_warned_at = 0;
	http_in_tls(reactor->in, tls);
	api_counters(reactor->api)->tls_expires_at = tls ? tls_expires_at(tls) : WHEN_UNKNOWN;
	tls_close(old);
}

int https_open(struct reactor *reactor, struct err *err)
{
	struct tls *tls = NULL;
	int rc = 0;

	if (reactor->conf->tls.certificate)
		rc = tls_open(&tls, &reactor->conf->tls, err);
	if (rc == 0)
		https_serve(reactor, tls);
	return rc;
}

/* Real time, in a drill too: whoever calls judges the certificate by it. */
void https_tick(struct reactor *reactor, int64_t mono)
{
	struct api_counters *counters = api_counters(reactor->api);
	struct clock wall = {.drill = false};
	int64_t left;

	counters->handshakes = http_in_handshakes(reactor->in);
	counters->handshakes_failed = http_in_handshakes_failed(reactor->in);
	if (!reactor->tls || (reactor->tls_warned_at && mono - reactor->tls_warned_at < WHEN_DAY))
		return;
	reactor->tls_warned_at = mono;
	left = tls_expires_at(reactor->tls) - clock_now(&wall);
	if (left <= 0)
		log_error("tls.expired", "certificate=ours");
	else if (left < TLS_WARN_AHEAD)
		log_warn("tls.expires", "certificate=ours days=%lld", (long long)(left / WHEN_DAY));
}
