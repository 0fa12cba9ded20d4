import Glibc

/// A file of users with their hashes, for this login only. Without a folder of the user's choice it has no name, so that
/// it is gone with the process, however that ends.
final class HashFile {
  private static let bufferSize = 64 << 10

  /// Nil where it has no name.
  let path: String?
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  /// - Parameters:
  ///   - folder: nil is a file without a name.
  ///   - name: must not be there yet.
  init(in folder: String?, named name: String) throws(CommandFailure) {
    let random = String(UInt64.random(in: .min ... .max), radix: 36)
    let path =
      folder.map { "\($0)/\(name)" } ?? "\(Self.temporaryFolder)/.pooltable-\(random)"
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Self.failure(path) }
    // A umask may have taken the owner's own rights away.
    fchmod(descriptor, 0o600)
    if folder == nil { unlink(path) }
    self.path = folder == nil ? nil : path
  }

  deinit { close(descriptor) }

  /// Takes a file with a name away again.
  func remove() {
    if let path { unlink(path) }
  }

  /// - Parameter line: without its end.
  func append(_ line: String) throws(CommandFailure) {
    buffer += line.utf8
    buffer.append(UInt8(ascii: "\n"))
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Writes what has been kept back.
  func flush() throws(CommandFailure) {
    guard FileReplacement.writeAll(buffer, to: descriptor) else {
      throw Self.failure(path ?? Self.temporaryFolder)
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// The whole file: 100 MB at most.
  func contents() throws(CommandFailure) -> [UInt8] {
    try flush()
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure("the file") }
    var done = 0
    let size = Int(status.st_size)
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      while done < size {
        let rest = UnsafeMutableRawBufferPointer(buffer)[done...]
        let count = pread(
          descriptor, UnsafeMutableRawBufferPointer(rebasing: rest).baseAddress, rest.count,
          off_t(done))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { break }
        done += count
      }
      filled = done
    }
    guard done == size else { throw Self.failure("the file") }
    return bytes
  }

  private static var temporaryFolder: String {
    guard let folder = getenv("TMPDIR"), folder.pointee != 0 else { return "/tmp" }
    return String(cString: folder)
  }

  private static func failure(_ path: String) -> CommandFailure {
    CommandFailure("\(path): cannot be written: \(String(cString: strerror(errno)))")
  }
}
