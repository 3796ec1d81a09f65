/* vfs.h — a disk in memory that loses what was not synced: SQLite's VFS for crash tests.
 *
 * A file is one image, as the process sees it, and a journal of what was overwritten since the last
 * xSync. While nothing happens that is a plain fast file system. At a crash (vfs_crash) the journal
 * is walked backwards, and every 512-byte sector of every unsynced write is kept, undone or torn by
 * dice: a sector that keeps a write keeps all earlier ones, because they lie below it. So what was
 * synced survives, and of the rest anything may. The end of a file may or may not have moved; a new
 * file may not be there; a deleted one may be back, unless its directory was synced.
 *
 * Calling order: vfs_open registers it as the default VFS under which store_sqlite_open opens any
 * path. vfs_crash_at(k) lets the k-th write, truncation or sync from now on fail, half done, and
 * everything after it, until the owner has closed every handle and calls vfs_crash: a dead process
 * does not clean up. vfs_fail_at makes single calls fail and goes on.
 *
 * Shared memory and locks are kept in the image, so several connections of this process may be open
 * (the oracle reads beside the store) and no pragma of production has to change. vfs_quiet(true)
 * marks calls that are the oracle's own: they are neither counted nor failed, and they only read.
 *
 * One disk in a process at a time; not for threads.
 */
#ifndef TESTS_SIM_VFS_H
#define TESTS_SIM_VFS_H

#include <stdbool.h>
#include <stdint.h>

#include "dice.h"

#define VFS_NAME   "simdisk"
#define VFS_SECTOR 512

enum vfs_crash_mode {
	VFS_POWER_CUT, /* Each unsynced sector by dice. */
	VFS_DROP_ALL,  /* Nothing unsynced survives. */
	VFS_KILL,      /* The process dies, the page cache lives: all is kept. */
};

enum vfs_call {
	VFS_READ,
	VFS_WRITE,
	VFS_SYNC,
	VFS_OPEN,
	VFS_CALLS,
};

struct vfs_counts {
	uint64_t calls[VFS_CALLS];
	uint64_t bytes_written;
	uint64_t failed;	     /* calls failed on purpose */
	uint64_t kept, undone, torn; /* sectors at crashes */
};

/* An empty disk whose dice begin with SEED, as the default VFS. SQLite's own randomness begins anew
 * with it. */
void vfs_open(uint64_t seed);
/* Takes the disk away; every handle must be closed. */
void vfs_close(void);

/* The K-th write, truncation or sync from now on (1 = the next) does not come back. */
void vfs_crash_at(uint64_t k);
/* The process stops right here. */
void vfs_die(void);
/* It has: everything fails until vfs_crash. */
bool vfs_is_dead(void);
/* The machine comes back. Every handle must be closed. */
void vfs_crash(enum vfs_crash_mode mode);

/* The AFTER-th CALL from now on (1 = the next), and the TIMES - 1 after it, fail: a full disk for
 * writes when FULL, else an I/O error. A failed sync leaves everything unsynced. */
void vfs_fail_at(enum vfs_call call, uint64_t after, uint64_t times, bool full);
/* Faults end; a crash point is taken back. */
void vfs_heal(void);
bool vfs_quiet(bool quiet); /* Returns what it was. */
/* Called just before a call fails on purpose: whoever else has the file open lets go of it, so that
 * what the store does next (close, open again, recover) is what it would do alone. */
void vfs_on_fault(void (*tell)(void *context), void *context);

const struct vfs_counts *vfs_counts(void);
/* Bytes on the disk, all files. */
uint64_t vfs_size(void);

#endif
