#include "shim/core/ground/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct text {
    char *to;
    size_t size, length; /* room; what the whole text has */
};

static void byte_add(struct text *text, char byte)
{
    if (text->length + 1 < text->size)
        text->to[text->length] = byte;
    text->length++;
}

static void bytes_add(struct text *text, const char *bytes, size_t most)
{
    for (size_t i = 0; i < most && bytes[i]; i++)
        byte_add(text, bytes[i]);
}

static void number_add(struct text *text, uint64_t number, unsigned base, size_t width)
{
    char digits[24];
    size_t count = 0;

    do
        digits[count++] = "0123456789abcdef"[number % base];
    while (number /= base);
    while (width > count) {
        byte_add(text, '0');
        width--;
    }
    while (count)
        byte_add(text, digits[--count]);
}

/* What stands behind a percent sign. */
struct text_conversion {
    size_t width, precision;
    bool has_list_precision; /* .* */
    unsigned longs;
    char kind;
};

static const char *conversion_read(const char *at, struct text_conversion *conversion)
{
    memset(conversion, 0, sizeof(*conversion));
    while (*at >= '0' && *at <= '9')
        conversion->width = conversion->width * 10 + (size_t)(*at++ - '0');
    if (at[0] == '.' && at[1] == '*') {
        conversion->has_list_precision = true;
        at += 2;
    }
    for (; *at == 'l'; at++)
        conversion->longs++;
    conversion->kind = *at;
    return *at ? at + 1 : at;
}

/* long and long long are the same here. */
static void signed_add(struct text *text, int64_t number)
{
    if (number < 0)
        byte_add(text, '-');
    number_add(text, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, 10, 0);
}

size_t text_print_list(char *to, size_t size, const char *format, va_list list)
{
    struct text text = {to, size, 0};
    struct text_conversion conversion;

    while (*format) {
        size_t most = SIZE_MAX;
        if (*format != '%') {
            byte_add(&text, *format++);
            continue;
        }
        format = conversion_read(format + 1, &conversion);
        if (conversion.has_list_precision)
            most = (size_t)va_arg(list, int);
        if (conversion.kind == 's')
            bytes_add(&text, va_arg(list, const char *), most);
        else if (conversion.kind == 'd')
            signed_add(&text, conversion.longs ? va_arg(list, long) : va_arg(list, int));
        else if (conversion.kind == 'u' || conversion.kind == 'x')
            number_add(&text,
                       conversion.longs ? va_arg(list, unsigned long) : va_arg(list, unsigned),
                       conversion.kind == 'x' ? 16 : 10, conversion.width);
        else
            byte_add(&text, conversion.kind ? conversion.kind : '%');
    }
    to[text.length < size ? text.length : size - 1] = '\0';
    return text.length;
}

size_t text_print(char *to, size_t size, const char *format, ...)
{
    va_list list;
    size_t length;

    va_start(list, format);
    length = text_print_list(to, size, format, list);
    va_end(list);
    return length;
}

const char *text_of_error(int number)
{
    static const struct {
        int number;
        const char *text;
    } errors[] = {
        {EPERM, "Operation not permitted"},
        {ENOENT, "No such file or directory"},
        {ESRCH, "No such process"},
        {EINTR, "Interrupted system call"},
        {EIO, "Input/output error"},
        {ENXIO, "No such device or address"},
        {EBADF, "Bad file descriptor"},
        {EAGAIN, "Resource temporarily unavailable"},
        {ENOMEM, "Cannot allocate memory"},
        {EACCES, "Permission denied"},
        {EFAULT, "Bad address"},
        {EBUSY, "Device or resource busy"},
        {EEXIST, "File exists"},
        {EXDEV, "Invalid cross-device link"},
        {ENODEV, "No such device"},
        {ENOTDIR, "Not a directory"},
        {EISDIR, "Is a directory"},
        {EINVAL, "Invalid argument"},
        {ENFILE, "Too many open files in system"},
        {EMFILE, "Too many open files"},
        {ETXTBSY, "Text file busy"},
        {EFBIG, "File too large"},
        {ENOSPC, "No space left on device"},
        {EROFS, "Read-only file system"},
        {EMLINK, "Too many links"},
        {ENAMETOOLONG, "File name too long"},
        {ENOSYS, "Function not implemented"},
        {ELOOP, "Too many levels of symbolic links"},
        {EOVERFLOW, "Value too large for defined data type"},
        {EOPNOTSUPP, "Operation not supported"},
        {ESTALE, "Stale file handle"},
        {EDQUOT, "Disk quota exceeded"},
    };
    static char other[24]; /* threads write the same or nonsense: the text stays one */

    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (errors[i].number == number)
            return errors[i].text;
    text_print(other, sizeof(other), "error %d", number);
    return other;
}

unsigned long text_number(const char *text, const char **end)
{
    unsigned long number = 0;

    while (*text >= '0' && *text <= '9')
        number = number * 10 + (unsigned long)(*text++ - '0');
    *end = text;
    return number;
}
