#include "workers/expander/expander.h"

int main(int argc, char **argv)
{
    static struct expander expander;
    const struct worker worker = expander_worker(&expander);
    return worker_main(argc, argv, &worker);
}
