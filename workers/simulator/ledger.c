#include "workers/simulator/ledger.h"

#include "common/base/clock.h"

enum { KEPT_REPEATED = 100 };

struct message {
    struct phone to;
    uint8_t report; /* enum ledger_report */
    uint8_t parts;
    bool ucs2;
    uint8_t reference_bytes, from_bytes;
    uint16_t text_bytes;
    int64_t at_ms;
    char *bytes; /* reference, from, text; NULL: nothing here */
};

struct ledger {
    struct ledger_conf conf;
    struct ledger_counts counts;
    struct ledger_entry *entries; /* open addressing; at most half full */
    size_t mask;                  /* slots - 1 */
    size_t entry_count;
    struct message *ring;  /* message id lies at id % max_messages */
    uint64_t oldest, next; /* ids; the kept ones are oldest to next - 1 */
    size_t message_bytes;
    char *repeated[KEPT_REPEATED];
    size_t repeated_count;
};

struct ledger *ledger_new(const struct ledger_conf *conf)
{
    struct ledger *ledger = xalloc(sizeof *ledger);
    size_t slots = 16;
    while (slots < 2 * conf->max_references)
        slots *= 2;
    ledger->conf = *conf;
    ledger->entries = xalloc_array(slots, sizeof *ledger->entries);
    ledger->mask = slots - 1;
    ledger->ring = xalloc_array(conf->max_messages, sizeof *ledger->ring);
    ledger->oldest = ledger->next = conf->first_id;
    return ledger;
}

static struct message *message_at(const struct ledger *ledger, uint64_t id)
{
    return &ledger->ring[id % ledger->conf.max_messages];
}

static size_t size_of(const struct message *msg)
{
    return (size_t)msg->reference_bytes + msg->from_bytes + msg->text_bytes;
}

static void drop_oldest(struct ledger *ledger)
{
    struct message *msg = message_at(ledger, ledger->oldest++);
    ledger->message_bytes -= size_of(msg);
    xfree(msg->bytes);
    msg->bytes = NULL;
}

static void forget(struct ledger *ledger)
{
    while (ledger->oldest < ledger->next)
        drop_oldest(ledger);
    while (ledger->repeated_count > 0)
        xfree(ledger->repeated[--ledger->repeated_count]);
}

void ledger_reset(struct ledger *ledger)
{
    size_t slots = ledger->mask + 1;
    forget(ledger);
    /* New zeroed memory is cheaper than clearing all of it, and gives back what was touched. */
    xfree(ledger->entries);
    ledger->entries = xalloc_array(slots, sizeof *ledger->entries);
    ledger->entry_count = 0;
    ledger->counts = (struct ledger_counts){0};
}

void ledger_free(struct ledger *own_ledger)
{
    if (own_ledger == NULL)
        return;
    forget(own_ledger);
    xfree(own_ledger->entries);
    xfree(own_ledger->ring);
    xfree(own_ledger);
}

struct ledger_counts *ledger_get_counts(struct ledger *ledger)
{
    return &ledger->counts;
}

/* Eight bytes a round; never 0, which marks a free slot. */
static uint64_t hash_of(struct str s)
{
    const uint64_t odd = 0x9e3779b97f4a7c15;
    uint64_t hash = s.n * odd;
    while (s.n > 0) {
        uint64_t word = 0;
        size_t n = s.n < sizeof word ? s.n : sizeof word;
        memcpy(&word, s.p, n);
        s.p += n;
        s.n -= n;
        hash = (hash ^ word) * odd;
        hash ^= hash >> 32;
    }
    hash *= odd;
    hash ^= hash >> 29;
    return hash != 0 ? hash : 1;
}

/* Its slot, or the free one where it belongs. */
static struct ledger_entry *find_slot(const struct ledger *ledger, uint64_t hash)
{
    size_t at = hash & ledger->mask;
    while (ledger->entries[at].hash != 0 && ledger->entries[at].hash != hash)
        at = (at + 1) & ledger->mask;
    return &ledger->entries[at];
}

static void count_repeated(struct ledger *ledger, struct ledger_entry *entry, struct str reference)
{
    ledger->counts.repeated_references++;
    if (entry->accepted != 0)
        ledger->counts.repeated_accepted++;
    if (entry->seen_count == 1 && ledger->repeated_count < KEPT_REPEATED)
        ledger->repeated[ledger->repeated_count++] = xstrndup(reference.p, reference.n);
    entry->seen_count++;
}

struct ledger_entry *ledger_count(struct ledger *ledger, struct str reference)
{
    uint64_t hash = hash_of(reference);
    struct ledger_entry *entry = find_slot(ledger, hash);
    if (entry->hash != 0) {
        count_repeated(ledger, entry, reference);
        return entry;
    }
    if (ledger->entry_count == ledger->conf.max_references) {
        ledger->counts.references_dropped++;
        return NULL;
    }
    ledger->entry_count++;
    ledger->counts.distinct_references++;
    *entry = (struct ledger_entry){.hash = hash, .seen_count = 1};
    return entry;
}

void ledger_note(struct ledger_entry *entry, bool taken, bool clear, bool refused)
{
    if (entry == NULL)
        return;
    if (taken)
        entry->taken_count++;
    if (taken && !clear)
        entry->unclear_count++;
    if (refused)
        entry->refused_count++;
}

static char *add_bytes(char *at, struct str s)
{
    if (s.n > 0)
        memcpy(at, s.p, s.n);
    return at + s.n;
}

uint64_t ledger_accept(struct ledger *ledger, struct ledger_entry *entry, const struct submit *s,
                       int64_t at_ms)
{
    size_t bytes = s->reference.n + s->from.n + s->text.n;
    while (ledger->oldest < ledger->next &&
           (ledger->next - ledger->oldest == ledger->conf.max_messages ||
            ledger->message_bytes + bytes > ledger->conf.max_message_bytes))
        drop_oldest(ledger);

    uint64_t id = ledger->next++;
    struct message *msg = message_at(ledger, id);
    *msg = (struct message){
        .to = s->to,
        .report = LEDGER_NO_REPORT,
        .parts = s->parts,
        .ucs2 = s->ucs2,
        .reference_bytes = (uint8_t)s->reference.n,
        .from_bytes = (uint8_t)s->from.n,
        .text_bytes = (uint16_t)s->text.n,
        .at_ms = at_ms,
        .bytes = xalloc(bytes),
    };
    add_bytes(add_bytes(add_bytes(msg->bytes, s->reference), s->from), s->text);
    ledger->message_bytes += bytes;
    ledger->counts.accepted++;
    if (entry != NULL)
        entry->accepted = id;
    return id;
}

void ledger_set_report(struct ledger *ledger, uint64_t id, enum ledger_report report)
{
    if (id >= ledger->oldest && id < ledger->next)
        message_at(ledger, id)->report = (uint8_t)report;
}

static void write_text(struct buf *out, const char *key, const char *p, size_t n)
{
    buf_printf(out, ",\"%s\":", key);
    buf_json(out, (struct str){p, n});
}

static void write_message(const struct message *msg, uint64_t id, struct buf *out)
{
    static const char *const reports[] = {"none", "pending", "sent", "failed"};
    const char *from = msg->bytes + msg->reference_bytes;
    char at[CLOCK_TEXT_SIZE];
    clock_format_ms(at, msg->at_ms);
    buf_printf(out, "{\"id\":\"sim-%llu\"", (unsigned long long)id);
    write_text(out, "reference", msg->bytes, msg->reference_bytes);
    if (msg->from_bytes > 0)
        write_text(out, "from", from, msg->from_bytes);
    else
        buf_text(out, ",\"from\":null");
    buf_printf(out, ",\"to\":\"+%s\"", msg->to.digits);
    write_text(out, "text", from + msg->from_bytes, msg->text_bytes);
    buf_printf(out, ",\"encoding\":\"%s\",\"parts\":%u,\"received_at\":\"%s\",\"report\":\"%s\"}",
               msg->ucs2 ? "ucs2" : "gsm7", msg->parts, at, reports[msg->report]);
}

static bool is_to(const struct message *msg, const struct phone *to)
{
    return to == NULL || strcmp(msg->to.digits, to->digits) == 0;
}

void ledger_write_messages(const struct ledger *ledger, const struct phone *to, size_t limit,
                           struct buf *out)
{
    uint64_t total = 0, first = ledger->next;
    bool comma = false;
    for (uint64_t id = ledger->next; id-- > ledger->oldest;) {
        if (is_to(message_at(ledger, id), to) && total++ < limit)
            first = id;
    }
    buf_text(out, "{\"messages\":[");
    for (uint64_t id = first; id < ledger->next; id++) {
        if (!is_to(message_at(ledger, id), to))
            continue;
        if (comma)
            buf_char(out, ',');
        comma = true;
        write_message(message_at(ledger, id), id, out);
    }
    buf_printf(out, "],\"total\":%llu}", (unsigned long long)total);
}

void ledger_write_references(const struct ledger *ledger, struct buf *out)
{
    for (size_t i = 0; i <= ledger->mask; i++) {
        const struct ledger_entry *entry = &ledger->entries[i];
        if (entry->hash != 0)
            buf_printf(out, "%016llx %u %u %u %u\n", (unsigned long long)entry->hash,
                       entry->seen_count, entry->taken_count, entry->unclear_count,
                       entry->refused_count);
    }
}

void ledger_write_repeated(const struct ledger *ledger, struct buf *out)
{
    buf_char(out, '[');
    for (size_t i = 0; i < ledger->repeated_count; i++) {
        if (i > 0)
            buf_char(out, ',');
        buf_json(out, str_of(ledger->repeated[i]));
    }
    buf_char(out, ']');
}
