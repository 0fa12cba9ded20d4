#ifndef CLIBZ_SHIM_H
#define CLIBZ_SHIM_H

#include <zlib.h>

// inflateInit2 is a macro, which Swift does not see. 31: the largest window, and gzip's header is demanded.
static inline int clibz_inflate_init_gzip(z_stream *stream) { return inflateInit2(stream, 31); }

#endif
