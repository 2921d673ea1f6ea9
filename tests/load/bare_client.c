/*
 * bare_client - the least that an HTTP client can do on this machine: libcurl's multi interface
 * with epoll and nothing around it, submitting messages to the carrier simulator without a report.
 *
 *     bare_client URL TRANSFERS SECONDS     prints {"answered", "failed", "seconds"}
 *
 * Handles and connections are used again and again. After SECONDS no more are started, and those
 * under way are waited for; failed are those that ended otherwise than with a 202.
 */
#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { MAX_TRANSFERS = 1000, EVENTS = 256, GIVE_UP_MS = 10000 };

struct transfer {
    CURL *easy;
    char body[512];
};

struct client {
    CURLM *multi;
    struct curl_slist *headers;
    const char *url;
    int epoll_fd;
    int64_t timer_ms; /* when libcurl wants to be called; -1 never */
    int64_t until_ms;
    unsigned under_way;
    unsigned long started, answered, failed;
};

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int on_timer(CURLM *multi, long wait_ms, void *arg)
{
    struct client *client = arg;
    (void)multi;
    client->timer_ms = wait_ms < 0 ? -1 : now_ms() + wait_ms;
    return 0;
}

/* known is not NULL for a socket that epoll has already. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
    struct client *client = arg;
    struct epoll_event event = {.data.fd = fd};
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        (void)epoll_ctl(client->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    event.events = ((what & CURL_POLL_IN) != 0 ? (uint32_t)EPOLLIN : 0) |
                   ((what & CURL_POLL_OUT) != 0 ? (uint32_t)EPOLLOUT : 0);
    (void)epoll_ctl(client->epoll_fd, known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    (void)curl_multi_assign(client->multi, fd, client);
    return 0;
}

static size_t on_answer(char *bytes, size_t size, size_t n, void *arg)
{
    (void)bytes, (void)arg;
    return size * n;
}

static void start(struct client *client, struct transfer *transfer)
{
    int n = snprintf(transfer->body, sizeof(transfer->body),
                     "{\"reference\":\"%08x-0000-7000-8000-%012lx\",\"to\":\"+4790%09lu\","
                     "\"encoding\":\"gsm7\",\"parts\":1,\"text\":\"Your parcel has arrived at the "
                     "pick-up point. Show the code 4711 within seven days.\"}",
                     (unsigned)getpid(), client->started, client->started);
    client->started++;
    client->under_way++;
    (void)curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDSIZE, (long)n);
    (void)curl_multi_add_handle(client->multi, transfer->easy);
}

static int prepare(struct client *client, struct transfer *transfer)
{
    CURL *easy = transfer->easy = curl_easy_init();
    return easy == NULL || curl_easy_setopt(easy, CURLOPT_URL, client->url) != CURLE_OK ||
           curl_easy_setopt(easy, CURLOPT_HTTPHEADER, client->headers) != CURLE_OK ||
           curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer->body) != CURLE_OK ||
           curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer) != CURLE_OK ||
           curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer) != CURLE_OK ||
           curl_easy_setopt(easy, CURLOPT_PROXY, "") != CURLE_OK ||
           curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) != CURLE_OK;
}

static void end(struct client *client, const CURLMsg *done)
{
    struct transfer *transfer = NULL;
    long status = 0;
    CURL *easy = done->easy_handle;
    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (done->data.result == CURLE_OK && status == 202)
        client->answered++;
    else
        client->failed++;
    client->under_way--;
    (void)curl_multi_remove_handle(client->multi, easy); /* done is gone */
    if (now_ms() < client->until_ms)
        start(client, transfer);
}

static void turn(struct client *client)
{
    struct epoll_event events[EVENTS];
    int running, left;
    int64_t wait_ms = client->timer_ms < 0 ? 1000 : client->timer_ms - now_ms();
    int n = epoll_wait(client->epoll_fd, events, EVENTS, wait_ms < 0 ? 0 : (int)wait_ms);
    for (int i = 0; i < n; i++) {
        int mask = ((events[i].events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                   ((events[i].events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                   ((events[i].events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
        (void)curl_multi_socket_action(client->multi, events[i].data.fd, mask, &running);
    }
    if (client->timer_ms >= 0 && now_ms() >= client->timer_ms) {
        client->timer_ms = -1;
        (void)curl_multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    for (CURLMsg *done; (done = curl_multi_info_read(client->multi, &left)) != NULL;)
        end(client, done);
}

static void run(struct client *client, struct transfer *transfers, unsigned count, unsigned seconds)
{
    int64_t begun_ms = now_ms();
    client->until_ms = begun_ms + (int64_t)seconds * 1000;
    for (unsigned i = 0; i < count; i++)
        start(client, &transfers[i]);
    while (client->under_way > 0 && now_ms() < client->until_ms + GIVE_UP_MS)
        turn(client);
    (void)printf("{\"answered\": %lu, \"failed\": %lu, \"seconds\": %.3f}\n", client->answered,
                 client->failed + client->under_way, (double)(now_ms() - begun_ms) / 1000);
}

static unsigned number(const char *text)
{
    return (unsigned)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
    static struct transfer transfers[MAX_TRANSFERS];
    if (argc != 4 || number(argv[2]) < 1 || number(argv[2]) > MAX_TRANSFERS) {
        (void)fprintf(stderr, "usage: bare_client URL TRANSFERS SECONDS\n");
        return 2;
    }
    unsigned count = number(argv[2]);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    struct client client = {
        .url = argv[1],
        .multi = curl_multi_init(),
        .headers = curl_slist_append(NULL, "Content-Type: application/json"),
        .epoll_fd = epoll_create1(EPOLL_CLOEXEC),
        .timer_ms = -1,
    };
    int failed = client.multi == NULL || client.epoll_fd < 0;
    for (unsigned i = 0; i < count && !failed; i++)
        failed = prepare(&client, &transfers[i]);
    if (failed) {
        (void)fprintf(stderr, "bare_client: libcurl can't be prepared\n");
        return 1;
    }
    (void)curl_multi_setopt(client.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    (void)curl_multi_setopt(client.multi, CURLMOPT_SOCKETDATA, &client);
    (void)curl_multi_setopt(client.multi, CURLMOPT_TIMERFUNCTION, on_timer);
    (void)curl_multi_setopt(client.multi, CURLMOPT_TIMERDATA, &client);
    (void)curl_multi_setopt(client.multi, CURLMOPT_MAXCONNECTS, (long)count);
    run(&client, transfers, count, number(argv[3]));
    for (unsigned i = 0; i < count; i++)
        curl_easy_cleanup(transfers[i].easy);
    (void)curl_multi_cleanup(client.multi);
    curl_slist_free_all(client.headers);
    (void)close(client.epoll_fd);
    return 0;
}
