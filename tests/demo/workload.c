/*
 * The demo's program: a day in the life of SQLite, in memory.
 *
 *     workload [SIZE [reports]]
 *
 * SIZE scales the number of rows (200 by default: one to three seconds of CPU).
 * It fills an order database, asks it the questions that applications ask
 * (point look-ups, joins, aggregates, text search, sorting, recursion), changes
 * and deletes rows, and prints one checksum a phase.  With "reports" it only fills
 * it and asks for joins, aggregates, searches and the like.  The same arguments always
 * print the same lines, so that a relinked build can be checked against it.
 */
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sqlite3 *database;
static uint64_t random_state = 88172645463325252u;

static const char *const words[] = {
    "amber",  "basin",   "cedar", "delta",  "ember",  "fjord",  "grove",   "harbor",
    "island", "juniper", "knoll", "lagoon", "meadow", "north",  "orchard", "prairie",
    "quarry", "ridge",   "slate", "tundra", "upland", "valley", "willow",  "zephyr",
};
static const char *const cities[] = {"Aarhus", "Bergen", "Cork",  "Dresden", "Evora",
                                     "Fulda",  "Ghent",  "Haifa", "Izmir",   "Jena"};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static uint64_t random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static unsigned random_below(unsigned limit)
{
    return (unsigned)((random_next() >> 11) % limit);
}

static void die(const char *what)
{
    fprintf(stderr, "workload: %s: %s\n", what, sqlite3_errmsg(database));
    exit(1);
}

static void execute(const char *sql)
{
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK)
        die(sql);
}

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK)
        die(sql);
    return statement;
}

static uint64_t mix(uint64_t sum, const void *bytes, size_t size)
{
    const unsigned char *byte = bytes;
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ byte[i]) * 1099511628211u;
    return sum;
}

/* Steps through all rows, adds every column's text to the sum, and resets the statement. */
static uint64_t consume(sqlite3_stmt *statement, uint64_t sum)
{
    int status;
    while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int column = 0; column < sqlite3_column_count(statement); column++) {
            const unsigned char *text = sqlite3_column_text(statement, column);
            if (text)
                sum = mix(sum, text, (size_t)sqlite3_column_bytes(statement, column));
        }
    }
    if (status != SQLITE_DONE)
        die(sqlite3_sql(statement));
    sqlite3_reset(statement);
    return sum;
}

static void make_text(char *text, size_t size, unsigned word_count)
{
    size_t used = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < word_count && used + 16 < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? " " : "",
                                 words[random_below(COUNT(words))]);
}

static void create_schema(void)
{
    execute("CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT,"
            " credit REAL, note TEXT);"
            "CREATE INDEX customer_city ON customer(city, name);"
            "CREATE TABLE product(id INTEGER PRIMARY KEY, label TEXT UNIQUE, price REAL,"
            " stock INTEGER);"
            "CREATE INDEX product_price ON product(price);"
            "CREATE TABLE purchase(id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customer,"
            " day INTEGER, state TEXT);"
            "CREATE INDEX purchase_customer ON purchase(customer);"
            "CREATE INDEX purchase_day ON purchase(day, state);"
            "CREATE TABLE line(purchase INTEGER, product INTEGER, quantity INTEGER, price REAL,"
            " PRIMARY KEY(purchase, product)) WITHOUT ROWID;"
            "CREATE INDEX line_product ON line(product);"
            "CREATE TABLE audit(id INTEGER PRIMARY KEY, what TEXT, amount REAL);"
            "CREATE TRIGGER stock_changed AFTER UPDATE OF stock ON product WHEN new.stock < 10"
            " BEGIN INSERT INTO audit(what, amount) VALUES(old.label, new.stock); END;");
}

static void insert_customers(unsigned count)
{
    sqlite3_stmt *insert =
        prepare("INSERT INTO customer(name, city, credit, note) VALUES(?1, ?2, ?3, ?4)");
    char name[64], note[256];
    for (unsigned i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "%s-%05u", words[random_below(COUNT(words))], i);
        make_text(note, sizeof(note), 4 + random_below(8));
        sqlite3_bind_text(insert, 1, name, -1, SQLITE_STATIC);
        sqlite3_bind_text(insert, 2, cities[random_below(COUNT(cities))], -1, SQLITE_STATIC);
        sqlite3_bind_double(insert, 3, random_below(100000) / 100.0);
        if (random_below(5))
            sqlite3_bind_text(insert, 4, note, -1, SQLITE_STATIC);
        else
            sqlite3_bind_null(insert, 4);
        consume(insert, 0);
    }
    sqlite3_finalize(insert);
}

static void insert_products(unsigned count)
{
    sqlite3_stmt *insert = prepare("INSERT INTO product(label, price, stock) VALUES(?1, ?2, ?3)");
    char label[64];
    for (unsigned i = 0; i < count; i++) {
        snprintf(label, sizeof(label), "%s %s %u", words[random_below(COUNT(words))],
                 words[random_below(COUNT(words))], i);
        sqlite3_bind_text(insert, 1, label, -1, SQLITE_STATIC);
        sqlite3_bind_double(insert, 2, 1 + random_below(50000) / 100.0);
        sqlite3_bind_int(insert, 3, (int)random_below(1000));
        consume(insert, 0);
    }
    sqlite3_finalize(insert);
}

static void insert_purchases(unsigned count, unsigned customers, unsigned products)
{
    static const char *const states[] = {"open", "paid", "sent", "done", "back"};
    sqlite3_stmt *insert = prepare("INSERT INTO purchase(customer, day, state) VALUES(?1, ?2, ?3)");
    sqlite3_stmt *line = prepare("INSERT OR REPLACE INTO line VALUES(?1, ?2, ?3,"
                                 " (SELECT price FROM product WHERE id = ?2))");
    for (unsigned i = 0; i < count; i++) {
        sqlite3_bind_int(insert, 1, (int)(1 + random_below(customers)));
        sqlite3_bind_int(insert, 2, (int)random_below(365));
        sqlite3_bind_text(insert, 3, states[random_below(COUNT(states))], -1, SQLITE_STATIC);
        consume(insert, 0);
        sqlite3_int64 purchase = sqlite3_last_insert_rowid(database);
        for (unsigned lines = 1 + random_below(4); lines; lines--) {
            sqlite3_bind_int64(line, 1, purchase);
            sqlite3_bind_int(line, 2, (int)(1 + random_below(products)));
            sqlite3_bind_int(line, 3, (int)(1 + random_below(9)));
            consume(line, 0);
        }
    }
    sqlite3_finalize(insert);
    sqlite3_finalize(line);
}

static uint64_t look_up(unsigned count, unsigned customers, unsigned products)
{
    sqlite3_stmt *by_id = prepare("SELECT name, city, credit FROM customer WHERE id = ?1");
    sqlite3_stmt *by_city =
        prepare("SELECT id, name FROM customer WHERE city = ?1 AND name > ?2 LIMIT 5");
    sqlite3_stmt *by_price = prepare("SELECT id, label FROM product WHERE price BETWEEN ?1 AND"
                                     " ?1 + 5 ORDER BY price DESC LIMIT 10");
    sqlite3_stmt *stock = prepare("SELECT stock FROM product WHERE id = ?1");
    uint64_t sum = 0;
    for (unsigned i = 0; i < count; i++) {
        sqlite3_bind_int(by_id, 1, (int)(1 + random_below(customers)));
        sum = consume(by_id, sum);
        sqlite3_bind_int(stock, 1, (int)(1 + random_below(products)));
        sum = consume(stock, sum);
        if (i % 4 == 0) {
            sqlite3_bind_text(by_city, 1, cities[random_below(COUNT(cities))], -1, SQLITE_STATIC);
            sqlite3_bind_text(by_city, 2, words[random_below(COUNT(words))], -1, SQLITE_STATIC);
            sum = consume(by_city, sum);
        }
        if (i % 8 == 0) {
            sqlite3_bind_double(by_price, 1, random_below(400));
            sum = consume(by_price, sum);
        }
    }
    sqlite3_finalize(by_id);
    sqlite3_finalize(by_city);
    sqlite3_finalize(by_price);
    sqlite3_finalize(stock);
    return sum;
}

/* Each question once: reports as an application's overnight job asks for them. */
static uint64_t report(void)
{
    static const char *const questions[] = {
        "SELECT c.city, count(*), sum(l.quantity * l.price), avg(l.price) FROM customer c"
        " JOIN purchase p ON p.customer = c.id JOIN line l ON l.purchase = p.id"
        " GROUP BY c.city ORDER BY 3 DESC",
        "SELECT p.state, d.price > 250, count(DISTINCT p.customer), max(l.quantity) FROM purchase p"
        " JOIN line l ON l.purchase = p.id JOIN product d ON d.id = l.product"
        " WHERE p.day BETWEEN 90 AND 270 GROUP BY 1, 2 HAVING count(*) > 3",
        "SELECT label, price FROM product WHERE label LIKE '%ridge%' OR label GLOB 'w*'"
        " ORDER BY price DESC, label LIMIT 50",
        "SELECT upper(substr(name, 1, 3)), length(note), replace(note, 'a', 'A'),"
        " instr(note, 'meadow'), printf('%08.2f', credit) FROM customer"
        " WHERE note LIKE '%harbor%' ORDER BY length(note), name LIMIT 200",
        "SELECT name FROM customer WHERE id NOT IN (SELECT customer FROM purchase WHERE state ="
        " 'done') ORDER BY name COLLATE NOCASE DESC LIMIT 100",
        "WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 2000)"
        " SELECT n % 7, sum(n * n), group_concat(n % 10, '') FROM series GROUP BY 1",
        "SELECT city, name, rank() OVER (PARTITION BY city ORDER BY credit DESC) AS place,"
        " sum(credit) OVER (PARTITION BY city ORDER BY name) FROM customer ORDER BY 1, 3 LIMIT 300",
        "SELECT CASE WHEN credit < 100 THEN 'low' WHEN credit < 500 THEN 'mid' ELSE 'high' END,"
        " count(*), total(credit), min(name) FROM customer GROUP BY 1",
        "SELECT a.city, b.city, count(*) FROM customer a JOIN customer b ON a.id = b.id + 1"
        " WHERE a.city <> b.city GROUP BY 1, 2 ORDER BY 3, 1, 2 LIMIT 20",
        "SELECT day, count(*) FROM purchase WHERE EXISTS (SELECT 1 FROM line WHERE purchase ="
        " purchase.id AND quantity > 6) GROUP BY day ORDER BY 2 DESC, 1 LIMIT 30",
    };
    uint64_t sum = 0;
    for (size_t i = 0; i < COUNT(questions); i++) {
        sqlite3_stmt *statement = prepare(questions[i]);
        sum = consume(statement, sum);
        sqlite3_finalize(statement);
    }
    return sum;
}

static uint64_t change(unsigned count, unsigned purchases, unsigned products)
{
    sqlite3_stmt *sell = prepare("UPDATE product SET stock = max(0, stock - ?2) WHERE id = ?1");
    sqlite3_stmt *ship = prepare("UPDATE purchase SET state = 'sent', day = day + 1 WHERE id = ?1");
    sqlite3_stmt *cancel = prepare("DELETE FROM line WHERE purchase = ?1");
    for (unsigned i = 0; i < count; i++) {
        sqlite3_bind_int(sell, 1, (int)(1 + random_below(products)));
        sqlite3_bind_int(sell, 2, (int)random_below(20));
        consume(sell, 0);
        sqlite3_bind_int(ship, 1, (int)(1 + random_below(purchases)));
        consume(ship, 0);
        if (i % 16 == 0) {
            sqlite3_bind_int(cancel, 1, (int)(1 + random_below(purchases)));
            consume(cancel, 0);
        }
    }
    sqlite3_finalize(sell);
    sqlite3_finalize(ship);
    sqlite3_finalize(cancel);

    execute("UPDATE customer SET credit = credit * 1.01 WHERE city IN ('Cork', 'Jena');"
            "DELETE FROM purchase WHERE state = 'back' AND day < 60;"
            "DELETE FROM audit WHERE id % 3 = 0;");
    sqlite3_stmt *check = prepare("SELECT (SELECT sum(stock) FROM product), (SELECT count(*) FROM"
                                  " line), (SELECT count(*) FROM audit), (SELECT sum(credit) FROM"
                                  " customer), (SELECT count(*) FROM purchase)");
    uint64_t sum = consume(check, 0);
    sqlite3_finalize(check);
    return sum;
}

int main(int argc, char **argv)
{
    char *end = NULL;
    unsigned long size = argc > 1 ? strtoul(argv[1], &end, 10) : 200;
    bool all = argc < 3 || strcmp(argv[2], "reports") != 0;
    if (argc > (all ? 2 : 3) || size == 0 || size > 10000 || (end && *end)) {
        fprintf(stderr, "usage: workload [SIZE [reports]]    (1 to 10000)\n");
        return 2;
    }
    unsigned customers = (unsigned)size * 100, products = (unsigned)size * 40;
    unsigned purchases = (unsigned)size * 300;

    if (sqlite3_open(":memory:", &database) != SQLITE_OK)
        die("open");
    create_schema();
    execute("BEGIN");
    insert_customers(customers);
    insert_products(products);
    insert_purchases(purchases, customers, products);
    execute("COMMIT");
    if (all)
        printf("look-ups %016llx\n",
               (unsigned long long)look_up((unsigned)size * 500, customers, products));
    printf("reports  %016llx\n", (unsigned long long)report());
    if (all) {
        execute("BEGIN");
        printf("changes  %016llx\n",
               (unsigned long long)change((unsigned)size * 200, purchases, products));
        execute("COMMIT");
    }
    printf("reports  %016llx\n", (unsigned long long)report());
    sqlite3_close(database);
    return 0;
}
