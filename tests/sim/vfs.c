/* vfs.c — see vfs.h. Files are images in memory; what is not synced is kept in a journal that a
 * crash undoes. Neighbours: house.c opens its store on it, oracle.c reads beside the store. */
#include "vfs.h"

#include <assert.h>
#include <errno.h>
#include <sqlite3.h>
#include <stddef.h>
#include <string.h>

#include "closedloop/mem.h"
#include "closedloop/text.h"

#define FILES_MAX   8
#define NAME_CAP    128
#define REGIONS_MAX 64
#define NOT_ARMED   UINT64_MAX

/* One change since the last sync: OLD bytes, which are at FROM in the pool, lay at AT. */
struct undo {
	int64_t at;
	size_t len;  /* of the change */
	size_t old;  /* bytes that were there, from AT on */
	size_t from; /* in the pool */
	bool truncation;
};

struct disk_file {
	char name[NAME_CAP];
	uint8_t *bytes;
	size_t cap;
	int64_t size;
	bool there;	 /* has a name */
	bool was_there;	 /* would have one after a crash that loses the directory's changes */
	bool was_before; /* the same before it was removed: it may come back */
	struct undo *undo;
	size_t undo_len, undo_cap;
	uint8_t *pool;
	size_t pool_len, pool_cap;
	int64_t synced_size;
	unsigned handles;
	/* locks of the file itself */
	unsigned shared;
	bool reserved, exclusive;
	/* the wal-index */
	void *region[REGIONS_MAX];
	unsigned shm_users;
	unsigned shm_shared[SQLITE_SHM_NLOCK];
	bool shm_exclusive[SQLITE_SHM_NLOCK];
};

struct disk {
	struct disk_file files[FILES_MAX];
	struct dice dice;
	struct vfs_counts counts;
	uint64_t crash_in; /* writes until the crash, NOT_ARMED when none */
	bool dead, quiet;
	struct {
		uint64_t in, times;
		bool full;
	} fail[VFS_CALLS];
	int last_errno;
	void (*on_fault)(void *context);
	void *on_fault_context;
};

static struct disk *disk;

struct handle {
	sqlite3_file base;
	struct disk_file *file;
	int lock;
	bool delete_on_close;
	bool has_shm;
	uint16_t shm_shared, shm_exclusive;
};

static struct handle *handle_of(sqlite3_file *file)
{
	return (struct handle *)(void *)file;
}

/* --- Faults --------------------------------------------------------------------------------- */

static void tell_fault(void)
{
	if (disk->on_fault)
		disk->on_fault(disk->on_fault_context);
}

/* SQLITE_OK, or what CALL is to fail with. */
static int fault(enum vfs_call call)
{
	if (disk->quiet) {
		assert(call != VFS_WRITE && call != VFS_SYNC);
		return SQLITE_OK;
	}
	if (disk->dead)
		return SQLITE_IOERR;
	disk->counts.calls[call]++;
	if (disk->fail[call].in == NOT_ARMED)
		return SQLITE_OK;
	if (--disk->fail[call].in > 0)
		return SQLITE_OK;
	if (--disk->fail[call].times > 0)
		disk->fail[call].in = 1;
	else
		disk->fail[call].in = NOT_ARMED;
	disk->counts.failed++;
	tell_fault();
	disk->last_errno = disk->fail[call].full ? ENOSPC : EIO;
	return disk->fail[call].full ? SQLITE_FULL : SQLITE_IOERR;
}

/* True when this write or sync is the one that does not come back. */
static bool dies_now(void)
{
	if (disk->quiet || disk->crash_in == NOT_ARMED)
		return false;
	if (--disk->crash_in > 0)
		return false;
	disk->crash_in = NOT_ARMED;
	tell_fault();
	disk->dead = true;
	return true;
}

/* --- Images --------------------------------------------------------------------------------- */

static void reserve(void **bytes, size_t *cap, size_t need, size_t size)
{
	if (need <= *cap)
		return;
	*cap = need > 2 * *cap ? need : 2 * *cap;
	if (*cap * size < 4096)
		*cap = 4096 / size + 1;
	*bytes = mem_grow(*bytes, *cap * size);
}

/* The file is LEN long from now on; what is new is zero. */
static void resize(struct disk_file *file, int64_t len)
{
	if (len > file->size) {
		void *bytes = file->bytes;

		reserve(&bytes, &file->cap, (size_t)len, 1);
		file->bytes = bytes;
		memset(file->bytes + file->size, 0, (size_t)(len - file->size));
	}
	file->size = len;
}

/* Keep what lies at AT before LEN bytes of it change. */
static void remember(struct disk_file *file, int64_t at, size_t len, bool truncation)
{
	void *undo = file->undo, *pool = file->pool;
	size_t old = 0;

	if (at < file->size)
		old = (size_t)(file->size - at) < len ? (size_t)(file->size - at) : len;
	reserve(&undo, &file->undo_cap, file->undo_len + 1, sizeof(*file->undo));
	reserve(&pool, &file->pool_cap, file->pool_len + old, 1);
	file->undo = undo;
	file->pool = pool;
	file->undo[file->undo_len++] = (struct undo){
		.at = at, .len = len, .old = old, .from = file->pool_len, .truncation = truncation};
	if (old)
		memcpy(file->pool + file->pool_len, file->bytes + at, old);
	file->pool_len += old;
}

static void forget_journal(struct disk_file *file)
{
	file->undo_len = file->pool_len = 0;
	file->synced_size = file->size;
}

static struct disk_file *find(const char *name)
{
	for (size_t i = 0; i < FILES_MAX; i++) {
		if (disk->files[i].there && text_equal(disk->files[i].name, name))
			return &disk->files[i];
	}
	return NULL;
}

static void wipe(struct disk_file *file)
{
	for (size_t i = 0; i < REGIONS_MAX; i++)
		mem_free(file->region[i]);
	mem_free(file->bytes);
	mem_free(file->undo);
	mem_free(file->pool);
	memset(file, 0, sizeof(*file));
}

/* A file that was removed and made again is another one: the old one is gone. */
static struct disk_file *create(const char *name)
{
	for (size_t i = 0; i < FILES_MAX; i++) {
		struct disk_file *file = &disk->files[i];

		if (file->there || !text_equal(file->name, name))
			continue;
		file->was_before = false;
		if (file->handles == 0)
			wipe(file);
	}
	for (size_t i = 0; i < FILES_MAX; i++) {
		struct disk_file *file = &disk->files[i];

		if (*file->name)
			continue;
		text_copy(file->name, sizeof(file->name), name);
		file->there = true;
		return file;
	}
	assert(!"more files than the disk of a simulation needs");
	return NULL;
}

/* --- The crash ------------------------------------------------------------------------------ */

/* Put back what lay in the part [FROM, TO) of CHANGE. */
static void put_back(struct disk_file *file, const struct undo *change, int64_t from, int64_t to)
{
	int64_t had = change->at + (int64_t)change->old;

	for (int64_t at = from; at < to; at++) {
		if (at >= file->size)
			return;
		file->bytes[at] =
			at < had ? file->pool[change->from + (size_t)(at - change->at)] : 0;
	}
}

/* How the crash of one file goes on, newest change first. */
struct losing {
	struct disk_file *file;
	enum vfs_crash_mode mode;
	uint8_t *kept; /* of each sector: something is; what lies below it stays then */
	int64_t end;   /* of the file */
	int64_t cut;   /* A truncation that was kept ended the file here for all older changes. */
};

/* One sector's part of one change. */
static void lose_sector(struct losing *losing, const struct undo *change, int64_t sector)
{
	int64_t from = sector * VFS_SECTOR, to = from + VFS_SECTOR;
	int64_t end = change->at + (int64_t)change->len;
	unsigned luck = losing->mode == VFS_DROP_ALL ? 0 : dice_roll(&disk->dice, 8);

	if (losing->kept[sector] || from >= losing->cut)
		return;
	if (from < change->at)
		from = change->at;
	if (to > end)
		to = end;
	if (luck < 4 || to - from < 2) {
		put_back(losing->file, change, from, to);
		disk->counts.undone++;
		return;
	}
	losing->kept[sector] = true;
	if (luck == 4) {
		/* The head had written so far when the light went out. */
		int64_t torn = from + dice_span(&disk->dice, 1, to - from - 1);
		put_back(losing->file, change, torn, to);
		disk->counts.torn++;
	} else {
		disk->counts.kept++;
	}
	if (to > losing->end)
		losing->end = to;
}

static void lose_truncation(struct losing *losing, const struct undo *change)
{
	bool kept = losing->mode != VFS_DROP_ALL && dice_roll(&disk->dice, 2);

	if (!kept) {
		int64_t end = change->at + (int64_t)change->len;
		for (int64_t from = change->at; from < end;) {
			int64_t to = (from / VFS_SECTOR + 1) * VFS_SECTOR;
			if (!losing->kept[from / VFS_SECTOR])
				put_back(losing->file, change, from, to < end ? to : end);
			from = to;
		}
		return;
	}
	if (change->at < losing->cut)
		losing->cut = change->at;
}

static int64_t longest(const struct disk_file *file)
{
	int64_t size = file->size;

	for (size_t i = 0; i < file->undo_len; i++) {
		const struct undo *change = &file->undo[i];
		if (change->at + (int64_t)change->len > size)
			size = change->at + (int64_t)change->len;
	}
	return size;
}

static void lose(struct disk_file *file, enum vfs_crash_mode mode)
{
	struct losing losing = {.file = file, .mode = mode, .end = 0, .cut = INT64_MAX};

	if (file->undo_len == 0)
		return;
	resize(file, longest(file));
	losing.kept = mem_alloc((size_t)(file->size / VFS_SECTOR) + 1);
	for (size_t i = file->undo_len; i-- > 0;) {
		const struct undo *change = &file->undo[i];
		int64_t last = (change->at + (int64_t)change->len - 1) / VFS_SECTOR;

		if (change->truncation) {
			lose_truncation(&losing, change);
			continue;
		}
		for (int64_t sector = change->at / VFS_SECTOR; sector <= last; sector++)
			lose_sector(&losing, change, sector);
	}
	mem_free(losing.kept);
	/* Where the file ends: where it did when it was synced or cut, or as far as something new
	 * was written. */
	int64_t base = file->synced_size < losing.cut ? file->synced_size : losing.cut;
	resize(file, losing.end > base ? losing.end : base);
}

void vfs_crash(enum vfs_crash_mode mode)
{
	for (size_t i = 0; i < FILES_MAX; i++) {
		struct disk_file *file = &disk->files[i];

		if (!*file->name)
			continue;
		assert(file->handles == 0);
		if (mode != VFS_KILL) {
			lose(file, mode);
			if (!file->there && file->was_before && dice_roll(&disk->dice, 2))
				file->there = true;
			else if (file->there && !file->was_there && dice_roll(&disk->dice, 2))
				file->there = false;
		}
		if (!file->there) {
			wipe(file);
			continue;
		}
		if (mode != VFS_KILL) {
			forget_journal(file);
			file->was_there = true;
		}
	}
	disk->dead = false;
	disk->crash_in = NOT_ARMED;
}

/* --- Files ---------------------------------------------------------------------------------- */

static int file_close(sqlite3_file *base)
{
	struct handle *handle = handle_of(base);

	assert(handle->file->handles > 0);
	handle->file->handles--;
	if (handle->delete_on_close && handle->file->handles == 0)
		wipe(handle->file);
	return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *out, int len, sqlite3_int64 at)
{
	const struct disk_file *file = handle_of(base)->file;
	int rc = fault(VFS_READ);
	int64_t have = file->size - at;

	if (rc != SQLITE_OK)
		return SQLITE_IOERR_READ;
	if (have >= len) {
		memcpy(out, file->bytes + at, (size_t)len);
		return SQLITE_OK;
	}
	if (have < 0)
		have = 0;
	if (have)
		memcpy(out, file->bytes + at, (size_t)have);
	memset((uint8_t *)out + have, 0, (size_t)(len - have));
	return SQLITE_IOERR_SHORT_READ;
}

static void put(struct disk_file *file, const void *bytes, size_t len, int64_t at)
{
	remember(file, at, len, false);
	if (at > file->size)
		resize(file, at);
	if (at + (int64_t)len > file->size) {
		void *image = file->bytes;
		file->size = at + (int64_t)len;
		reserve(&image, &file->cap, (size_t)file->size, 1);
		file->bytes = image;
	}
	memcpy(file->bytes + at, bytes, len);
}

static int file_write(sqlite3_file *base, const void *bytes, int len, sqlite3_int64 at)
{
	struct disk_file *file = handle_of(base)->file;
	int rc = fault(VFS_WRITE);

	if (rc == SQLITE_FULL)
		return SQLITE_FULL;
	if (rc != SQLITE_OK)
		return SQLITE_IOERR_WRITE;
	if (dies_now()) {
		/* Some of it may have reached the page cache. */
		int some = (int)dice_roll(&disk->dice, (unsigned)len + 1);
		if (some > 0)
			put(file, bytes, (size_t)some, at);
		return SQLITE_IOERR_WRITE;
	}
	put(file, bytes, (size_t)len, at);
	disk->counts.bytes_written += (uint64_t)len;
	return SQLITE_OK;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	struct disk_file *file = handle_of(base)->file;

	if (fault(VFS_WRITE) != SQLITE_OK || dies_now())
		return SQLITE_IOERR_TRUNCATE;
	if (size < file->size)
		remember(file, size, (size_t)(file->size - size), true);
	resize(file, size);
	return SQLITE_OK;
}

/* A directory is synced as one: what is new in it stays, what was removed stays away. */
static void sync_directory(void)
{
	for (size_t i = 0; i < FILES_MAX; i++) {
		disk->files[i].was_there = disk->files[i].there;
		disk->files[i].was_before = false;
	}
}

static int file_sync(sqlite3_file *base, int flags)
{
	struct disk_file *file = handle_of(base)->file;

	(void)flags;
	if (fault(VFS_SYNC) != SQLITE_OK || dies_now())
		return SQLITE_IOERR_FSYNC;
	forget_journal(file);
	if (!file->was_there) /* As SQLite's own does for a new journal. */
		sync_directory();
	return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size)
{
	*size = handle_of(base)->file->size;
	return SQLITE_OK;
}

static int file_lock(sqlite3_file *base, int level)
{
	struct handle *handle = handle_of(base);
	struct disk_file *file = handle->file;
	unsigned others = file->shared - (handle->lock >= SQLITE_LOCK_SHARED);

	if (handle->lock >= level)
		return SQLITE_OK;
	if (handle->lock == SQLITE_LOCK_NONE) {
		if (file->exclusive)
			return SQLITE_BUSY;
		file->shared++;
		handle->lock = SQLITE_LOCK_SHARED;
	}
	if (level >= SQLITE_LOCK_RESERVED && handle->lock < SQLITE_LOCK_RESERVED) {
		if (file->reserved)
			return SQLITE_BUSY;
		file->reserved = true;
		handle->lock = SQLITE_LOCK_RESERVED;
	}
	if (level == SQLITE_LOCK_EXCLUSIVE) {
		if (others > 0)
			return SQLITE_BUSY;
		file->exclusive = true;
		handle->lock = SQLITE_LOCK_EXCLUSIVE;
	}
	return SQLITE_OK;
}

static int file_unlock(sqlite3_file *base, int level)
{
	struct handle *handle = handle_of(base);

	if (handle->lock == SQLITE_LOCK_EXCLUSIVE && level < SQLITE_LOCK_EXCLUSIVE)
		handle->file->exclusive = false;
	if (handle->lock >= SQLITE_LOCK_RESERVED && level < SQLITE_LOCK_RESERVED)
		handle->file->reserved = false;
	if (handle->lock >= SQLITE_LOCK_SHARED && level == SQLITE_LOCK_NONE)
		handle->file->shared--;
	if (handle->lock > level)
		handle->lock = level;
	return SQLITE_OK;
}

static int file_check_reserved(sqlite3_file *base, int *out)
{
	*out = handle_of(base)->file->reserved;
	return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int op, void *arg)
{
	(void)base;
	if (op != SQLITE_FCNTL_LAST_ERRNO)
		return SQLITE_NOTFOUND;
	*(int *)arg = disk->last_errno;
	disk->last_errno = 0;
	return SQLITE_OK;
}

static int file_sector(sqlite3_file *base)
{
	(void)base;
	return 4096;
}

/* What the unix VFS says of an ordinary file. */
static int file_traits(sqlite3_file *base)
{
	(void)base;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* --- The wal-index -------------------------------------------------------------------------- */

static int shm_map(sqlite3_file *base, int index, int size, int extend, void volatile **out)
{
	struct handle *handle = handle_of(base);
	struct disk_file *file = handle->file;

	assert(index < REGIONS_MAX);
	if (!handle->has_shm) {
		handle->has_shm = true;
		file->shm_users++;
	}
	if (!file->region[index] && extend)
		file->region[index] = mem_alloc((size_t)size);
	*out = file->region[index];
	return SQLITE_OK;
}

static int shm_lock(sqlite3_file *base, int first, int n, int flags)
{
	struct handle *handle = handle_of(base);
	struct disk_file *file = handle->file;
	uint16_t mask = (uint16_t)(((1U << n) - 1) << first);

	if (flags & SQLITE_SHM_UNLOCK) {
		for (int i = first; i < first + n; i++) {
			if (handle->shm_exclusive >> i & 1)
				file->shm_exclusive[i] = false;
			if (handle->shm_shared >> i & 1)
				file->shm_shared[i]--;
		}
		handle->shm_exclusive &= (uint16_t)~mask;
		handle->shm_shared &= (uint16_t)~mask;
		return SQLITE_OK;
	}
	for (int i = first; i < first + n; i++) {
		bool mine = handle->shm_shared >> i & 1;

		if (file->shm_exclusive[i] && !(handle->shm_exclusive >> i & 1))
			return SQLITE_BUSY;
		if ((flags & SQLITE_SHM_EXCLUSIVE) && file->shm_shared[i] > (unsigned)mine)
			return SQLITE_BUSY;
	}
	for (int i = first; i < first + n; i++) {
		if (flags & SQLITE_SHM_EXCLUSIVE)
			file->shm_exclusive[i] = true;
		else if (!(handle->shm_shared >> i & 1))
			file->shm_shared[i]++;
	}
	if (flags & SQLITE_SHM_EXCLUSIVE)
		handle->shm_exclusive |= mask;
	else
		handle->shm_shared |= mask;
	return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *base)
{
	(void)base;
}

static int shm_unmap(sqlite3_file *base, int delete)
{
	struct handle *handle = handle_of(base);
	struct disk_file *file = handle->file;

	(void)delete;
	if (!handle->has_shm)
		return SQLITE_OK;
	(void)shm_lock(base, 0, SQLITE_SHM_NLOCK, SQLITE_SHM_UNLOCK);
	handle->has_shm = false;
	if (--file->shm_users > 0)
		return SQLITE_OK;
	for (size_t i = 0; i < REGIONS_MAX; i++) {
		mem_free(file->region[i]);
		file->region[i] = NULL;
	}
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check_reserved,
	.xFileControl = file_control,
	.xSectorSize = file_sector,
	.xDeviceCharacteristics = file_traits,
	.xShmMap = shm_map,
	.xShmLock = shm_lock,
	.xShmBarrier = shm_barrier,
	.xShmUnmap = shm_unmap,
};

/* --- The file system ------------------------------------------------------------------------ */

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
		     int *out_flags)
{
	struct handle *handle = handle_of(base);
	struct disk_file *file;

	(void)vfs;
	memset(handle, 0, sizeof(*handle));
	if (fault(VFS_OPEN) != SQLITE_OK)
		return SQLITE_CANTOPEN;
	file = name ? find(name) : NULL;
	if (!file && !(flags & SQLITE_OPEN_CREATE))
		return SQLITE_CANTOPEN;
	if (!file)
		file = create(name ? name : "temporary");
	file->handles++;
	handle->file = file;
	handle->delete_on_close = flags & SQLITE_OPEN_DELETEONCLOSE;
	handle->base.pMethods = &methods;
	if (out_flags)
		*out_flags = flags;
	return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync_it)
{
	struct disk_file *file = find(name);

	(void)vfs;
	if (!file)
		return SQLITE_IOERR_DELETE_NOENT;
	if (fault(VFS_WRITE) != SQLITE_OK || dies_now())
		return SQLITE_IOERR_DELETE;
	file->there = false;
	file->was_before = file->was_there;
	if (sync_it)
		sync_directory();
	if (!file->was_before && file->handles == 0)
		wipe(file);
	return SQLITE_OK;
}

static int disk_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	(void)vfs;
	(void)flags;
	if (disk->dead && !disk->quiet)
		return SQLITE_IOERR_ACCESS;
	*out = find(name) != NULL;
	return SQLITE_OK;
}

static int disk_full_path(sqlite3_vfs *vfs, const char *name, int len, char *out)
{
	(void)vfs;
	return text_copy(out, (size_t)len, name) ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int disk_randomness(sqlite3_vfs *vfs, int len, char *out)
{
	(void)vfs;
	for (int i = 0; i < len; i++)
		out[i] = (char)dice_roll(&disk->dice, 256);
	return len;
}

static int disk_sleep(sqlite3_vfs *vfs, int microseconds)
{
	(void)vfs;
	return microseconds;
}

/* SQLite asks for statistics only; time is the simulator's. */
static int disk_time(sqlite3_vfs *vfs, double *days)
{
	(void)vfs;
	*days = 2458850.0;
	return SQLITE_OK;
}

static int disk_last_error(sqlite3_vfs *vfs, int len, char *out)
{
	(void)vfs;
	(void)len;
	(void)out;
	return disk->last_errno;
}

static sqlite3_vfs the_vfs = {
	.iVersion = 1,
	.szOsFile = sizeof(struct handle),
	.mxPathname = NAME_CAP,
	.zName = VFS_NAME,
	.xOpen = disk_open,
	.xDelete = disk_delete,
	.xAccess = disk_access,
	.xFullPathname = disk_full_path,
	.xRandomness = disk_randomness,
	.xSleep = disk_sleep,
	.xCurrentTime = disk_time,
	.xGetLastError = disk_last_error,
};

void vfs_open(uint64_t seed)
{
	assert(!disk);
	disk = mem_alloc(sizeof(*disk));
	disk->dice = dice_of(seed, "disk");
	vfs_heal();
	if (sqlite3_vfs_register(&the_vfs, 1) != SQLITE_OK)
		mem_exhausted(sizeof(the_vfs));
	sqlite3_randomness(0, NULL);
}

void vfs_close(void)
{
	for (size_t i = 0; i < FILES_MAX; i++) {
		assert(disk->files[i].handles == 0);
		wipe(&disk->files[i]);
	}
	(void)sqlite3_vfs_unregister(&the_vfs);
	mem_free(disk);
	disk = NULL;
}

void vfs_crash_at(uint64_t k)
{
	assert(k > 0);
	disk->crash_in = k;
}

void vfs_die(void)
{
	disk->dead = true;
}

bool vfs_is_dead(void)
{
	return disk->dead;
}

void vfs_fail_at(enum vfs_call call, uint64_t after, uint64_t times, bool full)
{
	assert(after > 0);
	assert(times > 0);
	disk->fail[call].in = after;
	disk->fail[call].times = times;
	disk->fail[call].full = full;
}

void vfs_heal(void)
{
	disk->crash_in = NOT_ARMED;
	for (size_t i = 0; i < VFS_CALLS; i++)
		disk->fail[i].in = NOT_ARMED;
}

void vfs_on_fault(void (*tell)(void *context), void *context)
{
	disk->on_fault = tell;
	disk->on_fault_context = context;
}

bool vfs_quiet(bool quiet)
{
	bool was = disk->quiet;

	disk->quiet = quiet;
	return was;
}

const struct vfs_counts *vfs_counts(void)
{
	return &disk->counts;
}

uint64_t vfs_size(void)
{
	uint64_t size = 0;

	for (size_t i = 0; i < FILES_MAX; i++)
		size += (uint64_t)disk->files[i].size;
	return size;
}
