import JSON

/// An error as the Runtime API takes it.
///
/// Cognito shows `message` to the end user, so both parts are compile-time constants: nothing of an
/// event or of a database error can get into them.
public struct InvocationFailure: Error, Sendable, Equatable {
  /// Matches `(Runtime|Function)\.[A-Z][a-zA-Z]+`; others are reported as `Runtime.Unknown`.
  public let type: StaticString
  /// What the end user reads.
  public let message: StaticString

  /// - Parameters:
  ///   - type: `Function.Name` or `Runtime.Name`.
  ///   - message: for the end user.
  public init(type: StaticString, message: StaticString) {
    self.type = type
    self.message = message
  }

  /// `{"errorMessage": …, "errorType": …, "stackTrace": []}`
  var body: [UInt8] {
    InitializationFailure(type: type, message: "\(message)").body
  }

  public static func == (left: InvocationFailure, right: InvocationFailure) -> Bool {
    "\(left.type)" == "\(right.type)" && "\(left.message)" == "\(right.message)"
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

  var body: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("errorMessage", message)
      json.member("errorType", "\(type)")
      json.member("stackTrace", [String]())
    }
    return json.finished()
  }
}
