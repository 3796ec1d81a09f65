/* oracle_facts.c — the ledger as the oracle knows it: what was answered is there, unchanged, and
 * once (oracle.h: facts, repetition). Neighbours: mail.c sends, registers.c and replay.c work from
 * what is known here. */
#include "oracle_private.h"

#include <string.h>

#include "closedloop/text.h"

static uint64_t hash_mail(const struct mail *mail)
{
	uint64_t hash = hash_text(HASH_BEGIN, mail->fact->stamp.source);
	return hash_text(hash, mail->fact->stamp.id);
}

static uint32_t *mail_slot(struct world *world, const char *source, const char *id)
{
	struct oracle *oracle = world->oracle;
	size_t at =
		(size_t)hash_text(hash_text(HASH_BEGIN, source), id) & (oracle->by_fact_cap - 1);

	for (;; at = (at + 1) & (oracle->by_fact_cap - 1)) {
		uint32_t *slot = &oracle->by_fact[at];
		if (!*slot)
			return slot;
		const struct stamp *stamp = &world->mails[*slot - 1].fact->stamp;
		if (text_equal(stamp->id, id) && text_equal(stamp->source, source))
			return slot;
	}
}

static void know_mail(struct world *world, uint32_t number)
{
	struct oracle *oracle = world->oracle;

	if (2 * (oracle->by_fact_len + 1) > oracle->by_fact_cap) {
		uint32_t *old = oracle->by_fact;
		size_t cap = oracle->by_fact_cap;
		oracle->by_fact_cap = cap ? 2 * cap : 4096;
		oracle->by_fact = mem_alloc(oracle->by_fact_cap * sizeof(*oracle->by_fact));
		for (size_t i = 0; i < cap; i++) {
			if (!old[i])
				continue;
			size_t at = (size_t)hash_mail(&world->mails[old[i] - 1]) &
				    (oracle->by_fact_cap - 1);
			while (oracle->by_fact[at])
				at = (at + 1) & (oracle->by_fact_cap - 1);
			oracle->by_fact[at] = old[i];
		}
		mem_free(old);
	}
	const struct stamp *stamp = &world->mails[number].fact->stamp;
	uint32_t *slot = mail_slot(world, stamp->source, stamp->id);
	if (!*slot) {
		*slot = number + 1;
		oracle->by_fact_len++;
	}
}

static void grow_facts(struct oracle *oracle, size_t need)
{
	if (need <= oracle->facts_cap)
		return;
	oracle->facts_cap = 2 * need + 1024;
	oracle->facts = mem_grow(oracle->facts, oracle->facts_cap * sizeof(*oracle->facts));
}

/* Learn the rows behind what is known. */
void facts_read(struct world *world)
{
	struct oracle *oracle = world->oracle;
	bool was;
	sqlite3_stmt *stmt = begin_asking(world, ASK_FACTS_AFTER, &was);

	sqlite3_bind_int64(stmt, 1, (int64_t)oracle->facts_len);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		size_t seq = (size_t)sqlite3_column_int64(stmt, 0);
		grow_facts(oracle, seq + 1);
		if (seq != oracle->facts_len + 1)
			oracle_fail(world, "facts", "the ledger goes from %zu to %zu",
				    oracle->facts_len, seq);
		oracle->facts_len = seq;
		oracle->facts[seq].answered = false;
		oracle->facts[seq].mail = NOBODY;
		oracle->facts[seq].received_at = sqlite3_column_int64(stmt, 4);
		memcpy(oracle->facts[seq].hash, sqlite3_column_blob(stmt, 1), DIGEST_KEY_LEN);
		uint32_t *slot = oracle->by_fact_cap
					 ? mail_slot(world, text_at(stmt, 2), text_at(stmt, 3))
					 : NULL;
		if (slot && *slot) {
			oracle->facts[seq].mail = *slot - 1;
			world->mails[*slot - 1].seq = (int64_t)seq;
		}
	}
	end_asking(stmt, was);
}

void oracle_answered(struct world *world, const uint32_t *numbers, size_t len)
{
	struct oracle *oracle = world->oracle;

	for (size_t i = 0; i < len; i++) {
		if (!world->mails[numbers[i]].refused)
			know_mail(world, numbers[i]);
	}
	facts_read(world);
	for (size_t i = 0; i < len; i++) {
		struct mail *mail = &world->mails[numbers[i]];
		if (mail->refused)
			continue;
		if (mail->seq == 0) {
			/* Committed before a crash, answered only now. */
			uint8_t hash[SEAL_BLIND_LEN];
			vault_fact_hash(&world->house.vault, mail->fact->hash, hash);
			for (size_t seq = oracle->facts_len; seq > 0 && mail->seq == 0; seq--) {
				if (memcmp(oracle->facts[seq].hash, hash, sizeof(hash)) == 0)
					mail->seq = (int64_t)seq;
			}
		}
		bool kept_elsewhere = mail->fact->type == FACT_ALERT_ACKED ||
				      mail->fact->type == FACT_ALERT_RESOLVED;
		if (mail->seq == 0 && !kept_elsewhere)
			oracle_fail(world, "facts", "fact %s of %s was answered and is not there",
				    mail->fact->stamp.id, mail->fact->stamp.source);
		if (mail->seq == 0)
			continue;
		oracle->facts[mail->seq].answered = true;
		mail->received_at = oracle->facts[mail->seq].received_at;
		oracle->facts[mail->seq].mail = numbers[i];
	}
}

/* After a crash: every answered fact, unchanged; what nobody was answered for may be gone. */
void facts_check(struct world *world)
{
	struct oracle *oracle = world->oracle;
	size_t seq = 0;
	bool was;
	sqlite3_stmt *stmt = begin_asking(world, ASK_FACTS_AFTER, &was);

	sqlite3_bind_int64(stmt, 1, 0);
	while (seq < oracle->facts_len && sqlite3_step(stmt) == SQLITE_ROW) {
		size_t there = (size_t)sqlite3_column_int64(stmt, 0);
		if (there != seq + 1)
			break;
		seq = there;
		if (oracle->facts[seq].answered &&
		    memcmp(oracle->facts[seq].hash, sqlite3_column_blob(stmt, 1), DIGEST_KEY_LEN) !=
			    0)
			oracle_fail(world, "facts", "fact %zu has another body after a crash", seq);
	}
	end_asking(stmt, was);
	for (size_t i = seq + 1; i <= oracle->facts_len; i++) {
		if (oracle->facts[i].answered)
			oracle_fail(world, "facts", "answered fact %zu is lost after a crash", i);
		if (oracle->facts[i].mail != NOBODY)
			world->mails[oracle->facts[i].mail].seq = 0;
	}
	oracle->facts_len = seq;
}

/* --- Repetition ----------------------------------------------------------------------------- */

void oracle_before_repetition(struct world *world)
{
	oracle_step(world);
	oracle_listen(world);
	world->oracle->writes_before = world->oracle->writes;
}

void oracle_after_repetition(struct world *world, const struct mail *mail,
			     const struct fact_result *result)
{
	struct oracle *oracle = world->oracle;
	/* An alert that was resolved already is answered, and leaves nothing in the ledger. */
	bool kept = mail->seq > 0;

	if (kept && !result->duplicate)
		oracle_fail(world, "repetition", "fact %s of %s was taken for a new one",
			    mail->fact->stamp.id, mail->fact->stamp.source);
	if (oracle->writes != oracle->writes_before)
		oracle_fail(world, "repetition", "fact %s of %s changed %llu rows when told again",
			    mail->fact->stamp.id, mail->fact->stamp.source,
			    (unsigned long long)(oracle->writes - oracle->writes_before));
}

const struct mail *facts_mail(struct world *world, int64_t seq)
{
	const struct oracle *oracle = world->oracle;

	if ((size_t)seq > oracle->facts_len || oracle->facts[seq].mail == NOBODY)
		return NULL;
	return &world->mails[oracle->facts[seq].mail];
}
