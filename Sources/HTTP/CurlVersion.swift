import CLibCurl

/// A release of libcurl.
public struct CurlVersion: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The first one that signs every header it is given, and the host's port (curl's change 7966).
  public static let firstThatSigns = CurlVersion(number: 0x07_5600)

  /// The one this process runs with, which need not be the one it was built with.
  public static var linked: CurlVersion {
    CurlVersion(number: clibcurl_version().map { $0.pointee.version_num } ?? 0)
  }

  /// libcurl's own form: `0xXXYYZZ`, eight bits for each part.
  private let number: UInt32

  /// - Parameter number: `0xXXYYZZ`, as `curl_version_info` has it.
  public init(number: UInt32) {
    self.number = number
  }

  public static func < (earlier: CurlVersion, later: CurlVersion) -> Bool {
    earlier.number < later.number
  }

  /// Whether `CURLOPT_AWS_SIGV4` makes signatures that AWS accepts.
  public var signs: Bool { self >= .firstThatSigns }

  public var description: String {
    "\(number >> 16 & 0xFF).\(number >> 8 & 0xFF).\(number & 0xFF)"
  }
}
