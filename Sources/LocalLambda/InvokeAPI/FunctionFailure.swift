import Clock
import Glibc
import JSON

/// What Lambda says of a function that did not answer, in the place of its answer.
public enum FunctionFailure: Sendable, Equatable {
  /// After the function's time-out.
  case timedOut(Duration)
  /// The process ended.
  case exited(ExitStatus)
  /// The process could not be started: `errno`.
  case notStarted(path: String, errno: Int32)
  /// The answer has so many bytes.
  case responseTooLarge(Int)

  /// As `Runtime.ExitError`.
  public var type: String {
    switch self {
    case .timedOut: "Sandbox.Timedout"
    case .exited: "Runtime.ExitError"
    case .notStarted: "Runtime.InvalidEntrypoint"
    case .responseTooLarge: "Function.ResponseSizeTooLarge"
    }
  }

  /// What happened, in Lambda's words.
  public var message: String {
    switch self {
    case .timedOut(let timeout): "Task timed out after \(timeout.secondsText) seconds"
    // The words of Go's os.ProcessState, as Lambda passes them on.
    case .exited(.exited(0)): "Runtime exited without providing a reason"
    case .exited(.exited(let code)): "Runtime exited with error: exit status \(code)"
    case .exited(.killed(let signal)):
      "Runtime exited with error: signal: \(String(cString: strsignal(signal)).lowercased())"
    case .notStarted(let path, let code):
      "fork/exec \(path): \(String(cString: strerror(code)).lowercased())"
    case .responseTooLarge(let count):
      "Response payload size (\(count) bytes) exceeded maximum allowed payload size "
        + "(\(RuntimeReply.payloadLimit) bytes)."
    }
  }

  /// The payload that the caller gets.
  func body(requestID: String) -> [UInt8] {
    let isAnswer = if case .responseTooLarge = self { true } else { false }
    var json = JSONWriter()
    json.object { json in
      json.member("errorType", type)
      json.member(
        "errorMessage", isAnswer ? message : "RequestId: \(requestID) Error: \(message)")
    }
    return json.finished()
  }
}

extension Duration {
  /// With two decimals, as Lambda has them.
  var secondsText: String {
    let hundredths = Int64((milliseconds / 10).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
  }
}
