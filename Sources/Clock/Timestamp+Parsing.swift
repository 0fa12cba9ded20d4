extension Timestamp {
  /// Seconds since 1970 as a JSON number, as AWS's JSON protocols send times: `1795248000.123` or `1.7952E9`.
  ///
  /// Exact to the microsecond; what is smaller is dropped.
  /// - Returns: nil when `text` is no number, or beyond the range.
  public init?(epochSeconds text: String) {
    var scanner = TextScanner(text)
    let isNegative = scanner.take("-")
    guard let whole = scanner.digits(), !whole.isEmpty else { return nil }
    var fraction: ArraySlice<UInt8> = []
    if scanner.take(".") {
      guard let digits = scanner.digits(), !digits.isEmpty else { return nil }
      fraction = digits
    }
    var exponent = 0
    if scanner.take("e") || scanner.take("E") {
      let isNegativeExponent = scanner.take("-")
      if !isNegativeExponent { _ = scanner.take("+") }
      guard let digits = scanner.digits(), let value = Int(String(decoding: digits, as: UTF8.self)),
        value <= 1000
      else { return nil }
      exponent = isNegativeExponent ? -value : value
    }
    guard scanner.isAtEnd else { return nil }
    // The decimal point moves six places to the right, for microseconds, and by the exponent.
    let places = whole.count + exponent + 6
    var microseconds: Int64 = 0
    let digits = Array(whole) + Array(fraction)
    for index in 0..<max(0, places) {
      let digit = index < digits.count ? Int64(digits[index] - UInt8(ascii: "0")) : 0
      let (tenfold, overflow) = microseconds.multipliedReportingOverflow(by: 10)
      let (sum, overflowOfSum) = tenfold.addingReportingOverflow(digit)
      guard !overflow, !overflowOfSum else { return nil }
      microseconds = sum
    }
    self.init(microsecondsSinceEpoch: isNegative ? -microseconds : microseconds)
  }

  /// A time in ISO 8601's extended form with its offset, as `aws … --output json` prints times:
  /// `2026-11-21T08:30:00.123000+00:00`.
  ///
  /// Exact to the microsecond; what is smaller is dropped.
  /// - Returns: nil when `text` is no such time.
  public init?(iso8601 text: String) {
    var scanner = TextScanner(text)
    guard let year = scanner.number(digits: 4), scanner.take("-"),
      let month = scanner.number(digits: 2), (1...12).contains(month), scanner.take("-"),
      let day = scanner.number(digits: 2),
      (1...CivilDate.days(inMonth: month, of: year)).contains(day),
      scanner.take("T") || scanner.take(" "),
      let hour = scanner.number(digits: 2), hour < 24, scanner.take(":"),
      let minute = scanner.number(digits: 2), minute < 60, scanner.take(":"),
      // A leap second counts as the first of the next minute.
      let second = scanner.number(digits: 2), second <= 60
    else { return nil }
    var microsecond: Int64 = 0
    if scanner.take(".") {
      guard let fraction = scanner.digits(), !fraction.isEmpty else { return nil }
      for index in 0..<6 {
        let digit = index < fraction.count ? fraction[fraction.startIndex + index] : 0x30
        microsecond = microsecond * 10 + Int64(digit - UInt8(ascii: "0"))
      }
    }
    var offset: Int64 = 0
    if !scanner.take("Z") {
      let isWest = scanner.take("-")
      guard isWest || scanner.take("+"), let hours = scanner.number(digits: 2), hours < 24
      else { return nil }
      _ = scanner.take(":")
      guard let minutes = scanner.number(digits: 2), minutes < 60 else { return nil }
      offset = (hours * 60 + minutes) * (isWest ? -60 : 60)
    }
    guard scanner.isAtEnd else { return nil }
    let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
    self.init(microsecondsSinceEpoch: (seconds - offset) * 1_000_000 + microsecond)
  }
}

extension Timestamp {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// A time as HTTP's header `Date` has it: `Sun, 06 Nov 1994 08:49:37 GMT`.
  ///
  /// - Returns: nil when `text` is no such time; the obsolete forms are none.
  /// - Source: RFC 9110, section 5.6.7.
  public init?(httpDate text: String) {
    let parts = text.split(separator: " ")
    guard parts.count == 6, parts[5] == "GMT", parts[1].count == 2, parts[3].count == 4,
      let month = Self.months.firstIndex(of: String(parts[2]))
    else { return nil }
    let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
    self.init(iso8601: "\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
  }
}

/// Takes a text in ASCII apart from its beginning.
private struct TextScanner {
  private var rest: ArraySlice<UInt8>

  init(_ text: String) {
    rest = ArraySlice(text.utf8)
  }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  /// As many digits as there are; nil for more than a hundred.
  mutating func digits() -> ArraySlice<UInt8>? {
    let digits = rest.prefix(while: isDigit)
    guard digits.count <= 100 else { return nil }
    rest = rest.dropFirst(digits.count)
    return digits
  }

  mutating func number(digits count: Int) -> Int64? {
    let digits = rest.prefix(count)
    guard digits.count == count, digits.allSatisfy(isDigit) else { return nil }
    rest = rest.dropFirst(count)
    return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }
}

private func isDigit(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}
