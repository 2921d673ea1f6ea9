#include "common/io/resolver.h"

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/io/dns.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <search.h>

enum { OTHER_FAMILY_MS = 250, LABEL_MAX = 63 };

enum state {
    IDLE,   /* in resolver.idle, its answer may be old */
    QUEUED, /* in resolver.pending, and in one of the queues */
    ASKED,  /* in resolver.pending */
    READY,  /* in resolver.ready, to be told */
    TELLING,
};

struct resolver_entry {
    char name[RESOLVER_NAME_SIZE]; /* first: what the tree compares */
    enum state state;
    bool slow; /* nobody answered the last time */
    struct resolver_answer answer;
    struct address list[RESOLVER_MAX_ADDRESSES];
    struct question *questions[DNS_FAMILIES]; /* on their way */
    enum err errs[DNS_FAMILIES];
    int64_t ttl_s, deadline_mono_ms; /* undefined unless pending */
    TAILQ_HEAD(waits, resolver_wait) waits;
    TAILQ_ENTRY(resolver_entry) link, queue;
};

TAILQ_HEAD(entries, resolver_entry);

struct question {
    struct resolver *resolver;
    struct resolver_entry *entry; /* NULL: nobody waits for it any more */
    enum dns_family family;
    bool slow;
};

struct resolver {
    struct loop *loop;
    struct resolver_conf conf;
    struct dns *dns;
    struct loop_timer timer;
    void *tree;                          /* of entries */
    struct entries idle, pending, ready; /* oldest first; soonest deadline first */
    struct entries queues[2];            /* of names, and of slow ones */
    unsigned names, waits, questions, slow_questions;
    uint64_t seq;
    bool closing;
};

static void wake(struct resolver *r)
{
    loop_timer_set(r->loop, &r->timer, loop_now_ms(r->loop));
}

/* --- names --- */

static bool is_label(struct str label)
{
    if (label.n == 0 || label.n > LABEL_MAX)
        return false;
    for (size_t i = 0; i < label.n; i++) {
        char c = label.p[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!fine)
            return false;
    }
    return true;
}

/* Some resolvers take one whose last label is a number for an IPv4 address. */
static bool is_number(struct str label)
{
    bool hex = label.n > 1 && label.p[0] == '0' && label.p[1] == 'x';
    for (size_t i = hex ? 2 : 0; i < label.n; i++) {
        bool digit = label.p[i] >= '0' && label.p[i] <= '9';
        if (!digit && !(hex && label.p[i] >= 'a' && label.p[i] <= 'f'))
            return false;
    }
    return true;
}

/* In small letters and without the last dot. */
static bool canonical(char ret_name[RESOLVER_NAME_SIZE], const char *name)
{
    struct address ignored;
    size_t n = strlen(name);
    if (n > 1 && name[n - 1] == '.')
        n--;
    if (n == 0 || n >= RESOLVER_NAME_SIZE)
        return false;
    for (size_t i = 0; i < n; i++)
        ret_name[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + ('a' - 'A') : name[i]);
    ret_name[n] = '\0';
    struct str rest = {ret_name, n}, label = rest;
    if (address_read(&ignored, rest))
        return true;
    if (ret_name[n - 1] == '.')
        return false;
    while (rest.n > 0) {
        label = str_cut(&rest, '.');
        if (!is_label(label))
            return false;
    }
    return !is_number(label);
}

static bool is_localhost(const char *name)
{
    static const char suffix[] = ".localhost";
    size_t n = strlen(name), end = sizeof(suffix) - 1;
    return strcmp(name, suffix + 1) == 0 || (n > end && strcmp(name + n - end, suffix) == 0);
}

/* --- entries --- */

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static struct resolver_entry *find(struct resolver *r, const char *name)
{
    void *const *at = tfind(name, &r->tree, compare);
    return at != NULL ? *at : NULL;
}

static void forget(struct resolver *r, struct resolver_entry *own_entry)
{
    (void)tdelete(own_entry->name, &r->tree, compare);
    r->names--;
    xfree(own_entry);
}

static struct resolver_entry *entry_for(struct resolver *r, const char *name)
{
    struct resolver_entry *entry = find(r, name);
    if (entry != NULL)
        return entry;
    if (r->names >= r->conf.max_names) {
        entry = TAILQ_FIRST(&r->idle);
        if (entry == NULL)
            return NULL;
        TAILQ_REMOVE(&r->idle, entry, link);
        forget(r, entry);
    }
    entry = xalloc(sizeof(*entry));
    memcpy(entry->name, name, strlen(name) + 1);
    TAILQ_INIT(&entry->waits);
    if (tsearch(entry, &r->tree, compare) == NULL) {
        xfree(entry);
        return NULL;
    }
    r->names++;
    TAILQ_INSERT_TAIL(&r->idle, entry, link);
    return entry;
}

/* --- answers --- */

static void ready(struct resolver *r, struct resolver_entry *entry)
{
    entry->state = READY;
    TAILQ_INSERT_TAIL(&r->ready, entry, link);
    wake(r);
}

static void set_answer(struct resolver *r, struct resolver_entry *entry, enum err err,
                       int64_t ttl_ms)
{
    entry->answer.err = err;
    entry->answer.list = entry->list;
    entry->answer.until_mono_ms = loop_now_ms(r->loop) + ttl_ms;
    if (err != ERR_OK)
        entry->answer.count = 0;
}

static enum err both(enum err a, enum err b)
{
    if (a == b)
        return a;
    return a == ERR_TIMEOUT || b == ERR_TIMEOUT ? ERR_TIMEOUT : ERR_IO;
}

/* What has come by now is the answer. */
static void conclude(struct resolver *r, struct resolver_entry *entry)
{
    int64_t ttl_ms = r->conf.negative_ttl_ms;
    enum err err = ERR_OK;
    for (size_t i = 0; i < DNS_FAMILIES; i++) {
        if (entry->questions[i] != NULL)
            entry->questions[i]->entry = NULL;
        entry->questions[i] = NULL;
    }
    if (entry->answer.count == 0)
        err = both(entry->errs[DNS_IPV4], entry->errs[DNS_IPV6]);
    else {
        ttl_ms = entry->ttl_s * 1000;
        ttl_ms = ttl_ms < r->conf.min_ttl_ms ? r->conf.min_ttl_ms : ttl_ms;
        ttl_ms = ttl_ms > r->conf.max_ttl_ms ? r->conf.max_ttl_ms : ttl_ms;
    }
    if (entry->state == QUEUED)
        TAILQ_REMOVE(&r->queues[entry->slow], entry, queue);
    TAILQ_REMOVE(&r->pending, entry, link);
    entry->slow = err == ERR_TIMEOUT;
    set_answer(r, entry, err, ttl_ms);
    ready(r, entry);
}

static void add_addresses(struct resolver_entry *entry, const struct dns_reply *reply,
                          enum dns_family family)
{
    struct resolver_answer *answer = &entry->answer;
    size_t room = RESOLVER_MAX_ADDRESSES - answer->count;
    size_t count =
        reply->count < RESOLVER_MAX_ADDRESSES / 2 ? reply->count : RESOLVER_MAX_ADDRESSES / 2;
    count = count < room ? count : room;
    if (answer->count == 0 || reply->ttl_s < entry->ttl_s)
        entry->ttl_s = reply->ttl_s;
    if (family == DNS_IPV4)
        memmove(entry->list + count, entry->list, answer->count * sizeof(entry->list[0]));
    memcpy(entry->list + (family == DNS_IPV4 ? 0 : answer->count), reply->list,
           count * sizeof(entry->list[0]));
    answer->count += count;
}

static void pend(struct resolver *r, struct resolver_entry *entry, int64_t deadline_mono_ms)
{
    struct resolver_entry *later = TAILQ_LAST(&r->pending, entries);
    entry->deadline_mono_ms = deadline_mono_ms;
    while (later != NULL && later->deadline_mono_ms > deadline_mono_ms)
        later = TAILQ_PREV(later, entries, link);
    if (later == NULL)
        TAILQ_INSERT_HEAD(&r->pending, entry, link);
    else
        TAILQ_INSERT_AFTER(&r->pending, later, entry, link);
}

static void on_reply(void *arg, const struct dns_reply *reply)
{
    struct question *question = arg;
    struct resolver *r = question->resolver;
    struct resolver_entry *entry = question->entry;
    enum dns_family family = question->family, other = family == DNS_IPV4 ? DNS_IPV6 : DNS_IPV4;
    r->questions--;
    if (question->slow)
        r->slow_questions--;
    xfree(question);
    if (r->closing)
        return;
    wake(r); /* there is room for the next one */
    if (entry == NULL)
        return;
    entry->questions[family] = NULL;
    entry->errs[family] = reply->err;
    if (reply->err == ERR_OK)
        add_addresses(entry, reply, family);
    if (entry->questions[other] == NULL && entry->errs[other] != ERR_UNKNOWN) {
        conclude(r, entry);
        return;
    }
    int64_t soon_ms = loop_now_ms(r->loop) + OTHER_FAMILY_MS;
    if (reply->err == ERR_OK && soon_ms < entry->deadline_mono_ms) {
        TAILQ_REMOVE(&r->pending, entry, link);
        pend(r, entry, soon_ms);
    }
}

/* --- questions --- */

static void ask(struct resolver *r, struct resolver_entry *entry)
{
    TAILQ_REMOVE(&r->queues[entry->slow], entry, queue);
    entry->state = ASKED;
    for (enum dns_family family = DNS_IPV4; family < DNS_FAMILIES; family++) {
        struct question *question = xalloc(sizeof(*question));
        *question = (struct question){r, entry, family, entry->slow};
        entry->questions[family] = question;
        r->questions++;
        if (entry->slow)
            r->slow_questions++;
        dns_ask(r->dns, entry->name, family, on_reply, question);
    }
}

static void ask_queued(struct resolver *r)
{
    while (r->questions + DNS_FAMILIES <= r->conf.max_questions) {
        struct resolver_entry *entry = TAILQ_FIRST(&r->queues[false]);
        if (entry == NULL && r->slow_questions + DNS_FAMILIES <= r->conf.max_questions / 2)
            entry = TAILQ_FIRST(&r->queues[true]);
        if (entry == NULL)
            return;
        ask(r, entry);
    }
}

/* Whether it could be answered without DNS. */
static bool answer_at_once(struct resolver *r, struct resolver_entry *entry)
{
    struct address *list = entry->list;
    size_t *count = &entry->answer.count;
    *count = 0;
    if (address_read(&list[0], str_of(entry->name))) {
        *count = 1;
    } else if (is_localhost(entry->name)) {
        list[0] = address_ipv4(INADDR_LOOPBACK);
        memcpy(list[1].bytes, &in6addr_loopback, sizeof(list[1].bytes));
        *count = 2;
    } else {
        *count = dns_hosts(r->dns, entry->name, list, RESOLVER_MAX_ADDRESSES);
    }
    if (*count > 0)
        set_answer(r, entry, ERR_OK, r->conf.min_ttl_ms);
    return *count > 0;
}

/* It is in no list. */
static void start(struct resolver *r, struct resolver_entry *entry)
{
    if ((entry->answer.until_mono_ms > loop_now_ms(r->loop)) || answer_at_once(r, entry)) {
        ready(r, entry);
        return;
    }
    entry->state = QUEUED;
    entry->errs[DNS_IPV4] = entry->errs[DNS_IPV6] = ERR_UNKNOWN;
    pend(r, entry, loop_now_ms(r->loop) + r->conf.timeout_ms);
    TAILQ_INSERT_TAIL(&r->queues[entry->slow], entry, queue);
    wake(r);
}

/* --- waiting --- */

static void leave(struct resolver *r, struct resolver_wait *wait)
{
    TAILQ_REMOVE(&wait->entry->waits, wait, link);
    wait->entry = NULL;
    r->waits--;
}

static void tell(struct resolver *r, struct resolver_entry *entry)
{
    const uint64_t next = r->seq;
    struct resolver_wait *wait;
    TAILQ_REMOVE(&r->ready, entry, link);
    entry->state = TELLING; /* callbacks may ask again, and cancel each other */
    while ((wait = TAILQ_FIRST(&entry->waits)) != NULL && wait->seq < next) {
        leave(r, wait);
        wait->fn(wait->arg, &entry->answer);
    }
    if (!TAILQ_EMPTY(&entry->waits)) {
        start(r, entry);
        return;
    }
    entry->state = IDLE;
    TAILQ_INSERT_TAIL(&r->idle, entry, link);
}

static void on_due(void *arg)
{
    struct resolver *r = arg;
    struct resolver_entry *entry, *last = NULL;
    int64_t now_ms = loop_now_ms(r->loop);
    ask_queued(r);
    while ((entry = TAILQ_FIRST(&r->pending)) != NULL && entry->deadline_mono_ms <= now_ms) {
        for (size_t i = 0; i < DNS_FAMILIES; i++)
            entry->errs[i] = entry->errs[i] == ERR_UNKNOWN ? ERR_TIMEOUT : entry->errs[i];
        conclude(r, entry);
    }
    last = TAILQ_LAST(&r->ready, entries); /* further ones are told in the next turn */
    while (last != NULL && (entry = TAILQ_FIRST(&r->ready)) != NULL) {
        tell(r, entry);
        if (entry == last)
            break;
    }
    if (!TAILQ_EMPTY(&r->ready))
        wake(r);
    else if (r->timer.at == 0 && (entry = TAILQ_FIRST(&r->pending)) != NULL)
        loop_timer_set(r->loop, &r->timer, entry->deadline_mono_ms);
}

enum err resolver_ask(struct resolver *resolver, const char *name, struct resolver_wait *wait)
{
    char own_name[RESOLVER_NAME_SIZE];
    if (!canonical(own_name, name))
        return ERR_SYNTAX;
    if (resolver->waits >= resolver->conf.max_waits)
        return ERR_FULL;
    struct resolver_entry *entry = entry_for(resolver, own_name);
    if (entry == NULL)
        return ERR_FULL;
    wait->entry = entry;
    wait->seq = resolver->seq++;
    TAILQ_INSERT_TAIL(&entry->waits, wait, link);
    resolver->waits++;
    if (entry->state == IDLE) {
        TAILQ_REMOVE(&resolver->idle, entry, link);
        start(resolver, entry);
    }
    return ERR_OK;
}

void resolver_cancel(struct resolver *resolver, struct resolver_wait *wait)
{
    if (wait->entry != NULL)
        leave(resolver, wait);
}

/* --- the whole --- */

enum err resolver_new(struct resolver **ret_resolver, struct loop *loop,
                      const struct resolver_conf *conf)
{
    struct resolver *r = xalloc(sizeof(*r));
    const struct dns_conf dns = {conf->servers, conf->timeout_ms, conf->search};
    r->loop = loop;
    r->conf = *conf;
    r->timer = (struct loop_timer){.fn = on_due, .arg = r};
    TAILQ_INIT(&r->idle);
    TAILQ_INIT(&r->pending);
    TAILQ_INIT(&r->ready);
    TAILQ_INIT(&r->queues[false]);
    TAILQ_INIT(&r->queues[true]);
    enum err err = dns_new(&r->dns, loop, &dns);
    if (err != ERR_OK) {
        xfree(r);
        return err;
    }
    *ret_resolver = r;
    return ERR_OK;
}

static void free_entry(void *own_entry)
{
    struct resolver_entry *entry = own_entry;
    struct resolver_wait *wait;
    TAILQ_FOREACH(wait, &entry->waits, link)
    wait->entry = NULL;
    xfree(entry);
}

void resolver_free(struct resolver *own_resolver)
{
    if (own_resolver == NULL)
        return;
    own_resolver->closing = true;
    dns_free(own_resolver->dns);
    loop_timer_stop(own_resolver->loop, &own_resolver->timer);
    tdestroy(own_resolver->tree, free_entry);
    xfree(own_resolver);
}
