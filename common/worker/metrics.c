#include "common/worker/metrics.h"

/* Upper bounds of the buckets: from a Redis script to a carrier that is nearly gone. */
static const struct {
    int64_t ms;
    const char *seconds;
} bounds[] = {
    {1, "0.001"},  {2, "0.002"},  {5, "0.005"},  {10, "0.01"},    {20, "0.02"}, {50, "0.05"},
    {100, "0.1"},  {200, "0.2"},  {500, "0.5"},  {1000, "1"},     {2000, "2"},  {5000, "5"},
    {10000, "10"}, {30000, "30"}, {60000, "60"}, {300000, "300"},
};
enum { BOUNDS = sizeof(bounds) / sizeof(bounds[0]) };

static const char *const kind_names[] = {"counter", "gauge", "histogram"};

struct value {
    int64_t number; /* of a histogram: how many */
    int64_t sum_ms;
    int64_t buckets[BOUNDS]; /* each counts its own range only; what is longer is in none */
};

struct metrics {
    const struct metric_def *defs;
    size_t count;
    char *label; /* `carrier="acme"` on all rows, or NULL */
    void (*before)(void *arg);
    void *arg;
    struct value *values;
    struct metrics *next; /* the parts, in the order in which they came */
};

struct metrics *metrics_new(const struct metric_def *defs, size_t count)
{
    struct metrics *m = xalloc(sizeof(*m));
    m->defs = defs;
    m->count = count;
    m->values = xalloc_array(count, sizeof(*m->values));
    return m;
}

void metrics_free(struct metrics *own_metrics)
{
    while (own_metrics != NULL) {
        struct metrics *next = own_metrics->next;
        xfree(own_metrics->label);
        xfree(own_metrics->values);
        xfree(own_metrics);
        own_metrics = next;
    }
}

static void add_escaped(struct buf *out, const char *text, bool quote)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n') {
            buf_text(out, "\\n");
            continue;
        }
        if (*text == '\\' || (quote && *text == '"'))
            buf_char(out, '\\');
        buf_char(out, *text);
    }
}

static void add_label(struct buf *out, const char *label, const char *value)
{
    buf_text(out, label);
    buf_text(out, "=\"");
    add_escaped(out, value, true);
    buf_char(out, '"');
}

struct metrics *metrics_part(struct metrics *m, const struct metric_def *defs, size_t count,
                             const char *label, const char *value)
{
    struct metrics *part = metrics_new(defs, count);
    while (m->next != NULL)
        m = m->next;
    m->next = part;
    if (label != NULL) {
        struct buf text = {.cap = 1024};
        add_label(&text, label, value);
        part->label = buf_take(&text);
    }
    return part;
}

void metrics_before_write(struct metrics *m, void (*fn)(void *arg), void *arg)
{
    m->before = fn;
    m->arg = arg;
}

void metrics_add(struct metrics *m, size_t index, int64_t n)
{
    m->values[index].number += n;
}

void metrics_set(struct metrics *m, size_t index, int64_t value)
{
    m->values[index].number = value;
}

void metrics_observe_ms(struct metrics *m, size_t index, int64_t ms)
{
    struct value *value = &m->values[index];
    size_t at = 0;
    while (at < BOUNDS && ms > bounds[at].ms)
        at++;
    if (at < BOUNDS)
        value->buckets[at]++;
    value->number++;
    value->sum_ms += ms;
}

int64_t metrics_get(const struct metrics *m, size_t index)
{
    return m->values[index].number;
}

/* name_suffix{labels} and the space before the value. */
static void add_name(struct buf *out, const struct metrics *m, size_t at, const char *suffix,
                     const char *le)
{
    const struct metric_def *def = &m->defs[at];
    const char *labels[3] = {m->label, *def->labels != '\0' ? def->labels : NULL, le};
    char separator = '{';
    buf_text(out, def->name);
    buf_text(out, suffix);
    for (size_t i = 0; i < 3; i++) {
        if (labels[i] == NULL)
            continue;
        buf_char(out, separator);
        separator = ',';
        if (i == 2)
            add_label(out, "le", labels[i]);
        else
            buf_text(out, labels[i]);
    }
    buf_text(out, separator == ',' ? "} " : " ");
}

static void add_sample(struct buf *out, int64_t value)
{
    buf_int(out, value);
    buf_char(out, '\n');
}

static void write_histogram(const struct metrics *m, size_t at, struct buf *out)
{
    const struct value *value = &m->values[at];
    int64_t below = 0;
    for (size_t i = 0; i < BOUNDS; i++) {
        below += value->buckets[i];
        add_name(out, m, at, "_bucket", bounds[i].seconds);
        add_sample(out, below);
    }
    add_name(out, m, at, "_bucket", "+Inf");
    add_sample(out, value->number);
    add_name(out, m, at, "_sum", NULL);
    buf_printf(out, "%.3f\n", (double)value->sum_ms / 1000);
    add_name(out, m, at, "_count", NULL);
    add_sample(out, value->number);
}

static void write_row(const struct metrics *m, size_t at, struct buf *out)
{
    if (m->defs[at].kind == METRIC_HISTOGRAM) {
        write_histogram(m, at, out);
        return;
    }
    add_name(out, m, at, "", NULL);
    add_sample(out, m->values[at].number);
}

static void write_head(const struct metric_def *def, struct buf *out)
{
    buf_printf(out, "# HELP %s ", def->name);
    add_escaped(out, def->help, false);
    buf_printf(out, "\n# TYPE %s %s\n", def->name, kind_names[def->kind]);
}

/* The rows from..to have one name. The format wants its samples together, so those of all parts
 * with the same table come here. */
static void write_group(const struct metrics *first, size_t from, size_t to, struct buf *out)
{
    write_head(&first->defs[from], out);
    for (const struct metrics *m = first; m != NULL; m = m->next) {
        for (size_t at = from; m->defs == first->defs && at < to; at++)
            write_row(m, at, out);
    }
}

static bool written_before(const struct metrics *first, const struct metrics *m)
{
    while (first != m && first->defs != m->defs)
        first = first->next;
    return first != m;
}

void metrics_write(struct metrics *m, struct buf *out)
{
    for (const struct metrics *part = m; part != NULL; part = part->next) {
        if (part->before != NULL)
            part->before(part->arg);
    }
    for (const struct metrics *part = m; part != NULL; part = part->next) {
        if (written_before(m, part))
            continue;
        for (size_t from = 0, to = 0; from < part->count; from = to) {
            while (to < part->count && strcmp(part->defs[to].name, part->defs[from].name) == 0)
                to++;
            write_group(part, from, to, out);
        }
    }
}

void metrics_write_build(struct buf *out, const char *worker, const char *version,
                         const char *commit)
{
    buf_text(out, "# HELP sms_build_info What is running here; always 1.\n"
                  "# TYPE sms_build_info gauge\nsms_build_info{");
    add_label(out, "worker", worker);
    buf_char(out, ',');
    add_label(out, "version", version);
    buf_char(out, ',');
    add_label(out, "commit", commit);
    buf_text(out, "} 1\n");
}
