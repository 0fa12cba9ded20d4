import Foundation

/// Runs `body` with other environment variables of this process, and puts the old ones back.
///
/// - Parameter variables: their values; nil takes a variable away.
public func withEnvironment(_ variables: [String: String?], _ body: () throws -> Void) rethrows {
  let saved = variables.keys.map { ($0, ProcessInfo.processInfo.environment[$0]) }
  func set(_ name: String, _ value: String?) {
    if let value { setenv(name, value, 1) } else { unsetenv(name) }
  }
  for (name, value) in variables { set(name, value) }
  defer { for (name, value) in saved { set(name, value) } }
  try body()
}
