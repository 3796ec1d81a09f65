/* ctl_do.c — the verbs that make the daemon do something.
 * Neighbours: ctl_outbox.c has those about messages, ctl_show.c those that only ask; ctl_replay.c
 * sends events. */
#include "daemon/ctl.h"

#include <stdio.h>

int ctl_reload(struct ctl *ctl)
{
	struct ctl_answer answer;
	int rc;

	if (ctl->argc > 0)
		return CTL_USAGE;
	rc = ctl_ask(ctl, "POST", "/v1/admin/reload", "{}", &answer);
	if (rc || !answer.tree)
		return rc;
	puts("reloaded");
	ctl_answer_release(&answer);
	return CTL_DONE;
}
