import CLibZ

/// Unpacks gzip (RFC 1952) as it comes, one member after the other.
final class GzipStream {
  private static let outputSize = 256 << 10

  /// On the heap: zlib keeps a pointer to it.
  private let stream: UnsafeMutablePointer<z_stream>
  private(set) var isAtEndOfMember = true
  private var input: [UInt8] = []
  private var consumed = 0
  /// Whether the last output was filled up: there may be more without any input.
  private var holdsMore = false

  init() throws(ListingError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard clibz_inflate_init_gzip(stream) == Z_OK else {
      throw .unreadable(detail: "zlib cannot be used")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  private var hasInput: Bool { consumed < input.count }

  /// - Returns: the first part of what `chunk` unpacks to; `unpack` gives the others.
  func unpack(_ chunk: [UInt8]) throws(ListingError) -> [UInt8] {
    input = chunk
    consumed = 0
    return try unpack()
  }

  /// Goes on with what `unpack` left. - Returns: nothing when more input is needed.
  func unpack() throws(ListingError) -> [UInt8] {
    var output: [UInt8] = []
    while output.isEmpty, hasInput || holdsMore {
      if isAtEndOfMember, hasInput {
        inflateReset(stream)
        isAtEndOfMember = false
      }
      var code: Int32 = Z_OK
      output = [UInt8](unsafeUninitializedCapacity: Self.outputSize) { buffer, filled in
        input.withUnsafeMutableBufferPointer { input in
          stream.pointee.next_in = input.baseAddress?.advanced(by: consumed)
          stream.pointee.avail_in = UInt32(clamping: input.count - consumed)
          stream.pointee.next_out = buffer.baseAddress
          stream.pointee.avail_out = UInt32(clamping: buffer.count)
          code = inflate(stream, Z_NO_FLUSH)
          consumed = input.count - Int(stream.pointee.avail_in)
          filled = buffer.count - Int(stream.pointee.avail_out)
          holdsMore = stream.pointee.avail_out == 0 && code == Z_OK
        }
      }
      switch code {
      case Z_STREAM_END: isAtEndOfMember = true
      case Z_OK, Z_BUF_ERROR: break
      default: throw .cutShort(detail: "the gzip file is damaged")
      }
    }
    return output
  }
}
