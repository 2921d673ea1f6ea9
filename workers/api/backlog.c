#include "workers/api/backlog.h"

static bool known_since(const struct backlog *b, int64_t ms, int64_t now_mono_ms)
{
    return b->at_mono_ms != 0 && now_mono_ms - b->at_mono_ms < ms;
}

bool backlog_full(const struct backlog *b, int64_t most, int64_t now_mono_ms)
{
    return most > 0 && known_since(b, BACKLOG_STALE_MS, now_mono_ms) && b->open + b->added >= most;
}

void backlog_add(struct backlog *b, int64_t messages)
{
    b->added += messages;
}

bool backlog_ask(struct backlog *b, int64_t now_mono_ms)
{
    if (b->asking || known_since(b, BACKLOG_FRESH_MS, now_mono_ms))
        return false;
    b->asking = true;
    return true;
}

void backlog_told(struct backlog *b, int64_t open, int64_t now_mono_ms)
{
    *b = (struct backlog){.open = open, .at_mono_ms = now_mono_ms};
}

void backlog_failed(struct backlog *b)
{
    b->asking = false;
}
