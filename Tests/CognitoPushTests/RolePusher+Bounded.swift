import XCTest

@testable import CognitoPush

extension RolePusher {
  /// Drains the outbox; fails the test instead of going round for ever, as where a user who was dealt with is not
  /// settled.
  ///
  /// - Parameter limit: more rounds than any scene has users.
  func drainWithinBounds(
    _ limit: Int = 20, file: StaticString = #filePath, line: UInt = #line
  ) throws -> PushSummary {
    var rounds = 0
    let summary = try drain(mayGoOn: {
      rounds += 1
      return rounds <= limit
    })
    XCTAssertLessThanOrEqual(
      rounds, limit, "the outbox is not empty after \(limit) rounds", file: file, line: line)
    return summary
  }
}
