#include "common/io/loop.h"

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/log.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { EVENTS_PER_TURN = 256, LONGEST_WAIT_MS = 60000 };

struct slot {
    loop_fd_fn fn; /* NULL: not watched */
    void *arg;
};

struct hook {
    loop_hook_fn fn;
    void *arg;
};

struct loop {
    int epoll_fd, wake_fd;
    struct slot *slots; /* by descriptor */
    size_t slot_count;
    struct loop_timer **heap; /* from 1, the soonest first */
    size_t timers, heap_room;
    uint64_t seq; /* of the next timer that is set */
    struct hook *hooks;
    size_t hook_count, hook_room;
    bool hooks_changed; /* while they were called */
    int64_t now_ms;
};

static void on_wake(void *arg, int fd, int events)
{
    uint64_t count;
    (void)arg;
    (void)events;
    ssize_t ignored = read(fd, &count, sizeof(count));
    (void)ignored;
}

enum err loop_new(struct loop **ret_loop)
{
    struct loop *loop = xalloc(sizeof(*loop));
    loop->heap_room = 64;
    loop->heap = xalloc_array(loop->heap_room, sizeof(struct loop_timer *));
    loop->now_ms = clock_mono_ms();
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    loop->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (loop->epoll_fd < 0 || loop->wake_fd < 0 ||
        loop_watch(loop, loop->wake_fd, LOOP_READ, on_wake, loop) != ERR_OK) {
        loop_free(loop);
        return ERR_IO;
    }
    *ret_loop = loop;
    return ERR_OK;
}

void loop_free(struct loop *own_loop)
{
    if (own_loop == NULL)
        return;
    if (own_loop->wake_fd >= 0)
        (void)close(own_loop->wake_fd);
    if (own_loop->epoll_fd >= 0)
        (void)close(own_loop->epoll_fd);
    xfree(own_loop->slots);
    xfree(own_loop->heap);
    xfree(own_loop->hooks);
    xfree(own_loop);
}

static struct slot *slot_for(struct loop *loop, int fd)
{
    size_t at = (size_t)fd;
    if (at >= loop->slot_count) {
        size_t count = loop->slot_count > 0 ? loop->slot_count : 64;
        while (count <= at)
            count *= 2;
        loop->slots = xrealloc(loop->slots, count * sizeof(loop->slots[0]));
        memset(loop->slots + loop->slot_count, 0,
               (count - loop->slot_count) * sizeof(loop->slots[0]));
        loop->slot_count = count;
    }
    return &loop->slots[at];
}

enum err loop_watch(struct loop *loop, int fd, int events, loop_fd_fn fn, void *arg)
{
    struct slot *slot = slot_for(loop, fd);
    struct epoll_event event = {.data.fd = fd};
    if (events & LOOP_READ)
        event.events |= EPOLLIN;
    if (events & LOOP_WRITE)
        event.events |= EPOLLOUT;
    /* Its table may be behind the kernel's: a descriptor that was closed without a word is not in
     * there any more. */
    bool known = slot->fn != NULL && epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, fd, &event) == 0;
    if (!known && epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        return ERR_IO;
    slot->fn = fn;
    slot->arg = arg;
    return ERR_OK;
}

void loop_unwatch(struct loop *loop, int fd)
{
    if (fd < 0 || (size_t)fd >= loop->slot_count || loop->slots[fd].fn == NULL)
        return;
    loop->slots[fd] = (struct slot){0};
    (void)epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

static void place(struct loop *loop, struct loop_timer *timer, size_t at)
{
    loop->heap[at] = timer;
    timer->at = at;
}

static bool sooner(const struct loop_timer *a, const struct loop_timer *b)
{
    return a->due_mono_ms != b->due_mono_ms ? a->due_mono_ms < b->due_mono_ms : a->seq < b->seq;
}

static void sift_up(struct loop *loop, struct loop_timer *timer, size_t at)
{
    while (at > 1 && sooner(timer, loop->heap[at / 2])) {
        place(loop, loop->heap[at / 2], at);
        at /= 2;
    }
    place(loop, timer, at);
}

static void sift_down(struct loop *loop, struct loop_timer *timer, size_t at)
{
    for (;;) {
        size_t child = 2 * at;
        if (child > loop->timers)
            break;
        if (child < loop->timers && sooner(loop->heap[child + 1], loop->heap[child]))
            child++;
        if (!sooner(loop->heap[child], timer))
            break;
        place(loop, loop->heap[child], at);
        at = child;
    }
    place(loop, timer, at);
}

void loop_timer_set(struct loop *loop, struct loop_timer *timer, int64_t due_mono_ms)
{
    loop_timer_stop(loop, timer);
    /* Not before now: so a timer that sets itself over and over can't stay ahead of the others. */
    timer->due_mono_ms = due_mono_ms > loop->now_ms ? due_mono_ms : loop->now_ms;
    timer->seq = loop->seq++;
    if (++loop->timers >= loop->heap_room) {
        loop->heap_room *= 2;
        loop->heap = xrealloc(loop->heap, loop->heap_room * sizeof(struct loop_timer *));
    }
    sift_up(loop, timer, loop->timers);
}

void loop_timer_stop(struct loop *loop, struct loop_timer *timer)
{
    size_t at = timer->at;
    if (at == 0)
        return;
    timer->at = 0;
    struct loop_timer *last = loop->heap[loop->timers--];
    if (last == timer)
        return;
    if (at > 1 && sooner(last, loop->heap[at / 2]))
        sift_up(loop, last, at);
    else
        sift_down(loop, last, at);
}

void loop_hook(struct loop *loop, loop_hook_fn fn, void *arg)
{
    if (loop->hook_count == loop->hook_room) {
        loop->hook_room = loop->hook_room > 0 ? 2 * loop->hook_room : 8;
        loop->hooks = xrealloc(loop->hooks, loop->hook_room * sizeof(loop->hooks[0]));
    }
    loop->hooks[loop->hook_count++] = (struct hook){fn, arg};
    loop->hooks_changed = true;
}

void loop_unhook(struct loop *loop, loop_hook_fn fn, void *arg)
{
    for (size_t i = 0; i < loop->hook_count; i++) {
        if (loop->hooks[i].fn != fn || loop->hooks[i].arg != arg)
            continue;
        memmove(&loop->hooks[i], &loop->hooks[i + 1],
                (loop->hook_count - i - 1) * sizeof(loop->hooks[0]));
        loop->hook_count--;
        loop->hooks_changed = true;
        return;
    }
}

int64_t loop_now_ms(const struct loop *loop)
{
    return loop->now_ms;
}

static int64_t run_hooks(struct loop *loop, int64_t wait_ms)
{
    loop->hooks_changed = false;
    for (size_t i = 0; i < loop->hook_count; i++) {
        int64_t most_ms = loop->hooks[i].fn(loop->hooks[i].arg);
        if (most_ms >= 0 && (wait_ms < 0 || most_ms < wait_ms))
            wait_ms = most_ms;
    }
    if (loop->hooks_changed)
        return 0; /* one may have been passed over, or called twice */
    if (loop->timers > 0) {
        int64_t due_ms = loop->heap[1]->due_mono_ms - clock_mono_ms();
        if (wait_ms < 0 || due_ms < wait_ms)
            wait_ms = due_ms > 0 ? due_ms : 0;
    }
    return wait_ms;
}

static void run_timers(struct loop *loop)
{
    const uint64_t next_turn = loop->seq;
    while (loop->timers > 0) {
        struct loop_timer *timer = loop->heap[1];
        if (timer->due_mono_ms > loop->now_ms || timer->seq >= next_turn)
            return;
        loop_timer_stop(loop, timer);
        timer->fn(timer->arg);
    }
}

void loop_turn(struct loop *loop, int64_t max_wait_ms)
{
    struct epoll_event events[EVENTS_PER_TURN];
    int64_t wait_ms = run_hooks(loop, max_wait_ms);
    if (wait_ms > LONGEST_WAIT_MS)
        wait_ms = LONGEST_WAIT_MS;
    log_flush();
    int n = epoll_wait(loop->epoll_fd, events, EVENTS_PER_TURN, (int)wait_ms);
    loop->now_ms = clock_mono_ms();
    for (int i = 0; i < n; i++) {
        struct slot slot = loop->slots[events[i].data.fd];
        if (slot.fn == NULL)
            continue;
        int what = 0;
        if (events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP))
            what |= LOOP_READ;
        if (events[i].events & (EPOLLOUT | EPOLLERR | EPOLLHUP))
            what |= LOOP_WRITE;
        slot.fn(slot.arg, events[i].data.fd, what);
    }
    run_timers(loop);
}

void loop_wake(struct loop *loop)
{
    const uint64_t one = 1;
    ssize_t ignored = write(loop->wake_fd, &one, sizeof(one));
    (void)ignored;
}
