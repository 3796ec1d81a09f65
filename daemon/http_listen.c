/* http_listen.c — listening sockets: TCP, unix, or inherited from the service manager.
 * Neighbours: http_in.c takes what is accepted here. */
#include "daemon/http_private.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "closedloop/log.h"

#define BACKLOG	    1024
#define SOCKET_MODE 0660

static int os_refuses(struct err *err, const char *what, const char *name)
{
	enum cl_error code = errno == EADDRINUSE ? CL_EBUSY : CL_EIO;

	return err_set(err, code, "listen on %s: %s: %s", name, what, strerror(errno));
}

/* --- TCP --- */

static int bind_tcp(const struct addrinfo *at, const char *name, struct err *err)
{
	const int yes = 1;
	int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return os_refuses(err, "socket", name);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	/* "[::]" and "0.0.0.0" are two entries, so that the list says all that is listened on. */
	if (at->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
	if (bind(fd, at->ai_addr, at->ai_addrlen) == 0)
		return fd;
	rc = os_refuses(err, "bind", name);
	close(fd);
	return rc;
}

static int make_tcp(const struct conf_listen *listen, struct err *err)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
	};
	struct addrinfo *found = NULL;
	char port[16];
	int fd;

	snprintf(port, sizeof(port), "%d", listen->port);
	if (getaddrinfo(listen->address, port, &hints, &found) != 0)
		return err_set(err, CL_EINVAL, "listen on %s: not a numeric address",
			       listen->address);
	fd = bind_tcp(found, listen->address, err);
	freeaddrinfo(found);
	return fd;
}

/* --- unix --- */

/* Remove a socket file that nobody serves any more. Only a refused connect proves that: a living
 * daemon's socket must never be pulled from under it. */
static int clear_stale(const struct sockaddr_un *at, struct err *err)
{
	struct stat there;
	int fd, rc;

	if (lstat(at->sun_path, &there) < 0)
		return errno == ENOENT ? 0 : os_refuses(err, "stat", at->sun_path);
	if (!S_ISSOCK(there.st_mode))
		return err_set(err, CL_ECONFLICT, "listen on %s: a file that is no socket is there",
			       at->sun_path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return os_refuses(err, "socket", at->sun_path);
	rc = connect(fd, (const struct sockaddr *)at, sizeof(*at)) < 0 ? errno : 0;
	close(fd);
	if (rc == ENOENT)
		return 0;
	if (rc != ECONNREFUSED)
		return err_set(err, CL_EBUSY, "listen on %s: another process serves it",
			       at->sun_path);
	if (unlink(at->sun_path) < 0 && errno != ENOENT)
		return os_refuses(err, "remove the stale socket", at->sun_path);
	return 0;
}

static int make_unix(const struct conf_listen *listen, struct err *err)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd, rc;

	if (!text_copy(at.sun_path, sizeof(at.sun_path), listen->address))
		return err_set(err, CL_EINVAL, "listen on %s: the path is longer than %zu bytes",
			       listen->address, sizeof(at.sun_path) - 1);
	rc = clear_stale(&at, err);
	if (rc < 0)
		return rc;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return os_refuses(err, "socket", listen->address);
	/* The mode set before bind keeps it narrow from the first moment; the one after undoes the
	 * umask. */
	if (fchmod(fd, SOCKET_MODE) == 0 &&
	    bind(fd, (const struct sockaddr *)&at, sizeof(at)) == 0 &&
	    chmod(at.sun_path, SOCKET_MODE) == 0)
		return fd;
	rc = os_refuses(err, "bind", listen->address);
	close(fd);
	return rc;
}

/* --- inherited --- */

static int adopt(const struct conf_listen *listen, int fd, struct err *err)
{
	int listening = 0;
	socklen_t len = sizeof(listening);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) < 0 || !listening)
		return err_set(err, CL_EINVAL, "listen on %s: descriptor %d does not listen",
			       listen->address, fd);
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return os_refuses(err, "fcntl", listen->address);
	return fd;
}

/* --- listening --- */

static void on_accept(struct evconnlistener *ev, evutil_socket_t fd, struct sockaddr *address,
		      int len, void *context)
{
	struct http_listener *listener = context;

	(void)ev;
	(void)len;
	http_in_accept(listener->in, fd, address, listener);
}

/* Out of descriptors or memory: the connection stays in the backlog, and asking again at once would
 * spin. */
static void on_accept_error(struct evconnlistener *ev, void *context)
{
	struct http_listener *listener = context;
	struct http_in *in = listener->in;
	int error = EVUTIL_SOCKET_ERROR();

	evconnlistener_disable(ev);
	in->paused = true;
	if (in->now < in->accept_said_until)
		return;
	in->accept_said_until = in->now + SAY_AGAIN_MS;
	log_error("http.accept", "errno=%d connections=%zu", error, in->conns_len);
}

/* The family of listening FD; *PORT gets its TCP port or 0. */
static int family_of(int fd, int *port)
{
	struct sockaddr_storage at = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof(at);

	*port = 0;
	if (getsockname(fd, (struct sockaddr *)&at, &len) < 0)
		return AF_UNSPEC;
	if (at.ss_family == AF_INET)
		*port = ntohs(((const struct sockaddr_in *)&at)->sin_port);
	if (at.ss_family == AF_INET6)
		*port = ntohs(((const struct sockaddr_in6 *)&at)->sin6_port);
	return at.ss_family;
}

int listener_open(struct http_in *in, const struct conf_listen *listen, int fd, int *port,
		  struct err *err)
{
	const int yes = 1;
	bool inherited = fd >= 0;
	struct http_listener *listener;

	if (inherited)
		fd = adopt(listen, fd, err);
	else
		fd = listen->kind == LISTEN_UNIX ? make_unix(listen, err) : make_tcp(listen, err);
	if (fd < 0)
		return fd;
	listener = mem_alloc(sizeof(*listener));
	listener->in = in;
	listener->is_unix = family_of(fd, port) == AF_UNIX;
	listener->is_tls = listen->kind == LISTEN_HTTPS;
	if (listener->is_unix && !inherited)
		listener->path = mem_copy(listen->address);
	if (!listener->is_unix) /* Accepted sockets inherit it: answers are small and whole. */
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	listener->ev = evconnlistener_new(in->base, on_accept, listener,
					  LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
					  inherited ? 0 : BACKLOG, fd);
	if (!listener->ev) {
		int rc = os_refuses(err, "listen", listen->address);

		close(fd);
		mem_free(listener->path);
		mem_free(listener);
		return rc;
	}
	evconnlistener_set_error_cb(listener->ev, on_accept_error);
	listener->next = in->listeners;
	in->listeners = listener;
	return 0;
}

void listeners_close(struct http_in *in)
{
	while (in->listeners) {
		struct http_listener *listener = in->listeners;

		in->listeners = listener->next;
		/* While we still listen the path is surely ours; a moment later it may be our
		 * successor's. */
		if (listener->path)
			unlink(listener->path);
		evconnlistener_free(listener->ev);
		mem_free(listener->path);
		mem_free(listener);
	}
}

void listeners_resume(struct http_in *in)
{
	in->paused = false;
	for (struct http_listener *listener = in->listeners; listener; listener = listener->next)
		evconnlistener_enable(listener->ev);
}

void listeners_tls(struct http_in *in, bool go_on)
{
	for (struct http_listener *listener = in->listeners; listener; listener = listener->next) {
		if (listener->is_tls && go_on)
			evconnlistener_enable(listener->ev);
		else if (listener->is_tls)
			evconnlistener_disable(listener->ev);
	}
}
