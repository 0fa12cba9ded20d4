#ifndef POOLTABLE_CLIBCRYPTO_H
#define POOLTABLE_CLIBCRYPTO_H

#include <openssl/hmac.h>
#include <openssl/sha.h>

#endif
