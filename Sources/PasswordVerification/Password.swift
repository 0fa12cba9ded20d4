import Glibc

/// A password, or bytes made of one: nowhere else, not copied by accident, and zeroed when they go.
///
/// What cannot be cleared is what others have of a password: libcurl's buffers, of which it frees the one that an answer
/// goes through as it is, so that it stands there until that memory is used for something else; the kernel's of that
/// connection on loopback; the stacks of libcrypt, libcrypto and libargon2, as far as these do not clear them themselves.
public struct Password: ~Copyable {
  private let start: UnsafeMutablePointer<UInt8>
  private let capacity: Int
  /// In bytes.
  public let count: Int

  /// - Parameters:
  ///   - capacity: at most so many bytes.
  ///   - write: puts bytes into a place of that size, and returns how many.
  public init(capacity: Int, _ write: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
    // One more, for the NUL that ends a text of C's.
    start = .allocate(capacity: capacity + 1)
    start.initialize(repeating: 0, count: capacity + 1)
    self.capacity = capacity
    count = min(max(write(UnsafeMutableBufferPointer(start: start, count: capacity)), 0), capacity)
  }

  /// A copy of bytes that are elsewhere.
  public init(_ bytes: some Collection<UInt8>) {
    self.init(capacity: bytes.count) { place in
      for (offset, byte) in bytes.enumerated() { place[offset] = byte }
      return bytes.count
    }
  }

  deinit {
    // Unlike an assignment the compiler may not leave it out.
    explicit_bzero(start, capacity + 1)
    start.deallocate()
  }

  /// - Parameter body: the bytes are followed by a NUL. They must not outlive it.
  func withBytes<Result: ~Copyable>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    body(UnsafeBufferPointer(start: start, count: count))
  }
}
