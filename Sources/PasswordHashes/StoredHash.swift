// The texts that other software keeps passwords as, read into what a verification or a conversion needs. Nothing here
// hashes anything: the texts may come from anywhere, and are taken apart without a trap and within bounds.

/// A password's hash as the text of some software's, taken apart.
public struct StoredHash: Sendable, Equatable {
  /// How it was written.
  public let format: HashFormat
  /// What was computed, with what it takes to compute it again.
  public let scheme: HashScheme

  /// No software writes longer ones; in bytes of UTF-8.
  public static let maximalLength = 1024

  /// - Parameter text: as the software keeps it. White space around it, as a column of fixed width leaves it, does not
  ///   count.
  /// - Throws: which format it is, and why it cannot be used. No error holds anything of the text.
  public init(_ text: String) throws(HashFault) {
    let bytes = HashText.trimmed(ArraySlice(text.utf8))
    guard bytes.count <= Self.maximalLength else { throw .tooLong }
    guard let first = bytes.first, first != UInt8(ascii: "!"), first != UInt8(ascii: "*") else {
      throw .noPassword
    }
    // A control character or one beyond ASCII is in none of them.
    guard bytes.allSatisfy({ (0x20..<0x7F).contains($0) }) else { throw .unknown }
    guard let format = HashFormat(bytes) else { throw .unknown }
    guard let scheme = try format.scheme(of: bytes) else { throw .malformed(format) }
    self.format = format
    self.scheme = scheme
  }
}

/// Why a text cannot be used as a password's hash.
public enum HashFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// Empty, or what Django (`!…`) and Unix (`*`, `!`) write for a user who has no password, or is locked.
  case noPassword
  /// Longer than ``StoredHash/maximalLength``.
  case tooLong
  /// Of no format that is known.
  case unknown
  /// It begins as one of this format, and does not go on so, or has a parameter outside of what the format allows.
  case malformed(HashFormat)
  /// Well known, and of no use here.
  case unusable(HashFormat, String)

  /// A sentence's end, as in "the hash …"; nothing of the text is in it.
  public var description: String {
    switch self {
    case .noPassword: "is none: the user has no password, or is locked"
    case .tooLong: "is longer than \(StoredHash.maximalLength) bytes"
    case .unknown: "is of no format that is known here"
    case .malformed(let format): "is not whole, or not as \(format.title) writes it"
    case .unusable(let format, let why): "is \(format.title)'s: \(why)"
    }
  }
}
