#include "workers/sender/sender.h"

int main(int argc, char **argv)
{
    static struct sender sender;
    const struct worker worker = sender_worker(&sender);
    return worker_main(argc, argv, &worker);
}
