/* match_why.h — the English sentence for a reason; the stable words are public (match.h). */
#ifndef CLOSEDLOOP_PLACE_MATCH_WHY_H
#define CLOSEDLOOP_PLACE_MATCH_WHY_H

#include "closedloop/match.h"

const char *match_why_sentence(enum match_why why);

#endif
