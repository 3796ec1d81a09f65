/* console.h — the duty console's files, embedded in the binary.
 *
 * daemon/console/embed.sh turns every file of daemon/console/ into one row at build time; nothing
 * is read from disk at run time. index.html is served as "/", every other file as "/console/NAME".
 */
#ifndef DAEMON_CONSOLE_H
#define DAEMON_CONSOLE_H

#include <stddef.h>

struct console_asset {
	const char *path;	    /* As in the request line: "/", "/console/console.css". */
	const char *type;	    /* Content-Type, with its charset. */
	const unsigned char *bytes; /* Not ended by NUL. */
	size_t len;
};

/* Sorted by path; after the last row comes one with a NULL path, which console_assets_len does not
 * count. */
extern const struct console_asset console_assets[];
extern const size_t console_assets_len;

#endif
