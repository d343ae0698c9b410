#include "internal.h"

rc_text rc_error_text(rc_error error) {
    const char *subject = rc_is_none(error.subject) ? "" : error.subject.data;
    const char *reason = rc_is_none(error.reason) ? "" : error.reason.data;
    switch (error.kind) {
    case RC_OK: return RC("no error");
    case RC_NO_SUCH_CONNECTION: return RC("no open connection has this id");
    case RC_CLOSED: return RC("the connection is closing and takes no more events");
    case RC_INVALID_ARGUMENT:
    case RC_LIMIT_EXCEEDED: return rc_format("`%s`: %s", subject, reason);
    case RC_NOT_PERMITTED: return rc_format("`%s` is not granted to this plugin", subject);
    case RC_STORE: return rc_format("the store: %s", reason);
    case RC_DENIED:
    case RC_UNREACHABLE:
    case RC_BROKEN:
    case RC_OTHER: return error.reason;
    case RC_CONNECTION_CLOSED: return RC("the connection that the fetch was for has ended");
    case RC_INTERRUPTED: return RC("the instance that started the fetch is gone, and so is its state");
    case RC_CONFIG: return rc_format("config `%s`: %s", subject, reason);
    }
    return RC("an error of a kind that this SDK does not know");
}

bool rc_warn_of(const char *call, rc_error error) {
    if (error.kind == RC_OK) return true;
    rc_log_warn("%s: %s", call, rc_error_text(error).data);
    return false;
}
