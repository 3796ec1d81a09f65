/* keys_private.h — the files of the state directory that hold keys, as keys.c and keys_master.c
 * read and write them. */
#ifndef DAEMON_KEYS_PRIVATE_H
#define DAEMON_KEYS_PRIVATE_H

#include "daemon/keys.h"

#define KEYS_PATH_CAP 4200

/* The path of NAME in the state directory. */
void keys_path(const struct keys *keys, const char *name, char path[KEYS_PATH_CAP]);
/* Exactly LEN bytes; *THERE false and 0 when there is no such file. */
int keys_read(const struct keys *keys, const char *name, uint8_t *bytes, size_t len, bool *there,
	      struct err *err);
/* Whole or not at all, for nobody else to read, and durable. */
int keys_write(const struct keys *keys, const char *name, const uint8_t *bytes, size_t len,
	       struct err *err);
/* Overwrite and remove, durably; none is no error. */
int keys_remove(const struct keys *keys, const char *name, struct err *err);

/* keys_master.c */
/* The ring, under the master keys given or our own. HOME: what homes were hashed under before the
 * ring kept that secret, or NULL. */
int keys_open_ring(struct keys *keys, const struct keys_setup *setup, const uint8_t *home,
		   struct err *err);

#endif
