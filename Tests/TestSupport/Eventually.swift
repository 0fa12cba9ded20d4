import Clock

/// What was waited for did not come about.
public struct NeverMet: Error, CustomStringConvertible {
  public var description: String
}

/// Waits until `condition` holds: a test's way past what other processes do in a time of their own.
///
/// - Throws: `NeverMet` after `timeout`, and what `condition` throws.
public func eventually(
  _ what: String, within timeout: Duration = .seconds(60), _ condition: () throws -> Bool
) throws {
  let deadline = Deadline.after(timeout)
  while try !condition() {
    guard !deadline.hasPassed else { throw NeverMet(description: "not within \(timeout): \(what)") }
    Deadline.after(.milliseconds(10)).sleep()
  }
}
