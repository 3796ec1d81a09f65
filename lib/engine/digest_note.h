/* digest_note.h — many notices to one chat as one message: a line each, and a link to all of them.
 *
 * The members keep their rows and are told by the digest's notice. Its words are made from those
 * that are still members whenever a try is built, so what has been resolved meanwhile drops out.
 * Private to lib/engine; courier_plan.c decides when.
 */
#ifndef ENGINE_DIGEST_NOTE_H
#define ENGINE_DIGEST_NOTE_H

#include "closedloop/channel.h"
#include "closedloop/gazetteer.h"

#define DIGEST_TYPE "notice.digest"
#define DIGEST_KIND "digest"
#define DIGEST_MAX  100 /* Members at most. */
#define QUIET_GROUP "quiet:"

/* What the words need to know. */
struct digest_world {
	const struct conf *conf;
	const struct gazetteer *gazetteer; /* NULL: units are called by their codes. */
	const struct ack_ring *ack;
	bool drill;
};

/* ENDPOINT takes digests, and NOTICE may stand in one: not a test, not what is itself a list. */
bool digest_takes(const struct conf_endpoint *endpoint, const struct notice *notice);

/* How many of NOTICES[0..LEN), from the first on, one message to ENDPOINT holds. */
size_t digest_fits(const struct digest_world *world, const struct conf_endpoint *endpoint,
		   const struct notice *const *notices, size_t len, int64_t now,
		   struct arena *arena);

/* Give DIGEST its title, text and link at NOW: one line for each of MEMBERS[0..LEN) as far as the
 * message holds them, and how many more there are. */
void digest_write(const struct digest_world *world, const struct conf_endpoint *endpoint,
		  const struct notice *const *members, size_t len, int64_t now, struct arena *arena,
		  struct notice *digest);

#endif
