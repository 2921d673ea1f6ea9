#include "common/store/message_row.h"

/* The first bytes of a line may hold anything, also '|'. */
struct str message_cut_line(struct str *text)
{
    struct str line = *text;
    const char *bar = text->n > LINE_HEAD_SIZE
                          ? memchr(text->p + LINE_HEAD_SIZE, '|', text->n - LINE_HEAD_SIZE)
                          : NULL;
    if (bar == NULL) {
        *text = (struct str){0};
        return line;
    }
    line.n = (size_t)(bar - text->p);
    *text = (struct str){bar + 1, text->n - line.n - 1};
    return line;
}

void message_describe(struct message *message, const struct description *description,
                      struct str send_body)
{
    message->at_ms = description->at_ms;
    message->until_ms = description->until_ms;
    message->due_ms = description->due_ms;
    message->type = description->type;
    message->ref = description->ref;
    message->from = description->from;
    message->profile = description->profile;
    message->body = description->body.p != NULL ? description->body : send_body;
}
