import Clock
// The C library's `environ` is a variable: Swift cannot know that nobody changes it.
@preconcurrency import Glibc

// Settings from the environment: what a variable's text means, and how a wrong one is reported.
//
// An empty variable is an unset one, here and nowhere else. Nothing here knows the name of a variable or what a
// setting is for: whoever has a setting names it. No error repeats a value, which may be a secret.

/// Environment variables with typed readings; one that is set to nothing counts as not set.
public struct Environment: Sendable, Equatable {
  private let variables: [String: String]

  /// - Parameter variables: values by name.
  public init(_ variables: [String: String]) {
    self.variables = variables
  }

  /// The same, where those of these names are others, or not set any more (an empty text).
  public func replacing(_ others: [String: String]) -> Environment {
    Environment(variables.merging(others) { _, other in other })
  }

  /// Only the variables whose names are wanted.
  public func keeping(_ isWanted: (String) -> Bool) -> Environment {
    Environment(variables.filter { isWanted($0.key) })
  }

  /// A variable's text; nil where it is not set.
  public subscript(name: String) -> String? {
    guard let value = variables[name], !value.isEmpty else { return nil }
    return value
  }

  /// - Parameter setting: what needs the variable, as `DATABASE_AUTH=iam`.
  /// - Throws: where it is not set.
  public func required(_ name: String, by setting: String) throws(SettingError) -> String {
    guard let value = self[name] else {
      throw SettingError(name, "is not set, and \(setting) needs it")
    }
    return value
  }

  /// - Parameters:
  ///   - rule: follows the variable's name in the error: "must be …".
  ///   - parse: nil where the text breaks the rule.
  /// - Returns: nil where the variable is not set.
  public func value<Value>(
    _ name: String, _ rule: @autoclosure () -> String, _ parse: (String) -> Value?
  ) throws(SettingError) -> Value? {
    guard let text = self[name] else { return nil }
    guard let value = parse(text) else { throw SettingError(name, rule()) }
    return value
  }

  /// - Returns: the case of that name; nil where the variable is not set.
  public func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, of type: Choice.Type
  ) throws(SettingError) -> Choice? {
    try value(
      name, "must be \(type.allCases.map { "'\($0.rawValue)'" }.joined(separator: " or "))",
      Choice.init(rawValue:))
  }

  /// `on` or `off`; not set is off.
  public func isOn(_ name: String) throws(SettingError) -> Bool {
    try choice(name, of: Switch.self) == .on
  }

  /// `true` or `false` in any case, as AWS's own settings are; not set is false.
  public func isTrue(_ name: String) throws(SettingError) -> Bool {
    let value = try value(name, "must be true or false") { text in
      switch text.lowercased() {
      case "true": true
      case "false": false
      default: nil
      }
    }
    return value ?? false
  }

  /// Texts separated by commas; space around one, and a comma too many, do not count.
  ///
  /// - Parameter rule: follows the variable's name in the error: "must be …".
  /// - Returns: at least one; nil where the variable is not set.
  public func list(
    _ name: String, _ rule: @autoclosure () -> String
  ) throws(SettingError) -> [String]? {
    try value(name, rule()) { text in
      let items = text.split(separator: ",").map { String($0.trimmed) }.filter { !$0.isEmpty }
      return items.isEmpty ? nil : items
    }
  }

  /// A whole number of milliseconds.
  public func milliseconds(
    _ name: String, in range: ClosedRange<Duration>
  ) throws(SettingError) -> Duration? {
    try value(name, Self.rule(for: range)) { text in
      guard let number = Int64(text), range.contains(.milliseconds(number)) else { return nil }
      return .milliseconds(number)
    }
  }

  private static func rule(for range: ClosedRange<Duration>) -> String {
    let bounds = [range.lowerBound, range.upperBound].map { "\($0.wholeMillisecondsRoundedUp)" }
    return "must be a whole number of milliseconds from \(bounds.joined(separator: " to "))"
  }
}

extension Substring {
  /// Without the white space around it.
  public var trimmed: Substring {
    var text = drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}

/// What a feature that has to be chosen is set to.
private enum Switch: String, CaseIterable {
  case on, off
}

/// A setting that cannot be used.
public struct SettingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The name of the variable.
  public let variable: String
  /// Without the value, which may be secret.
  public let problem: String

  /// - Parameters:
  ///   - variable: its name.
  ///   - problem: follows the name in the error: "must be …"; without the value.
  public init(_ variable: String, _ problem: String) {
    self.variable = variable
    self.problem = problem
  }

  /// "SYNC_BUDGET_MS must be …"
  public var description: String { "\(variable) \(problem)" }
}

extension Environment {
  /// The process's own.
  ///
  /// To be called while there is one thread: another might change the environment meanwhile.
  public static func ofProcess() -> Environment { Environment(entries: environ) }

  /// Bytes that are no UTF-8 become U+FFFD. Of two entries with one name the first counts, as it does
  /// for `getenv`; an entry without a name, or without `=`, does not.
  ///
  /// - Parameter entries: C strings `name=value`, up to a null pointer.
  init(entries: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) {
    var variables: [String: String] = [:]
    var next = entries
    while let entry = next.pointee {
      next += 1
      let text = String(cString: entry)
      guard let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")), equals > text.startIndex
      else { continue }
      let name = String(text[..<equals])
      guard variables[name] == nil else { continue }
      variables[name] = String(text[text.utf8.index(after: equals)...])
    }
    self.init(variables)
  }
}
