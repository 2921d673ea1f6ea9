/* Several threads log while another flushes, as librdkafka's threads and the loop do: no line is lost or torn. */
#include "common/base/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { THREADS = 4, LINES = 2000 };

static void *write_lines(void *arg)
{
    for (int i = 0; i < LINES; i++)
        LOG(i % 100 == 0 ? LOG_WARN : LOG_INFO, EV("line"), KINT("i", i));
    return arg;
}

static size_t count_lines(int fd)
{
    char bytes[65536];
    size_t lines = 0;
    (void)lseek(fd, 0, SEEK_SET);
    for (ssize_t n; (n = read(fd, bytes, sizeof(bytes))) > 0;) {
        for (ssize_t i = 0; i < n; i++)
            lines += bytes[i] == '\n';
    }
    return lines;
}

int main(void)
{
    pthread_t threads[THREADS];
    int fd = memfd_create("log", MFD_CLOEXEC);
    log_init("race", LOG_INFO, LOG_LOGFMT, fd);
    log_gather(true);
    for (size_t i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, write_lines, NULL) != 0)
            return 1;
    }
    for (int i = 0; i < LINES; i++)
        log_flush();
    for (size_t i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);
    log_gather(false);
    size_t lines = count_lines(fd);
    if (lines != (size_t)THREADS * LINES)
        (void)fprintf(stderr, "got %zu lines, want %d\n", lines, THREADS * LINES);
    return lines == (size_t)THREADS * LINES ? 0 : 1;
}
