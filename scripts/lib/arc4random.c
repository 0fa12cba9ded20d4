// Debian's libcrypt.a takes the salts of new hashes from arc4random_buf, which is GLIBC_2.36 and not on Amazon Linux 2023.
// Nobody here makes a hash, but it is linked. The bytes are the kernel's, as good.
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

void arc4random_buf(void *buffer, size_t length) {
  unsigned char *place = buffer;
  while (length > 0) {
    size_t part = length < 256 ? length : 256; // as much as getentropy takes
    if (getentropy(place, part) != 0) abort();
    place += part;
    length -= part;
  }
}
