/* route_test.h — --route-test: whom an alert would reach, asked of a configuration alone. */
#ifndef DAEMON_ROUTE_TEST_H
#define DAEMON_ROUTE_TEST_H

#include "closedloop/callout.h"

/* Print the answer to QUESTION at NOW, for people or as JSON. What only a running daemon knows, a
 * shift that nobody has taken over yet, is not in it: closedloopctl route-test asks the daemon. */
int route_test(const struct conf *conf, const struct gazetteer *gazetteer,
	       const struct callout_question *question, int64_t now, bool json, struct err *err);

#endif
