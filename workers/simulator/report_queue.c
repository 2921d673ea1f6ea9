#include "workers/simulator/report_queue.h"

#include "common/base/buf.h"

struct report *report_new(struct str url, struct str body)
{
    struct report *report = xalloc(sizeof *report + url.n + 1 + body.n);
    memcpy(report->url, url.p, url.n);
    memcpy(report->url + url.n + 1, body.p, body.n);
    report->body = (struct str){report->url + url.n + 1, body.n};
    return report;
}

void report_free(struct report *own_report)
{
    xfree(own_report);
}

void report_queue_done(struct report_queue *queue)
{
    for (size_t i = 0; i < queue->count; i++)
        report_free(queue->heap[i].report);
    xfree(queue->heap);
    *queue = (struct report_queue){0};
}

static bool before(const struct report_place *a, const struct report_place *b)
{
    if (a->due_mono_ms != b->due_mono_ms)
        return a->due_mono_ms < b->due_mono_ms;
    return a->order < b->order;
}

void report_queue_add(struct report_queue *queue, struct report *own_report, int64_t due_mono_ms)
{
    const struct report_place place = {due_mono_ms, queue->next_order++, own_report};
    if (queue->count == queue->room) {
        queue->room = queue->room > 0 ? 2 * queue->room : 256;
        queue->heap = xrealloc(queue->heap, queue->room * sizeof *queue->heap);
    }
    size_t at = queue->count++;
    while (at > 0 && before(&place, &queue->heap[(at - 1) / 2])) {
        queue->heap[at] = queue->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    queue->heap[at] = place;
}

static void remove_first(struct report_queue *queue)
{
    const struct report_place last = queue->heap[--queue->count];
    size_t at = 0;
    for (size_t child = 1; child < queue->count; child = 2 * at + 1) {
        if (child + 1 < queue->count && before(&queue->heap[child + 1], &queue->heap[child]))
            child++;
        if (!before(&queue->heap[child], &last))
            break;
        queue->heap[at] = queue->heap[child];
        at = child;
    }
    queue->heap[at] = last;
}

static void swap_first(struct report_queue *queue, size_t with)
{
    struct report *first = queue->heap[0].report;
    queue->heap[0].report = queue->heap[with].report;
    queue->heap[with].report = first;
}

struct report *report_queue_take(struct report_queue *queue, int64_t now_ms, struct dice *dice)
{
    if (report_queue_due_ms(queue) > now_ms)
        return NULL;
    if (dice != NULL)
        swap_first(queue, dice_below(dice, (uint32_t)queue->count));
    struct report *report = queue->heap[0].report;
    remove_first(queue);
    return report;
}

int64_t report_queue_due_ms(const struct report_queue *queue)
{
    return queue->count > 0 ? queue->heap[0].due_mono_ms : INT64_MAX;
}
