import Clock

extension Timestamp {
  /// Seconds since 1970 as a JSON number, as Cognito's API sends times: `1795248000.123` or `1.7952E9`.
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
      let day = scanner.number(digits: 2), (1...daysIn(month, of: year)).contains(day),
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
    let seconds = ((daysSinceEpoch(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
    self.init(microsecondsSinceEpoch: (seconds - offset) * 1_000_000 + microsecond)
  }
}

private func daysIn(_ month: Int64, of year: Int64) -> Int64 {
  switch month {
  case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
  case 4, 6, 9, 11: 30
  default: 31
  }
}

/// In the Gregorian calendar. - Parameter year: not negative.
private func daysSinceEpoch(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
  // Years begin in March here, so that the leap day is the last.
  let year = month > 2 ? year : year - 1
  let month = (month + 9) % 12
  let leapDays = floored(year, by: 4) - floored(year, by: 100) + floored(year, by: 400)
  return year * 365 + leapDays + (month * 153 + 2) / 5 + day - 1 - 719_468
}

private func floored(_ number: Int64, by divisor: Int64) -> Int64 {
  number >= 0 ? number / divisor : (number - divisor + 1) / divisor
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
    let digits = rest.prefix(while: \.isASCIIDigit)
    guard digits.count <= 100 else { return nil }
    rest = rest.dropFirst(digits.count)
    return digits
  }

  mutating func number(digits count: Int) -> Int64? {
    let digits = rest.prefix(count)
    guard digits.count == count, digits.allSatisfy(\.isASCIIDigit) else { return nil }
    rest = rest.dropFirst(count)
    return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }
}
