// Base64, as RFC 4648 has it in section 4.
#pragma once

#include <roomcast.h>

#ifdef __cplusplus
extern "C" {
#endif

rc_text base64_of(rc_text bytes);

// False when the text is none.
bool base64_read(rc_text text, rc_text *bytes);

#ifdef __cplusplus
}
#endif
