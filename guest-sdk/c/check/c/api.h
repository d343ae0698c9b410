// What the parts of the plugin share.
#pragma once

#include <roomcast.h>

rc_answer texts(void);
// Events of a stream that comes in pieces of so many bytes.
rc_answer events(size_t size);
rc_answer json(rc_text text);
// End badly in this way.
rc_answer fail_by(const char *way);
