#include "workers/expander/members.h"

#include "common/store/groups.h"

#include <stdlib.h>

enum { AT_A_TIME = 2 * CHUNK_MAX }; /* of each group */

static int compare_phones(const void *a, const void *b)
{
    const struct phone *x = a, *y = b;
    return strcmp(x->digits, y->digits);
}

static int compare_members(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int order = strcmp(x->phone.digits, y->phone.digits);
    return order != 0 ? order : memcmp(x->contact.b, y->contact.b, sizeof(x->contact.b));
}

static bool is_explicit(const struct members *m, const struct phone *phone)
{
    return m->job->to_count > 0 && bsearch(phone, m->own_explicit, m->job->to_count, sizeof(*phone),
                                           compare_phones) != NULL;
}

static void add_found(struct members *m, const struct group_member *member)
{
    struct member new = {.contact = member->contact};
    if (phone_parse_digits(&new.phone, member->digits) != ERR_OK)
        return;
    if (m->found_count == m->found_room) {
        m->found_room = m->found_room > 0 ? 2 * m->found_room : AT_A_TIME;
        m->found = xrealloc(m->found, m->found_room * sizeof(m->found[0]));
    }
    m->found[m->found_count++] = new;
}

/* Takes those of the found up to the bound, the lowest first; `after` becomes the last that was
 * looked at. */
static void take(struct members *m)
{
    const char *last = "";
    size_t i = 0;
    if (m->found_count > 0)
        qsort(m->found, m->found_count, sizeof(m->found[0]), compare_members);
    for (; i < m->found_count && m->count < CHUNK_MAX; i++) {
        const struct member *member = &m->found[i];
        if (m->bound.digits[0] != '\0' && strcmp(member->phone.digits, m->bound.digits) > 0)
            break;
        if (strcmp(member->phone.digits, last) != 0 && !is_explicit(m, &member->phone))
            m->list[m->count++] = *member;
        last = member->phone.digits;
    }
    if (last[0] != '\0')
        memcpy(m->after, last, strlen(last) + 1);
}

static enum err ask(struct members *m);

static void on_all(struct members *m)
{
    if (m->err == ERR_OK)
        take(m);
    /* all of these were explicit, and there is more behind them */
    if (m->err == ERR_OK && m->count == 0 && m->bound.digits[0] != '\0')
        m->err = ask(m);
    if (m->waiting == 0)
        m->fn(m->arg, m->err);
}

static void on_group(void *arg, enum err err, const struct group_member *members, size_t count)
{
    struct members *m = arg;
    if (err != ERR_OK)
        m->err = err;
    for (size_t i = 0; i < count; i++)
        add_found(m, &members[i]);
    if (err == ERR_OK && count == AT_A_TIME) { /* this group goes on behind its last */
        struct phone last = m->found[m->found_count - 1].phone;
        if (m->bound.digits[0] == '\0' || compare_phones(&last, &m->bound) < 0)
            m->bound = last;
    }
    if (--m->waiting == 0)
        on_all(m);
}

/* Asks all groups at once. */
static enum err ask(struct members *m)
{
    m->found_count = 0;
    m->bound = (struct phone){0};
    for (size_t i = 0; i < m->job->group_count; i++) {
        const struct groups_slice slice = {m->job->groups[i], m->after, AT_A_TIME};
        enum err err = groups_next(m->redis, m->job->shared.account, &slice, on_group, m);
        if (err != ERR_OK && m->waiting == 0)
            return err;
        if (err != ERR_OK) {
            m->err = err; /* told when the others have answered */
            return ERR_OK;
        }
        m->waiting++;
    }
    return ERR_OK;
}

static void sort_explicit(struct members *m)
{
    size_t size = m->job->to_count * sizeof(m->job->to[0]);
    struct phone *sorted = xalloc(size + 1);
    if (size > 0)
        memcpy(sorted, m->job->to, size);
    qsort(sorted, m->job->to_count, sizeof(sorted[0]), compare_phones);
    m->own_explicit = sorted;
}

enum err members_next(struct members *members, struct redis *redis, const struct job *job,
                      const char *after, members_fn fn, void *arg)
{
    struct members *m = members;
    m->redis = redis;
    m->job = job;
    m->fn = fn;
    m->arg = arg;
    m->count = 0;
    m->err = ERR_OK;
    memmove(m->after, after, strlen(after) + 1);
    if (m->own_explicit == NULL)
        sort_explicit(m);
    return ask(m);
}

void members_done(struct members *members)
{
    xfree(members->own_explicit);
    xfree(members->found);
    members->own_explicit = NULL;
    members->found = NULL;
}
