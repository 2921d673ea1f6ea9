#include "workers/receipts/receipts.h"

int main(int argc, char **argv)
{
    static struct receipts receipts;
    const struct worker worker = receipts_worker(&receipts);
    return worker_main(argc, argv, &worker);
}
