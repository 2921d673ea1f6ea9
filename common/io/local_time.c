#include "common/io/local_time.h"

#include "common/base/buf.h"
#include "common/io/region.h"
#include "common/io/zone.h"

#include <stdio.h>

enum {
    LINE_SIZE = 512,
    COUNTRIES_MAX = 400,
    ZONES_MAX = 64, /* of one country */
    PREFIXES = 10000,
    NOWHERE = 0, /* the country of numbers that have none: UTC */
};

static const int64_t FRESH_MS = 15 * INT64_C(60000); /* clocks are put at quarters of an hour */

struct country {
    char code[REGION_SIZE];
    const struct zone *zones[ZONES_MAX];
    size_t zone_count;
    bool one_zone; /* only the first is asked */
    int offsets[QUIET_MAX_OFFSETS];
    size_t offset_count;
    int64_t quarter; /* that of the offsets */
    struct quiet quiet;
    int64_t quiet_from_ms, quiet_until_ms; /* an answer that was given for quiet; 0 = none */
};

struct local_time {
    struct country *countries;
    size_t count;
    uint16_t *of_prefix; /* a country's place + 1; 0: not looked up yet */
};

/* --- the table --- */

static struct country *country_of(struct local_time *lt, struct str code)
{
    for (size_t i = 0; i < lt->count; i++) {
        if (str_eq(str_of(lt->countries[i].code), code))
            return &lt->countries[i];
    }
    if (lt->count == COUNTRIES_MAX || code.n != REGION_SIZE - 1)
        return NULL;
    struct country *country = &lt->countries[lt->count++];
    memcpy(country->code, code.p, code.n);
    return country;
}

/* "CH,DE,LI	+4723+00832	Europe/Zurich	comment" */
static void read_row(struct local_time *lt, struct str row)
{
    struct str codes = str_cut(&row, '\t');
    (void)str_cut(&row, '\t');
    struct str name = str_cut(&row, '\t');
    const struct zone *zone = name.n > 0 ? zone_find(name.p, name.n) : NULL;
    while (zone != NULL && codes.n > 0) {
        struct country *country = country_of(lt, str_cut(&codes, ','));
        if (country != NULL && country->zone_count < ZONES_MAX)
            country->zones[country->zone_count++] = zone;
    }
}

static void read_table(struct local_time *lt, FILE *file)
{
    char line[LINE_SIZE];
    while (fgets(line, sizeof(line), file) != NULL) {
        if (line[0] != '#')
            read_row(lt, (struct str){line, strcspn(line, "\n")});
    }
}

enum err local_time_new(struct local_time **ret_local_time, const char *table)
{
    FILE *file = fopen(table, "re");
    if (file == NULL)
        return ERR_NOT_FOUND;
    struct local_time *lt = xalloc(sizeof(*lt));
    lt->countries = xalloc_array(COUNTRIES_MAX, sizeof(lt->countries[0]));
    lt->of_prefix = xalloc_array(PREFIXES, sizeof(lt->of_prefix[0]));
    lt->count = 1; /* NOWHERE */
    read_table(lt, file);
    (void)fclose(file);
    if (lt->count == 1) {
        local_time_free(lt);
        return ERR_NOT_FOUND;
    }
    *ret_local_time = lt;
    return ERR_OK;
}

void local_time_free(struct local_time *own_local_time)
{
    if (own_local_time == NULL)
        return;
    xfree(own_local_time->countries);
    xfree(own_local_time->of_prefix);
    xfree(own_local_time);
}

/* --- countries --- */

static struct country *look_up(struct local_time *lt, const char digits[REGION_DIGITS])
{
    char region[REGION_SIZE];
    if (!region_of_prefix(region, digits))
        return &lt->countries[NOWHERE];
    for (size_t i = 1; i < lt->count; i++) {
        if (strcmp(lt->countries[i].code, region) == 0)
            return &lt->countries[i];
    }
    return &lt->countries[NOWHERE];
}

static struct country *home_of(struct local_time *lt, const char *digits)
{
    unsigned prefix = 0;
    for (size_t i = 0; i < REGION_DIGITS; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return &lt->countries[NOWHERE];
        prefix = prefix * 10 + (unsigned)(digits[i] - '0');
    }
    if (lt->of_prefix[prefix] == 0)
        lt->of_prefix[prefix] = (uint16_t)(look_up(lt, digits) - lt->countries + 1);
    return &lt->countries[lt->of_prefix[prefix] - 1];
}

/* --- offsets --- */

static size_t insert(int *offsets, size_t count, int offset)
{
    size_t at = 0;
    while (at < count && offsets[at] < offset)
        at++;
    if (count == QUIET_MAX_OFFSETS || (at < count && offsets[at] == offset))
        return count;
    memmove(offsets + at + 1, offsets + at, (count - at) * sizeof(offsets[0]));
    offsets[at] = offset;
    return count + 1;
}

/* A quiet_place's function. */
static size_t offsets_at(void *arg, int64_t at_ms, int offsets[QUIET_MAX_OFFSETS])
{
    const struct country *country = arg;
    size_t count = 0, zones = country->one_zone ? 1 : country->zone_count;
    if (country->zone_count == 0)
        return insert(offsets, 0, 0);
    for (size_t i = 0; i < zones; i++)
        count = insert(offsets, count, zone_offset_min(country->zones[i], at_ms));
    return count;
}

/* The same for now, kept for its quarter of an hour. */
static size_t offsets_now(void *arg, int64_t at_ms, int offsets[QUIET_MAX_OFFSETS])
{
    struct country *country = arg;
    if (country->quarter != at_ms / FRESH_MS || country->offset_count == 0) {
        country->one_zone = false;
        country->offset_count = offsets_at(country, at_ms, country->offsets);
        country->quarter = at_ms / FRESH_MS;
    }
    memcpy(offsets, country->offsets, country->offset_count * sizeof(offsets[0]));
    return country->offset_count;
}

static int64_t end_of(struct country *country, const struct quiet *quiet, int64_t now_ms)
{
    const struct quiet_place all = {offsets_at, country};
    int64_t end_ms = quiet_end(quiet, now_ms, &all);
    if (end_ms != QUIET_NEVER)
        return end_ms;
    country->one_zone = true;
    end_ms = quiet_end(quiet, now_ms, &all);
    country->one_zone = false;
    return end_ms;
}

int64_t local_time_quiet_until(struct local_time *lt, const char *digits, const struct quiet *quiet,
                               int64_t now_ms)
{
    int offsets[QUIET_MAX_OFFSETS];
    if (quiet->from_min == quiet->to_min)
        return 0;
    struct country *country = home_of(lt, digits);
    if (country->quiet.from_min == quiet->from_min && country->quiet.to_min == quiet->to_min &&
        now_ms >= country->quiet_from_ms && now_ms < country->quiet_until_ms)
        return country->quiet_until_ms;
    size_t count = offsets_now(country, now_ms, offsets);
    if (!quiet_anywhere(quiet, now_ms, offsets, count))
        return 0;
    int64_t end_ms = end_of(country, quiet, now_ms);
    if (end_ms <= now_ms)
        return 0;
    country->quiet = *quiet;
    country->quiet_from_ms = now_ms;
    country->quiet_until_ms = end_ms;
    return end_ms;
}
