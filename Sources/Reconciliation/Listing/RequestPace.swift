import Clock

/// How fast requests follow each other: half as fast after each that was throttled, and little by little
/// faster again, up to the limit.
struct RequestPace {
  private static let slowest = 0.1
  /// After so many good requests in a row the rate is back at the limit.
  private static let steps = 100.0

  private let limit: Double
  /// Requests a second.
  private(set) var rate: Double

  init(limit: Double) {
    self.limit = max(limit, Self.slowest)
    rate = self.limit
  }

  /// From the beginning of one request to that of the next.
  var interval: Duration { .seconds(1 / rate) }

  mutating func succeeded() {
    rate = min(limit, rate + limit / Self.steps)
  }

  mutating func throttled() {
    rate = max(min(Self.slowest, limit), rate / 2)
  }
}
