extension String {
  /// Whether this may stand in a log that holds nothing of a person: up to 64 characters of ASCII without a control
  /// character and without `@`. Names and reasons are a team's own, but nobody knows what one puts there.
  public var isLoggable: Bool {
    utf8.count <= 64
      && utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "@") }
  }
}
