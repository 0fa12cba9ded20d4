import Glibc

/// A file, or standard input, in chunks; gzip is recognised by its first bytes and unpacked.
///
/// A regular file is read; a pipe may be waited for without end, as every filter does.
final class ByteSource {
  private static let chunkSize = 256 << 10
  /// So many bytes tell gzip, and what else a file is.
  private static let startSize = 256
  private static let gzipMagic: [UInt8] = [0x1F, 0x8B]

  private let descriptor: Int32
  private let stop: StopRequest
  private var gzip: GzipStream?
  private var isAtStart = true
  /// Of the file as it is stored; nil for a pipe.
  let storedSize: Int64?
  let modified: (seconds: Int64, nanoseconds: Int64)?
  private(set) var storedBytesRead: Int64 = 0

  /// - Parameter path: `-` is standard input.
  init(path: String, until stop: StopRequest) throws(ListingError) {
    self.stop = stop
    let opened =
      path == "-" ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else { throw .unreadable(detail: Self.errorText) }
    var status = stat()
    let problem: String? =
      if fstat(opened, &status) != 0 { Self.errorText } else if status.st_mode & S_IFMT == S_IFDIR {
        "it is a folder"
      } else { nil }
    if let problem {
      // There is no object yet whose end would close it.
      close(opened)
      throw .unreadable(detail: problem)
    }
    descriptor = opened
    let isRegular = status.st_mode & S_IFMT == S_IFREG
    storedSize = isRegular ? Int64(status.st_size) : nil
    modified =
      isRegular ? (Int64(status.st_mtim.tv_sec), Int64(status.st_mtim.tv_nsec)) : nil
  }

  deinit { close(descriptor) }

  /// - Returns: what comes next; empty at the end.
  func next() throws(ListingError) -> [UInt8] {
    if let gzip, case let more = try gzip.unpack(), !more.isEmpty { return more }
    var chunk = try stored()
    if isAtStart {
      // A pipe may bring them one by one.
      while chunk.count < Self.startSize {
        let more = try stored()
        if more.isEmpty { break }
        chunk += more
      }
      if chunk.starts(with: Self.gzipMagic) { gzip = try GzipStream() }
      isAtStart = false
    }
    guard let gzip else { return chunk }
    while !chunk.isEmpty {
      let unpacked = try gzip.unpack(chunk)
      if !unpacked.isEmpty { return unpacked }
      chunk = try stored()
    }
    guard gzip.isAtEndOfMember else { throw .cutShort(detail: "the gzip file is cut off") }
    return []
  }

  /// Passes over so many bytes of the content.
  func skip(_ count: Int64) throws(ListingError) -> [UInt8] {
    var rest = count
    if rest > 0, storedSize != nil, isAtStart {
      let start = try stored()
      guard !start.isEmpty else { throw .wrongPosition }
      if !start.starts(with: Self.gzipMagic) {
        guard let storedSize, rest <= storedSize, lseek(descriptor, off_t(rest), SEEK_SET) >= 0
        else { throw .wrongPosition }
        storedBytesRead = rest
        isAtStart = false
        return []
      }
      guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw .unreadable(detail: Self.errorText) }
      storedBytesRead = 0
    }
    while rest > 0 {
      let chunk = try next()
      guard !chunk.isEmpty else { throw .wrongPosition }
      if Int64(chunk.count) > rest { return Array(chunk[Int(rest)...]) }
      rest -= Int64(chunk.count)
    }
    return []
  }

  private func stored() throws(ListingError) -> [UInt8] {
    var count = 0
    var code: Int32 = 0
    let chunk = [UInt8](unsafeUninitializedCapacity: Self.chunkSize) { buffer, filled in
      repeat {
        count = read(descriptor, buffer.baseAddress, buffer.count)
        code = errno
      } while count < 0 && code == EINTR && !stop.isMade
      filled = max(0, count)
    }
    guard count >= 0 else {
      if code == EINTR { throw .interrupted() }
      throw .unreadable(detail: String(cString: strerror(code)))
    }
    storedBytesRead += Int64(count)
    return chunk
  }

  private static var errorText: String { String(cString: strerror(errno)) }
}
