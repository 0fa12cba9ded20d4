#ifndef CLIBCRYPT_SHIM_H
#define CLIBCRYPT_SHIM_H

/* crypt_rn is not POSIX's, and nothing but this asks for it. */
char *crypt_rn(const char *phrase, const char *setting, void *data, int size);

/* sizeof (struct crypt_data), which holds no pointer and is 32 kB of working memory. */
enum { clibcrypt_data_size = 32768 };

#endif
