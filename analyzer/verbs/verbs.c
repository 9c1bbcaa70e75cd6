#include "analyzer/verbs/verbs.h"

#include "analyzer/base/message.h"

int verb_failed(const struct error *error)
{
    message_error(error);
    return error_exit_status(error->code);
}
