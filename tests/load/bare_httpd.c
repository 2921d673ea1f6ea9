/*
 * bare_httpd - the least that an HTTP server can do on this machine: libmicrohttpd with nothing
 * around it. Reads each request's body, and answers 200 with the same text, from the handler.
 *
 *     bare_httpd PORT ANSWER_BYTES      prints "ready" when it listens; ends on SIGTERM
 *
 * Two threads, each with an epoll of its own, as many as the machine has cores. A thread takes at
 * most 120 connections: its loop stalls when 128 are ready at once.
 */
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 2, CONNECTIONS_PER_THREAD = 120, ANSWER_CAP = 4096 };

static char answer[ANSWER_CAP];

/* The same response serves all requests, also in both threads. */
static enum MHD_Result handle(void *arg, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_n, void **state)
{
    struct MHD_Response *response = arg;
    (void)url, (void)method, (void)version, (void)upload;
    if (*state == NULL) { /* only the head is there */
        *state = response;
        return MHD_YES;
    }
    if (*upload_n > 0) {
        *upload_n = 0;
        return MHD_YES;
    }
    return MHD_queue_response(connection, MHD_HTTP_OK, response);
}

static struct MHD_Daemon *serve(unsigned port, struct MHD_Response *response)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, (uint16_t)port, NULL, NULL, handle,
                            response, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_THREAD_POOL_SIZE,
                            (unsigned)THREADS, MHD_OPTION_CONNECTION_LIMIT,
                            (unsigned)(THREADS * CONNECTIONS_PER_THREAD), MHD_OPTION_END);
}

static unsigned number(const char *text)
{
    return (unsigned)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
    if (argc != 3 || number(argv[2]) > ANSWER_CAP) {
        (void)fprintf(stderr, "usage: bare_httpd PORT ANSWER_BYTES (up to %d)\n", ANSWER_CAP);
        return 2;
    }
    sigset_t end;
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    sigaddset(&end, SIGINT);
    sigprocmask(SIG_BLOCK, &end, NULL);

    memset(answer, 'x', sizeof(answer));
    struct MHD_Response *response =
        MHD_create_response_from_buffer(number(argv[2]), answer, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "application/json");
    struct MHD_Daemon *daemon = serve(number(argv[1]), response);
    if (daemon == NULL) {
        (void)fprintf(stderr, "bare_httpd: port %s can't be bound\n", argv[1]);
        return 1;
    }
    (void)puts("ready");
    (void)fflush(stdout);
    int which;
    (void)sigwait(&end, &which);
    MHD_stop_daemon(daemon);
    MHD_destroy_response(response);
    return 0;
}
