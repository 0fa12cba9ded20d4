import Glibc

/// A file, or standard input, that is read chunk by chunk.
///
/// A pipe may be waited for without end, as every filter does.
///
/// Reconciliation's `ByteSource` opens and reads by itself, for gzip and positions: of what both may know, no module is
/// about files, and events are no listing.
final class InputFile {
  private static let chunkSize = 256 << 10

  private let descriptor: Int32
  /// In bytes; nil where it is no regular file.
  let size: Int?
  private(set) var bytesRead = 0
  /// Whether nothing more comes.
  private(set) var isAtEnd = false

  /// - Parameter path: nil is standard input.
  init(_ path: String?) throws(Failure) {
    descriptor =
      path.map { open($0, O_RDONLY | O_CLOEXEC) } ?? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
    guard descriptor >= 0 else { throw Failure(code: errno) }
    var status = stat()
    size =
      fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      ? Int(status.st_size) : nil
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// - Returns: what comes next; empty at the end.
  func next() throws(Failure) -> [UInt8] {
    var count = 0
    var code: Int32 = 0
    let chunk = [UInt8](unsafeUninitializedCapacity: Self.chunkSize) { buffer, filled in
      repeat {
        count = read(descriptor, buffer.baseAddress, buffer.count)
        code = errno
      } while count < 0 && code == EINTR && !Interruption.isRequested
      filled = max(0, count)
    }
    guard count >= 0 else { throw Failure(code: code) }
    bytesRead += count
    isAtEnd = count == 0
    return chunk
  }

  /// What the system says.
  struct Failure: Error, CustomStringConvertible {
    let code: Int32

    var description: String { String(cString: strerror(code)) }
  }
}
