import CLibIDN2

/// A domain's name as DNS has it: ASCII, in lower case, without a dot at its end.
///
/// Two texts are the same domain when their names are equal: `BÜCHER.example`, `bücher。example` and
/// `xn--bcher-kva.example` are.
///
/// - Source: RFC 5891 (IDNA2008) with the mapping of Unicode Technical Standard 46, nontransitional; RFC 1123, 2.1.
public struct DomainName: Sendable, Hashable {
  /// As `xn--bcher-kva.example`.
  public let ascii: String

  /// - Parameter text: as people write it, in any script.
  /// - Returns: nil where IDNA refuses it, or a label has anything but letters, digits and hyphens.
  public init?(_ text: some StringProtocol) {
    // The C library would read no further.
    guard !text.utf8.contains(0) else { return nil }
    var name: UnsafeMutablePointer<UInt8>?
    // Without IDN2_USE_STD3_ASCII_RULES, which drops the characters that it is to refuse: `exam ple.com` would
    // become another domain.
    let flags = Int32(IDN2_NFC_INPUT.rawValue | IDN2_NONTRANSITIONAL.rawValue)
    let status = String(text).withCString(encodedAs: UTF8.self) { idn2_lookup_u8($0, &name, flags) }
    defer { idn2_free(name) }
    guard status == IDN2_OK.rawValue, let name else { return nil }
    var ascii = String(cString: name)
    if ascii.last == "." { ascii.removeLast() }
    guard ascii.utf8.count <= 253,
      ascii.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(Self.isLabel)
    else { return nil }
    self.ascii = ascii
  }

  private static func isLabel(_ label: Substring) -> Bool {
    (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
      && label.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}

/// One domain, or all below one.
public struct DomainPattern: Sendable, Hashable {
  private let domain: DomainName
  /// Whether the domain's subdomains are meant, and not the domain itself.
  private let isWildcard: Bool

  /// - Parameter text: `example.com`, or `*.example.com` for `a.example.com` and `a.b.example.com`.
  /// - Returns: nil where that is no domain.
  public init?(_ text: String) {
    isWildcard = text.hasPrefix("*.")
    guard let domain = DomainName(isWildcard ? text.dropFirst(2) : text[...]) else { return nil }
    self.domain = domain
  }

  /// Whether `name` is meant.
  public func matches(_ name: DomainName) -> Bool {
    isWildcard ? name.ascii.hasSuffix("." + domain.ascii) : name == domain
  }
}
