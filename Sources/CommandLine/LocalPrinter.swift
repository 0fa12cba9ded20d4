import Clock
import Glibc
import LocalLambda

/// Prints what happens in a local function: a line an invocation as its answer, everything else beside it.
struct LocalPrinter {
  let asJSON: Bool

  func print(_ event: LocalFunctionEvent) {
    switch event {
    case .finished(let invocation):
      var log = BootstrapLog()
      for line in log.take(invocation.log) where !line.isOfLambda {
        StandardError.print("bootstrap: \(line)")
      }
      let row = LocalRow(invocation, report: log.report(requestID: invocation.requestID))
      StandardOutput.print(asJSON ? row.jsonText : row.line(at: .now()))
      // It is looked at while more is to come, also through a pipe.
      fflush(nil)
    case .refused(let refusal):
      StandardError.print("refused with \(refusal.status) \(refusal.type): \(refusal.message)")
    case .ended(let status, let bytes):
      var log = BootstrapLog()
      for line in log.take(bytes) { StandardError.print("bootstrap: \(line)") }
      StandardError.print("bootstrap ended between two invocations: \(status.words)")
    case .dropped(let count):
      StandardError.print("\(count.counted("call")) of the type Event had not begun")
    }
  }
}

extension ExitStatus {
  /// `exited with code 1`, `was killed by signal 9`.
  var words: String {
    switch self {
    case .exited(let code): "exited with code \(code)"
    case .killed(let signal): "was killed by signal \(signal)"
    }
  }
}

extension String {
  /// Whether it is one of those that Lambda writes around a function's log.
  fileprivate var isOfLambda: Bool {
    ["START RequestId: ", "END RequestId: ", "REPORT RequestId: "].contains { hasPrefix($0) }
  }
}

extension LocalRuntimeError {
  /// What went wrong, after "…: ".
  var words: String {
    switch self {
    case .systemCall(let call, let code): "\(call) failed: \(String(cString: strerror(code)))"
    case .initializationError(let body):
      "bootstrap could not start: \(String(decoding: body, as: UTF8.self))"
    case .processEnded(let status): "bootstrap \(status.words); what it said stands above"
    case .timedOut: "bootstrap did not answer in time"
    }
  }
}
