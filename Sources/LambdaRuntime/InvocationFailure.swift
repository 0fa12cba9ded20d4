import JSON

/// An error as the Runtime API takes it.
///
/// The end user is shown `message`, so nothing of an event or of a database error gets into it by chance.
public struct InvocationFailure: Error, Sendable, Equatable {
  /// Matches `(Runtime|Function)\.[A-Z][a-zA-Z]+`; others are reported as `Runtime.Unknown`.
  public let type: StaticString
  /// What the end user reads.
  public let message: UserMessage
  /// What the caller is told as the type, where that is another than Lambda's.
  private let toldType: String?

  /// - Parameters:
  ///   - type: `Function.Name` or `Runtime.Name`.
  ///   - message: for the end user.
  ///   - toldType: for callers that have names of their own; nil for `type`.
  public init(type: StaticString, message: UserMessage, toldAs toldType: String? = nil) {
    self.type = type
    self.message = message
    self.toldType = toldType
  }

  /// `{"errorMessage": …, "errorType": …, "stackTrace": []}`
  var body: [UInt8] {
    errorBody(type: toldType ?? "\(type)", message: message.text)
  }

  public static func == (left: InvocationFailure, right: InvocationFailure) -> Bool {
    left.body == right.body && "\(left.type)" == "\(right.type)"
  }
}

/// A sentence for the end user: written in this program, by the operator in a setting, or by a team in a function of its
/// own that raises an error for the user.
public struct UserMessage: Sendable, Equatable, ExpressibleByStringLiteral {
  /// The longest that a setting may have, in characters: at a federated sign-in it travels in a URL.
  public static let settingLimit = 200

  let text: String

  public init(stringLiteral text: StaticString) { self.text = "\(text)" }

  /// - Parameter text: a setting's, never any part of an event.
  /// - Returns: nil where it is empty or too long, or has a line's end, another control or
  ///   invisible character, `<` or `>`: pages of others show it.
  public init?(setting text: String) {
    guard text.contains(where: { !$0.isWhitespace }),
      text.unicodeScalars.count <= Self.settingLimit,
      text.unicodeScalars.allSatisfy(Self.isShown)
    else { return nil }
    self.text = text
  }

  /// - Parameter text: what a function of the team's raised for the user, never what the database says of itself.
  public init(raised text: String) { self.text = text }

  private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate,
      .unassigned:
      false
    default: scalar != "<" && scalar != ">"
    }
  }
}

/// Why the process cannot start; seen by operators only, so its message may name a variable.
public struct InitializationFailure: Error, Sendable {
  /// As `InvocationFailure`'s.
  public let type: StaticString
  /// For an operator; holds no secret.
  public let message: String

  /// - Parameters:
  ///   - type: `Function.Name` or `Runtime.Name`.
  ///   - message: for an operator, without a secret.
  public init(type: StaticString, message: String) {
    self.type = type
    self.message = message
  }

  var body: [UInt8] { errorBody(type: "\(type)", message: message) }
}

/// What Lambda takes for an error.
private func errorBody(type: String, message: String) -> [UInt8] {
  var json = JSONWriter()
  json.object { json in
    json.member("errorMessage", message)
    json.member("errorType", type)
    json.member("stackTrace", [String]())
  }
  return json.finished()
}
