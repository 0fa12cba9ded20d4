import Glibc

/// Another content for a file, all at once: who reads it sees the old one or the new one, whole.
enum FileReplacement {
  /// Why a file could not be written.
  struct Failure: Error, CustomStringConvertible {
    let code: Int32

    var description: String { "cannot be written: \(String(cString: strerror(code)))" }
  }

  /// Writes a file of its own beside it, and gives it the name. The new file has the old one's permissions, or those
  /// that the umask leaves of 0644.
  static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
    let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
    let start = slash.map { path.utf8.index(after: $0) } ?? path.startIndex
    let random = String(UInt64.random(in: .min ... .max), radix: 36)
    let temporary = "\(path[..<start]).\(path[start...]).\(random)"
    let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard file >= 0 else { throw Failure(code: errno) }
    var old = stat()
    let isDone =
      (stat(path, &old) != 0 || fchmod(file, old.st_mode & 0o7777) == 0)
      // Renamed before it is on the disk, the file might be empty after a crash.
      && writeAll(bytes, to: file) && fsync(file) == 0 && rename(temporary, path) == 0
    let code = errno
    close(file)
    guard isDone else {
      unlink(temporary)
      throw Failure(code: code)
    }
  }

  /// - Returns: false, with `errno`, where not all could be written.
  static func writeAll(_ bytes: [UInt8], to file: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// - Returns: at most so many bytes from the beginning; nil where the file cannot be read.
  static func contents(of path: String, upTo limit: Int) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.count < limit {
      let count = read(file, &buffer, min(buffer.count, limit - bytes.count))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { break }
      bytes += buffer.prefix(count)
    }
    return bytes
  }
}
