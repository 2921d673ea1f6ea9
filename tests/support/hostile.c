#include "tests/support/hostile.h"

#include "common/base/buf.h"

#include <criterion/criterion.h>
#include <stdio.h>

static char *copy(struct str text)
{
    return xstrndup(text.p != NULL ? text.p : "", text.n);
}

static char *with_port(struct str text, uint16_t port)
{
    struct buf out = {.cap = 4096};
    const char *at;
    while ((at = memmem(text.p, text.n, "{port}", 6)) != NULL) {
        buf_add(&out, text.p, (size_t)(at - text.p));
        buf_uint(&out, port);
        text = (struct str){at + 6, text.n - (size_t)(at + 6 - text.p)};
    }
    buf_str(&out, text);
    return buf_take(&out);
}

static void read_name(struct hostile *h, struct str rest)
{
    struct hostile_name *name = &h->names[h->name_count++];
    cr_assert_lt(h->name_count, HOSTILE_MAX);
    name->name = copy(str_cut(&rest, ' '));
    while (rest.n > 0) {
        struct str answer = str_cut(&rest, ' ');
        char **to = name->answers[name->answer_count];
        if (str_eq(answer, STR("/")))
            continue;
        for (size_t i = 0; answer.n > 0; i++)
            to[i] = copy(str_cut(&answer, ','));
        name->answer_count++;
    }
}

static void read_line(struct hostile *h, struct str line, uint16_t port)
{
    if (line.n == 0 || line.p[0] == '#')
        return;
    struct str kind = str_cut(&line, ' ');
    if (str_eq(kind, STR("dns"))) {
        read_name(h, line);
        return;
    }
    cr_assert(str_eq(kind, STR("literal")) || str_eq(kind, STR("name")), "%.*s", (int)kind.n,
              kind.p);
    cr_assert_lt(h->count, HOSTILE_MAX);
    h->urls[h->count++] = (struct hostile_url){with_port(line, port), str_eq(kind, STR("name"))};
}

struct hostile *hostile_new(uint16_t port)
{
    static char text[1 << 17];
    struct hostile *h = xalloc(sizeof(*h));
    FILE *file = fopen(TESTS_DATA "/hostile_urls.txt", "r");
    cr_assert_not_null(file);
    struct str rest = {text, fread(text, 1, sizeof(text), file)};
    cr_assert_lt(rest.n, sizeof(text));
    (void)fclose(file);
    while (rest.n > 0)
        read_line(h, str_cut(&rest, '\n'), port);
    return h;
}

static void drop(const char *own_text)
{
    union {
        const char *in;
        char *out;
    } text = {.in = own_text};
    xfree(text.out);
}

void hostile_free(struct hostile *own_hostile)
{
    for (size_t i = 0; i < own_hostile->count; i++)
        drop(own_hostile->urls[i].url);
    for (size_t i = 0; i < own_hostile->name_count; i++) {
        struct hostile_name *name = &own_hostile->names[i];
        drop(name->name);
        for (size_t k = 0; k < name->answer_count * DNS_SERVER_ADDRESSES; k++)
            drop(name->answers[k / DNS_SERVER_ADDRESSES][k % DNS_SERVER_ADDRESSES]);
    }
    xfree(own_hostile);
}

void hostile_answer(void *arg, const struct dns_question *question, struct dns_answer *answer)
{
    struct hostile *h = arg;
    answer->code = 3;
    for (size_t i = 0; i < h->name_count; i++) {
        struct hostile_name *name = &h->names[i];
        if (strcmp(name->name, question->name) != 0)
            continue;
        size_t nth = name->asked[question->ipv6]++;
        nth = nth < name->answer_count ? nth : name->answer_count - 1;
        for (size_t k = 0; k < DNS_SERVER_ADDRESSES; k++)
            answer->addresses[k] = name->answers[nth][k];
        answer->code = 0;
    }
}
