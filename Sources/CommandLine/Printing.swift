import Glibc

extension String {
  /// This text as one line in which nothing steers a terminal or turns the reading direction: control
  /// characters, line ends and bidirectional controls become U+FFFD.
  ///
  /// For whatever a file, a database or another program says; JSON escapes what it must by itself.
  var printable: String {
    guard unicodeScalars.contains(where: \.steersTerminal) else { return self }
    return String(
      String.UnicodeScalarView(unicodeScalars.map { $0.steersTerminal ? "\u{FFFD}" : $0 }))
  }
}

extension Unicode.Scalar {
  fileprivate var steersTerminal: Bool {
    switch value {
    case ..<0x20, 0x7F..<0xA0: true
    // Line and paragraph separator; the bidirectional controls (Unicode Standard Annex 9).
    case 0x2028, 0x2029, 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}

/// What a command answers with.
enum StandardOutput {
  /// - Parameter line: one line, whatever it quotes.
  static func print(_ line: String) {
    Swift.print(line.printable)
  }
}

/// What a command says beside its answer.
enum StandardError {
  /// - Parameter line: one line, whatever it quotes.
  static func print(_ line: String) {
    let bytes = Array("\(line.printable)\n".utf8)
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}

extension Int {
  /// With a comma after every three digits.
  var grouped: String {
    var text = ""
    for (index, digit) in String(magnitude).reversed().enumerated() {
      if index > 0, index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (self < 0 ? "-" : "") + String(text.reversed())
  }

  /// `1 user`, `1,200 users`.
  ///
  /// - Parameter noun: in the singular; its plural ends in `s`.
  func counted(_ noun: String) -> String {
    "\(grouped) \(noun)\(self == 1 ? "" : "s")"
  }
}

extension String {
  /// With spaces behind it.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }

  /// With spaces before it.
  func paddedLeft(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}

extension Double {
  /// With two decimals, as `%.2f` has them.
  var withTwoDecimals: String {
    let hundredths = Int((self * 100).rounded())
    return "\(hundredths / 100)." + (hundredths % 100 < 10 ? "0" : "") + "\(hundredths % 100)"
  }
}
