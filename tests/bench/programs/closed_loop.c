/*
 * closed_loop PROTOCOL PORT CONNECTIONS: load for memcached or redis on this machine.
 * Each connection asks, waits for the answer, and asks again: nine gets to a set, of 10,000 keys.
 * Runs until it is killed, and counts nothing: servers count their requests themselves.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define KEYS 10000
#define VALUE 100
#define MOST_CONNECTIONS 256

struct connection {
    int descriptor;
    size_t wanted, received; /* bytes of the answer */
};

static bool is_redis;
static char value[VALUE + 1];

static uint32_t random_next(void)
{
    static uint64_t x = 88172645463325252u;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (uint32_t)(x >> 32);
}

/* Keys have one length, so that answers do. */
static void ask(struct connection *connection, bool set, uint32_t key)
{
    char request[256];
    const char *format = set ? is_redis ? "SET key:%05u %s\r\n" : "set key:%05u 0 0 100\r\n%s\r\n"
                         : is_redis ? "GET key:%05u\r\n"
                                    : "get key:%05u\r\n";
    int length = snprintf(request, sizeof(request), format, key, value);

    if (set)
        connection->wanted = strlen(is_redis ? "+OK\r\n" : "STORED\r\n");
    else
        connection->wanted =
            VALUE + strlen(is_redis ? "$100\r\n\r\n" : "VALUE key:00000 0 100\r\n\r\nEND\r\n");
    connection->received = 0;
    if (write(connection->descriptor, request, (size_t)length) != length)
        exit(1);
}

/* True: the answer is whole. */
static bool answer_take(struct connection *connection)
{
    char answer[512];
    ssize_t length = read(connection->descriptor, answer, sizeof(answer));

    if (length <= 0)
        exit(length < 0); /* the server has gone */
    connection->received += (size_t)length;
    return connection->received >= connection->wanted;
}

static bool connection_open(struct connection *connection, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int at_once = 1;

    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    connection->descriptor = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
    return connect(connection->descriptor, (struct sockaddr *)&address, sizeof(address)) == 0;
}

int main(int count, char **arguments)
{
    static struct connection connections[MOST_CONNECTIONS];
    struct epoll_event events[MOST_CONNECTIONS];
    int wanted = count == 4 ? atoi(arguments[3]) : 0, epoll = epoll_create1(0);

    if (wanted < 1 || wanted > MOST_CONNECTIONS)
        return 2;
    is_redis = strcmp(arguments[1], "redis") == 0;
    memset(value, 'v', VALUE);
    for (int i = 0; i < wanted; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[i]};
        if (!connection_open(&connections[i], atoi(arguments[2])))
            return 1;
        epoll_ctl(epoll, EPOLL_CTL_ADD, connections[i].descriptor, &event);
    }
    for (uint32_t key = 0; key < KEYS; key++) {
        ask(&connections[0], true, key);
        while (!answer_take(&connections[0]))
            ;
    }
    for (int i = 0; i < wanted; i++)
        ask(&connections[i], false, random_next() % KEYS);
    for (;;) {
        int ready = epoll_wait(epoll, events, MOST_CONNECTIONS, -1);
        for (int i = 0; i < ready; i++)
            if (answer_take(events[i].data.ptr))
                ask(events[i].data.ptr, random_next() % 10 == 0, random_next() % KEYS);
    }
}
