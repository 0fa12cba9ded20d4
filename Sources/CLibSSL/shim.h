#ifndef CLIBSSL_SHIM_H
#define CLIBSSL_SHIM_H

#include <openssl/ssl.h>
#include <openssl/x509.h>

#endif
