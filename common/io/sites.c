#include "common/io/sites.h"

#include "common/base/buf.h"

#include <curl/curl.h>
#include <search.h>
#include <stdio.h>
#include <strings.h>

enum {
    KEY_SIZE = RESOLVER_NAME_SIZE + 7, /* name:port */
    PIN_MAX_BYTES = KEY_SIZE + RESOLVER_MAX_ADDRESSES * (ADDRESS_TEXT_SIZE + 3),
    ASKING_MS = 30000,       /* old addresses are used so long while new ones are asked for */
    AGAIN_MS = 10000,        /* until it is asked again, when nobody could tell */
    WITHOUT_DNS_MS = 3600000 /* how long the last known ones do, then */
};

TAILQ_HEAD(site_waits, site_wait);

struct site {
    char key[KEY_SIZE]; /* first: what the tree compares */
    char name[RESOLVER_NAME_SIZE];
    struct sites *sites;
    bool is_address;
    unsigned users;
    struct address list[RESOLVER_MAX_ADDRESSES];
    size_t count;
    struct pin *pin;                     /* NULL: no addresses */
    int64_t until_mono_ms, last_mono_ms; /* asked anew, and not used any more; undefined
                                             without a pin */
    struct resolver_wait asked;
    struct site_waits waits;
    TAILQ_ENTRY(site) link; /* in sites.unused */
};

TAILQ_HEAD(site_list, site);

struct sites {
    struct loop *loop;
    struct resolver *resolver;
    const struct guard *guard;
    unsigned max_sites, count;
    void *tree; /* of sites */
    struct site_list unused;
    struct curl_slist *forgotten;
    bool forgot;
};

/* --- pins --- */

struct pin *pin_hold(struct pin *pin)
{
    pin->holders++;
    return pin;
}

void pin_drop(struct pin *pin)
{
    if (pin == NULL || --pin->holders > 0)
        return;
    curl_slist_free_all(pin->list);
    xfree(pin);
}

static struct pin *pin_new(const struct site *site)
{
    struct buf text = {.cap = PIN_MAX_BYTES};
    struct pin *pin = xalloc(sizeof(*pin));
    buf_text(&text, site->key);
    for (size_t i = 0; i < site->count; i++) {
        char address[ADDRESS_TEXT_SIZE];
        address_write(address, &site->list[i]);
        buf_char(&text, i == 0 ? ':' : ',');
        buf_text(&text, address);
    }
    pin->holders = 1;
    pin->list = curl_slist_append(NULL, text.p);
    buf_done(&text);
    return pin;
}

/* --- URLs --- */

struct peer {
    char name[RESOLVER_NAME_SIZE]; /* in small letters, without brackets */
    char key[KEY_SIZE];
    bool https, has_user, has_zone;
};

static char *part_of(CURLU *url, CURLUPart part, unsigned flags)
{
    char *text = NULL;
    return curl_url_get(url, part, &text, flags) == CURLUE_OK ? text : NULL;
}

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = part_of(url, part, 0);
    curl_free(text);
    return text != NULL;
}

static bool read_name(struct peer *peer, const char *host)
{
    size_t n = strlen(host), skip = 0;
    if (n > 2 && host[0] == '[' && host[n - 1] == ']') {
        skip = 1;
        n -= 2;
    }
    if (n == 0 || n >= sizeof(peer->name))
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = host[skip + i];
        peer->name[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    peer->name[n] = '\0';
    return true;
}

static bool read_peer(struct peer *ret_peer, const char *text)
{
    CURLU *url = curl_url();
    *ret_peer = (struct peer){.https = false};
    bool fine = url != NULL && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK;
    char *scheme = fine ? part_of(url, CURLUPART_SCHEME, 0) : NULL;
    char *host = fine ? part_of(url, CURLUPART_HOST, 0) : NULL;
    char *port = fine ? part_of(url, CURLUPART_PORT, CURLU_DEFAULT_PORT) : NULL;
    fine = scheme != NULL && host != NULL && port != NULL && read_name(ret_peer, host);
    if (fine) {
        ret_peer->https = strcasecmp(scheme, "https") == 0;
        ret_peer->has_user = has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD);
        ret_peer->has_zone = has_part(url, CURLUPART_ZONEID);
        (void)snprintf(ret_peer->key, sizeof(ret_peer->key), "%s:%s", ret_peer->name, port);
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(url);
    return fine;
}

/* --- the table --- */

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void forget(struct sites *sites, struct site *own_site)
{
    char line[KEY_SIZE + 1];
    (void)snprintf(line, sizeof(line), "-%s", own_site->key);
    if (own_site->pin != NULL) {
        struct curl_slist *longer = curl_slist_append(sites->forgotten, line);
        sites->forgotten = longer != NULL ? longer : sites->forgotten;
        sites->forgot = true;
    }
    (void)tdelete(own_site->key, &sites->tree, compare);
    sites->count--;
    pin_drop(own_site->pin);
    xfree(own_site);
}

static void on_answer(void *arg, const struct resolver_answer *answer);

static struct site *add(struct sites *sites, const struct peer *peer)
{
    if (sites->count >= sites->max_sites) {
        struct site *oldest = TAILQ_FIRST(&sites->unused);
        if (oldest == NULL)
            return NULL;
        TAILQ_REMOVE(&sites->unused, oldest, link);
        forget(sites, oldest);
    }
    struct site *site = xalloc(sizeof(*site));
    memcpy(site->key, peer->key, sizeof(site->key));
    memcpy(site->name, peer->name, sizeof(site->name));
    site->sites = sites;
    site->asked = (struct resolver_wait){.fn = on_answer, .arg = site};
    TAILQ_INIT(&site->waits);
    if (address_read(&site->list[0], str_of(site->name))) {
        site->is_address = true;
        site->count = 1;
    }
    if (tsearch(site, &sites->tree, compare) == NULL) {
        xfree(site);
        return NULL;
    }
    sites->count++;
    TAILQ_INSERT_TAIL(&sites->unused, site, link);
    return site;
}

static enum err check_peer(const struct sites *sites, const struct peer *peer, const char **ret_why)
{
    struct address address;
    *ret_why = "only https, without a user, may be called";
    if (!peer->https || peer->has_user)
        return ERR_SYNTAX;
    *ret_why = "its address has a zone";
    if (peer->has_zone)
        return ERR_RANGE;
    if (!address_read(&address, str_of(peer->name)))
        return ERR_OK;
    *ret_why = guard_refuses(sites->guard, &address);
    return *ret_why == NULL ? ERR_OK : ERR_RANGE;
}

enum err sites_use(struct sites *sites, const char *url, struct site **ret_site,
                   const char **ret_why)
{
    struct peer peer;
    *ret_why = "is not a URL";
    if (!read_peer(&peer, url))
        return ERR_SYNTAX;
    enum err err = sites->guard != NULL ? check_peer(sites, &peer, ret_why) : ERR_OK;
    if (err != ERR_OK)
        return err;
    void *const *at = tfind(peer.key, &sites->tree, compare);
    struct site *site = at != NULL ? *at : add(sites, &peer);
    *ret_why = "too many hosts are being called";
    if (site == NULL)
        return ERR_FULL;
    if (site->users++ == 0 && site->asked.entry == NULL)
        TAILQ_REMOVE(&sites->unused, site, link);
    *ret_site = site;
    *ret_why = "";
    return ERR_OK;
}

static void rest(struct site *site)
{
    if (site->users == 0 && site->asked.entry == NULL)
        TAILQ_INSERT_TAIL(&site->sites->unused, site, link);
}

void site_leave(struct site *site)
{
    if (site == NULL)
        return;
    site->users--;
    rest(site);
}

/* --- addresses --- */

static const char *refused(const struct site *site, const struct resolver_answer *answer)
{
    const struct guard *guard = site->sites->guard;
    const char *why = NULL;
    for (size_t i = 0; guard != NULL && why == NULL && i < answer->count; i++)
        why = guard_refuses(guard, &answer->list[i]);
    return why;
}

static void take(struct site *site, const struct resolver_answer *answer)
{
    size_t bytes = answer->count * sizeof(answer->list[0]);
    bool same = site->pin != NULL && site->count == answer->count &&
                memcmp(site->list, answer->list, bytes) == 0;
    site->until_mono_ms = answer->until_mono_ms;
    site->last_mono_ms = answer->until_mono_ms + WITHOUT_DNS_MS;
    if (same)
        return;
    memcpy(site->list, answer->list, bytes);
    site->count = answer->count;
    pin_drop(site->pin);
    site->pin = pin_new(site);
}

static void lose(struct site *site)
{
    pin_drop(site->pin);
    site->pin = NULL;
    site->count = 0;
}

static enum err judge(struct site *site, const struct resolver_answer *answer, const char **ret_why)
{
    int64_t now_ms = loop_now_ms(site->sites->loop);
    *ret_why = answer->err == ERR_OK ? refused(site, answer) : err_text(answer->err);
    if (*ret_why == NULL) {
        take(site, answer);
        *ret_why = "";
        return ERR_OK;
    }
    bool nobody_can_tell = answer->err != ERR_OK && err_retryable(answer->err);
    if (nobody_can_tell && site->pin != NULL && now_ms < site->last_mono_ms) {
        site->until_mono_ms = now_ms + AGAIN_MS;
        return ERR_OK;
    }
    lose(site);
    return answer->err == ERR_OK ? ERR_RANGE : answer->err;
}

static void on_answer(void *arg, const struct resolver_answer *answer)
{
    struct site *site = arg;
    struct site_wait *wait;
    const char *why = "";
    enum err err = judge(site, answer, &why);
    site->users++;                          /* the callbacks must not free it */
    TAILQ_FOREACH(wait, &site->waits, link) /* they may cancel each other, and wait again */
    wait->due = true;
    while ((wait = TAILQ_FIRST(&site->waits)) != NULL && wait->due) {
        site_cancel(wait);
        wait->fn(wait->arg, err, why);
    }
    site->users--;
    rest(site);
}

static enum err ask(struct site *site)
{
    if (site->asked.entry != NULL)
        return ERR_OK;
    return resolver_ask(site->sites->resolver, site->name, &site->asked);
}

bool site_ready(struct site *site)
{
    int64_t now_ms = loop_now_ms(site->sites->loop);
    if (site->is_address)
        return true;
    if (site->pin == NULL)
        return false;
    if (now_ms < site->until_mono_ms)
        return true;
    if (now_ms >= site->until_mono_ms + ASKING_MS)
        return false;
    enum err ignored = ask(site);
    (void)ignored; /* what is known will do for now */
    return true;
}

enum err site_wait(struct site *site, struct site_wait *wait)
{
    enum err err = ask(site);
    if (err != ERR_OK)
        return err;
    wait->site = site;
    wait->due = false;
    TAILQ_INSERT_TAIL(&site->waits, wait, link);
    return ERR_OK;
}

void site_cancel(struct site_wait *wait)
{
    if (wait->site != NULL)
        TAILQ_REMOVE(&wait->site->waits, wait, link);
    wait->site = NULL;
}

bool site_is_address(const struct site *site)
{
    return site->is_address;
}

bool site_allows(const struct site *site, const struct address *address)
{
    return site->sites->guard == NULL || guard_refuses(site->sites->guard, address) == NULL;
}

struct pin *site_pin(const struct site *site)
{
    return site->pin;
}

/* --- the whole --- */

struct sites *sites_new(struct loop *loop, struct resolver *resolver, const struct guard *guard,
                        unsigned max_sites)
{
    struct sites *sites = xalloc(sizeof(*sites));
    *sites =
        (struct sites){.loop = loop, .resolver = resolver, .guard = guard, .max_sites = max_sites};
    TAILQ_INIT(&sites->unused);
    return sites;
}

static void free_site(void *own_site)
{
    struct site *site = own_site;
    resolver_cancel(site->sites->resolver, &site->asked);
    pin_drop(site->pin);
    xfree(site);
}

void sites_free(struct sites *own_sites)
{
    if (own_sites == NULL)
        return;
    tdestroy(own_sites->tree, free_site);
    curl_slist_free_all(own_sites->forgotten);
    xfree(own_sites);
}

struct curl_slist *sites_take_forgotten(struct sites *sites)
{
    struct curl_slist *list = sites->forgotten;
    sites->forgotten = NULL;
    return list;
}

bool sites_forget(const struct sites *sites)
{
    return sites->forgot;
}
