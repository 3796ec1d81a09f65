/* sink.c — the far end of a benchmark: answers every POST at once and notes when it came and what
 * it was about. Cheap enough that what is measured is the sender. Neighbour: bench_alerts.py starts
 * it and asks it.
 *
 *     sink            prints the port of 127.0.0.1 that it listens on, then serves until it is
 * killed
 *
 * POST /hang…   is read and never answered
 * POST /…       200 {"errcode":0}, noted
 * GET /count    how many notes there are
 * GET /notes    "NANOSECONDS PATH ID SUBJECT" a line, of the monotonic clock; then they are
 * forgotten. ID is the webhook-id, or "-"; SUBJECT the last "subject" in the body, or "-".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WORD_CAP    64
#define REQUEST_MAX ((size_t)1 << 20)
#define EVENTS	    256

struct note {
	int64_t at;
	char path[WORD_CAP], id[WORD_CAP], subject[WORD_CAP];
};

struct peer {
	int fd;
	char *bytes; /* What of a request has come. */
	size_t len, cap;
};

static struct note *notes;
static size_t notes_len, notes_cap;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void *grown(void *old, size_t size)
{
	void *more = realloc(old, size);

	if (!more)
		die("memory");
	return more;
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The text from AT to one of ENDS, as much of it as there is room. */
static void take_word(char out[WORD_CAP], const char *at, const char *ends)
{
	size_t len = at ? strcspn(at, ends) : 0;

	if (len == 0) {
		memcpy(out, "-", sizeof("-"));
		return;
	}
	if (len >= WORD_CAP)
		len = WORD_CAP - 1;
	memcpy(out, at, len);
	out[len] = '\0';
}

/* The value of header NAME (with its colon) in HEAD, or NULL. */
static const char *header(const char *head, const char *name)
{
	for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
		if (strncasecmp(line + 2, name, strlen(name)) == 0)
			return line + 2 + strlen(name) + strspn(line + 2 + strlen(name), " ");
	}
	return NULL;
}

static const char *last_subject(const char *body)
{
	static const char key[] = "\"subject\":\"";
	const char *found = NULL;

	for (const char *at = strstr(body, key); at; at = strstr(at, key)) {
		at += sizeof(key) - 1;
		found = at;
	}
	return found;
}

static void add_note(const char *path, const char *head, const char *body)
{
	if (notes_len == notes_cap) {
		notes_cap = notes_cap ? 2 * notes_cap : 4096;
		notes = grown(notes, notes_cap * sizeof(*notes));
	}
	struct note *note = &notes[notes_len++];
	note->at = now_ns();
	take_word(note->path, path, " ?");
	take_word(note->id, header(head, "webhook-id:"), "\r");
	take_word(note->subject, last_subject(body), "\"");
}

/* --- Answers ------------------------------------------------------------------------------- */

static void write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);

		if (sent < 0 && errno == EAGAIN)
			continue; /* The driver alone is sent much, and it reads. */
		if (sent < 0)
			return; /* Its end is noticed by the next read. */
		bytes += sent;
		len -= (size_t)sent;
	}
}

static void answer(int fd, const char *body, size_t len)
{
	char head[128];
	int n = snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", len);
	char *whole = grown(NULL, (size_t)n + len);

	memcpy(whole, head, (size_t)n);
	memcpy(whole + n, body, len);
	write_all(fd, whole, (size_t)n + len);
	free(whole);
}

static void answer_notes(int fd)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		die("memory");
	for (size_t i = 0; i < notes_len; i++)
		fprintf(out, "%lld %s %s %s\n", (long long)notes[i].at, notes[i].path, notes[i].id,
			notes[i].subject);
	fclose(out);
	answer(fd, text, len);
	free(text);
	notes_len = 0;
}

/* One whole request, its head and its body each ended by a NUL. */
static void serve(int fd, const char *head, const char *body)
{
	static const char taken[] = "{\"errcode\":0}";
	char count[32];

	if (strncmp(head, "GET /count ", 11) == 0) {
		answer(fd, count, (size_t)snprintf(count, sizeof(count), "%zu", notes_len));
	} else if (strncmp(head, "GET /notes ", 11) == 0) {
		answer_notes(fd);
	} else if (strncmp(head, "POST ", 5) == 0) {
		if (strncmp(head + 5, "/hang", 5) == 0)
			return;
		add_note(head + 5, head, body);
		answer(fd, taken, sizeof(taken) - 1);
	} else {
		answer(fd, "", 0);
	}
}

/* --- Requests ------------------------------------------------------------------------------ */

/* Serve the first request of PEER if all of it is here; what follows moves to the front. */
static bool serve_first(struct peer *peer)
{
	peer->bytes[peer->len] = '\0';
	char *end = strstr(peer->bytes, "\r\n\r\n");
	if (!end)
		return false;
	end[2] = '\0';
	const char *value = header(peer->bytes, "content-length:");
	size_t body_len = value ? strtoul(value, NULL, 10) : 0;
	size_t head_len = (size_t)(end + 4 - peer->bytes);
	if (peer->len - head_len < body_len) {
		end[2] = '\r';
		return false;
	}
	char *body = end + 4;
	char after = body[body_len];
	body[body_len] = '\0';
	serve(peer->fd, peer->bytes, body);
	body[body_len] = after;
	peer->len -= head_len + body_len;
	memmove(peer->bytes, body + body_len, peer->len);
	return true;
}

static void forget(struct peer *peer)
{
	close(peer->fd);
	free(peer->bytes);
	free(peer);
}

static void read_peer(struct peer *peer)
{
	if (peer->cap - peer->len < 8192) {
		if (peer->cap > REQUEST_MAX) {
			forget(peer);
			return;
		}
		peer->cap = peer->cap ? 2 * peer->cap : 16384;
		peer->bytes = grown(peer->bytes, peer->cap + 1);
	}
	ssize_t got = recv(peer->fd, peer->bytes + peer->len, peer->cap - peer->len, 0);
	if (got < 0 && errno == EAGAIN)
		return;
	if (got <= 0) {
		forget(peer);
		return;
	}
	peer->len += (size_t)got;
	while (peer->len > 0 && serve_first(peer))
		;
}

static void accept_peer(int poll, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	int one = 1;

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	struct peer *peer = grown(NULL, sizeof(*peer));
	*peer = (struct peer){.fd = fd};
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = peer};
	if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll");
}

static int open_listener(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) < 0 || listen(fd, 1024) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) < 0)
		die("listen");
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

int main(void)
{
	int listener = open_listener();
	int poll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event first = {.events = EPOLLIN, .data.ptr = NULL};

	if (poll < 0 || epoll_ctl(poll, EPOLL_CTL_ADD, listener, &first) < 0)
		die("epoll");
	for (;;) {
		struct epoll_event events[EVENTS];
		int count = epoll_wait(poll, events, EVENTS, -1);

		for (int i = 0; i < count; i++) {
			if (events[i].data.ptr)
				read_peer(events[i].data.ptr);
			else
				accept_peer(poll, listener);
		}
	}
}
