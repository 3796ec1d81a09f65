/* api_reveal.c — GET /v1/journeys/ID/reveal?field=…: the only place that shows what identifies a
 * traveller: one field at a time, for a purpose that is said, each look written down.
 * Neighbours: api_look.c writes it down; view.c shows the rest of the record. */
#include "daemon/api_private.h"

#include <string.h>

/* What may be asked for, and the registers that hold it. */
static const struct {
	const char *name;
	enum field field, more; /* more: shown behind it; the same: nothing */
} fields[] = {
	{"document", FIELD_DOC_NUMBER, FIELD_DOC_ISSUER},
	{"dob", FIELD_DOB, FIELD_DOB},
	{"phones", FIELD_PHONES, FIELD_PHONES},
	{"address", FIELD_ADDRESS, FIELD_ADDRESS},
};

static int field_asked(struct visit *visit)
{
	char name[32] = "";

	if (http_query(visit->call->request->query, "field", name, sizeof(name))) {
		for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
			if (strcmp(fields[i].name, name) == 0)
				return (int)i;
		}
	}
	reply_problem(visit, 400, "bad_value", "field is none of document, dob, phones, address");
	return -1;
}

void api_reveal(struct visit *visit)
{
	const struct policy *policy;
	struct journey *journey;
	int asked;

	if (!visit_journey(visit, visit->part[0], &journey, &policy))
		return;
	asked = field_asked(visit);
	if (asked < 0)
		return;
	if (!*visit_purpose(visit)) {
		reply_problem(visit, 400, "missing_purpose",
			      "Say what for, in a header X-Purpose: it stands in the ledger.");
		return;
	}
	cJSON *out = cJSON_CreateObject();
	enum field field = fields[asked].field, more = fields[asked].more;

	cJSON_AddStringToObject(out, "id", journey->id);
	cJSON_AddStringToObject(out, "field", fields[asked].name);
	view_text(out, "value", journey->field[field]);
	if (more != field)
		view_text(out, "issuer", journey->field[more]);
	visit_look_always(visit, journey->id, fields[asked].name);
	reply_json(visit, 200, out);
}
