/// The host that an `http://` URL leads to, where everybody on the way can read along.
public struct PlainHTTPHost: Sendable, Equatable {
  /// In lower case; without a port, and without the brackets of an IPv6 address.
  public let name: String

  /// - Returns: nil where the URL is no `http://` URL, or names a user: `http://localhost@example.com/` leads to
  ///   example.com.
  public init?(of url: String) {
    guard url.hasPrefix("http://") else { return nil }
    let authority = url.dropFirst("http://".count).prefix { !"/?#".contains($0) }
    guard !authority.contains("@") else { return nil }
    let host =
      authority.first == "["
      ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
    name = host.lowercased()
  }

  /// Whether it is this machine itself: nobody is on the way.
  public var isLoopback: Bool {
    if name == "localhost" || name == "::1" { return true }
    let numbers = name.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
  }
}
