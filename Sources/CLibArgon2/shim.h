#ifndef CLIBARGON2_SHIM_H
#define CLIBARGON2_SHIM_H

#include <argon2.h>

#endif
