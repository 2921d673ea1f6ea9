/* What metrics.h says about the process itself, from the kernel. */
#include "common/worker/metrics.h"

#include "common/base/clock.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static void write_gauge(struct buf *out, const char *name, const char *help, int64_t value)
{
    buf_printf(out, "# HELP %s %s\n# TYPE %s gauge\n%s ", name, help, name, name);
    buf_int(out, value);
    buf_char(out, '\n');
}

static void write_cpu(struct buf *out)
{
    struct rusage usage = {0};
    (void)getrusage(RUSAGE_SELF, &usage);
    double seconds = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    buf_printf(out,
               "# HELP process_cpu_seconds_total Processor time, in user and system mode.\n"
               "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total %.3f\n",
               seconds);
}

/* The number-th word, from 1, of a /proc file; 0 without it. Words may stand after a name in
 * brackets, which may hold spaces. */
static int64_t proc_word(const char *path, unsigned number)
{
    char text[1024];
    unsigned long long value = 0;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    size_t n = fread(text, 1, sizeof(text), file);
    (void)fclose(file);
    const char *bracket = memrchr(text, ')', n);
    struct str rest = bracket != NULL ? (struct str){bracket, n - (size_t)(bracket - text)}
                                      : (struct str){text, n};
    struct str word = str_cut(&rest, ' ');
    for (unsigned i = bracket != NULL ? 2 : 1; i < number; i++)
        word = str_cut(&rest, ' ');
    return str_to_uint(word, INT64_MAX, &value) ? (int64_t)value : 0;
}

static int64_t count_fds(void)
{
    int64_t count = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (dir == NULL)
        return 0;
    while (readdir(dir) != NULL) /* NOLINT(concurrency-mt-unsafe): dir is this function's own */
        count++;
    (void)closedir(dir);
    return count - 3; /* ".", "..", and the directory itself */
}

/* proc(5): in clock ticks after boot. */
static int64_t start_time_s(void)
{
    int64_t started_ms = proc_word("/proc/self/stat", 22) * 1000 / sysconf(_SC_CLK_TCK);
    return (clock_wall_ms() - clock_mono_ms() + started_ms) / 1000;
}

void metrics_write_process(struct buf *out)
{
    struct rlimit limit = {0};
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    write_cpu(out);
    write_gauge(out, "process_resident_memory_bytes", "Resident memory.",
                proc_word("/proc/self/statm", 2) * sysconf(_SC_PAGESIZE));
    write_gauge(out, "process_open_fds", "Open file descriptors.", count_fds());
    write_gauge(out, "process_max_fds", "How many file descriptors may be open.",
                (int64_t)limit.rlim_cur);
    write_gauge(out, "process_start_time_seconds", "When the process started, since 1970 in UTC.",
                start_time_s());
}
