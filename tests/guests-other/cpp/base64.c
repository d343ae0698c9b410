// The one of the probe in C.
#include "../c/base64.c"
