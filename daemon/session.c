/* session.c — see session.h. Neighbours: api_session.c reads cookies, digest.c hashes. */
#include "daemon/session.h"

#include <assert.h>
#include <string.h>

#include "closedloop/digest.h"
#include "closedloop/mem.h"

#define SECRET_LEN 32

static void make(const struct entropy *entropy, char text[SESSION_TEXT_CAP])
{
	uint8_t bytes[SECRET_LEN];

	entropy->fill(entropy->context, bytes, sizeof(bytes));
	(void)digest_base64_url(bytes, sizeof(bytes), text, SESSION_TEXT_CAP);
}

static void hash(const char *id, uint8_t out[SESSION_HASH_LEN])
{
	digest_blake2b(NULL, 0, id, strlen(id), out, SESSION_HASH_LEN);
}

/* A clock that was set back has not seen what came after it. */
static void set_back(struct session *session, int64_t now)
{
	if (session->begun_at > now)
		session->begun_at = now;
	if (session->used_at > now)
		session->used_at = now;
	if (session->turned_at > now)
		session->turned_at = now;
	if (session->before_until > now + SESSION_GRACE)
		session->before_until = now + SESSION_GRACE;
}

/* Of those of TOKEN, or (NULL) of all; how many there are goes to COUNT. */
static struct session *longest_idle(struct sessions *sessions, const uint8_t *token, size_t *count)
{
	struct session *found = NULL;

	*count = 0;
	for (size_t i = 0; i < sessions->len; i++) {
		struct session *session = &sessions->rows[i];

		if (token && memcmp(session->token, token, SESSION_HASH_LEN) != 0)
			continue;
		(*count)++;
		if (!found || session->used_at < found->used_at)
			found = session;
	}
	return found;
}

static void make_room(struct sessions *sessions, const struct session_rules *rules,
		      const uint8_t token[SESSION_HASH_LEN])
{
	size_t share = rules->most / SESSION_SHARE;
	size_t count;
	struct session *oldest;

	assert(rules->most > 0);
	if (share < SESSION_SHARE)
		share = SESSION_SHARE;
	/* More than one when the setting has become smaller. */
	while ((oldest = longest_idle(sessions, token, &count)) && count >= share)
		session_end(sessions, oldest);
	while (sessions->len >= rules->most) {
		oldest = longest_idle(sessions, NULL, &count);
		assert(oldest);
		session_end(sessions, oldest);
	}
	if (sessions->len < sessions->cap)
		return;
	size_t cap = sessions->cap ? 2 * sessions->cap : 16;
	struct session *rows = mem_alloc(cap * sizeof(*rows));

	if (sessions->rows)
		memcpy(rows, sessions->rows, sessions->len * sizeof(*rows));
	mem_free(sessions->rows);
	sessions->rows = rows;
	sessions->cap = cap;
}

struct session *session_begin(struct sessions *sessions, const struct session_rules *rules,
			      const uint8_t token[SESSION_HASH_LEN], int64_t now,
			      const struct entropy *entropy, char id[SESSION_TEXT_CAP])
{
	make_room(sessions, rules, token);
	struct session *session = &sessions->rows[sessions->len++];

	*session = (struct session){.begun_at = now, .used_at = now, .turned_at = now};
	memcpy(session->token, token, sizeof(session->token));
	make(entropy, session->csrf);
	make(entropy, id);
	hash(id, session->id);
	return session;
}

int64_t session_ends(const struct session *session, const struct session_rules *rules)
{
	int64_t idle = session->used_at + rules->idle, life = session->begun_at + rules->life;

	return idle < life ? idle : life;
}

struct session *session_find(struct sessions *sessions, const struct session_rules *rules,
			     const char *id, int64_t now)
{
	uint8_t wanted[SESSION_HASH_LEN];

	if (strlen(id) != SESSION_TEXT_CAP - 1)
		return NULL;
	hash(id, wanted);
	for (size_t i = 0; i < sessions->len; i++) {
		struct session *session = &sessions->rows[i];
		bool is = digest_equal(session->id, wanted, sizeof(wanted));
		bool was = digest_equal(session->before, wanted, sizeof(wanted));

		if (!is && !was)
			continue;
		set_back(session, now);
		if (now >= session_ends(session, rules)) {
			session_end(sessions, session);
			return NULL;
		}
		return is || now < session->before_until ? session : NULL;
	}
	return NULL;
}

bool session_use(struct session *session, bool by_human, int64_t now, const struct entropy *entropy,
		 char id[SESSION_TEXT_CAP])
{
	uint8_t shown[SESSION_HASH_LEN];

	if (by_human)
		session->used_at = now;
	hash(id, shown);
	/* Under its former name it is not turned: the new one is on its way already. */
	if (now - session->turned_at < SESSION_TURN ||
	    !digest_equal(session->id, shown, sizeof(shown)))
		return false;
	memcpy(session->before, session->id, sizeof(session->before));
	session->before_until = now + SESSION_GRACE;
	session->turned_at = now;
	make(entropy, id);
	hash(id, session->id);
	return true;
}

void session_end(struct sessions *sessions, struct session *session)
{
	assert(session >= sessions->rows && session < sessions->rows + sessions->len);
	*session = sessions->rows[--sessions->len];
	memset(&sessions->rows[sessions->len], 0, sizeof(*session));
}

void sessions_end(struct sessions *sessions)
{
	while (sessions->len > 0)
		session_end(sessions, sessions->rows);
	mem_free(sessions->rows);
	*sessions = (struct sessions){.len = 0};
}
