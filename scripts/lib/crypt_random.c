// Debian's libcrypt.a takes random bytes for new salts from arc4random, which is GLIBC_2.36 and not on Amazon Linux 2023.
// Nobody here makes a hash: there are none.
#include <stdbool.h>
#include <stddef.h>
bool _crypt_get_random_bytes(void *buffer, size_t length) {
  (void)buffer;
  (void)length;
  return false;
}
