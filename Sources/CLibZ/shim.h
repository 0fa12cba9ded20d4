#ifndef POOLTABLE_CLIBZ_H
#define POOLTABLE_CLIBZ_H

#include <zlib.h>

// inflateInit2 is a macro, which Swift does not see. 31: the largest window, and gzip's header is demanded.
static inline int pooltable_inflate_init_gzip(z_stream *stream) { return inflateInit2(stream, 31); }

#endif
