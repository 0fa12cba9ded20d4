/// What of a team's own words may stand in a log that holds nothing of a person. Names and reasons are a team's own, but
/// nobody knows what one puts there.
extension String {
  /// Whether this may: up to 64 characters of ASCII without a control character and without `@`.
  public var isLoggable: Bool {
    utf8.count <= 64
      && utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "@") }
  }

  /// Whether it may as the name of a claim or an attribute, which has no space.
  var isLoggableName: Bool { isLoggable && !contains(" ") }

  /// The name of a claim or an attribute, or that it is not shown.
  public var loggableName: String { isLoggableName ? self : "(a name that is not shown)" }
}
